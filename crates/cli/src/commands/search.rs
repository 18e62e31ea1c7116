//! `deadwax search WORDS`: most listened first.

use crate::args::SearchArgs;
use crate::commands::shuffle::{edition, hit};
use crate::context::Context;
use crate::exit::Done;
use anyhow::Result;
use deadwax_model::Rank;

pub fn run(context: &Context, args: &SearchArgs) -> Result<Done> {
    let edition = edition(context, &args.edition)?;
    let query = args.words.join(" ");
    let page = edition.search(&query, Rank::new(args.after), args.limit)?;
    context.print(&page, |out| {
        if page.hits.is_empty() {
            writeln!(out, "nothing is found")?;
        }
        page.hits.iter().try_for_each(|recording| hit(out, recording))?;
        match page.next_after {
            Some(rank) => writeln!(out, "more: the same line with --after {rank}"),
            None => Ok(()),
        }
    })?;
    Ok(Done::Clean)
}
