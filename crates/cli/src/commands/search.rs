//! `deadwax search WORDS`: most listened first.

use crate::args::SearchArgs;
use crate::commands::shuffle::{edition, hit};
use crate::context::Context;
use crate::exit::Done;
use anyhow::Result;
use deadwax_edition::SearchPage;
use deadwax_model::Rank;
use std::io::{self, Write};

pub fn run(context: &Context, args: &SearchArgs) -> Result<Done> {
    let edition = edition(context, &args.edition)?;
    let query = args.words.join(" ");
    let page = edition.search(&query, Rank::new(args.after), args.limit)?;
    context.print(&page, |out| page_text(out, &page, "nothing is found"))?;
    Ok(Done::Clean)
}

/// A page of recordings, a line each, and how to get the next.
pub fn page_text(out: &mut dyn Write, page: &SearchPage, nothing: &str) -> io::Result<()> {
    if page.hits.is_empty() && page.next_after.is_none() {
        writeln!(out, "{nothing}")?;
    }
    page.hits.iter().try_for_each(|recording| hit(out, recording))?;
    match page.next_after {
        Some(rank) => writeln!(out, "more: the same line with --after {rank}"),
        None => Ok(()),
    }
}
