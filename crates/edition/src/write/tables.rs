//! The list as Parquet tables.

use super::artwork::CoverKey;
use super::catalog_file::integer;
use super::numbers::Numbered;
use super::parquet_file::{Cell, ParquetFile, RowGroup};
use super::worker::{Ending, Worker};
use crate::block::NAME;
use crate::{EditionError, Listed, ListedCover};
use std::path::Path;

const RECORDING: &str = "message recording {
    required int32 rank; optional binary id (UTF8); optional binary collection (UTF8);
    optional int64 row; required binary title (UTF8); optional binary credit (UTF8);
    optional int64 duration_ms;
    optional int64 listens; optional int32 popularity; optional int32 year;
    optional binary tier (UTF8); required binary status (UTF8); optional int64 bytes;
    optional binary container (UTF8); optional binary codec (UTF8); optional binary licence (UTF8);
    required boolean cleared; }";
const TRACK: &str = "message track {
    required int32 rank; required int32 release; optional int32 disc; optional int32 position; }";
const RELEASE: &str = "message release {
    required int32 release; required binary title (UTF8); optional int32 artist;
    optional binary artist_text (UTF8); optional binary date (UTF8); }";
const ARTIST: &str = "message artist { required int32 artist; required binary name (UTF8); }";
const CREDIT: &str = "message credit {
    required int32 rank; required int32 position; required int32 artist; }";
const ISRC: &str = "message isrc { required int32 rank; required binary isrc (UTF8); }";

const PICTURE: &str = "message picture {
    optional int32 release; optional int32 rank; required binary kind (UTF8);
    required binary mime (UTF8); required binary root (UTF8); required int64 bytes;
    required int32 width; required int32 height; optional binary root_250 (UTF8);
    optional binary root_500 (UTF8); required boolean out; }";

/// Row groups that may wait for being written.
const WAITING: usize = 1;

/// The tables, as their row groups are numbered.
#[derive(Clone, Copy)]
enum Table {
    Recording,
    Track,
    Release,
    Artist,
    Credit,
    Isrc,
    Picture,
}

/// The Parquet files being written: row groups are gathered here, and compressed by a thread of their own.
pub(crate) struct Tables {
    /// By number.
    filling: Vec<RowGroup>,
    thread: Worker<(Table, RowGroup)>,
}

impl Tables {
    pub(crate) fn create(folder: &Path, created_by: &str) -> Result<Tables, EditionError> {
        std::fs::create_dir(folder).map_err(EditionError::io("create folder", folder))?;
        let tables: [(&str, &str, &[&str]); 7] = [
            (
                "recording",
                RECORDING,
                &["rank", "id", "row", "title", "duration_ms", "listens", "bytes"],
            ),
            ("track", TRACK, &["rank", "release"]),
            ("release", RELEASE, &["release", "title", "artist"]),
            ("artist", ARTIST, &["artist", "name"]),
            ("credit", CREDIT, &["rank", "artist"]),
            ("isrc", ISRC, &["rank", "isrc"]),
            ("picture", PICTURE, &["release", "rank", "root", "bytes"]),
        ];
        let (mut files, mut filling) = (Vec::new(), Vec::new());
        for (name, message, packed) in tables {
            let path = folder.join(format!("{name}.parquet"));
            let (file, rows) = ParquetFile::create(&path, message, packed, created_by)?;
            files.push(file);
            filling.push(rows);
        }
        let thread = Worker::start("parquet", WAITING, folder, move |groups, given_up| {
            for (table, rows) in groups {
                if given_up.is_set() {
                    return Ok(());
                }
                files[table as usize].write(rows)?;
            }
            files.into_iter().try_for_each(ParquetFile::finish)
        })?;
        Ok(Tables { filling, thread })
    }

    pub(crate) fn push(
        &mut self,
        listed: &Listed,
        numbered: &Numbered,
    ) -> Result<(), EditionError> {
        let rank = Cell::Int(listed.rank.get().into());
        let credit = printed(&numbered.credit_form);
        let tier = listed.tier.map(|tier| tier.to_string());
        self.row(
            Table::Recording,
            &[
                rank,
                listed.row.as_ref().map_or(Cell::Text(listed.id.as_str()), |_| Cell::Null),
                Cell::text(listed.row.as_ref().map(|row| &*row.collection)),
                Cell::int(listed.row.as_ref().map(|row| integer(row.id))),
                Cell::Text(&listed.title),
                Cell::text(credit.as_deref()),
                Cell::int(listed.duration_ms.map(integer)),
                Cell::int(listed.listens.map(integer)),
                Cell::int(listed.popularity.map(|popularity| popularity.get())),
                Cell::int(listed.year()),
                Cell::text(tier.as_deref()),
                Cell::Text(listed.status.as_str()),
                Cell::int(listed.bytes.map(integer)),
                Cell::text(listed.container.as_deref()),
                Cell::text(listed.codec.as_deref()),
                Cell::text(listed.licence.as_deref()),
                Cell::Bool(listed.clearance.is_ok()),
            ],
        )?;
        let numbers = numbered.releases.iter().zip(&numbered.release_artists);
        for (track, (release, artist)) in listed.tracks.iter().zip(numbers) {
            if release.is_new {
                self.row(
                    Table::Release,
                    &[
                        Cell::Int(release.id.into()),
                        Cell::Text(&track.release_title),
                        Cell::int(*artist),
                        Cell::text(track.release_artist.as_deref().filter(|_| artist.is_none())),
                        Cell::text(track.date.as_deref()),
                    ],
                )?;
            }
            self.row(
                Table::Track,
                &[
                    rank,
                    Cell::Int(release.id.into()),
                    Cell::int(track.disc),
                    Cell::int(track.position),
                ],
            )?;
        }
        for (index, (name, artist)) in listed.artists.iter().zip(&numbered.artists).enumerate() {
            let number = Cell::Int(artist.id.into());
            if artist.is_new {
                self.row(Table::Artist, &[number, Cell::Text(name)])?;
            }
            self.row(Table::Credit, &[rank, Cell::Int(index as i64 + 1), number])?;
        }
        for isrc in &listed.isrcs {
            self.row(Table::Isrc, &[rank, Cell::Text(&isrc.compact())])?;
        }
        Ok(())
    }

    /// A cover, and whether it is in a pack.
    pub(crate) fn push_cover(
        &mut self,
        key: CoverKey,
        cover: &ListedCover,
        is_out: bool,
    ) -> Result<(), EditionError> {
        let (release, rank) = match key {
            CoverKey::Release(release) => (Some(release), None),
            CoverKey::Recording(rank) => (None, Some(rank)),
        };
        let root = cover.hashes.root.to_string();
        let thumbnail = |side: u32| {
            let found = cover.thumbnails.iter().find(|thumbnail| thumbnail.side == side);
            found.map(|thumbnail| thumbnail.hashes.root.to_string())
        };
        let (small, large) = (thumbnail(250), thumbnail(500));
        self.row(
            Table::Picture,
            &[
                Cell::int(release),
                Cell::int(rank),
                Cell::Text(cover.kind.as_str()),
                Cell::Text(&cover.mime),
                Cell::Text(&root),
                Cell::Int(integer(cover.hashes.bytes)),
                Cell::Int(cover.width.into()),
                Cell::Int(cover.height.into()),
                Cell::text(small.as_deref()),
                Cell::text(large.as_deref()),
                Cell::Bool(is_out),
            ],
        )
    }

    fn row(&mut self, table: Table, row: &[Cell<'_>]) -> Result<(), EditionError> {
        match self.filling[table as usize].push(row) {
            Some(full) => self.thread.send((table, full)),
            None => Ok(()),
        }
    }

    /// Sends the last row groups. The thread writes them meanwhile; what this gives waits for it.
    pub(crate) fn end(mut self) -> Result<Ending, EditionError> {
        use Table::{Artist, Credit, Isrc, Picture, Recording, Release, Track};
        let tables = [Recording, Track, Release, Artist, Credit, Isrc, Picture];
        for (table, rows) in tables.into_iter().zip(std::mem::take(&mut self.filling)) {
            self.thread.send((table, rows))?;
        }
        Ok(self.thread.end())
    }
}

/// A credit with `{}` for each artist's name in turn, braces doubled; `None` when it is the one artist's name.
fn printed(form: &[u8]) -> Option<String> {
    if form.is_empty() {
        return None;
    }
    let mut printed = Vec::with_capacity(form.len() + 8);
    for byte in form {
        match *byte {
            NAME => printed.extend(b"{}"),
            b'{' => printed.extend(b"{{"),
            b'}' => printed.extend(b"}}"),
            byte => printed.push(byte),
        }
    }
    String::from_utf8(printed).ok()
}
