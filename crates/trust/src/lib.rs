//! Signs an edition and checks it (docs/formats/trust.md): TUF, and the keys. The only code that knows the crate `tough`.
//!
//! Reading is [`load`]: whoever carries an edition gives a way to fetch its files and a folder to remember in, and gets
//! what is signed, or a sentence that says which attack this would be. Writing is a [`Signer`]: [`Keys`] at hand under the
//! [`Roots`] of an archive.

mod error;
mod faults;
mod fetch;
mod key;
mod keys;
mod load;
mod numbers;
mod overview;
mod peek;
mod role;
mod roots;
mod sign_error;
mod signed;
mod signer;
mod state;
mod target_file;
mod terms;
mod transport;
mod trusted;

pub use error::TrustError;
pub use faults::fault;
pub use fetch::{Fetch, FetchError, FolderFetch};
pub use key::SigningKey;
pub use keys::Keys;
pub use load::load;
pub use overview::{KeyOverview, Overview, RoleOverview};
pub use role::Role;
pub use roots::Roots;
pub use sign_error::SignError;
pub use signer::{Late, Renewed, Signer};
pub use target_file::TargetFile;
pub use terms::{Term, Terms};
pub use trusted::{TargetInfo, Trusted, Versions};

/// The folder of the signed metadata in an edition, and of the roots in an archive.
pub const FOLDER: &str = "trust";
