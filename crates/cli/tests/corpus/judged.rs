//! One file, its source and its holdings, compared.

use crate::archives::Archived;
use crate::decoded::{Heard, hear};
use crate::made::{Bench, DEADWAX};
use crate::one_by_one::Look;
use deadwax_archive::Archive;
use deadwax_testkit::corpus::Entry;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// By whom.
pub struct Judge<'a> {
    pub bench: &'a Bench,
    pub ffmpeg: &'a Path,
    pub keep: &'a Archived,
    pub small: &'a Archived,
}

/// What a file came to.
#[derive(Default)]
pub struct Verdict {
    pub is_refused: bool,
    /// Kept without anything embedded.
    pub is_untouched: bool,
    pub is_reencoded: bool,
    pub is_restored: bool,
    /// The holding plays to the same samples as the source; of one that is untouched, because it is the source.
    pub is_heard_equal: bool,
    /// The re-encoded holding has as many samples as ffmpeg hears in the source.
    pub is_count_equal: bool,
    /// ffmpeg hears something in it.
    pub is_audible: bool,
    /// What must not be.
    pub faults: Vec<String>,
}

impl Judge<'_> {
    pub fn judge(&self, entry: &Entry, look: &Look) -> Verdict {
        let source = self.bench.music.join(&entry.path);
        let mut verdict = Verdict { faults: look.faults.clone(), ..Verdict::default() };
        let heard = hear(self.ffmpeg, &source);
        verdict.is_audible = heard.is_some();
        match self.keep.row(&source) {
            None => self.refused(entry, &heard, &mut verdict),
            Some((row, holding)) => {
                let name = row["id"].as_str().unwrap();
                verdict.is_restored = self.restores(self.keep, name, &source, &mut verdict);
                if row["tier"] != "keep" {
                    verdict.faults.push(format!("is kept as {}", row["tier"]));
                }
                verdict.is_untouched = row["root"] == row["original_root"];
                verdict.is_heard_equal = verdict.is_untouched || {
                    let held = self.heard(&holding, name, &entry.path);
                    let is_equal = held == heard;
                    if !is_equal {
                        let fault = format!("its holding plays otherwise: {heard:?}, {held:?}");
                        verdict.faults.push(fault);
                    }
                    is_equal
                };
                self.small(entry, &source, (&heard, look), &mut verdict);
            }
        }
        if entry.is_sound {
            self.sound(entry, &heard, look, &mut verdict);
        }
        let path = entry.path.display();
        verdict.faults.iter_mut().for_each(|fault| *fault = format!("{path}: {fault}"));
        verdict
    }

    /// Nothing that could be read is refused.
    fn refused(&self, entry: &Entry, heard: &Option<Heard>, verdict: &mut Verdict) {
        verdict.is_refused = true;
        if entry.is_sound || heard.is_some() {
            verdict.faults.push(format!(
                "refused, though ffmpeg hears {heard:?}: {}",
                self.keep.refusal(&self.bench.music.join(&entry.path)).unwrap_or_default()
            ));
        }
    }

    /// What is sound decodes to its last sample.
    fn sound(&self, entry: &Entry, heard: &Option<Heard>, look: &Look, verdict: &mut Verdict) {
        match heard {
            Some(heard) if heard.is_well => {
                if let Some((ours, _)) = look.decoded
                    && !(ours..=ours + surplus(entry)).contains(&heard.samples)
                {
                    verdict.faults.push(format!("{ours} samples, ffmpeg has {}", heard.samples));
                }
            }
            heard => verdict.faults.push(format!("called sound, and ffmpeg hears {heard:?}")),
        }
    }

    /// In the archive that re-encodes: as many samples at 48 kHz as docs/formats/opus-tier.md says, or the original.
    fn small(
        &self,
        entry: &Entry,
        source: &Path,
        (heard, look): (&Option<Heard>, &Look),
        verdict: &mut Verdict,
    ) {
        let Some((row, holding)) = self.small.row(source) else {
            verdict.faults.push("taken in by one archive and refused by the other".to_owned());
            return;
        };
        let name = row["id"].as_str().unwrap();
        if row["tier"] == "keep" {
            self.restores(self.small, name, source, verdict);
            return;
        }
        verdict.is_reencoded = true;
        let held = self.heard(&holding, name, &entry.path.with_extension("opus"));
        let wanted = look.decoded.map(|(samples, rate)| at_48_khz(samples, rate));
        if held.as_ref().is_none_or(|held| !held.is_well || Some(held.samples) != wanted) {
            verdict.faults.push(format!("re-encoded to {held:?}, wanted {wanted:?}"));
        }
        // Where bits are bent decoders differ in what they still make of it. None of what another one plays may be
        // lost, but for what encoders put around music.
        if let (Some(heard), Some((ours, rate))) = (heard, look.decoded) {
            let (theirs, ours) =
                (at_48_khz(heard.samples, heard.sample_rate), at_48_khz(ours, rate));
            verdict.is_count_equal = theirs == ours;
            if theirs > ours + 2 * PADDING {
                verdict.faults.push(format!("re-encoded to {ours} samples, ffmpeg hears {theirs}"));
            }
        }
    }

    /// `restore`, compared with the source. Of most files without a process of its own: there are thousands.
    fn restores(
        &self,
        archive: &Archived,
        name: &str,
        source: &Path,
        verdict: &mut Verdict,
    ) -> bool {
        let out = self.bench.sandbox.join(format!("restored-{name}"));
        let said = match name.starts_with(BY_THE_COMMAND) {
            true => self.restore_by_command(archive, name, &out),
            false => restore_here(archive, name, &out),
        };
        let is_same = said.is_ok() && fs::read(&out).unwrap() == fs::read(source).unwrap();
        if !is_same {
            verdict.faults.push(format!("does not come back: {said:?}"));
        }
        let _ = fs::remove_file(out);
        is_same
    }

    fn restore_by_command(&self, archive: &Archived, name: &str, out: &Path) -> Result<(), String> {
        let arguments = ["restore".as_ref(), name.as_ref(), "-o".as_ref(), out.as_os_str()];
        let mut line = vec!["-q".as_ref(), "--archive".as_ref(), archive.folder.as_os_str()];
        line.extend(arguments);
        let outcome = self.bench.sandbox.run(Path::new(DEADWAX), line).unwrap();
        if outcome.code == Some(0) { Ok(()) } else { Err(outcome.stderr) }
    }

    /// A holding, under a name that ends as its source's does: ffmpeg goes by that too.
    fn heard(&self, holding: &Path, name: &str, like: &Path) -> Option<Heard> {
        let extension = like.extension().unwrap_or_default().to_string_lossy().into_owned();
        let link: PathBuf = self.bench.sandbox.join(format!("heard-{name}.{extension}"));
        symlink(holding, &link).unwrap();
        let heard = hear(self.ffmpeg, &link);
        fs::remove_file(link).unwrap();
        heard
    }
}

/// Recordings whose id begins like this, one in 16, are restored by the command itself.
const BY_THE_COMMAND: char = '0';

fn restore_here(archive: &Archived, name: &str, out: &Path) -> Result<(), String> {
    let archive = Archive::open_to_read(&archive.folder).map_err(|e| e.to_string())?;
    let recording = archive.one(name).map_err(|e| e.to_string())?;
    archive.restore(&recording, out).map(drop).map_err(|e| e.to_string())
}

/// Samples that encoders put around music, at most, at 48 kHz.
const PADDING: u64 = 2304;

/// docs/formats/opus-tier.md, "Length".
fn at_48_khz(samples: u64, rate: u32) -> u64 {
    let rate = u64::from(rate);
    (samples * 48_000 + rate / 2) / rate
}

/// How many samples more than there are ffmpeg 5.1 plays of a sound file: of AAC in MP4 it plays the last frame to its end,
/// also where the edit list ends before; and so of MP3 when it takes a tag behind the audio for another frame.
fn surplus(entry: &Entry) -> u64 {
    match entry.format.as_str() {
        "m4a-aac" => 1023,
        "mp3" => 1152,
        _ => 0,
    }
}
