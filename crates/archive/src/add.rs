//! Taking facts and files in.

use crate::{Amount, Archive, ArchiveError, Phase, Run};
use deadwax_catalog::Found;
use deadwax_intake::{
    Cause, Folder, ListensTable, Refusal, picture_kind, read_audio, read_listens, read_picture,
    stamp, walk,
};
use deadwax_model::{FileFacts, PictureFacts, Problem, Root, Stamp, Tags};
use deadwax_rights::{Licence, Rule, RuleTarget};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How many files are committed to the catalogue together: a kill loses at most the reading of these.
const BATCH: usize = 64;

/// How much of a table is looked at for the names of its columns.
const TABLE_HEAD_BYTES: u64 = 64 * 1024;

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
        let source = check_source(source, &self.folder, licence)?;
        let target = licence.map(|_| target_of(&source)).transpose()?;
        let walked = walk(&source, &self.folder);
        let mut adding = Adding {
            archive: self,
            run,
            is_folder: source.is_dir(),
            report: AddReport::default(),
            in_batch: 0,
        };
        adding.report.passed_over = walked.passed_over;
        adding.report.problems = walked.problems;
        run.progress.begin(Phase::Add, &amount_of(&walked.folders));
        self.catalog.begin()?;
        for folder in &walked.folders {
            adding.folder(folder)?;
        }
        let folders = walked.folders.iter().filter_map(|folder| folder.audio.first()?.parent());
        self.catalog.join_releases(folders)?;
        if let (Some(licence), Some(target)) = (licence, target) {
            self.catalog.add_rule(&Rule {
                number: 0,
                target,
                licence: licence.clone(),
                ground: "stated with --rights when it was added".to_owned(),
                until: None,
                places: Vec::new(),
            })?;
        }
        self.catalog.commit()?;
        run.progress.end();
        Ok(adding.report)
    }

    /// Takes in a table of listens.
    pub fn add_listens(&self, source: &Path) -> Result<ListensReport, ArchiveError> {
        let table = read_table(source, u64::MAX)?;
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
}

/// The absolute path of music that is to be added, when it is there and neither it nor the archive's
/// folder, which need not be there yet, lies within the other; with a licence, when that can be said of it.
pub fn check_source(
    source: &Path,
    archive: &Path,
    licence: Option<&Licence>,
) -> Result<PathBuf, ArchiveError> {
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
        _ if licence.is_some() => target_of(&path).map(|_| path),
        _ => Ok(path),
    }
}

/// Whether a table of listens is there and names its columns, without reading it whole: to be asked before
/// hours of other work.
pub fn check_listens(source: &Path) -> Result<(), ArchiveError> {
    match std::fs::metadata(source) {
        // A pipe can be read once only.
        Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => Ok(()),
        _ => read_table(source, TABLE_HEAD_BYTES).map(|_| ()),
    }
}

fn read_table(source: &Path, bytes_max: u64) -> Result<ListensTable, ArchiveError> {
    let wrong = |what: String| ArchiveError::Source { path: source.to_path_buf(), what };
    if source.is_dir() {
        return Err(wrong("it is a folder; name a CSV file".to_owned()));
    }
    let file = std::fs::File::open(source)
        .map_err(|e| wrong(format!("cannot open it: {e}; name a CSV file")))?;
    read_listens(file.take(bytes_max))
        .map_err(|refusal| wrong(format!("{}; {}", refusal.what, refusal.next)))
}

/// What `--rights` speaks of: the file, or everything beneath the folder, and nothing else. Rules match
/// paths as text, so a path that is none is refused before it clears its neighbours.
fn target_of(source: &Path) -> Result<RuleTarget, ArchiveError> {
    match source.to_str().filter(|text| !text.contains(char::REPLACEMENT_CHARACTER)) {
        Some(text) if source.is_dir() => Ok(RuleTarget::folder(text)),
        Some(text) => Ok(RuleTarget::file(text)),
        None => Err(ArchiveError::Source {
            path: source.to_path_buf(),
            what: "its name is not text in UTF-8, so a rule of rights cannot tell it from others; rename it, \
                   or add it without --rights and state the licence by recording, release or artist: \
                   deadwax rights set"
                .to_owned(),
        }),
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
    /// Whether whole folders are looked at: of one file alone its folder's pictures are not known.
    is_folder: bool,
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
                        self.folder_pictures(path, &root, folder_pictures)?;
                        self.warn(path, &catalog.warnings(&root)?);
                    }
                    Found::Nothing { what, next } => self.problem(path, Refusal::new(what, next)),
                }
                self.run.progress.passed(&name_of(path), &Amount::item(now.bytes));
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
                self.remember(path, now, &refusal)?;
                let amount = Amount::item(now.map_or(0, |now| now.bytes));
                self.run.progress.failed(&name_of(path), &amount);
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
        let facts = FileFacts {
            hashes: file.hashes,
            format: file.format,
            tags: file.tags,
            pictures,
            warnings: file.warnings,
        };
        catalog.record_audio(path, file.stamp, &facts, &title_from_name(path))?;
        self.folder_pictures(path, &facts.root(), folder_pictures)?;
        let audio_ms = facts.format.duration_ms.unwrap_or(0);
        let amount = Amount { items: 1, bytes: file.stamp.bytes, audio_ms };
        self.run.progress.item(&name_of(path), &amount);
        self.warn(path, &facts.warnings);
        Ok(())
    }

    fn picture(&mut self, path: &Path) -> Result<Option<PictureFacts>, ArchiveError> {
        let catalog = &self.archive.catalog;
        let Some(kind) = picture_kind(path) else {
            return Ok(None);
        };
        let now = self.stamp_of(path);
        let known = catalog.source(path)?;
        let is_unchanged = known.as_ref().is_some_and(|known| Some(known.stamp) == now);
        // As it was when it was last read. The same picture may be embedded in some file; this one is not.
        let before = match known.map(|known| known.found) {
            Some(Found::Nothing { what, next }) if is_unchanged => {
                self.problem(path, Refusal::new(what, next));
                return Ok(None);
            }
            Some(Found::File(root)) => {
                catalog.picture(&root)?.map(|facts| PictureFacts { kind, embedded: false, ..facts })
            }
            _ => None,
        };
        if is_unchanged && before.is_some() {
            return Ok(before);
        }
        match read_picture(path, kind) {
            Ok((stamp, picture)) => {
                let hashes = self.archive.store.put(&picture.data)?;
                catalog.record_picture(path, stamp, &hashes)?;
                Ok(Some(PictureFacts { hashes, kind, mime: picture.mime, embedded: false }))
            }
            Err(refusal) => {
                self.remember(path, now, &refusal)?;
                let is_of_the_moment = refusal.cause == Cause::Moment;
                self.problem(path, refusal);
                // What cannot be read just now is no reason to make holdings without it.
                Ok(before.filter(|_| is_of_the_moment))
            }
        }
    }

    /// Notes the pictures of the folder that a file lies in.
    fn folder_pictures(
        &self,
        path: &Path,
        root: &Root,
        pictures: &[PictureFacts],
    ) -> Result<(), ArchiveError> {
        if self.is_folder {
            let folder = path.parent().unwrap_or(path);
            self.archive.catalog.set_folder_pictures(root, folder, pictures)?;
        }
        Ok(())
    }

    /// Notes a refusal, so that the file is not read again while it stays as it is; one of the moment is
    /// not noted, for nothing about the file would show that the moment is over.
    fn remember(
        &self,
        path: &Path,
        now: Option<Stamp>,
        refusal: &Refusal,
    ) -> Result<(), ArchiveError> {
        match (now, refusal.cause) {
            (Some(now), Cause::Content) => {
                let catalog = &self.archive.catalog;
                Ok(catalog.record_nothing(path, now, &refusal.what, &refusal.next)?)
            }
            _ => Ok(()),
        }
    }

    fn stamp_of(&self, path: &Path) -> Option<Stamp> {
        std::fs::metadata(path).ok().map(|metadata| stamp(&metadata))
    }

    fn warn(&mut self, path: &Path, warnings: &[String]) {
        for what in warnings {
            let next = "it was taken in as it is; if something is wrong with it, mend or replace it and add it again";
            self.problem(path, Refusal::new(what, next));
        }
    }

    fn problem(&mut self, path: &Path, refusal: Refusal) {
        self.report.problems.push(refusal.of(path));
    }
}

/// How much there is to read: how long it will take goes with bytes, not with the number of files.
fn amount_of(folders: &[Folder]) -> Amount {
    let mut all = Amount::default();
    for path in folders.iter().flat_map(|folder| &folder.audio) {
        all.add(&Amount::item(std::fs::metadata(path).map_or(0, |there| there.len())));
    }
    all
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file without a title is called by its name, so that people find it; the name is never embedded.
fn title_from_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    Tags::clean(&stem).unwrap_or_else(|| "untitled".to_owned())
}
