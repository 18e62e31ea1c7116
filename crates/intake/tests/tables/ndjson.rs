//! NDJSON: what programs write for numbers and texts, and lines that are none.

use super::{Folder, Read};
use deadwax_model::{CreditRow, RecordingRow, TableRow};
use proptest::prelude::*;
use serde_json::json;

fn read(name: &str, content: impl AsRef<[u8]>) -> Read {
    let folder = Folder::new();
    folder.write(name, content);
    folder.read(name).unwrap()
}

#[test]
fn numbers_and_texts_as_programs_write_them() {
    let row = RecordingRow {
        id: 7,
        title: Some("Café".into()),
        duration_ms: Some(215_000),
        date: Some("1999".into()),
    };
    for line in [
        r#"{"id":7,"title":"Café","duration_ms":215000,"date":"1999"}"#,
        r#"{"ID":"7","title":"Caf\u00e9","duration_ms":215000.0,"date":1999,"else":{"a":[1,null]}}"#,
        r#"  {"date":"1999","duration_ms":"215000","title":"wrong","title":"Café","id":7}  "#,
    ] {
        let read = read("recording.ndjson", format!("\u{feff}\n{line}\r\n"));
        assert_eq!(read.rows, [(2, TableRow::Recording(row.clone()))], "{line} {:?}", read.bad);
    }
    let read = read(
        "recording.ndjson",
        "{\"id\":1,\"a\":0}\n{\"a\":0,\"b\":0,\"id\":2,\"title\":\"\"}\n{\"id\":3,\"title\":null}",
    );
    assert_eq!(read.ignored, ["a", "b"]);
    assert_eq!(read.odd.empty_text, 1);
    assert_eq!(read.numbers(), [1, 2, 3]);
}

#[test]
fn what_joins_names_keeps_its_spaces() {
    let line = r#"{"recording":1,"position":1,"artist":2,"name":" A ","joined":" feat. "}"#;
    let row = CreditRow {
        recording: 1,
        position: 1,
        artist: 2,
        name: Some("A".into()),
        joined: Some(" feat. ".into()),
    };
    assert_eq!(read("credit.ndjson", line).rows, [(1, TableRow::Credit(row))]);
}

#[test]
fn bad_lines_are_told_and_stop_nothing() {
    let mut content = b"{\"id\":1}\n[1]\n{\"id\":2\n\n{\"id\":3} x\n{\"id\":\"\xff\"}\n{\"id\":1.5}\n{\"id\":true}\n{\"title\":\"x\"}\n{\"id\":4,\"title\":[1]}\n{\"id\":".to_vec();
    content.resize(content.len() + 20_000_000, b' ');
    content.extend(b"5}\n{\"id\":6}");
    let read = read("recording.ndjson", &content);
    assert_eq!(read.numbers(), [1, 12]);
    let rows: Vec<u64> = read.bad.iter().map(|bad| bad.row).collect();
    assert_eq!(rows, [2, 3, 5, 6, 7, 8, 9, 10, 11]);
    let reasons = read.reasons();
    for (place, words) in [
        (0, "is no JSON object"),
        (1, "is no JSON object"),
        (2, "is no JSON object: trailing characters"),
        (3, "is not text in UTF-8"),
        (4, "id '1.5' is not an integer"),
        (5, "id 'true' is not an integer"),
        (6, "id has no value"),
        (7, "title '[...]' is not a text"),
        (8, "more than 1048576 bytes"),
    ] {
        assert!(reasons[place].1.contains(words), "{:?}", reasons[place]);
    }
    assert_eq!(read.bad[1].said, json!("{\"id\":2"));
    assert!(read.bad[8].said.as_str().unwrap().chars().count() <= 1_001);
}

#[test]
fn a_batch_is_bounded_by_its_bad_lines_too() {
    let folder = Folder::new();
    let line = "€".repeat(1_500);
    folder
        .write("recording.ndjson", format!("{{\"id\":1}}\n{}", format!("{line}\n").repeat(6_000)));
    let mut reader = folder.open("recording.ndjson").unwrap();
    let mut bad = 0;
    while let Some(batch) = reader.next_batch().unwrap() {
        let said: usize = batch.bad.iter().map(|bad| bad.said.to_string().len()).sum();
        assert!(said < 9 << 20, "{said}");
        bad += batch.bad.len();
    }
    assert_eq!(bad, 6_000);
}

#[test]
fn what_is_no_ndjson_is_refused() {
    let folder = Folder::new();
    for (content, words) in [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("[{\"id\":1}]", "line 1 is no JSON object"),
        ("\nid,title\n", "line 2 is no JSON object"),
    ] {
        folder.write("recording.ndjson", content);
        let said = folder.refusal("recording.ndjson");
        assert!(said.contains(words), "{said}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read("recording.ndjson", [b"{\"id\":1}\n{", bytes.as_slice()].concat());
    }
}
