//! Each file by itself, in this process: read, embedded into, restored, decoded, with a watch.

use crate::every_one;
use deadwax_audio::analyse::{AnalyseError, Job, analyse};
use deadwax_audio::embed::{EmbedError, EmbedFormat, Embedding, audio_digest, embed};
use deadwax_audio::patch::Patch;
use deadwax_audio::probe::probe;
use deadwax_model::Root;
use deadwax_testkit::corpus::Entry;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

/// What came of one file.
pub struct Look {
    /// For all of it.
    pub took: Duration,
    /// Samples a channel and their rate, as far as it was decoded.
    pub decoded: Option<(u64, u32)>,
    /// A decoder failed inside, and was contained.
    pub is_contained: bool,
    /// What must not be.
    pub faults: Vec<String>,
}

/// All of them, two at once.
pub fn look_at_all(corpus: &Path, entries: &[Entry]) -> Vec<Look> {
    every_one::of(entries, |index| look(&fs::read(corpus.join(&entries[index].path)).unwrap()))
}

fn look(file: &[u8]) -> Look {
    let begun = Instant::now();
    let mut look =
        Look { took: Duration::ZERO, decoded: None, is_contained: false, faults: Vec::new() };
    if let Ok(probe) = probe(&mut Cursor::new(file)) {
        if let Some(format) = EmbedFormat::of(&probe)
            && let Err(why) = comes_back(file, format)
        {
            look.faults.push(why);
        }
        match analyse(Cursor::new(file), &probe, Job::default()) {
            Ok(analysis) => look.decoded = Some((analysis.samples, analysis.sample_rate)),
            Err(AnalyseError::DecoderPanicked { .. }) => look.is_contained = true,
            Err(_) => {}
        }
    }
    look.took = begun.elapsed();
    look
}

/// Embeds, undoes it, and compares; what cannot be embedded into is kept as it is, and that is no fault.
fn comes_back(file: &[u8], format: EmbedFormat) -> Result<(), String> {
    let fields = [("TITLE", "Embedded"), ("ARTIST", "Archive"), ("DEADWAX_ID", "0123456789abcdef")];
    let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    let metadata = Embedding { fields, pictures: Vec::new() };
    let mut holding = Vec::new();
    let body = match embed(&mut Cursor::new(file), format, &metadata, &mut holding) {
        Ok(embedded) => embedded.patch,
        Err(EmbedError::Unsupported(_)) => return Ok(()),
        Err(error) => return Err(format!("embedding failed: {error}")),
    };
    let patch = body.finish(Root([1; 32]), Root([2; 32]));
    let mut restored = Vec::new();
    Patch::parse(&patch)
        .and_then(|patch| patch.apply(&mut Cursor::new(&holding), &mut restored))
        .map_err(|error| format!("its patch cannot be applied: {error}"))?;
    if restored != file {
        return Err("its patch gives something else back".to_owned());
    }
    let digest = |bytes: &[u8]| audio_digest(&mut &bytes[..], format).map_err(|e| e.to_string());
    match digest(file)? == digest(&holding)? {
        true => Ok(()),
        false => Err("its holding has other audio".to_owned()),
    }
}
