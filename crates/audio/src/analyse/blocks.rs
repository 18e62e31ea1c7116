//! Decoded samples on their way from a decoder to those that want them.

use super::AnalyseError;

/// Decoders put packets together until a block has at least this many samples per channel, so that
/// small packets do not mean many small calls.
pub(super) const BLOCK_SAMPLES: usize = 4096;

/// Samples of some packets, one plane a channel, all planes of one length. Full scale is 1. Channels
/// are in the order of WAVE (left, right, centre, low frequencies, ...).
#[derive(Default)]
pub(super) struct Block {
    planes: Vec<Vec<f32>>,
}

impl Block {
    /// Empty, with this many planes; the allocations are kept.
    pub(super) fn reset(&mut self, channels: usize) {
        self.planes.resize_with(channels, Vec::new);
        self.planes.iter_mut().for_each(Vec::clear);
    }

    /// Samples per channel.
    pub(super) fn samples(&self) -> usize {
        self.planes.first().map_or(0, Vec::len)
    }

    /// One plane a channel.
    pub(super) fn planes(&self) -> &[Vec<f32>] {
        &self.planes
    }

    /// The planes, to be appended to, all by the same number.
    pub(super) fn planes_mut(&mut self) -> &mut [Vec<f32>] {
        &mut self.planes
    }

    /// Leaves the first `samples` out.
    pub(super) fn drop_front(&mut self, samples: usize) {
        for plane in &mut self.planes {
            plane.drain(..samples.min(plane.len()));
        }
    }

    /// Keeps the first `samples`.
    pub(super) fn truncate(&mut self, samples: usize) {
        self.planes.iter_mut().for_each(|plane| plane.truncate(samples));
    }
}

/// Something that decodes.
pub(super) trait Source {
    /// Fills `block` with what comes next; `false` (and an empty block) at the end. Sample rate and
    /// channels stay what they were with the first block.
    fn next(&mut self, block: &mut Block) -> Result<bool, AnalyseError>;

    /// Hz. Known after the first block.
    fn sample_rate(&self) -> u32;

    /// Channels. Known after the first block.
    fn channels(&self) -> usize;

    /// Why the samples are no good though their number is, if they are not. Known after the first
    /// block.
    fn distrust(&self) -> Option<String> {
        None
    }

    /// Why a lossy file could not say where its channels belong, if so. Known after the first block.
    fn unplaced(&self) -> Option<String> {
        None
    }

    /// What was odd, at the end.
    fn take_warnings(&mut self) -> Vec<String>;
}

/// The sentence about packets that were skipped.
pub(super) fn skipped_packets(skipped: u64, first_error: &str) -> String {
    format!("{skipped} packets could not be decoded and are left out; the first: {first_error}")
}
