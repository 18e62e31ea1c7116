//! `deadwax shuffle`: a fair draw.

use crate::args::{EditionArgs, ShuffleArgs};
use crate::context::Context;
use crate::exit::Done;
use crate::text::{cut, duration, or_dash};
use anyhow::Result;
use deadwax_edition::{Edition, Recording, ShuffleFilter};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};

pub fn run(context: &Context, args: &ShuffleArgs) -> Result<Done> {
    let edition = edition(context, &args.edition)?;
    let seed = args.seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    let filter =
        ShuffleFilter { cleared: args.cleared.then_some(true), ..ShuffleFilter::default() };
    let drawn = edition.shuffle(seed, args.number, &filter)?;
    context.print(&drawn, |out| drawn.iter().try_for_each(|recording| hit(out, recording)))?;
    Ok(Done::Clean)
}

/// The edition that a person means.
pub fn edition(context: &Context, args: &EditionArgs) -> Result<Edition> {
    match &args.edition {
        Some(folder) => Ok(Edition::open(folder)?),
        None => Ok(context.open_to_read()?.newest_edition()?),
    }
}

/// One recording on a line.
pub fn hit(out: &mut dyn Write, recording: &Recording) -> io::Result<()> {
    let release = recording.tracks.first().map(|place| place.release.as_str()).unwrap_or("-");
    writeln!(
        out,
        "{:>6}  {:36} {:24} {:24} {:>7} {:>12}  {}",
        recording.rank,
        cut(&recording.title, 36),
        cut(&recording.artist_credit, 24),
        cut(release, 24),
        recording.duration_ms.map_or_else(|| "-".to_owned(), duration),
        or_dash(recording.listens),
        recording.id
    )
}
