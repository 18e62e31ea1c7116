//! Readers that turn the outside into catalogue facts: folders of audio with their artwork, tables of
//! listens, and tables of facts without audio. Nothing here writes, and nothing that is read is altered.
//!
//! A reader gives facts or a [`Refusal`]: a sentence about what happened and one about what to do.

mod audio_file;
mod listens_table;
mod picture_file;
mod refusal;
mod stamp;
pub mod tables;
mod walk;

pub use audio_file::{AudioFile, read_audio};
pub use listens_table::{ListensTable, read_listens};
pub use picture_file::{picture_kind, read_picture};
pub use refusal::{Cause, Refusal};
pub use stamp::stamp;
pub use walk::{Folder, Walk, walk};
