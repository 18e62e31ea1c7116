//! The leaf hashes of files that were found sound, `.deadwax/leaves.sqlite` (docs/formats/mirror.md): a torrent says which
//! 1 MiB of a file is damaged, these say which 16 KiB. And whether a check of everything is under way.
//!
//! It is kept lightly: what is read from it is compared with the root before it is believed, and what is lost is written
//! again by the next check.

use crate::MirrorError;
use deadwax_model::Root;
use deadwax_store::Leaves;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `DWML`: tells it from any other SQLite file.
const APPLICATION_ID: i64 = 0x4457_4d4c;

pub(crate) struct LeafBook {
    db: Connection,
    path: PathBuf,
}

impl LeafBook {
    /// The book of the mirror in `folder`, made when there is none.
    pub fn open(folder: &Path) -> Result<LeafBook, MirrorError> {
        let path = folder.join(".deadwax/leaves.sqlite");
        let db = Connection::open(&path).map_err(failed(&path))?;
        let book = LeafBook { db, path };
        let id = book.did(|db| {
            db.busy_timeout(Duration::from_secs(10))?;
            db.execute_batch("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL;")?;
            db.pragma_query_value(None, "application_id", |row| row.get::<_, i64>(0))
        })?;
        match id {
            APPLICATION_ID => {}
            0 => book.did(|db| {
                db.execute_batch(&format!(
                    "BEGIN; CREATE TABLE leaves (root BLOB PRIMARY KEY, hashes BLOB NOT NULL);
                     CREATE TABLE run (began INTEGER NOT NULL);
                     PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1; COMMIT;"
                ))
            })?,
            _ => {
                let found = "another program's database".to_owned();
                return Err(MirrorError::Schema { path: book.path, found });
            }
        }
        Ok(book)
    }

    /// The leaves of the file with this root and length. `None` where they are not known, or are not what they were.
    pub fn of(&self, root: &Root, bytes: u64) -> Option<Leaves> {
        let hashes: Option<Vec<u8>> = self
            .did(|db| {
                db.prepare_cached("SELECT hashes FROM leaves WHERE root = ?1")?
                    .query_row([root.0.as_slice()], |row| row.get(0))
                    .optional()
            })
            .ok()?;
        Leaves::written(bytes, &hashes?).filter(|leaves| leaves.root() == *root)
    }

    /// Writes down the leaves of sound files, those that are not there yet.
    pub fn keep(&self, leaves: &[(Root, Leaves)]) -> Result<(), MirrorError> {
        self.did(|db| {
            let change = db.unchecked_transaction()?;
            for (root, leaves) in leaves {
                db.prepare_cached("INSERT OR IGNORE INTO leaves VALUES (?1, ?2)")?
                    .execute(params![root.0.as_slice(), leaves.hashes().concat()])?;
            }
            change.commit()
        })
    }

    /// Forgets those of files that the mirror has no more.
    pub fn keep_only(&self, is_here: impl Fn(&Root) -> bool) -> Result<(), MirrorError> {
        let known: Vec<[u8; 32]> = self.did(|db| {
            let mut read = db.prepare("SELECT root FROM leaves")?;
            read.query_map([], |row| row.get(0))?.collect()
        })?;
        for root in known.iter().filter(|root| !is_here(&Root(**root))) {
            self.did(|db| db.execute("DELETE FROM leaves WHERE root = ?1", [root.as_slice()]))?;
        }
        Ok(())
    }

    /// When the check of everything began that was not ended, in seconds since 1970.
    pub fn check_began(&self) -> Result<Option<u64>, MirrorError> {
        self.did(|db| db.query_row("SELECT began FROM run", [], |row| row.get(0)).optional())
    }

    /// Notes that one begins, and that none other is under way.
    pub fn begin_check(&self, unix: u64) -> Result<(), MirrorError> {
        self.end_check()?;
        self.did(|db| db.execute("INSERT INTO run VALUES (?1)", [unix])).map(drop)
    }

    /// Notes that it is done.
    pub fn end_check(&self) -> Result<(), MirrorError> {
        self.did(|db| db.execute("DELETE FROM run", [])).map(drop)
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
