//! Everything known of one recording.

use crate::{Archive, ArchiveError, Explanation, ListRow, Run};
use deadwax_catalog::{Recording, Track};
use deadwax_model::RecordingId;

/// A recording with all that is known of it; its JSON form is specified in docs/formats/json.md.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Details {
    /// What the list says.
    #[serde(flatten)]
    pub row: ListRow,
    /// Its places on releases, as people write them.
    pub tracks: Vec<String>,
    /// Its date as the file gave it.
    pub date: Option<String>,
    /// All its ISRCs.
    pub isrcs: Vec<String>,
    /// What the original holds, in words.
    pub format: String,
    /// Every place where the original was found.
    pub sources: Vec<String>,
    /// Everything that the original says about itself, in its order.
    pub said: Vec<(String, String)>,
    /// By what the holding was made.
    pub made_by: Option<String>,
    /// Length of the patch that gives the original back.
    pub patch_bytes: Option<u64>,
    /// Integrated loudness, EBU R128.
    pub loudness_lufs: Option<f64>,
    /// Loudness range, EBU Tech 3342.
    pub loudness_range_lu: Option<f64>,
    /// Highest absolute sample, 1.0 being full scale.
    pub sample_peak: Option<f64>,
    /// Largest value between the samples, 1.0 being full scale; `null` unless the policy asks for it.
    pub true_peak: Option<f64>,
    /// Chromaprint fingerprint as fpcalc prints it.
    pub fingerprint: Option<String>,
    /// Whether and why it may be published.
    pub rights: Explanation,
    /// What was odd about it.
    pub warnings: Vec<String>,
    /// The recordings that it stands for in the list, being the same.
    pub same: Vec<SameSource>,
}

/// A recording that another stands for.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SameSource {
    /// Which one.
    pub id: RecordingId,
    /// What its file holds, in words.
    pub format: String,
    /// Every place where that was found.
    pub sources: Vec<String>,
}

impl Archive {
    /// The recordings that a person names by rank, id or ISRC; at least one.
    pub fn named(&self, named: &str) -> Result<Vec<Recording>, ArchiveError> {
        let key = named.parse().map_err(|e| ArchiveError::Refused(format!("{e}")))?;
        let found = self.catalog.select(&key)?;
        match (found.is_empty(), self.known_recordings()?) {
            (false, _) => Ok(found),
            (true, 0) => Err(ArchiveError::Refused(format!(
                "no recording '{named}' is in this archive; `deadwax list` shows what is"
            ))),
            // To find these takes indexes that only editions have (docs/formats/catalog.md).
            (true, known) => Err(ArchiveError::Refused(format!(
                "no recording '{named}' of this archive has a file; {known} are known from tables alone, and editions \
                 find these: `deadwax publish`, then `deadwax search`"
            ))),
        }
    }

    /// The one recording that a person names; several under one ISRC are told with their ids.
    pub fn one(&self, named: &str) -> Result<Recording, ArchiveError> {
        let mut found = self.named(named)?;
        if found.len() > 1 {
            let ids: Vec<&str> = found.iter().map(|recording| recording.id.as_str()).collect();
            return Err(ArchiveError::Refused(format!(
                "'{named}' is on {} recordings; say which by its id: {}",
                found.len(),
                ids.join(", ")
            )));
        }
        Ok(found.remove(0))
    }

    /// Everything known of what a person names.
    pub fn details(&self, run: &Run<'_>, named: &str) -> Result<Vec<Details>, ArchiveError> {
        let rules = self.catalog.rulebook()?;
        let recordings = self.named(named)?;
        let explained = self.explain(run, Some(recordings.clone()))?;
        let mut all = Vec::new();
        for (recording, rights) in recordings.into_iter().zip(explained) {
            let row = self.list_row(run, &rules, &recording)?;
            let sources = self.catalog.paths_of(&recording.original_root)?;
            let said = self.catalog.said(&recording.original_root)?;
            let same = self.same_sources(&recording)?;
            all.push(details(recording, row, rights, sources, said, same));
        }
        Ok(all)
    }

    fn same_sources(&self, recording: &Recording) -> Result<Vec<SameSource>, ArchiveError> {
        let mut all = Vec::new();
        for id in &recording.same {
            if let Some(same) = self.catalog.recording(id)? {
                let paths = self.catalog.paths_of(&same.original_root)?;
                all.push(SameSource {
                    id: id.clone(),
                    format: format_in_words(&same),
                    sources: paths.iter().map(|path| path.display().to_string()).collect(),
                });
            }
        }
        Ok(all)
    }
}

fn details(
    recording: Recording,
    row: ListRow,
    rights: Explanation,
    sources: Vec<std::path::PathBuf>,
    said: Vec<(String, String)>,
    same: Vec<SameSource>,
) -> Details {
    let analysis = recording.analysis.as_ref();
    let warnings =
        recording.warnings.iter().chain(analysis.iter().flat_map(|found| &found.warnings));
    Details {
        tracks: recording.tracks.iter().map(place).collect(),
        date: recording.date.clone(),
        isrcs: recording.isrcs.iter().map(ToString::to_string).collect(),
        format: format_in_words(&recording),
        sources: sources.iter().map(|path| path.display().to_string()).collect(),
        said,
        made_by: recording.current().map(|holding| holding.made_by.clone()),
        patch_bytes: recording.current().and_then(|holding| holding.patch).map(|(_, n)| n),
        loudness_lufs: analysis.and_then(|found| found.loudness_lufs),
        loudness_range_lu: analysis.and_then(|found| found.loudness_range_lu),
        sample_peak: analysis.and_then(|found| found.sample_peak),
        true_peak: analysis.and_then(|found| found.true_peak),
        fingerprint: analysis.and_then(|found| found.fingerprint.clone()),
        warnings: warnings.cloned().collect(),
        row,
        rights,
        same,
    }
}

/// What a recording's original holds.
pub(crate) fn format_in_words(recording: &Recording) -> String {
    let format = &recording.format;
    let mut words = format!(
        "{} in {}, {} Hz, {} channels",
        format.codec, format.container, format.sample_rate, format.channels
    );
    if let Some(bits) = format.bits_per_sample {
        words.push_str(&format!(", {bits} bits"));
    }
    if let Some(rate) = format.bit_rate {
        words.push_str(&format!(", {} kbit/s", (rate + 500) / 1000));
    }
    words
}

fn place(track: &Track) -> String {
    let mut text = track.release.title.clone();
    if let Some(artist) = &track.release.artist {
        text.push_str(&format!(" ({artist})"));
    }
    match (track.disc, track.position) {
        (Some(disc), Some(position)) => {
            text.push_str(&format!(", disc {disc}, position {position}"))
        }
        (None, Some(position)) => text.push_str(&format!(", position {position}")),
        (Some(disc), None) => text.push_str(&format!(", disc {disc}")),
        (None, None) => {}
    }
    text
}
