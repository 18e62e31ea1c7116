//! Ogg (RFC 3533) as far as an archive needs it: whole pages in, whole pages out, the checksum, and
//! the comment and picture structures that Vorbis, Opus and FLAC share.
//!
//! There is no seeking and no resynchronising here: a file that does not begin with a page is not
//! an Ogg file to us, and what follows the last whole page is carried along as plain bytes.

mod comments;
mod crc;
mod laced;
mod page;
mod page_writer;
mod picture;

pub use comments::{CommentError, Comments};
pub use crc::{page_crc, renumbering};
pub use page::{BOS, CONTINUED, EOS, MAX_PAGE_BYTES, NO_GRANULE, Page, PageRead, build_page};
pub use page_writer::{HeaderSlot, PageWriter};
pub use picture::{base64_picture, kind_of_base64_picture, kind_of_picture_block, picture_block};

pub(crate) use comments::split_field;
pub(crate) use laced::Laced;
