//! `deadwax list`: the list, most listened first.

use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, cut, duration, or_dash};
use anyhow::Result;
use deadwax_archive::ListRow;
use std::io::{self, BufWriter, Write};

pub fn run(context: &Context) -> Result<Done> {
    let archive = context.open_to_read()?;
    let mut out = BufWriter::new(io::stdout().lock());
    if !context.json() {
        writeln!(
            out,
            "{:>6}  {:36} {:24} {:24} {:>7} {:>12}  {:10} {:9} licence",
            "rank", "title", "artist", "release", "length", "listens", "tier", "status"
        )?;
    }
    archive.list(&context.run(), |row| match context.json() {
        true => {
            serde_json::to_writer(&mut out, &row)?;
            writeln!(out)
        }
        false => text(&mut out, &row),
    })?;
    let known = archive.known_recordings()?;
    if known > 0 && !context.json() {
        let many = count(known, "recording");
        writeln!(
            out,
            "{many} known from tables alone; editions list them: deadwax publish, then deadwax search"
        )?;
    }
    out.flush()?;
    Ok(Done::Clean)
}

fn text(out: &mut dyn Write, row: &ListRow) -> io::Result<()> {
    let licence = row.licence.as_deref().unwrap_or("unknown");
    writeln!(
        out,
        "{:>6}  {:36} {:24} {:24} {:>7} {:>12}  {:10} {:9} {licence}{}",
        or_dash(row.rank),
        cut(&row.title, 36),
        cut(&row.artists.join(", "), 24),
        cut(row.release.as_deref().unwrap_or("-"), 24),
        row.duration_ms.map_or_else(|| "-".to_owned(), duration),
        or_dash(row.listens),
        or_dash(row.tier),
        row.status,
        if row.cleared { "" } else { " (held back)" }
    )
}
