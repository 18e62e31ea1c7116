//! EBU R128 loudness, range and peak.

use super::AnalyseError;
use super::blocks::Block;
use ebur128::{Channel, EbuR128, Mode};

/// From this stated length on loudness is kept as a histogram of 0.1 LU instead of every block:
/// the exact way takes 160 bytes a second, which is bounded only by the length of the music.
const HISTOGRAM_FROM_MS: u64 = 6 * 3_600_000;

/// A measurement under way.
pub(super) struct Loudness {
    meter: EbuR128,
    true_peak: bool,
}

/// What came out.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) integrated: Option<f64>,
    pub(super) range: Option<f64>,
    pub(super) peak: f64,
    pub(super) true_peak: Option<f64>,
}

impl Loudness {
    pub(super) fn new(
        sample_rate: u32,
        channels: usize,
        duration_ms: Option<u64>,
        true_peak: bool,
    ) -> Result<Loudness, AnalyseError> {
        let mut mode = Mode::I | Mode::LRA | Mode::SAMPLE_PEAK;
        if duration_ms.is_some_and(|ms| ms >= HISTOGRAM_FROM_MS) {
            mode |= Mode::HISTOGRAM;
        }
        if true_peak {
            mode |= Mode::TRUE_PEAK;
        }
        let count = u32::try_from(channels).unwrap_or(u32::MAX);
        let mut meter = EbuR128::new(count, sample_rate, mode).map_err(refused)?;
        // WAVE order. ITU-R BS.1770: surrounds weigh more, low frequencies nothing; the crate knows
        // that up to six channels.
        for channel in 6..count.min(8) {
            let side =
                if channel % 2 == 0 { Channel::LeftSurround } else { Channel::RightSurround };
            meter.set_channel(channel, side).map_err(refused)?;
        }
        Ok(Loudness { meter, true_peak })
    }

    pub(super) fn add(&mut self, block: &Block) -> Result<(), AnalyseError> {
        let mut planes = [&[][..]; 8];
        let wide: Vec<&[f32]>;
        let planes = match planes.get_mut(..block.planes().len()) {
            Some(few) => {
                few.iter_mut().zip(block.planes()).for_each(|(slot, plane)| *slot = plane);
                &*few
            }
            None => {
                wide = block.planes().iter().map(Vec::as_slice).collect();
                &wide
            }
        };
        self.meter.add_frames_planar_f32(planes).map_err(refused)
    }

    pub(super) fn finish(self) -> Result<Measured, AnalyseError> {
        let integrated = self.meter.loudness_global().map_err(refused)?;
        let range = self.meter.loudness_range().map_err(refused)?;
        let greatest = |peak: fn(&EbuR128, u32) -> Result<f64, ebur128::Error>| {
            let peaks = (0..self.meter.channels()).filter_map(|it| peak(&self.meter, it).ok());
            peaks.fold(0.0, f64::max)
        };
        let audible = integrated.is_finite();
        Ok(Measured {
            integrated: audible.then_some(integrated),
            range: (audible && range.is_finite()).then_some(range),
            peak: greatest(EbuR128::sample_peak),
            true_peak: self.true_peak.then(|| greatest(EbuR128::true_peak)),
        })
    }
}

fn refused(error: ebur128::Error) -> AnalyseError {
    AnalyseError::Undecodable(format!("its sample rate or channels cannot be measured ({error:?})"))
}
