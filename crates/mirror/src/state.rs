//! The record of a mirror, `.deadwax/state.sqlite` (docs/formats/mirror.md): a row a file, and what is known of it. A file
//! counts as here only when it says so, and it says so only after the file was compared with its root and made durable.

mod checks;
mod rows;

pub use rows::{FileRow, FileState, WantedFile};

use crate::MirrorError;
use rusqlite::{Connection, OpenFlags, params};
use std::path::{Path, PathBuf};

/// `DWM1`: tells a mirror's record from any other SQLite file.
const APPLICATION_ID: i64 = 0x4457_4d31;

const SCHEMA_VERSION: i64 = 1;

/// The record of one mirror, open. One process at a time has it to write: it holds the mirror's lock.
#[derive(Debug)]
pub struct State {
    db: Connection,
    path: PathBuf,
}

/// A pack that is carried, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRow {
    /// Its number here.
    pub pack: i64,
    /// Its name; empty for the files of the edition itself.
    pub name: String,
    /// `audio`, `artwork`, `patches` or `metadata`.
    pub stage: String,
}

impl PackRow {
    /// Where its files are, relative to the mirror, with `/` at the end; empty for the files of the edition itself.
    pub fn folder(&self) -> String {
        match self.name.as_str() {
            "" => String::new(),
            name => format!("packs/{name}/"),
        }
    }

    /// Its torrent, relative to the mirror; `None` for the files of the edition itself.
    pub fn torrent(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| format!("packs/{}.torrent", self.name))
    }
}

impl State {
    /// Where the record of the mirror in `folder` is.
    pub fn file_of(folder: &Path) -> PathBuf {
        folder.join(".deadwax/state.sqlite")
    }

    /// The record of the mirror in `folder`, made when there is none.
    ///
    /// # Errors
    /// A record of another version, and the disk.
    pub fn create(folder: &Path) -> Result<State, MirrorError> {
        let path = State::file_of(folder);
        deadwax_store::create_folder(path.parent().unwrap_or(folder))?;
        State::opened(path, OpenFlags::default())
    }

    /// The record of a mirror that there is, to be changed.
    ///
    /// # Errors
    /// [`MirrorError::NoMirror`], and as [`State::create`].
    pub fn open(folder: &Path) -> Result<State, MirrorError> {
        let path = State::file_of(folder);
        match path.is_file() {
            true => State::opened(path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE),
            false => Err(MirrorError::NoMirror { path: folder.to_path_buf() }),
        }
    }

    fn opened(path: PathBuf, flags: OpenFlags) -> Result<State, MirrorError> {
        let db = Connection::open_with_flags(&path, flags).map_err(failed(&path))?;
        let state = State { db, path };
        let (id, version) = state.did(|db| {
            // A journal that is cut back counts for little in the budget, where a WAL has megabytes.
            db.execute_batch("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;")?;
            db.busy_timeout(std::time::Duration::from_secs(10))?;
            let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            Ok((number("application_id")?, number("user_version")?))
        })?;
        match (id, version) {
            (APPLICATION_ID, SCHEMA_VERSION) => Ok(state),
            (0, 0) => {
                let schema = include_str!("state/schema.sql");
                let marks = format!(
                    "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
                );
                state.did(|db| db.execute_batch(&format!("BEGIN; {schema} {marks} COMMIT;")))?;
                Ok(state)
            }
            (APPLICATION_ID, version) => Err(MirrorError::Schema {
                path: state.path,
                found: format!("schema {version}, known is {SCHEMA_VERSION}"),
            }),
            _ => Err(MirrorError::Schema {
                path: state.path,
                found: "another program's database".to_owned(),
            }),
        }
    }

    /// The number of a pack, noted when it is new.
    pub fn pack(&self, name: &str, stage: &str) -> Result<i64, MirrorError> {
        self.did(|db| {
            db.prepare_cached("INSERT INTO pack (name, stage) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET stage = ?2")?
                .execute(params![name, stage])?;
            db.prepare_cached("SELECT pack FROM pack WHERE name = ?1")?.query_row([name], |row| row.get(0))
        })
    }

    /// All packs of which there are files, by name.
    pub fn packs(&self) -> Result<Vec<PackRow>, MirrorError> {
        self.did(|db| {
            let mut read = db.prepare_cached("SELECT pack, name, stage FROM pack ORDER BY name")?;
            let row = |row: &rusqlite::Row| {
                Ok(PackRow { pack: row.get(0)?, name: row.get(1)?, stage: row.get(2)? })
            };
            read.query_map([], row)?.collect()
        })
    }

    /// Forgets packs without files.
    pub fn forget_empty_packs(&self) -> Result<(), MirrorError> {
        self.did(|db| {
            db.execute("DELETE FROM pack WHERE pack NOT IN (SELECT DISTINCT pack FROM file)", [])
        })
        .map(drop)
    }

    /// Does several changes or none of them: with one flush of the disk, and not half after a kill.
    pub fn at_once<T>(
        &self,
        change: impl FnOnce(&State) -> Result<T, MirrorError>,
    ) -> Result<T, MirrorError> {
        self.did(|db| db.execute_batch("BEGIN IMMEDIATE"))?;
        match change(self).and_then(|done| {
            self.did(|db| db.execute_batch("COMMIT"))?;
            Ok(done)
        }) {
            Ok(done) => Ok(done),
            Err(error) => {
                // What is wrong was said already.
                let _ = self.db.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    fn did<T>(
        &self,
        act: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, MirrorError> {
        act(&self.db).map_err(failed(&self.path))
    }
}

fn failed(path: &Path) -> impl FnOnce(rusqlite::Error) -> MirrorError {
    let path = path.to_path_buf();
    move |source| MirrorError::State { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_model::Root;

    #[test]
    fn a_file_is_whole_only_when_it_was_said_and_the_oldest_check_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let wanted =
            |place, path, root| WantedFile { place, path, root: Root([root; 32]), bytes: 7 };
        {
            let state = State::create(folder.path()).unwrap();
            let pack = state.pack("Set A", "audio").unwrap();
            let [a, b, c] = [("Ann/1.ogg", 1), ("Ann/2.ogg", 2), ("Bob/1.ogg", 3)]
                .map(|(path, n)| state.want(pack, &wanted(n.into(), path, n)).unwrap());
            state.set_whole(a, 2_000).unwrap();
            state.set_whole(b, 1_000).unwrap();
            state.set_state(c, FileState::Partial).unwrap();
            // Wanted once more: what is here stays here.
            assert_eq!(state.want(pack, &wanted(1, "Ann/1.ogg", 1)).unwrap(), a);
        }
        let state = State::open(folder.path()).unwrap();
        assert_eq!(state.count(FileState::Whole).unwrap(), (2, 14));
        let paths = |rows: Vec<FileRow>| rows.into_iter().map(|row| row.path).collect::<Vec<_>>();
        let oldest = state.checked_before(u32::MAX.into(), 10).unwrap();
        assert_eq!(paths(oldest), ["packs/Set A/Ann/2.ogg", "packs/Set A/Ann/1.ogg"]);
        assert_eq!(paths(state.checked_before(1_500, 10).unwrap()), ["packs/Set A/Ann/2.ogg"]);
        let partial = state.files_in(FileState::Partial, 0, 10).unwrap();
        assert_eq!(partial[0].root, Root([3; 32]));
    }

    #[test]
    fn changes_at_once_are_done_all_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::create(folder.path()).unwrap();
        let refused: Result<(), MirrorError> = state.at_once(|state| {
            state.pack("Half", "audio")?;
            Err(MirrorError::Interrupted)
        });
        assert!(refused.is_err());
        assert_eq!(state.packs().unwrap(), []);
        state.at_once(|state| state.pack("Whole", "audio")).unwrap();
        assert_eq!(state.packs().unwrap().len(), 1);
    }

    #[test]
    fn another_programs_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = State::file_of(folder.path());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(matches!(State::open(folder.path()), Err(MirrorError::NoMirror { .. })));
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
        assert!(matches!(State::create(folder.path()), Err(MirrorError::Schema { .. })));
    }
}
