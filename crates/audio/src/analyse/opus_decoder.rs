//! Opus packets to samples, with the bundled libopus.

use super::blocks::Block;
use super::channel_order::VORBIS_ORDER;
use opusic_c::multistream::{self, Config};
use opusic_c::{Channels, Decoder, ErrorCode, SampleRate};

/// 120 ms at 48 kHz, the longest packet there is.
const PACKET_SAMPLES_MAX: usize = 5760;

/// A decoder of one stream, always at 48 kHz.
pub(super) struct OpusDecoder {
    inner: Inner,
    channels: usize,
    pre_skip: usize,
    order: Vec<usize>,
    interleaved: Vec<f32>,
}

enum Inner {
    Plain(Decoder),
    Multi(multistream::Decoder),
}

impl OpusDecoder {
    /// From an OpusHead packet (RFC 7845 section 5.1): channels, pre-skip, output gain, mapping
    /// families 0 and 1, and 255 for up to eight channels. Fails with a clause that says why.
    pub(super) fn open(head: &[u8]) -> Result<OpusDecoder, String> {
        let head_19: &[u8; 19] = head.first_chunk().ok_or("its OpusHead is cut short")?;
        if head_19[8] >> 4 != 0 {
            return Err(format!("it is of Opus version {}", head_19[8]));
        }
        let channels = usize::from(head_19[9]);
        let gain = i32::from(i16::from_le_bytes([head_19[16], head_19[17]]));
        let failed = |error: ErrorCode| format!("libopus refuses its header ({})", error.message());
        let inner = match (head_19[18], channels) {
            (0, 1 | 2) => {
                let layout = if channels == 1 { Channels::Mono } else { Channels::Stereo };
                let mut decoder = Decoder::new(layout, SampleRate::Hz48000).map_err(failed)?;
                decoder.set_gain(gain).map_err(failed)?;
                Inner::Plain(decoder)
            }
            (1 | 255, 1..=8) => {
                let table = head.get(19..21 + channels).ok_or("its OpusHead is cut short")?;
                let mut decoder = multi(table).ok_or("its channel mapping makes no sense")?;
                decoder.set_gain(gain).map_err(failed)?;
                Inner::Multi(decoder)
            }
            (family, _) => {
                return Err(format!(
                    "Opus with {channels} channels in mapping family {family} is not supported"
                ));
            }
        };
        let order = match head_19[18] {
            255 => (0..channels).collect(),
            _ => VORBIS_ORDER[channels].to_vec(),
        };
        Ok(OpusDecoder {
            inner,
            channels,
            pre_skip: u16::from_le_bytes([head_19[10], head_19[11]]).into(),
            order,
            interleaved: vec![0.0; PACKET_SAMPLES_MAX * channels],
        })
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    pub(super) fn pre_skip(&self) -> usize {
        self.pre_skip
    }

    /// Appends what a packet decodes to.
    pub(super) fn decode(&mut self, packet: &[u8], block: &mut Block) -> Result<(), String> {
        if packet.is_empty() {
            // For libopus that would mean a lost packet, to be made up for.
            return Err("an Opus packet is empty".to_owned());
        }
        let samples = match &mut self.inner {
            Inner::Plain(it) => it.decode_float_to_slice(packet, &mut self.interleaved, false),
            Inner::Multi(it) => it.decode_float_to_slice(packet, &mut self.interleaved, false),
        }
        .map_err(|error| error.message().to_owned())?;
        let decoded = &self.interleaved[..samples * self.channels];
        if block.planes().len() != self.channels {
            block.reset(self.channels);
        }
        for (plane, &from) in block.planes_mut().iter_mut().zip(&self.order) {
            plane.extend(decoded.iter().skip(from).step_by(self.channels));
        }
        Ok(())
    }
}

/// `table` is stream count, coupled count, and one byte a channel.
fn multi(table: &[u8]) -> Option<multistream::Decoder> {
    fn of<const CHANNELS: usize>(table: &[u8]) -> Option<multistream::Decoder> {
        let mapping = table[2..].try_into().ok()?;
        let config = Config::<CHANNELS>::try_new(table[0], table[1], mapping)?;
        multistream::Decoder::new(config, SampleRate::Hz48000).ok()
    }
    match table.len() - 2 {
        1 => of::<1>(table),
        2 => of::<2>(table),
        3 => of::<3>(table),
        4 => of::<4>(table),
        5 => of::<5>(table),
        6 => of::<6>(table),
        7 => of::<7>(table),
        8 => of::<8>(table),
        _ => None,
    }
}
