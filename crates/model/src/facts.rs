//! What is learnt from a file when it is taken in.

use crate::{FileHashes, PictureKind, Root, Tags};

/// What kind of audio a file holds, as its own headers state it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudioFormat {
    /// `ogg`, `flac`, `mp3`, `mp4`, `wav`, `aiff`, ...
    pub container: String,
    /// `vorbis`, `opus`, `flac`, `mp3`, `aac`, `alac`, `pcm`, ...
    pub codec: String,
    /// The usual file name extension, without the dot.
    pub extension: String,
    /// Samples a channel, where the container states them.
    pub samples: Option<u64>,
    /// Duration in milliseconds.
    pub duration_ms: Option<u64>,
    /// Sample rate in Hz.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Bits a sample, for codecs that have them.
    pub bits_per_sample: Option<u8>,
    /// Bits a second, nominal or average.
    pub bit_rate: Option<u32>,
}

impl AudioFormat {
    /// Whether the codec gives back the samples that went in. WavPack counts as one that does; its hybrid mode, which
    /// is rare, does not.
    pub fn is_lossless(&self) -> bool {
        matches!(self.codec.as_str(), "flac" | "alac" | "pcm" | "wavpack")
    }
}

/// A picture that the store holds, and what it shows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFacts {
    /// Its name in the store.
    pub hashes: FileHashes,
    /// What it shows.
    pub kind: PictureKind,
    /// `image/jpeg`, `image/png`, ...
    pub mime: String,
    /// Whether the file carries it, or its folder.
    pub embedded: bool,
}

/// Everything learnt from one audio file in one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its name and torrent hashes.
    pub hashes: FileHashes,
    /// What it holds.
    pub format: AudioFormat,
    /// What it says about itself.
    pub tags: Tags,
    /// The pictures embedded in it, already in the store.
    pub pictures: Vec<PictureFacts>,
    /// What is odd about it though it could be read, in sentences.
    pub warnings: Vec<String>,
}

impl FileFacts {
    /// The root of the file.
    pub fn root(&self) -> Root {
        self.hashes.root
    }
}
