//! All that an operator has said: rules, and takedowns that were not lifted. One value, so that who decides by the
//! rules cannot forget the takedowns.

use crate::{Act, Rule, Subject, Takedown};
use deadwax_model::Root;

/// What the operator says about rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// The rules, in any order.
    pub rules: Vec<Rule>,
    /// The takedowns in force; of several that are about a recording the first is told.
    pub takedowns: Vec<Takedown>,
}

impl Rulebook {
    /// Rules alone.
    pub fn of_rules(rules: Vec<Rule>) -> Rulebook {
        Rulebook { rules, takedowns: Vec::new() }
    }

    /// The takedown that forbids an act with a recording.
    pub fn forbidding(&self, subject: &Subject<'_>, act: Act) -> Option<&Takedown> {
        self.takedowns.iter().find(|takedown| takedown.forbids(act) && takedown.matches(subject))
    }

    /// The takedown that forbids an act with a file, whatever it is of: a picture, say.
    pub fn forbidding_file(&self, root: &Root, act: Act) -> Option<&Takedown> {
        self.takedowns
            .iter()
            .find(|takedown| takedown.forbids(act) && takedown.roots.contains(root))
    }
}
