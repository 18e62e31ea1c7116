//! `csv`: the rows of a collection as CSV files, for a program that has no reader of our tables.
//!
//! The same facts that the edition gets, cleaned alike, in the order of ids; an empty field is "not known". No head lines.

use crate::Failure;
use crate::arguments::Arguments;
use crate::made::{Maker, clean};
use deadwax_model::{Isrc, PopularityScale};
use deadwax_testkit::collection::GeneratedRecording;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let maker = Maker::new(arguments.recordings()?.into(), arguments.seed()?);
    let out = arguments.path("--out")?;
    std::fs::create_dir_all(out)?;
    write_recordings(&maker, out)?;
    let collection = maker.collection();
    let mut releases = Table::create(out, "release")?;
    for index in 0..collection.releases() {
        let release = collection.release(index);
        releases.number(release.id).text(&clean(release.title));
        releases.number(collection.artist_id(release.artist));
        releases.text(release.year.and(release.date).as_deref().unwrap_or_default()).end()?;
    }
    releases.finish()?;
    let mut artists = Table::create(out, "artist")?;
    for index in 0..collection.artists() {
        let artist = collection.artist(index);
        artists.number(artist.id).text(&clean(artist.name)).end()?;
    }
    artists.finish()
}

/// recording(id, title, duration_ms, year, listens, popularity), track(recording, release, disc, position),
/// credit(recording, position, artist, joined), isrc(recording, isrc).
fn write_recordings(maker: &Maker, out: &Path) -> Result<(), Failure> {
    let collection = maker.collection();
    let table = |name| Table::create(out, name);
    let mut recordings = table("recording")?;
    let (mut tracks, mut credits, mut isrcs) = (table("track")?, table("credit")?, table("isrc")?);
    let mut said = GeneratedRecording::default();
    for index in 0..collection.recordings() {
        collection.recording_into(index, &mut said);
        recordings.number(said.id).text(&said.title.take().map(clean).unwrap_or_default());
        recordings.maybe(said.duration_ms).maybe(said.year).maybe(said.listens);
        let popularity = said.listens.map(|listens| PopularityScale::default().of(listens).get());
        recordings.maybe(popularity).end()?;
        tracks.number(said.id).number(collection.release_id(said.release));
        tracks.number(said.disc.into()).number(said.position.into()).end()?;
        for (place, credit) in (1..).zip(&said.artists) {
            credits.number(said.id).number(place).number(collection.artist_id(credit.artist));
            credits.text(credit.joined).end()?;
        }
        let mut codes: Vec<Isrc> = said.isrcs.iter().filter_map(|code| code.parse().ok()).collect();
        codes.sort_unstable();
        codes.dedup();
        for isrc in codes {
            isrcs.number(said.id).text(&isrc.compact()).end()?;
        }
    }
    [recordings, tracks, credits, isrcs].into_iter().try_for_each(Table::finish)
}

/// A CSV file being written.
struct Table {
    file: BufWriter<File>,
    line: String,
}

impl Table {
    fn create(folder: &Path, name: &str) -> Result<Table, Failure> {
        let file = File::create(folder.join(format!("{name}.csv")))?;
        Ok(Table { file: BufWriter::with_capacity(1 << 20, file), line: String::new() })
    }

    fn number(&mut self, number: u64) -> &mut Table {
        let _ = write!(self.line, "{number},"); // writing to a String cannot fail
        self
    }

    fn maybe(&mut self, number: Option<impl Into<u64>>) -> &mut Table {
        match number {
            Some(number) => self.number(number.into()),
            None => self.text(""),
        }
    }

    fn text(&mut self, text: &str) -> &mut Table {
        if text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
            self.line.push('"');
            self.line.push_str(&text.replace('"', "\"\""));
            self.line.push('"');
        } else {
            self.line.push_str(text);
        }
        self.line.push(',');
        self
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.line.pop();
        self.line.push('\n');
        self.file.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), Failure> {
        Ok(self.file.flush()?)
    }
}
