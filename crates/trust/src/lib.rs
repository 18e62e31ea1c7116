//! Signs an edition and checks it (docs/formats/trust.md): TUF, and the keys. The only code that knows the crate `tough`.
//!
//! Reading is [`load`]: whoever carries an edition gives a way to fetch its files and a folder to remember in, and gets
//! what is signed, or a sentence that says which attack this would be.

mod error;
mod fetch;
mod load;
mod peek;
mod state;
mod transport;
mod trusted;

pub use error::TrustError;
pub use fetch::{Fetch, FetchError, FolderFetch};
pub use load::load;
pub use trusted::{TargetInfo, Trusted, Versions};

/// The folder of the signed metadata in an edition.
pub const FOLDER: &str = "trust";
