//! The sound of the corpus: short composed pieces, and ffmpeg to code them.

use super::wav_chunks;
use crate::music::{CHANNELS, Piece, SAMPLE_RATE};
use anyhow::{Context, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A coder of pieces.
pub(super) struct Seeds {
    ffmpeg: PathBuf,
    dir: tempfile::TempDir,
}

/// A piece of some samples a channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sound {
    /// Which piece it is cut from.
    pub seed: u64,
    /// Samples a channel.
    pub samples: usize,
    /// Channels: those beyond two are the two again, softer.
    pub channels: u16,
}

impl Sound {
    /// About a second in stereo, of an odd length so that no block is full at the end.
    pub(super) const fn stereo(seed: u64) -> Sound {
        Sound { seed, samples: 43_211, channels: 2 }
    }

    /// The same in mono.
    pub(super) const fn mono(seed: u64) -> Sound {
        Sound { channels: 1, ..Sound::stereo(seed) }
    }

    /// As it is with so many samples.
    pub(super) const fn of(self, samples: usize) -> Sound {
        Sound { samples, ..self }
    }

    /// Interleaved samples of 16 bits, at 44,100 Hz.
    pub(super) fn pcm(self) -> Vec<i16> {
        // A piece begins softly and ends in silence: what is taken is from its middle.
        let seconds = self.samples as f32 / SAMPLE_RATE as f32 + 2.0;
        let piece = Piece { seed: 40_000 + self.seed, seconds }.compose_i16();
        let stereo = piece[SAMPLE_RATE as usize..].chunks_exact(usize::from(CHANNELS));
        let taken = stereo.take(self.samples).flat_map(|pair| {
            (0..usize::from(self.channels)).map(|channel| match channel {
                0 | 1 => pair[channel],
                beyond => pair[beyond % 2] / (beyond as i16 + 1),
            })
        });
        taken.collect()
    }
}

impl Seeds {
    pub(super) fn new(ffmpeg: &Path) -> anyhow::Result<Seeds> {
        Ok(Seeds { ffmpeg: ffmpeg.to_owned(), dir: tempfile::tempdir()? })
    }

    /// A sound as ffmpeg codes it with these arguments, in the container of that extension. Nothing is in it that
    /// changes from run to run, and no tag but the encoder's name where the format wants one.
    pub(super) fn code(
        &self,
        sound: Sound,
        arguments: &[&str],
        extension: &str,
    ) -> anyhow::Result<Vec<u8>> {
        let (from, to) =
            (self.dir.path().join("in.wav"), self.dir.path().join(format!("out.{extension}")));
        fs::write(&from, wav_chunks::wave_16(&sound.pcm(), sound.channels))?;
        let output = Command::new(&self.ffmpeg)
            .args(["-nostdin", "-v", "error", "-y", "-i"])
            .arg(&from)
            .args(["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"])
            .args(["-threads", "1"])
            .args(arguments)
            .arg(&to)
            .output()
            .with_context(|| format!("cannot run {}", self.ffmpeg.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "ffmpeg {arguments:?} to {extension}: {said}");
        Ok(fs::read(&to)?)
    }
}
