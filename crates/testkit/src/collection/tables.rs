//! Writes a collection as the Parquet tables of docs/formats/tables.md.
//!
//! A part is 163,840 recordings with all that belongs to them, and makes one row group in each table. Workers take
//! parts in turn and encode them; one thread appends them in order. So the bytes are the same whatever the number of
//! workers, and at most two parts a worker are in memory.

use super::columns::{Cell, Encoded, Layout, Rows};
use super::{Collection, GeneratedRecording, block};
use anyhow::{Context, anyhow};
use parquet::file::writer::SerializedFileWriter;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

const PART: u64 = 128 * block::RECORDINGS;

/// Name, columns, and the columns whose values repeat.
const TABLES: [(&str, &str, &[&str]); 7] = [
    (
        "recording",
        "required int64 id; optional binary title (string); optional int32 duration_ms;",
        &[],
    ),
    ("artist", "required int64 id; required binary name (string);", &[]),
    (
        "release",
        "required int64 id; optional binary title (string); optional int64 artist; optional binary date (string);",
        &["date"],
    ),
    (
        "track",
        "required int64 release; required int64 recording; required int32 disc; required int32 position;",
        &[],
    ),
    (
        "credit",
        "required int64 recording; required int32 position; required int64 artist; optional binary joined (string);",
        &["joined"],
    ),
    ("isrc", "required int64 recording; required binary isrc (string);", &[]),
    ("listens", "required int64 recording; required int64 listens;", &[]),
];

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablesWritten {
    /// Name, rows and bytes of each table.
    pub tables: Vec<(&'static str, u64, u64)>,
}

impl TablesWritten {
    /// Bytes of all tables.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|(_, _, bytes)| bytes).sum()
    }
}

/// Writes the seven tables of `collection` into the folder `to`, which is made when it is not there, with `jobs` threads.
/// The bytes do not depend on `jobs`.
///
/// # Errors
///
/// When a table is there already or cannot be written.
pub fn write_tables(
    collection: &Collection,
    to: &Path,
    jobs: usize,
) -> anyhow::Result<TablesWritten> {
    fs::create_dir_all(to).with_context(|| format!("cannot make the folder {}", to.display()))?;
    let layout = |(_, columns, words): &(&str, &str, &[&str])| {
        Layout::new(&format!("message row {{ {columns} }}"), words)
    };
    let layouts = TABLES.iter().map(layout).collect::<Result<Vec<_>, _>>()?;
    let mut files = Vec::new();
    for ((name, _, _), layout) in TABLES.iter().zip(&layouts) {
        let path = to.join(format!("{name}.parquet"));
        let file = File::create_new(&path).with_context(|| {
            format!("cannot make {}: choose a folder without tables", path.display())
        })?;
        files.push(layout.file(BufWriter::new(file))?);
    }
    let parts = collection.recordings.div_ceil(PART);
    let jobs = jobs.clamp(1, 64) as u64;
    thread::scope(|scope| {
        let mut turns = Vec::new();
        for job in 0..jobs {
            let (give, take) = sync_channel::<anyhow::Result<Vec<Encoded>>>(0);
            let layouts = &layouts;
            scope.spawn(move || {
                for number in (job..parts).step_by(jobs as usize) {
                    // Nobody takes any more: another part could not be written.
                    if give.send(part(collection, layouts, number)).is_err() {
                        return;
                    }
                }
            });
            turns.push(take);
        }
        for number in 0..parts {
            let turn = &turns[(number % jobs) as usize];
            let part = turn.recv().map_err(|_| anyhow!("part {number} was not made"))??;
            for (group, file) in part.into_iter().zip(&mut files) {
                group.append(file).with_context(|| format!("cannot write in {}", to.display()))?;
            }
        }
        anyhow::Ok(())
    })?;
    let close = |((name, _, _), file): (&(&'static str, _, _), SerializedFileWriter<_>)| {
        let path = to.join(format!("{name}.parquet"));
        let rows = file.close().with_context(|| format!("cannot finish {}", path.display()))?;
        let rows = rows.file_metadata().num_rows() as u64;
        anyhow::Ok((*name, rows, fs::metadata(path)?.len()))
    };
    let tables = TABLES.iter().zip(files).map(close).collect::<anyhow::Result<_>>()?;
    Ok(TablesWritten { tables })
}

/// A row group of each table.
fn part(collection: &Collection, layouts: &[Layout], number: u64) -> anyhow::Result<Vec<Encoded>> {
    let recordings = number * PART..((number + 1) * PART).min(collection.recordings);
    let last = number == collection.recordings.div_ceil(PART) - 1;
    let share = |a_block: u64, all: u64| {
        let a_part = PART / block::RECORDINGS * a_block;
        number * a_part..if last { all } else { (number + 1) * a_part }
    };
    let mut rows: Vec<Rows> = layouts.iter().map(Layout::rows).collect();
    let [
        recording_rows,
        artist_rows,
        release_rows,
        track_rows,
        credit_rows,
        isrc_rows,
        listens_rows,
    ] = rows.as_mut_slice()
    else {
        return Err(anyhow!("there are seven tables"));
    };
    for index in share(block::ARTISTS, collection.artists()) {
        let artist = collection.artist(index);
        artist_rows.push(&[Cell::Int(artist.id), Cell::Text(&artist.name)]);
    }
    for index in share(block::RELEASES, collection.releases()) {
        let release = collection.release(index);
        release_rows.push(&[
            Cell::Int(release.id),
            Cell::Text(&release.title),
            Cell::Int(collection.artist_id(release.artist)),
            release.date.as_deref().map_or(Cell::Null, Cell::Text),
        ]);
    }
    let mut recording = GeneratedRecording::default();
    for index in recordings {
        collection.recording_into(index, &mut recording);
        let id = Cell::Int(recording.id);
        recording_rows.push(&[
            id,
            recording.title.as_deref().map_or(Cell::Null, Cell::Text),
            recording.duration_ms.map_or(Cell::Null, |ms| Cell::Int(ms.into())),
        ]);
        track_rows.push(&[
            Cell::Int(collection.release_id(recording.release)),
            id,
            Cell::Int(recording.disc.into()),
            Cell::Int(recording.position.into()),
        ]);
        for (position, credit) in (1..).zip(&recording.artists) {
            let joined = (!credit.joined.is_empty()).then_some(credit.joined);
            credit_rows.push(&[
                id,
                Cell::Int(position),
                Cell::Int(collection.artist_id(credit.artist)),
                joined.map_or(Cell::Null, Cell::Text),
            ]);
        }
        for isrc in &recording.isrcs {
            isrc_rows.push(&[id, Cell::Text(isrc)]);
        }
        if let Some(listens) = recording.listens {
            listens_rows.push(&[id, Cell::Int(listens)]);
        }
    }
    let encoded = layouts.iter().zip(rows).map(|(layout, rows)| layout.encode(rows));
    Ok(encoded.collect::<Result<_, _>>()?)
}
