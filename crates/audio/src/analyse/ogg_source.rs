//! Vorbis, Opus and FLAC out of Ogg, trimmed by granule positions as the three mappings say
//! (Vorbis I appendix A.2, RFC 7845 section 4, xiph.org/flac/ogg_mapping.html).

use super::AnalyseError;
use super::blocks::{BLOCK_SAMPLES, Block, Source, skipped_packets};
use super::ogg_packets::{Kind, Packets};
use super::opus_decoder::OpusDecoder;
use super::symphonia_source::append;
use std::io::{self, Read, Seek, SeekFrom};
use symphonia::core::codecs::audio::well_known::{CODEC_ID_FLAC, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

/// Where a stream begins is known from its first granule position; without one in this many samples
/// it is taken to begin at 0.
const HELD_SAMPLES_MAX: usize = 1 << 19;

/// A decoder of an Ogg file.
pub(super) struct OggSource<R> {
    packets: Packets<R>,
    decoder: Decoder,
    /// A stream was opened and its first block not given yet.
    begun: bool,
    sample_rate: u32,
    channels: usize,
    /// Samples are held back until the first granule position says where they are.
    holding: bool,
    /// Granule position of the end of what is decoded.
    position: u64,
    /// Samples at the start still to be left out.
    skip: usize,
    ended: bool,
    skipped: u64,
    first_error: String,
    warnings: Vec<String>,
}

enum Decoder {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(Box<OpusDecoder>),
}

impl<R: Read + Seek> OggSource<R> {
    /// Reads the headers.
    pub(super) fn open(mut file: R) -> Result<OggSource<R>, AnalyseError> {
        file.seek(SeekFrom::Start(0))?;
        let mut packets = Packets::open(file).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => AnalyseError::Undecodable(error.to_string()),
            _ => AnalyseError::Read(error),
        })?;
        let decoder = Decoder::open(&mut packets)?;
        let mut source = OggSource {
            packets,
            decoder,
            begun: false,
            sample_rate: 0,
            channels: 0,
            holding: true,
            position: 0,
            skip: 0,
            ended: false,
            skipped: 0,
            first_error: String::new(),
            warnings: Vec::new(),
        };
        source.skip = source.decoder.pre_skip();
        Ok(source)
    }

    /// Decodes one packet into the block; `false` at the end of the stream.
    fn step(&mut self, block: &mut Block) -> Result<bool, AnalyseError> {
        let before = block.samples();
        let Some(packet) = self.packets.next_packet()? else {
            if self.holding {
                self.release(block);
            }
            return Ok(false);
        };
        let decoded = self.decoder.decode(packet.data, block);
        let (granule, last, ended) = (packet.granule, packet.last_on_page, packet.ended);
        let spec = match decoded {
            Ok(spec) => spec,
            Err(why) => {
                block.truncate(before);
                if self.skipped == 0 {
                    self.first_error = why;
                }
                self.skipped += 1;
                None
            }
        };
        if let Some((rate, channels)) = spec {
            if self.channels == 0 {
                (self.sample_rate, self.channels) = (rate, channels);
            } else if (rate, channels) != (self.sample_rate, self.channels) {
                block.truncate(before);
                self.warnings.push(format!(
                    "a second stream in it has {channels} channels at {rate} Hz: \
                     only what comes before it is used"
                ));
                self.ended = true;
                return Ok(false);
            }
        }
        let added = block.samples().saturating_sub(before) as u64;
        if self.holding {
            match granule {
                Some(granule) if last => self.place(granule, ended, block),
                _ if block.samples() > HELD_SAMPLES_MAX => self.release(block),
                _ => {}
            }
            return Ok(true);
        }
        if ended && let Some(granule) = granule {
            let wanted = granule.saturating_sub(self.position).min(added);
            block.truncate(before + wanted as usize);
        }
        // A granule position may be any number.
        self.position = self.position.saturating_add(added);
        if last && let Some(granule) = granule {
            // The page knows better where we are when packets were lost.
            self.position = granule;
        }
        self.skip_front(block);
        Ok(true)
    }

    /// The first granule position: what was held ends there, or, on the only page, is cut there.
    fn place(&mut self, granule: u64, ended: bool, block: &mut Block) {
        let surplus = block.samples().saturating_sub(granule.try_into().unwrap_or(usize::MAX));
        if ended {
            block.truncate(block.samples() - surplus);
        } else if self.packets.kind() == Kind::Vorbis {
            block.drop_front(surplus);
        }
        self.position = granule;
        self.holding = false;
        self.skip_front(block);
    }

    fn release(&mut self, block: &mut Block) {
        self.position = block.samples() as u64;
        self.holding = false;
        self.skip_front(block);
    }

    fn skip_front(&mut self, block: &mut Block) {
        if self.skip > 0 {
            let skip = self.skip.min(block.samples());
            block.drop_front(skip);
            self.skip -= skip;
        }
    }

    fn next_stream(&mut self) -> Result<bool, AnalyseError> {
        if self.ended || !self.packets.next_stream() {
            return Ok(false);
        }
        self.decoder = Decoder::open(&mut self.packets)?;
        self.skip = self.decoder.pre_skip();
        (self.holding, self.position, self.begun) = (true, 0, false);
        Ok(true)
    }
}

impl<R: Read + Seek> Source for OggSource<R> {
    fn next(&mut self, block: &mut Block) -> Result<bool, AnalyseError> {
        block.reset(self.channels);
        loop {
            while !self.ended && (self.holding || block.samples() < BLOCK_SAMPLES) {
                if !self.step(block)? {
                    break;
                }
            }
            // What a stream leaves goes out before the next one begins.
            if block.samples() > 0 {
                return Ok(true);
            }
            if !self.next_stream()? {
                return Ok(false);
            }
        }
    }

    fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    fn channels(&self) -> usize {
        self.channels
    }

    /// symphonia 0.6.1 undoes the coupling of channels first step first, where the specification
    /// (Vorbis I, section 4.3.5) says last step first. With one step, in stereo, that is the same.
    fn distrust(&self) -> Option<String> {
        (self.packets.kind() == Kind::Vorbis && self.channels > 2)
            .then(|| format!("Vorbis with {} channels is not decoded rightly yet", self.channels))
    }

    fn take_warnings(&mut self) -> Vec<String> {
        let mut warnings = std::mem::take(&mut self.warnings);
        if self.skipped > 0 {
            warnings.push(skipped_packets(self.skipped, &self.first_error));
        }
        match self.packets.damaged_pages() {
            0 => {}
            1 => warnings.push("an Ogg page in it is damaged, missing or cut short".to_owned()),
            pages => warnings.push(format!("{pages} Ogg pages in it are damaged or missing")),
        }
        warnings
    }
}

impl Decoder {
    /// Reads the headers after the first packet and makes the decoder for them.
    fn open<R: Read + Seek>(packets: &mut Packets<R>) -> Result<Decoder, AnalyseError> {
        let kind = packets.kind();
        let mut head = packets.head().to_vec();
        if kind == Kind::Flac {
            let info = head.get(17..51).ok_or_else(|| short("FLAC"))?;
            return Decoder::symphonia(CODEC_ID_FLAC, info);
        }
        packets.next_packet()?.ok_or_else(|| short("comment"))?;
        if kind == Kind::Opus {
            let decoder = OpusDecoder::open(&head).map_err(AnalyseError::Undecodable)?;
            return Ok(Decoder::Opus(Box::new(decoder)));
        }
        let setup = packets.next_packet()?.ok_or_else(|| short("setup"))?;
        head.extend_from_slice(setup.data);
        Decoder::symphonia(CODEC_ID_VORBIS, &head)
    }

    fn symphonia(codec: AudioCodecId, extra: &[u8]) -> Result<Decoder, AnalyseError> {
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(codec).with_extra_data(extra.into());
        symphonia::default::get_codecs()
            .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
            .map(Decoder::Symphonia)
            .map_err(|error| AnalyseError::Undecodable(error.to_string()))
    }

    fn pre_skip(&self) -> usize {
        match self {
            Decoder::Symphonia(_) => 0,
            Decoder::Opus(decoder) => decoder.pre_skip(),
        }
    }

    /// Appends what a packet decodes to, and says sample rate and channels; `None` for a header.
    fn decode(&mut self, data: &[u8], block: &mut Block) -> Result<Option<(u32, usize)>, String> {
        match self {
            Decoder::Opus(decoder) => {
                decoder.decode(data, block)?;
                Ok(Some((48_000, decoder.channels())))
            }
            // FLAC's further headers are metadata blocks; a frame begins with a sync code. An empty
            // Vorbis packet is a way to say nothing.
            Decoder::Symphonia(decoder) => {
                let flac = decoder.codec_params().codec == CODEC_ID_FLAC;
                if data.is_empty() || (flac && data[0] != 0xFF) {
                    return Ok(None);
                }
                let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, data);
                let buffer = decoder.decode_ref(&packet).map_err(|error| error.to_string())?;
                append(&buffer, block);
                Ok(Some((buffer.spec().rate(), buffer.spec().channels().count())))
            }
        }
    }
}

fn short(header: &str) -> AnalyseError {
    AnalyseError::Undecodable(format!("it ends before its {header} header"))
}
