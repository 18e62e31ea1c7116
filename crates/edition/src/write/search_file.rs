//! Writes search.sqlite: terms in, rowid = rank, nothing else kept.
//!
//! This is much of the work of an edition, so it has a thread and a connection of its own. Recordings
//! reach it in batches over a short channel: when it lags, the writer waits.

use super::postings::Postings;
use super::segment::Segment;
use super::worker::{Ending, GivenUp, Worker};
use crate::schema::{
    BUILD_PRAGMAS, LEAF_BYTES, SEARCH_APPLICATION_ID, SEARCH_PAGE, SEARCH_SCHEMA, SEARCH_TABLES,
};
use crate::words::{Head, Terms, group_of, group_term, head_term, heads, index_terms, year_terms};
use crate::{EditionError, Listed};
use rusqlite::Connection;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

/// Recordings of a batch, bytes of texts after which it ends early, and batches that may wait.
const BATCH: usize = 512;
const BATCH_LETTERS: usize = 1 << 20;
const BATCHES: usize = 256;

/// Recordings in the head of a prefix: fifty pages of twenty.
const HEAD: u16 = 1000;

/// Most heads that are kept, so that a list of noise does not fill the memory.
const HEADS: usize = 1 << 20;

/// The first recordings, of which the frequent terms are told, and on how many of them a frequent term is.
const SAMPLE_RECORDINGS: usize = 1 << 16;
const FREQUENT_RECORDINGS: u32 = 16;

/// The text search being written.
pub(crate) struct SearchFile {
    batch: Vec<Entry>,
    /// Bytes of its texts.
    letters: usize,
    /// Batches that wait for the thread.
    waiting: Arc<AtomicUsize>,
    thread: Worker<Vec<Entry>>,
}

/// What search must know of a recording.
struct Entry {
    rank: u32,
    text: Text,
    year: Option<u16>,
}

/// Finding the terms is half of the work of search, and either thread can do it: the one that has time does.
enum Text {
    /// The texts, a zero byte behind each.
    Plain(String),
    Terms(Terms),
}

impl SearchFile {
    pub(crate) fn create(path: &Path) -> Result<SearchFile, EditionError> {
        let index = Index::create(path)?;
        let waiting = Arc::new(AtomicUsize::new(0));
        let taken = Arc::clone(&waiting);
        let thread = Worker::start("search", BATCHES, path, move |batches, given_up| {
            index.fill(&batches, &taken, &given_up)
        })?;
        Ok(SearchFile { batch: Vec::new(), letters: 0, waiting, thread })
    }

    pub(crate) fn push(&mut self, listed: &Listed) -> Result<(), EditionError> {
        let lags = self.waiting.load(Ordering::Relaxed) > BATCHES / 2;
        let entry = Entry::of(listed, lags);
        self.letters += entry.text.letters();
        self.batch.push(entry);
        let is_full = self.batch.len() == BATCH || self.letters >= BATCH_LETTERS;
        if is_full { self.send() } else { Ok(()) }
    }

    /// Sends the last batch. The thread goes on to merge meanwhile; what this gives waits for it.
    pub(crate) fn end(mut self) -> Result<Ending, EditionError> {
        self.send()?;
        Ok(self.thread.end())
    }

    fn send(&mut self) -> Result<(), EditionError> {
        self.letters = 0;
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.thread.send(batch)
    }
}

impl Text {
    fn letters(&self) -> usize {
        match self {
            Text::Plain(texts) => texts.len(),
            Text::Terms(terms) => terms.letters(),
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
}

impl Index {
    fn create(path: &Path) -> Result<Index, EditionError> {
        let path = path.to_path_buf();
        let open = || -> rusqlite::Result<Connection> {
            let database = Connection::open(&path)?;
            database.execute_batch(SEARCH_PAGE)?;
            database.execute_batch(BUILD_PRAGMAS)?;
            database.pragma_update(None, "application_id", SEARCH_APPLICATION_ID)?;
            database.pragma_update(None, "user_version", SEARCH_SCHEMA)?;
            database.execute_batch(SEARCH_TABLES)?;
            // What FTS5 would fill leaves to, should somebody add to the table.
            database.execute("INSERT INTO search(search, rank) VALUES('pgsz', ?)", [LEAF_BYTES])?;
            Ok(database)
        };
        let database = open().map_err(EditionError::sqlite(&path))?;
        Ok(Index { path, database })
    }

    fn fill(
        self,
        batches: &Receiver<Vec<Entry>>,
        waiting: &AtomicUsize,
        given_up: &GivenUp,
    ) -> Result<(), EditionError> {
        let wrong = EditionError::sqlite(&self.path);
        self.database.execute_batch("BEGIN").map_err(&wrong)?;
        let (postings, recordings) = self.gather(batches, waiting, given_up)?;
        if given_up.is_set() {
            return Ok(());
        }
        self.write(postings, recordings, given_up)?;
        self.database.execute_batch("COMMIT").map_err(&wrong)?;
        self.database.close().map_err(|(_, error)| wrong(error))
    }

    /// Gives how many recordings there are, too.
    fn gather(
        &self,
        batches: &Receiver<Vec<Entry>>,
        waiting: &AtomicUsize,
        given_up: &GivenUp,
    ) -> Result<(Postings, u64), EditionError> {
        let taken = batches.iter().inspect(|_| {
            waiting.fetch_sub(1, Ordering::Relaxed);
        });
        let mut entries = taken.flatten().map(Entry::found);
        let sample: Vec<Found> = entries.by_ref().take(SAMPLE_RECORDINGS).collect();
        let frequent = frequent_terms(&sample);
        self.keep(&frequent).map_err(EditionError::sqlite(&self.path))?;
        let mut postings = Postings::new(self.path.with_extension("terms"), &frequent);
        let (mut heads, mut recordings) = (Heads::default(), 0);
        for found in sample.into_iter().chain(entries) {
            if given_up.is_set() {
                break;
            }
            postings.recording(found.rank)?;
            found.push(&mut postings);
            heads.push(&found.terms, &mut postings);
            recordings += 1;
        }
        Ok((postings, recordings))
    }

    fn keep(&self, frequent: &[String]) -> rusqlite::Result<()> {
        let mut insert = self.database.prepare("INSERT INTO frequent VALUES(?)")?;
        frequent.iter().try_for_each(|term| insert.execute([term]).map(drop))
    }

    fn write(
        &self,
        postings: Postings,
        recordings: u64,
        given_up: &GivenUp,
    ) -> Result<(), EditionError> {
        let wrong = EditionError::sqlite(&self.path);
        let mut merge = postings.merge()?;
        let mut segment = Segment::new(&self.database);
        while let Some(term) = merge.term() {
            if given_up.is_set() {
                return Ok(());
            }
            segment.term(term).map_err(&wrong)?;
            merge.ranks(|rank| segment.rowid(rank.into()).map_err(&wrong))?;
        }
        segment.finish(recordings).map_err(&wrong)?;
        merge.finish()
    }
}

/// A recording and its terms.
struct Found {
    rank: u32,
    terms: Terms,
    year: Option<u16>,
}

impl Found {
    /// Its terms, the groups of those that are not frequent, and its year.
    fn push(&self, postings: &mut Postings) {
        let mut group = None;
        for term in self.terms.iter() {
            let is_frequent = postings.term(term);
            // Terms are sorted, so those of a group stand together.
            let of = group_of(term).filter(|of| group != Some(*of));
            if let Some(of) = of
                && !is_frequent
            {
                postings.rare_term(&group_term(of));
                group = Some(of);
            }
        }
        for term in self.year.into_iter().flat_map(year_terms) {
            postings.rare_term(&term);
        }
    }
}

/// The terms that are on more than one in some thousands of the first recordings, sorted.
fn frequent_terms(sample: &[Found]) -> Vec<String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for term in sample.iter().flat_map(|found| found.terms.iter()) {
        *counts.entry(term).or_default() += 1;
    }
    let frequent = counts.into_iter().filter(|(_, count)| *count >= FREQUENT_RECORDINGS);
    let mut frequent: Vec<String> = frequent.map(|(term, _)| term.to_owned()).collect();
    frequent.sort_unstable();
    frequent
}

/// How many recordings each head has.
#[derive(Default)]
struct Heads(HashMap<Head, u16>);

impl Heads {
    /// The heads of prefixes that a recording with these terms still gets a place in.
    fn push(&mut self, terms: &Terms, postings: &mut Postings) {
        // Terms are sorted, so those with the same characters first stand together.
        let mut last = [None; 2];
        for head in terms.iter().flat_map(heads) {
            let last = &mut last[usize::from(head.is_long())];
            if *last == Some(head) {
                continue;
            }
            *last = Some(head);
            let full = self.0.len() == HEADS;
            match self.0.get_mut(&head) {
                Some(recordings) if *recordings == HEAD => continue,
                Some(recordings) => *recordings += 1,
                None if full => continue,
                None => {
                    self.0.insert(head, 1);
                }
            }
            postings.rare_term(&head_term(&head.prefix()));
        }
    }
}
