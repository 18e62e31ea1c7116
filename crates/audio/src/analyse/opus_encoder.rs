//! Samples to Opus packets, with the bundled libopus, at the settings of the tier.

use opusic_c::multistream::{self, Config};
use opusic_c::{Application, Bitrate, Channels, Encoder, ErrorCode, SampleRate};

/// An upper bound for one packet of 20 ms: 1,275 bytes and two of length for each stream.
const PACKET_BYTES_MAX: usize = 8 * 1277 + 16;

/// Streams, coupled streams and mapping by the number of channels (RFC 7845 section 5.1.1.2 and
/// libopus' own tables for family 1).
const LAYOUTS: [(u8, u8, &[u8]); 9] = [
    (0, 0, &[]),
    (1, 0, &[0]),
    (1, 1, &[0, 1]),
    (2, 1, &[0, 2, 1]),
    (2, 2, &[0, 1, 2, 3]),
    (3, 2, &[0, 4, 1, 2, 3]),
    (4, 2, &[0, 4, 1, 2, 3, 5]),
    (4, 3, &[0, 4, 1, 2, 3, 5, 6]),
    (5, 3, &[0, 6, 1, 2, 3, 4, 5, 7]),
];

/// An encoder of one stream.
pub(super) struct OpusEncoder {
    inner: Inner,
    channels: usize,
    sample_rate: u32,
    look_ahead: u32,
    packet: Vec<u8>,
}

enum Inner {
    Plain(Encoder),
    Multi(multistream::Encoder),
}

/// The settings are methods of two types that share no trait.
macro_rules! set_up {
    ($encoder:expr, $bit_rate:expr) => {{
        $encoder.set_bitrate(Bitrate::Value($bit_rate))?;
        $encoder.set_vbr(true)?;
        $encoder.set_vbr_constraint(false)?;
        $encoder.set_complexity(10)?;
        $encoder.get_look_ahead()?
    }};
}

impl OpusEncoder {
    /// `sample_rate` is one that Opus knows; one to eight channels. `bit_rate` is bits
    /// per second for mono and stereo, half of it for each channel of more. Fails with a clause.
    pub(super) fn open(
        sample_rate: u32,
        channels: usize,
        bit_rate: u32,
    ) -> Result<OpusEncoder, String> {
        let rate = match sample_rate {
            8_000 => SampleRate::Hz8000,
            12_000 => SampleRate::Hz12000,
            16_000 => SampleRate::Hz16000,
            24_000 => SampleRate::Hz24000,
            _ => SampleRate::Hz48000,
        };
        let made = || -> Result<_, ErrorCode> {
            Ok(match channels {
                1 | 2 => {
                    let layout = if channels == 1 { Channels::Mono } else { Channels::Stereo };
                    let mut encoder = Encoder::new(layout, rate, Application::Audio)?;
                    let look_ahead = set_up!(encoder, bit_rate);
                    (Inner::Plain(encoder), look_ahead)
                }
                _ => {
                    let mut encoder = multi(channels, rate).ok_or(ErrorCode::BadArg)??;
                    let all = bit_rate.saturating_mul(channels as u32) / 2;
                    let look_ahead = set_up!(encoder, all);
                    (Inner::Multi(encoder), look_ahead)
                }
            })
        };
        let (inner, look_ahead) = made()
            .map_err(|error| format!("libopus refuses the settings ({})", error.message()))?;
        Ok(OpusEncoder {
            inner,
            channels,
            sample_rate: rate as u32,
            look_ahead,
            packet: vec![0; PACKET_BYTES_MAX],
        })
    }

    /// Samples per channel in a packet: 20 ms.
    pub(super) fn frame_samples(&self) -> usize {
        self.sample_rate as usize / 50
    }

    /// Samples at 48 kHz that come out before the first that went in.
    pub(super) fn pre_skip(&self) -> u16 {
        (self.look_ahead * (48_000 / self.sample_rate)) as u16
    }

    /// The OpusHead packet (RFC 7845 section 5.1) for a source that was at `source_rate` Hz.
    pub(super) fn head(&self, source_rate: u32) -> Vec<u8> {
        let mut head = b"OpusHead\x01".to_vec();
        head.push(self.channels as u8);
        head.extend_from_slice(&self.pre_skip().to_le_bytes());
        head.extend_from_slice(&source_rate.to_le_bytes());
        head.extend_from_slice(&0i16.to_le_bytes());
        if self.channels <= 2 {
            head.push(0);
        } else {
            let (streams, coupled, mapping) = LAYOUTS[self.channels];
            head.extend_from_slice(&[1, streams, coupled]);
            head.extend_from_slice(mapping);
        }
        head
    }

    /// Encodes one frame of interleaved samples, channels in the Vorbis order.
    pub(super) fn encode(&mut self, frame: &[f32]) -> Result<&[u8], String> {
        let bytes = match &mut self.inner {
            Inner::Plain(encoder) => encoder.encode_float_to_slice(frame, &mut self.packet),
            Inner::Multi(encoder) => encoder.encode_float_to_slice(frame, &mut self.packet),
        }
        .map_err(|error| format!("libopus failed ({})", error.message()))?;
        Ok(&self.packet[..bytes])
    }
}

type Made = Result<multistream::Encoder, ErrorCode>;

fn multi(channels: usize, rate: SampleRate) -> Option<Made> {
    fn of<const CHANNELS: usize>(rate: SampleRate) -> Option<Made> {
        let (streams, coupled, mapping) = LAYOUTS[CHANNELS];
        let config = Config::<CHANNELS>::try_new(streams, coupled, mapping.try_into().ok()?)?;
        Some(multistream::Encoder::new(config, rate, Application::Audio))
    }
    match channels {
        3 => of::<3>(rate),
        4 => of::<4>(rate),
        5 => of::<5>(rate),
        6 => of::<6>(rate),
        7 => of::<7>(rate),
        8 => of::<8>(rate),
        _ => None,
    }
}
