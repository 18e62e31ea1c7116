//! FLAC, MP3, MP4, ADTS, WAV and AIFF, decoded by symphonia. The reader is the one of the probed container
//! alone, behind any ID3v2 tag: letting symphonia guess would let it find an MP3 in a picture.

use super::AnalyseError;
use super::blocks::{BLOCK_SAMPLES, Block, Source, skipped_packets};
use super::channel_order::has_vorbis_order;
use super::symphonia_input::SymphoniaInput;
use crate::probe::{Codec, Container, Probe, mp4, mpeg};
use std::io::{self, Read, Seek, SeekFrom};
use symphonia::core::audio::{Audio, GenericAudioBufferRef};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe as Formats};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats::{
    AdtsReader, AiffReader, FlacReader, IsoMp4Reader, MpaReader, WavReader,
};

/// AAC of up to this rate may be HE-AAC: then it has twice the rate, and a part that is not decoded.
const HALF_RATE: u32 = 24_000;

/// More channels than any recording has; symphonia multiplies with what a header states.
const CHANNELS_MAX: u16 = 255;

/// A decoder of everything that is not Ogg.
pub(super) struct SymphoniaSource<'s> {
    format: Box<dyn FormatReader + 's>,
    decoder: Box<dyn AudioDecoder>,
    codec: Codec,
    track: u32,
    sample_rate: u32,
    channels: usize,
    unplaced: Option<String>,
    /// Samples at the start still to be left out, and samples after them still to come.
    skip: u64,
    rest: u64,
    ended: bool,
    skipped: u64,
    first_error: String,
    warnings: Vec<String>,
}

impl<'s> SymphoniaSource<'s> {
    /// Reads the headers.
    pub(super) fn open(
        mut file: impl Read + Seek + Send + Sync + 's,
        probe: &Probe,
    ) -> Result<SymphoniaSource<'s>, AnalyseError> {
        let undecodable = |error: Error| AnalyseError::Undecodable(error.to_string());
        if probe.channels > CHANNELS_MAX {
            let what = format!("it states {} channels", probe.channels);
            return Err(AnalyseError::Undecodable(what));
        }
        let bytes = file.seek(SeekFrom::End(0))?;
        let gapless = match probe.container {
            Container::Mp4 => mp4::gapless(&mut file, bytes),
            _ => mp4::Gapless::default(),
        };
        let mut warnings = Vec::new();
        if gapless.is_in_parts {
            let what = "it has fragments, or an edit list of several parts, which is not followed";
            warnings.push(what.to_owned());
        }
        if probe.container == Container::Mp3 {
            warnings.extend(mpeg::beyond_its_frames(&mut file, bytes)?);
        }
        let source = Box::new(SymphoniaInput::open(file, probe.container, bytes)?);
        let stream = MediaSourceStream::new(source, Default::default());
        let mut formats = Formats::default();
        match probe.container {
            Container::Flac => formats.register_format::<FlacReader<'_>>(),
            Container::Mp3 => formats.register_format::<MpaReader<'_>>(),
            Container::Mp4 => formats.register_format::<IsoMp4Reader<'_>>(),
            Container::Wav => formats.register_format::<WavReader<'_>>(),
            Container::Aiff => formats.register_format::<AiffReader<'_>>(),
            Container::Adts => formats.register_format::<AdtsReader<'_>>(),
            Container::Ogg | Container::WavPack => {
                return Err(AnalyseError::NoDecoder(probe.codec));
            }
        }
        let metadata = MetadataOptions::default()
            .limit_visual_bytes(Limit::Maximum(1024))
            .limit_tag_bytes(Limit::Maximum(1024 * 1024));
        let format = formats
            .probe(&Hint::new(), stream, FormatOptions::default(), metadata)
            .map_err(undecodable)?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or_else(|| AnalyseError::Undecodable("it has no sound track".to_owned()))?;
        let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(
                parameters.ok_or_else(|| {
                    AnalyseError::Undecodable("its coding is not known".to_owned())
                })?,
                &AudioDecoderOptions::default(),
            )
            .map_err(undecodable)?;
        Ok(SymphoniaSource {
            track: track.id,
            format,
            decoder,
            codec: probe.codec,
            sample_rate: 0,
            channels: 0,
            unplaced: None,
            skip: gapless.skip,
            rest: gapless.samples.unwrap_or(u64::MAX),
            ended: false,
            skipped: 0,
            first_error: String::new(),
            warnings,
        })
    }

    /// Decodes one packet into the block; `false` at the end.
    fn step(&mut self, block: &mut Block) -> Result<bool, AnalyseError> {
        let packet = match self.format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(false),
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(false);
            }
            Err(Error::IoError(error)) if error.kind() != io::ErrorKind::Other => {
                return Err(error.into());
            }
            Err(error) => {
                self.warnings.push(format!("it is damaged, and decoded up to there: {error}"));
                return Ok(false);
            }
        };
        if packet.track_id != self.track {
            return Ok(true);
        }
        let before = block.samples();
        match self.decoder.decode(&packet) {
            Ok(buffer) => {
                let spec = (buffer.spec().rate(), buffer.spec().channels().count());
                if self.channels == 0 {
                    (self.sample_rate, self.channels) = spec;
                    let places = buffer.spec().channels();
                    self.unplaced = (!has_vorbis_order(places)).then(|| {
                        format!("Vorbis and Opus files have no order for its channels, {places}")
                    });
                } else if spec != (self.sample_rate, self.channels) && buffer.frames() > 0 {
                    self.warnings.push(format!(
                        "it goes on with {} channels at {} Hz: only what comes before is used",
                        spec.1, spec.0
                    ));
                    return Ok(false);
                }
                append(&buffer, block);
            }
            Err(error @ (Error::DecodeError(_) | Error::IoError(_))) => {
                if self.skipped == 0 {
                    self.first_error = error.to_string();
                }
                self.skipped += 1;
            }
            Err(error) => {
                self.warnings.push(format!("it is damaged, and decoded up to there: {error}"));
                return Ok(false);
            }
        }
        let added = (block.samples() - before) as u64;
        let skip = self.skip.min(added);
        if skip > 0 {
            // Nothing was given out before, so the block holds nothing else.
            block.drop_front(skip as usize);
            self.skip -= skip;
        }
        let keep = self.rest.min(added - skip);
        block.truncate(block.samples() - (added - skip - keep) as usize);
        self.rest -= keep;
        Ok(self.rest > 0)
    }
}

impl Source for SymphoniaSource<'_> {
    fn next(&mut self, block: &mut Block) -> Result<bool, AnalyseError> {
        block.reset(self.channels);
        while !self.ended && block.samples() < BLOCK_SAMPLES {
            self.ended = !self.step(block)?;
        }
        Ok(block.samples() > 0)
    }

    fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    fn channels(&self) -> usize {
        self.channels
    }

    fn distrust(&self) -> Option<String> {
        let is_half = self.codec == Codec::Aac && (1..=HALF_RATE).contains(&self.sample_rate);
        is_half.then(|| {
            let rate = self.sample_rate;
            format!("its AAC of {rate} Hz may be HE-AAC, of which only the lower half is decoded")
        })
    }

    fn unplaced(&self) -> Option<String> {
        self.unplaced.clone()
    }

    fn take_warnings(&mut self) -> Vec<String> {
        let mut warnings = std::mem::take(&mut self.warnings);
        if self.skipped > 0 {
            warnings.push(skipped_packets(self.skipped, &self.first_error));
        }
        warnings
    }
}

/// Appends a decoder's buffer to a block, making planes for its channels when the block has others.
pub(super) fn append(buffer: &GenericAudioBufferRef<'_>, block: &mut Block) {
    let (channels, frames) = (buffer.spec().channels().count(), buffer.frames());
    if block.planes().len() != channels {
        block.reset(channels);
    }
    if let GenericAudioBufferRef::F32(samples) = buffer {
        for (plane, decoded) in block.planes_mut().iter_mut().zip(samples.iter_planes()) {
            plane.extend_from_slice(decoded);
        }
        return;
    }
    let start = block.samples();
    let planes = block.planes_mut();
    planes.iter_mut().for_each(|plane| plane.resize(start + frames, 0.0));
    let mut new: Vec<&mut [f32]> = planes.iter_mut().map(|plane| &mut plane[start..]).collect();
    buffer.copy_to_slice_planar(&mut new);
}
