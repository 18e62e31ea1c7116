//! What happens to sound and to the containers that carry it: reading what a file is and says,
//! embedding metadata without touching the audio, the patch that undoes it, one decode pass that
//! feeds loudness, fingerprint and encoder; artwork in a size that can be embedded; fingerprints that
//! are of the same recording.

pub mod analyse;
pub mod artwork;
pub mod embed;
mod id3_sizes;
pub mod ogg;
pub mod patch;
pub mod probe;
pub mod same;
