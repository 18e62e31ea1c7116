//! Files whose bytes are not ours and that may sound like ours: their fingerprints, against those of all recordings that were
//! decoded. The few that are looked for are indexed, and the many of the catalogue go by once.

use super::items::Item;
use super::{Certainty, Match, begin};
use crate::same::are_lengths_one;
use crate::source_order::duration_ms;
use crate::{Amount, Archive, ArchiveError, Run};
use deadwax_audio::analyse::{AnalyseError, Fingerprint, Job, analyse};
use deadwax_audio::probe::{ProbeError, probe};
use deadwax_audio::same::{IndexBuilder, compare};
use std::fs::File;
use std::path::Path;

/// What is known of the sound of a file.
struct Heard {
    item: usize,
    print: Fingerprint,
    duration_ms: Option<u64>,
}

impl Archive {
    pub(super) fn match_sound(
        &self,
        run: &Run<'_>,
        items: &mut [Item],
    ) -> Result<(), ArchiveError> {
        let heard = listen(run, items)?;
        let mut index = IndexBuilder::with_room_for(heard.len());
        for one in &heard {
            index.push(&one.print.raw);
        }
        let index = index.finish();
        if heard.is_empty() {
            return Ok(());
        }
        let all = heard.len() as u32;
        self.catalog.fingerprints(None, usize::MAX, &mut |id, text| {
            run.go_on()?;
            let Ok(print) = Fingerprint::from_text(text) else { return Ok(()) };
            for candidate in index.candidates(&print.raw, all) {
                let one = &heard[candidate.owner as usize];
                let Some(likeness) = compare(&one.print.raw, &print.raw).same() else { continue };
                let known = self.catalog.recording_alone(&id)?;
                let length = known.as_ref().and_then(duration_ms);
                let lengths = one.duration_ms.zip(length);
                items[one.item].add(Match {
                    certainty: Certainty::Fingerprint,
                    kind: "original",
                    recording: Some(id.clone()),
                    score: Some((likeness.score * 1000.0).round() / 1000.0),
                    same_length: lengths.map(|(one, other)| are_lengths_one(one, other)),
                });
            }
            Ok::<(), ArchiveError>(())
        })?;
        for item in items.iter_mut() {
            item.matches.sort_by(|a, b| {
                (a.certainty, b.score.unwrap_or(1.0))
                    .partial_cmp(&(b.certainty, a.score.unwrap_or(1.0)))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
        }
        Ok(())
    }
}

/// Decodes the files on the disk that nothing else was found of.
fn listen(run: &Run<'_>, items: &mut [Item]) -> Result<Vec<Heard>, ArchiveError> {
    let is_open = |item: &&Item| item.torrent.is_none() && item.matches.is_empty();
    let open = items.iter().filter(is_open);
    let (number, bytes) = open.fold((0, 0), |(n, sum), item| (n + 1, sum + item.bytes));
    begin(run, number, bytes);
    let mut heard = Vec::new();
    for (place, item) in items.iter_mut().enumerate() {
        if item.torrent.is_some() || !item.matches.is_empty() {
            continue;
        }
        run.go_on()?;
        match fingerprint(run, &item.path) {
            Ok(Some((print, duration_ms))) => {
                heard.push(Heard { item: place, print, duration_ms });
            }
            Ok(None) => {}
            Err(why) => item.untold = Some(why),
        }
        run.progress.item(&item.path.display().to_string(), &Amount::item(item.bytes));
    }
    run.go_on()?;
    run.progress.end();
    Ok(heard)
}

/// The fingerprint of an audio file, and its length; `None` of what is no audio. The error says why there is none.
fn fingerprint(run: &Run<'_>, path: &Path) -> Result<Option<(Fingerprint, Option<u64>)>, String> {
    let open = || File::open(path).map_err(|e| format!("how it sounds was not compared: {e}"));
    let found = match probe(&mut open()?) {
        Ok(found) => found,
        Err(ProbeError::Io(e)) => return Err(format!("how it sounds was not compared: {e}")),
        // A picture, a text: nothing to hear.
        Err(_) => return Ok(None),
    };
    let job = Job { interrupt: Some(run.stop), loudness: false, ..Job::default() };
    match analyse(open()?, &found, job) {
        Ok(analysis) => match analysis.fingerprint {
            Some(print) => Ok(Some((print, found.duration_ms))),
            None => {
                Err("how it sounds was not compared: it is shorter than three seconds".to_owned())
            }
        },
        Err(AnalyseError::Interrupted) => Ok(None),
        Err(error) => Err(format!("how it sounds was not compared: {error}")),
    }
}
