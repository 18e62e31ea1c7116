//! Holdings by root, on a folder. This is the only code that makes an archive's bytes durable: a
//! rename without fsync leaves an empty file under its final name after a power cut, and an fsync
//! without fsync of the directory can leave none, so the one right sequence lives here and every
//! other room asks for it.
//!
//! ```text
//! store/ab/cd/ROOT   immutable, read-only, named by the BEP 52 root of its bytes
//! store/tmp/         drafts; whatever is found here when the store opens was never finished
//! store/damaged/     what was found not to be what its name says: ROOT, ROOT.2, ...
//! ```

mod aside;
mod check;
mod draft;
mod durable;
mod error;
mod folder;
mod hash;
mod leaves;
mod links;
mod lock;
mod new_file;
mod place;
mod replacement;
mod room;
mod take_out;

pub use check::{FileToCheck, Fixity, check_file, check_files};
pub use draft::Draft;
pub use durable::{
    create_folder, create_private_folder, publish_folder, write_file, write_private_file,
};
pub use error::StoreError;
pub use folder::Store;
pub use hash::{FileHasher, hash_of, hash_reader};
pub use leaves::{Leaves, leaf_hash};
pub use links::Links;
pub use lock::ArchiveLock;
pub use new_file::NewFile;
pub use place::{Placing, link_files, place_files, remove_files};
pub use replacement::Replacement;
pub use room::free_bytes;
pub use take_out::take_out;
