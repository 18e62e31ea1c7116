//! Taking facts and files in.

use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::{Found, Stamp};
use deadwax_intake::{
    FileStamp, Folder, Refusal, picture_kind, read_audio, read_listens, read_picture, stamp, walk,
};
use deadwax_model::{FileFacts, PictureFacts, Problem, Tags};
use deadwax_rights::{Licence, Rule, RuleTarget};
use std::path::{Path, PathBuf};

/// How many files are committed to the catalogue together: a kill loses at most the reading of these.
const BATCH: usize = 64;

/// What an `add` of music did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct AddReport {
    /// Audio files seen.
    pub files: u64,
    /// Files read because they were new or had changed.
    pub read: u64,
    /// Files that stood as they did before; not read again.
    pub unchanged: u64,
    /// Recordings that were not known before.
    pub new_recordings: u64,
    /// Files with the same bytes as one already known.
    pub copies: u64,
    /// Files that are neither audio nor artwork by their names.
    pub passed_over: u64,
    /// What could not be taken in, or is odd.
    pub problems: Vec<Problem>,
}

/// What an `add` of listens did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ListensReport {
    /// Counts that could be read.
    pub rows: u64,
    /// Counts that were new or different.
    pub changed: u64,
    /// Lines that could not be read.
    pub problems: Vec<Problem>,
}

impl Archive {
    /// Takes in a folder of music, or one file. With a licence, a rule says it of everything there.
    pub fn add_music(
        &self,
        run: &Run<'_>,
        source: &Path,
        licence: Option<&Licence>,
    ) -> Result<AddReport, ArchiveError> {
        let source = self.outside(source)?;
        let walked = walk(&source);
        let mut adding = Adding { archive: self, run, report: AddReport::default(), in_batch: 0 };
        adding.report.passed_over = walked.passed_over;
        adding.report.problems = walked.problems;
        let files = walked.folders.iter().map(|folder| folder.audio.len() as u64).sum();
        run.progress.phase("add", files, 0);
        self.catalog.begin()?;
        for folder in &walked.folders {
            adding.folder(folder)?;
        }
        self.catalog.join_releases()?;
        if let Some(licence) = licence {
            let mut pattern = source.display().to_string();
            if source.is_dir() {
                pattern.push('/');
            }
            self.catalog.add_rule(&Rule {
                number: 0,
                target: RuleTarget::Path(pattern),
                licence: licence.clone(),
                ground: "stated with --rights when it was added".to_owned(),
                until: None,
                places: Vec::new(),
            })?;
        }
        self.catalog.commit()?;
        Ok(adding.report)
    }

    /// Takes in a table of listens.
    pub fn add_listens(&self, source: &Path) -> Result<ListensReport, ArchiveError> {
        let wrong = |what: String| ArchiveError::Source { path: source.to_path_buf(), what };
        let file = std::fs::File::open(source)
            .map_err(|e| wrong(format!("cannot open it: {e}; name a CSV file")))?;
        let table = read_listens(file)
            .map_err(|refusal| wrong(format!("{}; {}", refusal.what, refusal.next)))?;
        let name = source.display().to_string();
        self.catalog.begin()?;
        let changed = self.catalog.record_listens(&table.rows, &name)?;
        self.catalog.commit()?;
        let problems = table.bad.into_iter().map(|(line, refusal)| Problem {
            path: format!("{name}:{line}"),
            what: refusal.what,
            next: refusal.next,
        });
        Ok(ListensReport { rows: table.rows.len() as u64, changed, problems: problems.collect() })
    }

    /// The absolute path of something that exists and lies outside the archive.
    fn outside(&self, source: &Path) -> Result<PathBuf, ArchiveError> {
        check_source(source, &self.folder)
    }
}

/// The absolute path of music that is to be added, when it is there and neither it nor the archive's
/// folder, which need not be there yet, lies within the other.
pub fn check_source(source: &Path, archive: &Path) -> Result<PathBuf, ArchiveError> {
    let wrong = |what: String| ArchiveError::Source { path: source.to_path_buf(), what };
    let path = source.canonicalize().map_err(|e| {
        wrong(match e.kind() {
            std::io::ErrorKind::NotFound => {
                "there is no such file or folder; check the name".to_owned()
            }
            _ => format!("cannot be opened: {e}"),
        })
    })?;
    let archive = whereabouts(archive);
    match (path.starts_with(&archive), archive.starts_with(&path)) {
        (true, _) => {
            Err(wrong("it lies inside the archive; name the music's own folder".to_owned()))
        }
        (_, true) => Err(wrong(
            "the archive lies inside it; make the archive beside the music, not within it"
                .to_owned(),
        )),
        _ => Ok(path),
    }
}

/// Where a folder is, or will be, with all links followed.
fn whereabouts(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let found = absolute.ancestors().find_map(|there| Some((there, there.canonicalize().ok()?)));
    match found {
        Some((there, real)) => real.join(absolute.strip_prefix(there).unwrap_or(Path::new(""))),
        None => absolute,
    }
}

/// An `add` under way.
struct Adding<'a, 'r> {
    archive: &'a Archive,
    run: &'a Run<'r>,
    report: AddReport,
    in_batch: usize,
}

impl Adding<'_, '_> {
    fn folder(&mut self, folder: &Folder) -> Result<(), ArchiveError> {
        let mut pictures = Vec::new();
        for path in &folder.pictures {
            pictures.extend(self.picture(path)?);
        }
        for path in &folder.audio {
            if self.run.go_on().is_err() {
                // What is read already stays.
                self.archive.catalog.commit()?;
                return Err(ArchiveError::Interrupted);
            }
            self.audio(path, &pictures)?;
            self.in_batch += 1;
            if self.in_batch == BATCH {
                self.in_batch = 0;
                self.archive.catalog.commit()?;
                self.archive.catalog.begin()?;
            }
        }
        Ok(())
    }

    fn audio(&mut self, path: &Path, folder_pictures: &[PictureFacts]) -> Result<(), ArchiveError> {
        self.report.files += 1;
        let catalog = &self.archive.catalog;
        let known = catalog.source(path)?;
        match (known, self.stamp_of(path)) {
            (Some(known), Some(now)) if known.stamp == now => {
                self.report.unchanged += 1;
                match known.found {
                    Found::File(root) => {
                        catalog.add_pictures(&root, folder_pictures)?;
                        self.warn(path, &catalog.warnings(&root)?);
                    }
                    Found::Nothing { what, next } => self.problem(path, Refusal { what, next }),
                }
                self.run.progress.item(&name_of(path), now.bytes);
            }
            (_, now) => self.read(path, now, folder_pictures)?,
        }
        Ok(())
    }

    fn read(
        &mut self,
        path: &Path,
        now: Option<Stamp>,
        folder_pictures: &[PictureFacts],
    ) -> Result<(), ArchiveError> {
        let catalog = &self.archive.catalog;
        self.report.read += 1;
        let file = match read_audio(path) {
            Ok(file) => file,
            Err(refusal) => {
                if let Some(now) = now {
                    catalog.record_nothing(path, now, &refusal.what, &refusal.next)?;
                }
                self.run.progress.item(&name_of(path), now.map_or(0, |now| now.bytes));
                self.problem(path, refusal);
                return Ok(());
            }
        };
        match catalog.knows(&file.hashes.root)? {
            true => self.report.copies += 1,
            false => self.report.new_recordings += 1,
        }
        let mut pictures = Vec::new();
        for picture in &file.pictures {
            let hashes = self.archive.store.put(&picture.data)?;
            let mime = picture.mime.clone();
            pictures.push(PictureFacts { hashes, kind: picture.kind, mime, embedded: true });
        }
        pictures.extend_from_slice(folder_pictures);
        let facts = FileFacts {
            hashes: file.hashes,
            format: file.format,
            tags: file.tags,
            pictures,
            warnings: file.warnings,
        };
        catalog.record_audio(path, as_stamp(file.stamp), &facts, &title_from_name(path))?;
        self.run.progress.item(&name_of(path), file.stamp.bytes);
        self.warn(path, &facts.warnings);
        Ok(())
    }

    fn picture(&mut self, path: &Path) -> Result<Option<PictureFacts>, ArchiveError> {
        let catalog = &self.archive.catalog;
        let Some(kind) = picture_kind(path) else {
            return Ok(None);
        };
        let known = catalog.source(path)?;
        if let Some(known) = known
            && Some(known.stamp) == self.stamp_of(path)
        {
            match known.found {
                Found::Nothing { what, next } => {
                    self.problem(path, Refusal { what, next });
                    return Ok(None);
                }
                Found::File(root) => {
                    if let Some(facts) = catalog.picture(&root)? {
                        return Ok(Some(PictureFacts { kind, ..facts }));
                    }
                }
            }
        }
        match read_picture(path, kind) {
            Ok((stamp, picture)) => {
                let hashes = self.archive.store.put(&picture.data)?;
                catalog.record_picture(path, as_stamp(stamp), &hashes)?;
                Ok(Some(PictureFacts { hashes, kind, mime: picture.mime, embedded: false }))
            }
            Err(refusal) => {
                if let Some(now) = self.stamp_of(path) {
                    catalog.record_nothing(path, now, &refusal.what, &refusal.next)?;
                }
                self.problem(path, refusal);
                Ok(None)
            }
        }
    }

    fn stamp_of(&self, path: &Path) -> Option<Stamp> {
        std::fs::metadata(path).ok().map(|metadata| as_stamp(stamp(&metadata)))
    }

    fn warn(&mut self, path: &Path, warnings: &[String]) {
        for what in warnings {
            let next = "it was taken in as it is; replace it by a sound copy if there is one";
            self.problem(path, Refusal::new(what, next));
        }
    }

    fn problem(&mut self, path: &Path, refusal: Refusal) {
        self.report.problems.push(refusal.of(path));
    }
}

fn as_stamp(stamp: FileStamp) -> Stamp {
    Stamp { bytes: stamp.bytes, modified_ns: stamp.modified_ns }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file without a title is called by its name, so that people find it; the name is never embedded.
fn title_from_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    Tags::clean(&stem).unwrap_or_else(|| "untitled".to_owned())
}
