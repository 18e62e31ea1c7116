//! Writes search.sqlite: terms in, rowid = rank, nothing else kept.
//!
//! This is half of the work of an edition, so it has a thread and a connection of its own. Recordings
//! reach it in batches over a short channel: when it lags, the writer waits.

use crate::schema::{
    BUILD_PRAGMAS, SEARCH_APPLICATION_ID, SEARCH_LOAD, SEARCH_PAGE, SEARCH_SCHEMA, SEARCH_TABLES,
};
use crate::words::{Terms, group_of, group_term, head_term, heads, index_terms, year_term};
use crate::{EditionError, Listed};
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Recordings of a batch, and batches that may wait.
const BATCH: usize = 512;
const BATCHES: usize = 256;

/// Recordings in the head of a prefix: fifty pages of twenty.
const HEAD: u16 = 1000;

/// Most heads that are kept, so that a list of noise does not fill the memory.
const HEADS: usize = 1 << 20;

/// The first recordings, of which the frequent terms are told, and on how many of them a frequent term is.
const SAMPLE_RECORDINGS: usize = 1 << 16;
const FREQUENT_RECORDINGS: u32 = 16;

/// Pages that one step of the final merge writes. A step gives back the pages it has read, so that the file does
/// not grow to twice its size.
const MERGE_PAGES: i64 = 256;

/// The text search being written.
pub(crate) struct SearchFile {
    batch: Vec<Entry>,
    /// Batches that wait for the thread.
    waiting: Arc<AtomicUsize>,
    /// Set when nobody wants the file any more.
    given_up: Arc<AtomicBool>,
    sender: Option<SyncSender<Vec<Entry>>>,
    thread: Option<JoinHandle<Result<(), EditionError>>>,
}

/// What search must know of a recording.
struct Entry {
    rank: u32,
    text: Text,
    year: Option<u16>,
}

/// Finding the terms is a third of the work of search, and either thread can do it: the one that has time does.
enum Text {
    /// The texts, a zero byte behind each.
    Plain(String),
    Terms(Terms),
}

impl SearchFile {
    pub(crate) fn create(path: &Path) -> Result<SearchFile, EditionError> {
        let given_up = Arc::new(AtomicBool::new(false));
        let index = Index::create(path, Arc::clone(&given_up))?;
        let (sender, receiver) = sync_channel(BATCHES);
        let waiting = Arc::new(AtomicUsize::new(0));
        let taken = Arc::clone(&waiting);
        let thread = std::thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || index.fill(&receiver, &taken))
            .map_err(EditionError::io("start a thread for", path))?;
        let (sender, thread) = (Some(sender), Some(thread));
        Ok(SearchFile { batch: Vec::new(), waiting, given_up, sender, thread })
    }

    pub(crate) fn push(&mut self, listed: &Listed) -> Result<(), EditionError> {
        let lags = self.waiting.load(Ordering::Relaxed) > BATCHES / 2;
        self.batch.push(Entry::of(listed, lags));
        if self.batch.len() == BATCH { self.send() } else { Ok(()) }
    }

    /// Sends the last batch. The thread goes on to merge meanwhile; [`finish`](Self::finish) waits for it.
    pub(crate) fn end(&mut self) -> Result<(), EditionError> {
        self.send()?;
        self.sender = None;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), EditionError> {
        self.end()?;
        self.join()
    }

    fn send(&mut self) -> Result<(), EditionError> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = self.sender.as_ref().map(|sender| sender.send(batch));
        // Nobody listens any more: the thread has failed, and says why.
        if let Some(Err(_)) = sent { self.join() } else { Ok(()) }
    }

    fn join(&mut self) -> Result<(), EditionError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }
}

impl Drop for SearchFile {
    /// An edition that was given up leaves no thread behind that writes into its folder.
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Entry {
    fn of(listed: &Listed, find_terms: bool) -> Entry {
        let texts = [listed.title.as_str(), listed.artist_credit.as_str()];
        let releases = listed.tracks.iter().map(|track| track.release_title.as_str());
        let mut texts: Vec<&str> = texts.into_iter().chain(releases).collect();
        texts.extend(listed.artists.iter().map(String::as_str));
        texts.sort_unstable();
        texts.dedup();
        let text = match find_terms {
            true => Text::Terms(index_terms(texts)),
            false => {
                let mut all = String::with_capacity(texts.iter().map(|text| text.len() + 1).sum());
                for text in texts {
                    all.extend(text.chars().map(|c| if c == '\0' { ' ' } else { c }));
                    all.push('\0');
                }
                Text::Plain(all)
            }
        };
        Entry { rank: listed.rank.get(), text, year: listed.year() }
    }

    fn found(self) -> Found {
        let terms = match self.text {
            Text::Terms(terms) => terms,
            Text::Plain(texts) => index_terms(texts.split_terminator('\0')),
        };
        Found { rank: self.rank, terms, year: self.year }
    }
}

/// The database, in the hands of the thread.
struct Index {
    path: PathBuf,
    database: Connection,
    given_up: Arc<AtomicBool>,
}

impl Index {
    fn create(path: &Path, given_up: Arc<AtomicBool>) -> Result<Index, EditionError> {
        let path = path.to_path_buf();
        let open = || -> rusqlite::Result<Connection> {
            let database = Connection::open(&path)?;
            database.execute_batch(SEARCH_PAGE)?;
            database.execute_batch(BUILD_PRAGMAS)?;
            database.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
            database.pragma_update(None, "application_id", SEARCH_APPLICATION_ID)?;
            database.pragma_update(None, "user_version", SEARCH_SCHEMA)?;
            database.execute_batch("BEGIN")?;
            database.execute_batch(SEARCH_TABLES)?;
            database.execute_batch(SEARCH_LOAD)?;
            Ok(database)
        };
        let database = open().map_err(EditionError::sqlite(&path))?;
        Ok(Index { path, database, given_up })
    }

    fn fill(
        self,
        batches: &Receiver<Vec<Entry>>,
        waiting: &AtomicUsize,
    ) -> Result<(), EditionError> {
        let wrong = EditionError::sqlite(&self.path);
        self.insert_all(batches, waiting).map_err(&wrong)?;
        self.merge().map_err(&wrong)?;
        self.database.execute_batch("COMMIT").map_err(&wrong)?;
        self.close_gaps().map_err(&wrong)?;
        self.database.close().map_err(|(_, error)| wrong(error))
    }

    fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Moves pages from the end of the file into those that merging has left free, in place: a copy would take as
    /// much disk again.
    fn close_gaps(&self) -> rusqlite::Result<()> {
        let mut vacuum = self.database.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = vacuum.query([])?;
        while !self.is_given_up() && rows.next()?.is_some() {}
        Ok(())
    }

    fn insert_all(
        &self,
        batches: &Receiver<Vec<Entry>>,
        waiting: &AtomicUsize,
    ) -> rusqlite::Result<()> {
        let taken = batches.iter().inspect(|_| {
            waiting.fetch_sub(1, Ordering::Relaxed);
        });
        let mut entries = taken.flatten().map(Entry::found);
        let sample: Vec<Found> = entries.by_ref().take(SAMPLE_RECORDINGS).collect();
        let mut rows = Rows::new(frequent_terms(&sample));
        let mut insert = self.database.prepare("INSERT INTO frequent VALUES(?)")?;
        let mut frequent: Vec<&String> = rows.frequent.iter().collect();
        frequent.sort_unstable();
        for term in frequent {
            insert.execute([term])?;
        }
        let mut search = self.database.prepare("INSERT INTO search(rowid, terms) VALUES(?, ?)")?;
        for found in sample.into_iter().chain(entries) {
            if self.is_given_up() {
                return Ok(());
            }
            search.execute(params![found.rank, rows.text(&found)])?;
        }
        Ok(())
    }

    /// Merges the sorted segments into one, in steps.
    fn merge(&self) -> rusqlite::Result<()> {
        let sql = "INSERT INTO search(search, rank) VALUES('merge', ?)";
        let mut merge = self.database.prepare(sql)?;
        let changes = || -> rusqlite::Result<u64> {
            self.database.query_row("SELECT total_changes()", [], |row| row.get(0))
        };
        loop {
            if self.is_given_up() {
                return Ok(());
            }
            let before = changes()?;
            merge.execute([-MERGE_PAGES])?;
            // FTS5 says that nothing is left to merge by changing less than two rows.
            if changes()? - before < 2 {
                return Ok(());
            }
        }
    }
}

/// A recording and its terms.
struct Found {
    rank: u32,
    terms: Terms,
    year: Option<u16>,
}

/// The terms that are on more than one in some thousands of the first recordings.
fn frequent_terms(sample: &[Found]) -> HashSet<String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for term in sample.iter().flat_map(|found| found.terms.iter()) {
        *counts.entry(term).or_default() += 1;
    }
    let frequent = counts.into_iter().filter(|(_, count)| *count >= FREQUENT_RECORDINGS);
    frequent.map(|(term, _)| term.to_owned()).collect()
}

/// Makes the rows of the index.
struct Rows {
    frequent: HashSet<String>,
    /// How many recordings each head has.
    filled: HashMap<String, u16>,
    text: String,
}

impl Rows {
    fn new(frequent: HashSet<String>) -> Rows {
        Rows { frequent, filled: HashMap::new(), text: String::new() }
    }

    /// Everything that a recording is found by, spaces between.
    fn text(&mut self, found: &Found) -> &str {
        self.text.clear();
        let mut group = None;
        for term in found.terms.iter() {
            self.text.push_str(term);
            self.text.push(' ');
            // Terms are sorted, so those of a group stand together.
            let of = group_of(term).filter(|of| group != Some(*of));
            if let Some(of) = of
                && !self.frequent.contains(term)
            {
                self.text.push_str(&group_term(of));
                self.text.push(' ');
                group = Some(of);
            }
        }
        self.push_heads(&found.terms);
        if let Some(year) = found.year {
            self.text.push_str(&year_term(year));
        }
        &self.text
    }

    /// The heads of prefixes that a recording with these terms still gets a place in.
    fn push_heads(&mut self, terms: &Terms) {
        let mut prefixes: Vec<&str> = terms.iter().flat_map(heads).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        for prefix in prefixes {
            let full = self.filled.len() == HEADS;
            match self.filled.get_mut(prefix) {
                Some(recordings) if *recordings == HEAD => continue,
                Some(recordings) => *recordings += 1,
                None if full => continue,
                None => {
                    self.filled.insert(prefix.to_owned(), 1);
                }
            }
            self.text.push_str(&head_term(prefix));
            self.text.push(' ');
        }
    }
}
