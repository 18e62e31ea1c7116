//! For how long signatures hold and how many are needed: the operator's decision.

use crate::Role;
use jiff::{SignedDuration, Timestamp};

/// For how long signatures hold and how many are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Of the root.
    pub root: Term,
    /// Of the list of files.
    pub targets: Term,
    /// Of what names the list.
    pub snapshot: Term,
    /// Of what says that this is the newest.
    pub timestamp: Term,
}

/// The same of one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// For how many days.
    pub days: u32,
    /// How many of the role's keys must sign. With fewer keys than this all of them must.
    pub threshold: u64,
}

impl Default for Terms {
    fn default() -> Terms {
        let term = |days| Term { days, threshold: 1 };
        Terms { root: term(3_650), targets: term(365), snapshot: term(30), timestamp: term(7) }
    }
}

impl Terms {
    /// Of one role.
    pub fn of(&self, role: Role) -> Term {
        match role {
            Role::Root => self.root,
            Role::Targets => self.targets,
            Role::Snapshot => self.snapshot,
            Role::Timestamp => self.timestamp,
        }
    }

    /// When what is signed now expires. Whole seconds: other readers of TUF take nothing finer.
    pub(crate) fn expires(&self, role: Role, now: Timestamp) -> Timestamp {
        let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
        second.saturating_add(days(self.of(role).days)).unwrap_or(Timestamp::MAX)
    }

    /// Whether it expires so soon that it is signed anew whenever its keys are at hand: in the last quarter of its time.
    pub(crate) fn is_soon(&self, role: Role, expires: Timestamp, now: Timestamp) -> bool {
        expires.duration_since(now) < days(self.of(role).days) / 4
    }
}

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}
