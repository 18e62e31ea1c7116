//! The tables of a generated collection, dirt and all, are the same rows in all three formats.

use super::{Folder, Read};
use deadwax_intake::tables::{are_tables, find_tables, said_of};
use deadwax_model::TableKind;
use deadwax_testkit::collection::{Collection, write_tables};
use serde_json::Value;

/// A table written again as CSV and NDJSON from what was read of it.
fn write_again(folder: &Folder, kind: TableKind, read: &Read) {
    let rows: Vec<Value> = read.rows.iter().map(|(_, row)| said_of(row)).collect();
    let mut names: Vec<&str> =
        rows.iter().flat_map(|row| row.as_object().unwrap().keys()).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let (mut csv, mut ndjson) = (names.join(";") + "\r\n", String::new());
    for row in &rows {
        let fields = names.iter().map(|name| match &row[*name] {
            Value::Null => String::new(),
            Value::String(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            other => other.to_string(),
        });
        csv.push_str(&(fields.collect::<Vec<_>>().join(";") + "\r\n"));
        ndjson.push_str(&format!("{row}\n"));
    }
    folder.write(&format!("{}.csv", kind.as_str()), csv);
    folder.write(&format!("{}.ndjson", kind.as_str()), ndjson);
}

#[test]
fn three_formats_are_one_collection() {
    let folder = Folder::new();
    // Enough to have all the dirt that the generator makes but titles of 5,000 characters.
    let collection = Collection::new(10_000, 3);
    let written = write_tables(&collection, folder.0.path(), 1).unwrap();
    let tables = find_tables(folder.0.path()).unwrap();
    let kinds: Vec<TableKind> = tables.iter().map(|table| table.kind).collect();
    assert_eq!(kinds, TableKind::ORDER);
    for (kind, (name, rows, _)) in TableKind::ORDER.into_iter().zip(&written.tables) {
        assert_eq!(kind.as_str(), *name);
        let parquet = folder.read(&format!("{name}.parquet")).unwrap();
        assert_eq!(parquet.rows.len() as u64, *rows);
        assert_eq!(parquet.bad, []);
        // What is shown of a row is cut at 1,000 characters.
        assert_eq!(parquet.odd.long_text, 0);
        write_again(&folder, kind, &parquet);
        let rows = |read: Read| read.rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>();
        let csv = folder.read(&format!("{name}.csv")).unwrap();
        let ndjson = folder.read(&format!("{name}.ndjson")).unwrap();
        assert_eq!((&csv.bad, &ndjson.bad), (&vec![], &vec![]));
        let parquet = rows(parquet);
        assert!(rows(csv) == parquet && rows(ndjson) == parquet, "{name}");
    }
    let twice = find_tables(folder.0.path()).unwrap_err();
    assert!(twice.what.contains("recording is there twice, also as .csv"), "{}", twice.what);
}

#[test]
fn the_generator_makes_the_dirt_that_is_tolerated() {
    let folder = Folder::new();
    write_tables(&Collection::new(60_000, 1), folder.0.path(), 1).unwrap();
    let odd = |name: &str| folder.read(name).unwrap().odd;
    let recording = odd("recording.parquet");
    for count in [
        recording.empty_text,
        recording.control_characters,
        recording.not_nfc,
        recording.outer_spaces,
        recording.long_text,
    ] {
        assert!(count > 0, "{recording:?}");
    }
    assert!(odd("release.parquet").not_a_date > 0);
    let isrc = odd("isrc.parquet");
    assert!(isrc.isrc_spelling > 0 && isrc.not_an_isrc > 0, "{isrc:?}");
}

#[test]
fn tables_are_known_by_name_and_a_table_of_listens_by_its_columns() {
    let folder = Folder::new();
    assert!(!are_tables(folder.0.path()));
    for (name, content, want) in [
        ("listens.csv", "isrc,listens\n", false),
        ("listens.csv", "Listens;ID\n", false),
        ("listens.csv", "recording,isrc,listens\n", true),
        ("listens.ndjson", "{}", true),
        ("recording.csv", "ident,title\n", true),
        ("isrc.csv", "recording,isrc\n", true),
        ("isrc.csv", "isrc,listens\n", false),
        ("plays.csv", "recording,listens\n", false),
        ("Recording.flac", "", false),
    ] {
        folder.write(name, content);
        assert_eq!(are_tables(&folder.path(name)), want, "{name} {content}");
    }
    assert!(are_tables(folder.0.path()));
    assert!(find_tables(&folder.path("plays.csv")).unwrap_err().what.contains("by its name"));
}
