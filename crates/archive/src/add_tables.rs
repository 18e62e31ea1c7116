//! Taking in tables: facts without audio, under the name of the collection that they came from.
//!
//! One thread reads and checks rows while another merges them into the catalogue. Rows that cannot be
//! taken are left out and written to `rejects/TABLE.ndjson`, so that one bad row in a million stops nothing
//! and is not lost either.

use crate::{Amount, Archive, ArchiveError, Phase, Run};
use deadwax_catalog::Load;
use deadwax_intake::Refusal;
use deadwax_intake::tables::{
    BadRow, Batch, OddRows, TableFile, TableReader, find_tables, said_of,
};
use deadwax_model::{Problem, TableKind};
use deadwax_store::{create_folder, write_file};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

/// Batches that are read ahead.
const READ_AHEAD: usize = 4;
/// Rejected rows of a table that are reported.
const SHOWN: usize = 10;
/// Rejected rows of a table that are written down, and the most that they take.
const KEPT: usize = 100_000;
const KEPT_BYTES: usize = 64 << 20;
/// Most bytes of a collection's name.
const NAME_BYTES: usize = 200;

/// What an `add` of tables did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TablesReport {
    /// The name of the collection.
    pub collection: String,
    /// The tables, in the order in which they were added.
    pub tables: Vec<TableReport>,
    /// Of each table the first ten rows that were rejected.
    pub problems: Vec<Problem>,
}

/// What became of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Which table it is.
    pub table: TableKind,
    /// Its file, as it was named or found.
    pub file: String,
    /// Whether an earlier run, which was interrupted, had added all of this file: it was not read again, and
    /// what follows is not counted, but for `rejected`.
    pub was_added: bool,
    /// Rows in the file.
    pub rows: u64,
    /// Rows of keys that were not known.
    pub new: u64,
    /// Rows of keys that were known and said something else.
    pub changed: u64,
    /// Rows of keys that were known and said the same.
    pub unchanged: u64,
    /// Rows given up for a later one of the same key in this file.
    pub repeated: u64,
    /// Rows that were left out.
    pub rejected: u64,
    /// Where they are written down; relative to the archive.
    pub rejects: Option<String>,
    /// What was odd about rows that were kept.
    pub odd: OddRows,
    /// Columns that the table has not.
    pub ignored_columns: Vec<String>,
}

/// Whether sources are tables that can be read, of which each is there once, none of them inside the archive; without
/// adding any.
///
/// # Errors
/// What is wrong with the first that is none.
pub fn check_tables(sources: &[PathBuf], archive: &Path) -> Result<(), ArchiveError> {
    let archive = archive.canonicalize().unwrap_or_else(|_| archive.to_path_buf());
    for source in sources {
        if source.canonicalize().is_ok_and(|path| path.starts_with(&archive)) {
            let what = "it lies inside the archive; name the tables' own folder".to_owned();
            return Err(ArchiveError::Source { path: source.clone(), what });
        }
    }
    open(sources).map(drop)
}

/// The name of the collection that sources are added to: as given, or that of their folder.
///
/// # Errors
/// When it is no name, or the sources are of several folders and none is given.
pub fn collection_name(sources: &[PathBuf], given: Option<&str>) -> Result<String, ArchiveError> {
    let refused = |what: &str| {
        Err(ArchiveError::Refused(format!("{what}; say what the collection is called: --as NAME")))
    };
    let mut names = sources.iter().map(|source| {
        // Not where a link leads to: it may lead elsewhere next month.
        let path = std::path::absolute(source).ok().filter(|path| path.file_name().is_some());
        let path = path.or_else(|| source.canonicalize().ok()).unwrap_or_else(|| source.clone());
        let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
        folder.and_then(Path::file_name).and_then(|name| name.to_str()).map(str::to_owned)
    });
    let name = match given {
        Some(name) => Some(name.to_owned()),
        None => {
            let first = names.next().flatten();
            if names.any(|name| name != first) {
                return refused("the tables are of several folders");
            }
            first
        }
    };
    match name {
        None => refused("the tables' folder has no name that is text"),
        Some(name) if name.trim().is_empty() || name.chars().any(char::is_control) => {
            refused("a collection's name is empty, or has control characters in it")
        }
        Some(name) if name.len() > NAME_BYTES => {
            refused(&format!("a collection's name has {} bytes, {NAME_BYTES} at most", name.len()))
        }
        Some(name) => Ok(name),
    }
}

impl Archive {
    /// Takes in tables, from folders or as files, as facts of the collection `name`. All are opened before
    /// the first is read. Interrupted or killed, the same call goes on with the table that it was in.
    ///
    /// # Errors
    /// A file that is no table, or is damaged; the catalogue; [`ArchiveError::Interrupted`].
    pub fn add_tables(
        &self,
        run: &Run<'_>,
        sources: &[PathBuf],
        name: &str,
    ) -> Result<TablesReport, ArchiveError> {
        let readers = open(sources)?;
        let mut report = TablesReport { collection: name.to_owned(), ..TablesReport::default() };
        let mut load = self.catalog.load(name, &self.scratch_folder())?.stopped_by(run.stop);
        for reader in readers {
            run.go_on()?;
            let mut rejects = Rejects::of(reader.table());
            let (table, stamp) = (reader.table().clone(), reader.stamp());
            let path = table.path.canonicalize().unwrap_or_else(|_| table.path.clone());
            let source = format!("{} {} {}", path.display(), stamp.bytes, stamp.modified_ns);
            let added = match load.begin(table.kind, &source)? {
                true => {
                    let added = load_table(run, &mut load, reader, &mut rejects)?;
                    rejects.write(&self.folder)?;
                    load.complete()?;
                    TableReport { was_added: false, ..added }
                }
                false => {
                    rejects.read(&self.folder);
                    TableReport::new(&table)
                }
            };
            report.tables.push(TableReport {
                rejected: rejects.rows,
                rejects: (rejects.rows > 0).then(|| rejects.name()),
                ..added
            });
            report.problems.extend(rejects.problems());
        }
        load.finish()?;
        Ok(report)
    }

    /// The folder of rows that are being sorted.
    pub(crate) fn scratch_folder(&self) -> PathBuf {
        self.folder.join(".scratch")
    }
}

/// Opens all tables, in the order in which they refer to each other.
fn open(sources: &[PathBuf]) -> Result<Vec<TableReader>, ArchiveError> {
    let mut tables: Vec<TableFile> = Vec::new();
    for source in sources {
        tables.extend(find_tables(source).map_err(|refusal| wrong(source, &refusal))?);
    }
    tables.sort_by_key(|table| table.kind);
    if let Some(two) = tables.windows(2).find(|two| two[0].kind == two[1].kind) {
        let refusal = Refusal::new(
            format!("it and {} are both the table {}", two[1].path.display(), two[0].kind.as_str()),
            "add one after the other, in two commands",
        );
        return Err(wrong(&two[0].path, &refusal));
    }
    let open = |table: &TableFile| {
        TableReader::open(table).map_err(|refusal| wrong(&table.path, &refusal))
    };
    tables.iter().map(open).collect()
}

fn wrong(path: &Path, refusal: &Refusal) -> ArchiveError {
    let what = format!("{}; {}", refusal.what, refusal.next);
    ArchiveError::Source { path: path.to_path_buf(), what }
}

/// Reads a table on a second thread and hands its rows to the catalogue on this one.
fn load_table(
    run: &Run<'_>,
    load: &mut Load<'_>,
    mut reader: TableReader,
    rejects: &mut Rejects,
) -> Result<TableReport, ArchiveError> {
    let mut report = TableReport::new(reader.table());
    let (items, bytes) = (reader.rows().unwrap_or(0), reader.stamp().bytes);
    let phase = Phase::AddTable(reader.kind().as_str());
    run.progress.begin(phase, &Amount { items, bytes, audio_ms: 0 });
    std::thread::scope(|scope| {
        let (give, take) = sync_channel::<Result<(Batch, u64), Refusal>>(READ_AHEAD);
        let path = reader.table().path.clone();
        let reading = scope.spawn(move || {
            while let Some(batch) = reader.next_batch().transpose() {
                let is_last = batch.is_err();
                let place = reader.bytes_read();
                // Nobody takes any more: the load has failed, or is to stop.
                if give.send(batch.map(|batch| (batch, place))).is_err() || is_last {
                    break;
                }
            }
            reader
        });
        let mut place = 0;
        for batch in take {
            run.go_on()?;
            let (batch, place_now) = batch.map_err(|refusal| wrong(&path, &refusal))?;
            report.rows += batch.read;
            batch.bad.into_iter().for_each(|bad| rejects.add(bad));
            load.push(batch.rows)?;
            let (items, bytes) = (batch.read, place_now.saturating_sub(place));
            run.progress
                .item(&format!("{} rows", report.rows), &Amount { items, bytes, audio_ms: 0 });
            place = place_now.max(place);
        }
        let reader = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let unread = rejects.rows;
        let counts = load.merge(&mut |reject| {
            let said = said_of(&reject.said);
            rejects.add(BadRow { row: reject.row, reason: reject.reason, said });
        })?;
        // The catalogue counts all rows that refer to nothing, and tells of the first.
        rejects.rows = unread + counts.rejected;
        report.new = counts.new;
        report.changed = counts.changed;
        report.unchanged = counts.unchanged;
        report.repeated = counts.repeated;
        report.odd = reader.odd_rows();
        report.ignored_columns = reader.ignored_columns().to_vec();
        run.progress.end();
        Ok(report)
    })
}

impl TableReport {
    fn new(table: &TableFile) -> TableReport {
        TableReport {
            table: table.kind,
            file: table.path.display().to_string(),
            was_added: true,
            rows: 0,
            new: 0,
            changed: 0,
            unchanged: 0,
            repeated: 0,
            rejected: 0,
            rejects: None,
            odd: OddRows::default(),
            ignored_columns: Vec::new(),
        }
    }
}

/// The rows of one table that were left out.
struct Rejects {
    kind: TableKind,
    file: String,
    /// All of them.
    rows: u64,
    /// Those that are written down: row, reason, and the line.
    kept: Vec<(u64, String, String)>,
    kept_bytes: usize,
}

/// A line of `rejects/TABLE.ndjson`.
#[derive(Serialize, Deserialize)]
struct Line {
    file: String,
    row: u64,
    reason: String,
    said: Value,
}

impl Rejects {
    fn of(table: &TableFile) -> Rejects {
        let file = table.path.display().to_string();
        Rejects { kind: table.kind, file, rows: 0, kept: Vec::new(), kept_bytes: 0 }
    }

    /// Relative to the archive.
    fn name(&self) -> String {
        format!("rejects/{}.ndjson", self.kind.as_str())
    }

    fn add(&mut self, bad: BadRow) {
        self.rows += 1;
        if self.kept.len() == KEPT || self.kept_bytes >= KEPT_BYTES {
            return;
        }
        let BadRow { row, reason, said } = bad;
        let line = Line { file: self.file.clone(), row, reason: reason.clone(), said };
        // Texts and numbers are all that is in it.
        let Ok(line) = serde_json::to_string(&line) else { return };
        self.kept_bytes += line.len();
        self.kept.push((row, reason, line));
    }

    /// Writes them down in place of those of the last `add`, in order of their rows.
    fn write(&mut self, archive: &Path) -> Result<(), ArchiveError> {
        let path = archive.join(self.name());
        if self.rows == 0 {
            return match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    Err(ArchiveError::io("remove", &path)(e))
                }
                _ => Ok(()),
            };
        }
        self.kept.sort_by_key(|(row, _, _)| *row);
        let mut content = String::with_capacity(self.kept_bytes + self.kept.len());
        for (_, _, line) in &self.kept {
            content.push_str(line);
            content.push('\n');
        }
        create_folder(&archive.join("rejects"))?;
        Ok(write_file(&path, content.as_bytes())?)
    }

    /// Reads what an earlier run wrote down of this very file. What cannot be read is none of it.
    fn read(&mut self, archive: &Path) {
        let content = std::fs::read_to_string(archive.join(self.name())).unwrap_or_default();
        let lines = content.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        for line in lines.filter(|line| line.file == self.file) {
            self.rows += 1;
            self.kept.push((line.row, line.reason, String::new()));
        }
    }

    /// The first of them.
    fn problems(&self) -> impl Iterator<Item = Problem> {
        self.kept.iter().take(SHOWN).map(|(row, reason, _)| Problem {
            path: format!("{}:{row}", self.file),
            what: reason.clone(),
            next: format!(
                "correct it and add the table again; all that were left out are in {}",
                self.name()
            ),
        })
    }
}
