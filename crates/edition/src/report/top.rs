//! The head of the list: the rows of index.html, and top.html, a page of the ten thousand most listened.
//!
//! Gathered while the list goes by, and no more of a text than a page shows, so that it stays small however long the
//! list and its titles are.

use super::figures::{clock, count};
use crate::{EditionError, EditionSummary, Listed, ListedTrack};
use askama::Template;

/// Rows of index.html.
const INDEX_ROWS: usize = 100;

/// Rows of top.html.
const TOP_ROWS: usize = 10_000;

/// Rows from one mark to jump to, to the next.
const JUMP_ROWS: usize = 1_000;

/// Most characters that are shown of a title or a name.
const SHOWN_CHARACTERS: usize = 200;

/// The head of the list.
#[derive(Default)]
pub(crate) struct Head {
    pub(super) index: Vec<IndexRow>,
    top: Vec<TopRow>,
}

impl Head {
    /// Takes the next recording in, while there is room.
    pub(crate) fn push(&mut self, listed: &Listed, credit_text: &str) {
        if self.index.len() < INDEX_ROWS {
            self.index.push(IndexRow::of(listed, credit_text));
        }
        if self.top.len() < TOP_ROWS {
            self.top.push(TopRow::of(listed, credit_text));
        }
    }

    /// How top.html is called where it is linked; `None` when it is empty.
    pub(super) fn top_name(&self) -> Option<String> {
        match self.top.len() {
            0 => None,
            1 => Some("The first recording".to_owned()),
            rows => Some(format!("The first {} recordings", count(rows as u64))),
        }
    }
}

/// A row of index.html.
pub(super) struct IndexRow {
    pub(super) rank: String,
    pub(super) title: String,
    pub(super) artist: String,
    pub(super) release: String,
    pub(super) duration: String,
    pub(super) tier: String,
    pub(super) licence: String,
    pub(super) cleared: bool,
}

impl IndexRow {
    fn of(listed: &Listed, credit_text: &str) -> IndexRow {
        let release = |track: &ListedTrack| match track.year() {
            Some(year) => format!("{} ({year})", shown(&track.release_title)),
            None => shown(&track.release_title),
        };
        let licence = listed.licence.as_deref().map(shown);
        IndexRow {
            rank: count(listed.rank.get().into()),
            title: title(listed),
            artist: or_dash(shown(credit_text)),
            release: or_dash(listed.tracks.first().map(release).unwrap_or_default()),
            duration: listed.duration_ms.map_or("–".to_owned(), clock),
            tier: listed.tier.map_or_else(|| "not kept".to_owned(), |tier| tier.to_string()),
            licence: licence.unwrap_or_else(|| "not known".to_owned()),
            cleared: listed.clearance.is_ok(),
        }
    }
}

/// A row of top.html.
struct TopRow {
    rank: String,
    title: String,
    artist: String,
    listens: String,
    id: String,
    /// What a link jumps to it by.
    jump: Option<String>,
}

impl TopRow {
    fn of(listed: &Listed, credit_text: &str) -> TopRow {
        let rank = listed.rank.get() as usize;
        let is_mark = rank == 1 || rank.is_multiple_of(JUMP_ROWS);
        TopRow {
            rank: count(rank as u64),
            title: title(listed),
            artist: or_dash(shown(credit_text)),
            listens: listed.listens.map_or("–".to_owned(), count),
            id: listed.id.to_string(),
            jump: is_mark.then(|| format!("rank-{rank}")),
        }
    }
}

fn title(listed: &Listed) -> String {
    match listed.title.is_empty() {
        true => "Untitled".to_owned(),
        false => shown(&listed.title),
    }
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "top.html")]
struct Page<'a> {
    summary: &'a EditionSummary,
    recordings: String,
    /// Whether somebody counted listens; else the order says nothing of them.
    counted: bool,
    rows: &'a [TopRow],
    /// Whether there are several marks to jump to.
    long: bool,
}

/// The HTML of top.html.
pub(super) fn render(summary: &EditionSummary, head: &Head) -> Result<String, EditionError> {
    let page = Page {
        summary,
        recordings: count(summary.recordings),
        counted: summary.listens.total.is_some(),
        rows: &head.top,
        long: head.top.len() >= JUMP_ROWS,
    };
    Ok(page.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_longer_than_what_is_shown_of_it() {
        assert_eq!(shown("Ångström"), "Ångström");
        assert_eq!(shown(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(shown(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }
}
