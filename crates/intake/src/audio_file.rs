//! One audio file: hashes, format, tags and pictures in one read.

use crate::stamp::unmoved;
use crate::{Refusal, stamp};
use deadwax_audio::probe::{Probe, ProbeError, probe};
use deadwax_model::{AudioFormat, FileHashes, Picture, Stamp, Tags};
use deadwax_store::{hash_of, hash_reader};
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;

/// Files up to this size are read into memory once; a larger one is streamed past the hashes after
/// its head was looked at. 64 MiB holds nearly every track and bounds what `add` takes.
const IN_MEMORY_BYTES: u64 = 64 * 1024 * 1024;

/// What one read of an audio file gave.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioFile {
    /// The file's stamp, the same before and after.
    pub stamp: Stamp,
    /// Its name and torrent hashes.
    pub hashes: FileHashes,
    /// What it holds.
    pub format: AudioFormat,
    /// What it says about itself.
    pub tags: Tags,
    /// The pictures embedded in it.
    pub pictures: Vec<Picture>,
    /// What is odd about it.
    pub warnings: Vec<String>,
}

/// Reads the file at `path`. Its content decides what it is, never its name.
pub fn read_audio(path: &Path) -> Result<AudioFile, Refusal> {
    let mut file = File::open(path).map_err(|e| Refusal::io(&e))?;
    let before = stamp(&file.metadata().map_err(|e| Refusal::io(&e))?);
    let (probe, hashes) = if before.bytes <= IN_MEMORY_BYTES {
        let mut content = Vec::with_capacity(before.bytes as usize);
        (&file).take(IN_MEMORY_BYTES + 1).read_to_end(&mut content).map_err(|e| Refusal::io(&e))?;
        (look(&mut Cursor::new(&content))?, hash_of(&content))
    } else {
        let probe = look(&mut file)?;
        file.rewind().map_err(|e| Refusal::io(&e))?;
        (probe, hash_reader(&file).map_err(|e| Refusal::io(&e))?)
    };
    unmoved(before, stamp(&file.metadata().map_err(|e| Refusal::io(&e))?))?;
    Ok(AudioFile {
        stamp: before,
        hashes,
        format: format_of(&probe),
        tags: probe.tags,
        pictures: probe.pictures,
        warnings: probe.warnings,
    })
}

fn look(content: &mut (impl Read + Seek)) -> Result<Probe, Refusal> {
    probe(content).map_err(|e| match e {
        // What the system said of the file; other I/O errors are the readers' word for an early end.
        ProbeError::Io(e) if e.raw_os_error().is_some() => Refusal::io(&e),
        e => Refusal::new(
            e.to_string(),
            "replace it by a sound copy if it should be music, or leave it out",
        ),
    })
}

fn format_of(probe: &Probe) -> AudioFormat {
    AudioFormat {
        container: probe.container.as_str().to_owned(),
        codec: probe.codec.as_str().to_owned(),
        extension: probe.container.extension(probe.codec).to_owned(),
        samples: probe.samples,
        duration_ms: probe.duration_ms,
        sample_rate: probe.sample_rate,
        channels: probe.channels,
        bits_per_sample: probe.bits_per_sample,
        bit_rate: probe.bit_rate,
    }
}
