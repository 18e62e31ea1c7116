//! The columns of each table, and which of a file's columns they are.

use crate::Refusal;
use deadwax_model::TableKind;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Integer,
    Text,
}

/// A column of a table.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    /// Whether a file must have it.
    is_needed: bool,
}

/// Most columns that a table has.
pub(super) const MOST: usize = 5;

/// Names of ignored columns that are remembered, and of each how many characters: files may have any.
const IGNORED_NAMES: usize = 100;
const NAME_CHARACTERS: usize = 100;

const fn needed(name: &'static str, holds: Holds) -> Column {
    Column { name, holds, is_needed: true }
}

const fn maybe(name: &'static str, holds: Holds) -> Column {
    Column { name, holds, is_needed: false }
}

/// The columns of a table, in the order in which rows are made of them.
pub(super) fn columns_of(kind: TableKind) -> &'static [Column] {
    use Holds::{Integer, Text};
    const RECORDING: &[Column] = &[
        needed("id", Integer),
        maybe("title", Text),
        maybe("duration_ms", Integer),
        maybe("date", Text),
    ];
    const ARTIST: &[Column] = &[needed("id", Integer), needed("name", Text)];
    const RELEASE: &[Column] = &[
        needed("id", Integer),
        maybe("title", Text),
        maybe("artist", Integer),
        maybe("date", Text),
    ];
    const TRACK: &[Column] = &[
        needed("release", Integer),
        needed("recording", Integer),
        maybe("disc", Integer),
        maybe("position", Integer),
    ];
    const CREDIT: &[Column] = &[
        needed("recording", Integer),
        needed("position", Integer),
        needed("artist", Integer),
        maybe("name", Text),
        maybe("joined", Text),
    ];
    const ISRC: &[Column] = &[needed("recording", Integer), needed("isrc", Text)];
    const LISTENS: &[Column] =
        &[maybe("recording", Integer), maybe("isrc", Text), needed("listens", Integer)];
    match kind {
        TableKind::Recording => RECORDING,
        TableKind::Artist => ARTIST,
        TableKind::Release => RELEASE,
        TableKind::Track => TRACK,
        TableKind::Credit => CREDIT,
        TableKind::Isrc => ISRC,
        TableKind::Listens => LISTENS,
    }
}

/// Where a file has the columns of a table.
#[derive(Debug)]
pub(super) struct Places {
    /// For each column of the file, which of the table's it is.
    pub(super) column_of: Vec<Option<usize>>,
    /// The file's columns that are none of the table's.
    pub(super) ignored: Ignored,
}

impl Places {
    /// Finds a table's columns among a file's names, in any order and case. Refuses a file that lacks one
    /// that is needed, or has one twice.
    pub(super) fn find(kind: TableKind, names: &[&str]) -> Result<Places, Refusal> {
        let columns = columns_of(kind);
        let mut places = Places { column_of: Vec::new(), ignored: Ignored::default() };
        for name in names {
            let column = column_called(columns, name);
            match column {
                Some(column) if places.column_of.contains(&Some(column)) => {
                    return Err(Refusal::new(
                        format!("it has the column {} twice", columns[column].name),
                        "leave one of them, then run the same line again",
                    ));
                }
                Some(_) => {}
                None => places.ignored.note(name),
            }
            places.column_of.push(column);
        }
        let has = |name: &str| {
            let place = columns.iter().position(|column| column.name == name);
            place.is_some() && places.column_of.contains(&place)
        };
        let missing = columns.iter().find(|column| column.is_needed && !has(column.name));
        let missing = match missing {
            Some(column) => Some(column.name),
            None if kind == TableKind::Listens && !has("recording") && !has("isrc") => {
                Some("recording or isrc")
            }
            None => None,
        };
        match missing {
            None => Ok(places),
            Some(missing) => Err(Refusal::new(
                format!(
                    "it has no column {missing}, which the table {} needs; its columns are {}",
                    kind.as_str(),
                    listed(names)
                ),
                "name its columns as docs/formats/tables.md does, then run the same line again",
            )),
        }
    }
}

/// Which column of a table a name means.
pub(super) fn column_called(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| column.name.eq_ignore_ascii_case(name.trim()))
}

/// Names of columns that a file has and its table has not, each once.
#[derive(Debug, Default)]
pub(super) struct Ignored(Vec<String>);

impl Ignored {
    pub(super) fn note(&mut self, name: &str) {
        if self.0.len() < IGNORED_NAMES {
            let name: String = name.trim().chars().take(NAME_CHARACTERS).collect();
            if !self.0.contains(&name) {
                self.0.push(name);
            }
        }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.0
    }
}

fn listed(names: &[&str]) -> String {
    let mut shown = Ignored::default();
    names.iter().take(20).for_each(|name| shown.note(name));
    let more = if names.len() > 20 { " and others" } else { "" };
    format!("'{}'{more}", shown.0.join("', '"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_in_any_order_and_case_and_others_named_once() {
        let places = Places::find(TableKind::Isrc, &["x", "ISRC", " Recording ", "x"]).unwrap();
        assert_eq!(places.column_of, [None, Some(1), Some(0), None]);
        assert_eq!(places.ignored.names(), ["x"]);
    }

    #[test]
    fn what_is_needed_must_be_there_once() {
        let say = |kind, names: &[&str]| Places::find(kind, names).unwrap_err().what;
        assert_eq!(
            say(TableKind::Track, &["release", "rec"]),
            "it has no column recording, which the table track needs; its columns are 'release', 'rec'"
        );
        assert!(say(TableKind::Listens, &["listens"]).contains("no column recording or isrc"));
        assert!(say(TableKind::Listens, &["isrc"]).contains("no column listens"));
        assert!(say(TableKind::Artist, &["id", "name", "ID"]).contains("the column id twice"));
        assert!(Places::find(TableKind::Listens, &["isrc", "listens"]).is_ok());
    }

    #[test]
    fn no_table_has_more_columns_than_there_is_room_for() {
        assert!(TableKind::ORDER.iter().all(|&kind| columns_of(kind).len() <= MOST));
    }
}
