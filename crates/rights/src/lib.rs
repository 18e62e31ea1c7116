//! Rights statements in, clearances out.
//!
//! WHY a room of its own, and a pure one: what may leave an archive must be a question with one
//! answer, whoever asks and whenever. So this crate does no I/O and has no clock; the day, the place
//! and who operates the archive come in as arguments, and [`decide`] gives the same answer every time.
//! Only this crate can make a [`Cleared`], which publishing and serving take as an argument:
//! forgetting to ask does not compile.
//!
//! ```compile_fail,E0451
//! # use deadwax_rights::{Act, Cleared};
//! // Not even out of a leave to keep can leave to publish be made: the fields are private.
//! fn forge(leave_to_keep: Cleared) -> Cleared {
//!     Cleared { act: Act::Publish, ..leave_to_keep }
//! }
//! ```
//!
//! It can be taken and read:
//!
//! ```
//! # use deadwax_rights::{Act, Cleared};
//! fn publish(leave: Cleared) -> String {
//!     assert_eq!(leave.act(), Act::Publish);
//!     leave.licence().id().to_owned()
//! }
//! ```
//!
//! What several recordings have in common, a cover say, needs [`ClearedTogether`], which there is only while each is cleared:
//!
//! ```compile_fail,E0451
//! # use deadwax_rights::*;
//! let leave = ClearedTogether { act: Act::Publish, place: Place::Worldwide, recordings: 1 };
//! ```
//!
//! The vocabulary, the spellings that are recognised and the order in which statements outrank each
//! other are specified in `docs/formats/rights.md`.

mod act;
mod cleared;
mod decide;
mod glob;
mod licence;
mod permissions;
mod recognise;
mod rule;
mod rulebook;
mod takedown;
mod together;

pub use act::{Act, Operator, Place, UnknownPlace};
pub use cleared::{Cleared, Decision, Evidence, HeldBack, Statement};
pub use decide::{Subject, decide, speaks_of_rights};
pub use licence::{Licence, UnknownLicence};
pub use permissions::{Condition, Permissions, Scope};
pub use rule::{Rule, RuleTarget, UnknownTarget};
pub use rulebook::Rulebook;
pub use takedown::{
    Takedown, TakedownReason, TakedownScope, TakedownTarget, TakenDown, UnknownTakedownWord,
};
pub use together::{ClearedTogether, Together};
