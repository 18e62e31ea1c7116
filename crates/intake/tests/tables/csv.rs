//! CSV: separators, quotes, line numbers, and records without end.

use super::{Folder, Read};
use deadwax_model::{RecordingRow, TableRow, TrackRow};
use proptest::prelude::*;
use serde_json::json;
use std::fs;

fn tracks(content: impl AsRef<[u8]>) -> Read {
    let folder = Folder::new();
    folder.write("track.csv", content);
    folder.read("track.csv").unwrap()
}

fn recordings(content: impl AsRef<[u8]>) -> Read {
    let folder = Folder::new();
    folder.write("recording.csv", content);
    folder.read("recording.csv").unwrap()
}

fn title(read: &Read, place: usize) -> Option<&str> {
    match &read.rows[place].1 {
        TableRow::Recording(row) => row.title.as_deref(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn separators_are_told_from_the_head_line() {
    let track = TrackRow { release: 1, recording: 2, disc: None, position: Some(3) };
    for content in [
        "release,recording,disc,position\n1,2,,3\n",
        "release;recording;disc;position\n1;2;;3\n",
        "release\trecording\tdisc\tposition\n1\t2\t\t3\n",
        "\u{feff}RELEASE,Recording,disc,position\r\n 1 ,2,0,3",
        "position,x,recording,release\n3,\"a\nb\",2,1\n",
    ] {
        let read = tracks(content);
        assert_eq!(read.bad, [], "{content}");
        assert_eq!(read.rows, [(2, TableRow::Track(track.clone()))], "{content}");
    }
    assert_eq!(tracks("position,x,recording,release,x\n3,,2,1,\n").ignored, ["x"]);
}

/// Found by fuzzing: the separator was looked for in all of such a file, and two rows have one number.
#[test]
fn a_carriage_return_alone_ends_a_row_and_no_line() {
    let read = recordings("id;title\r1;a, b\r2;c\r3;\"d\ne\"\r4;f");
    assert_eq!(read.bad, []);
    assert_eq!((title(&read, 0), title(&read, 3)), (Some("a, b"), Some("f")));
    assert_eq!(read.numbers(), [1, 1, 1, 2]);
}

/// Found by fuzzing: the newline at the end of the file was counted twice.
#[test]
fn a_quote_that_is_never_closed_begins_in_its_own_line() {
    assert_eq!(recordings("id,title\n1,a\n2,b\n3,\"c\nd\n").numbers(), [2, 3, 4]);
    assert_eq!(recordings("id,title\n1,a\n2,b\n3,\"c\nd\r\n").numbers(), [2, 3, 4]);
    assert_eq!(recordings("id,title\n1,a\n2,b\n3,\"c\n\"\r\n").numbers(), [2, 3, 4]);
    assert_eq!(recordings("id,title\r1,a\r2,\"\n\rb\n").numbers(), [1, 1]);
}

#[test]
fn quoted_fields_may_have_everything_in_them() {
    let read = recordings("id,title\n1,\"a, \"\"b\"\"\nc\"\n2,\n3,\"\"\n");
    assert_eq!(title(&read, 0), Some("a, \"b\" c"));
    assert_eq!((title(&read, 1), title(&read, 2)), (None, None));
    assert_eq!(read.numbers(), [2, 4, 5]);
    // An empty field is not known, and nothing to count.
    assert_eq!(read.odd.empty_text, 0);
}

#[test]
fn bad_rows_are_told_by_line_reason_and_what_they_say() {
    let read = tracks(
        b"release,recording,disc,position\n1,12x,,\n,2,1,1\n1,2,3\n1,2,3,4,5\n-1,2,,\n1,2,4294967296,\n\xff,2,,\n1,2,1,1\n",
    );
    assert_eq!(
        read.reasons(),
        [
            (2, "recording '12x' is not an integer"),
            (3, "release has no value"),
            (4, "it has 3 fields, the head line has 4"),
            (5, "it has 5 fields, the head line has 4"),
            (6, "release -1 is not between 0 and 9223372036854775807"),
            (7, "disc 4294967296 is not between 0 and 2147483647"),
            (8, "release '\u{fffd}' is not an integer"),
        ]
    );
    assert_eq!(read.bad[0].said, json!({"release": "1", "recording": "12x"}));
    assert_eq!(read.bad[2].said, json!(["1", "2", "3"]));
    assert_eq!(read.numbers(), [9]);
    let read = recordings(b"id,title\n1,caf\xe9\n");
    assert_eq!(read.reasons(), [(2, "title is not text in UTF-8")]);
}

#[test]
fn a_record_without_end_costs_its_first_line() {
    let mut content = "id,title\r\n1,One\r\n\r\n2,\"Two\r\n".to_owned();
    for id in 3..200_000 {
        content.push_str(&format!("{id},Title {id}\r\n"));
    }
    let read = recordings(&content);
    let reasons = read.reasons();
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].0, 4);
    assert!(reasons[0].1.contains("a quote in it is not closed"), "{reasons:?}");
    assert_eq!(read.bad[0].said, json!("2,\"Two\r\n"));
    assert_eq!(read.rows.len(), 199_998);
    assert_eq!(read.numbers()[..3], [2, 5, 6]);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_not_held() {
    let folder = Folder::new();
    let mut content = b"id,title\n1,One\n2,".to_vec();
    content.resize(content.len() + 100_000_000, b'x');
    content.extend(b"\n3,Three\n");
    folder.write("recording.csv", &content);
    let read = folder.read("recording.csv").unwrap();
    assert_eq!(read.numbers(), [2, 4]);
    assert_eq!(read.bad[0].row, 3);
    assert!(read.bad[0].said.as_str().unwrap().len() < 5_000);
    // As the head line it is a refusal.
    folder.write("recording.csv", &content[18..]);
    assert!(folder.refusal("recording.csv").contains("head line has no end"));
}

/// Rows with fields too many are kept to be told of, up to 100 fields of each.
#[test]
fn a_batch_is_bounded_by_its_bad_rows_too() {
    let folder = Folder::new();
    let line = ["x".repeat(1_500).as_str(); 101].join(",");
    folder.write("recording.csv", format!("id,title\n{}", format!("{line}\n").repeat(300)));
    let mut reader = folder.open("recording.csv").unwrap();
    let mut bad = 0;
    while let Some(batch) = reader.next_batch().unwrap() {
        let said: usize = batch.bad.iter().map(|bad| bad.said.to_string().len()).sum();
        assert!(said < 9 << 20, "{said}");
        bad += batch.bad.len();
    }
    assert_eq!(bad, 300);
}

#[test]
fn a_file_of_nothing_but_records_without_end_is_given_up() {
    let line = "\"a\",\"\n".repeat(2_000_000);
    let folder = Folder::new();
    folder.write("recording.csv", format!("id,title\n{line}"));
    assert!(folder.refusal("recording.csv").contains("have no end"));
}

#[test]
fn what_is_no_csv_is_refused() {
    let folder = Folder::new();
    folder.write("recording.csv", "");
    assert!(folder.refusal("recording.csv").contains("is empty"));
    folder.write("recording.csv", "title\nOne\n");
    assert!(folder.refusal("recording.csv").contains("no column id"));
    let utf16: Vec<u8> = "\u{feff}id,title\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("recording.csv", utf16);
    assert!(folder.refusal("recording.csv").contains("not text in UTF-8"));
    fs::create_dir(folder.path("track.csv")).unwrap();
    assert!(folder.refusal("track.csv").contains("not a file"));
    assert!(folder.refusal("isrc.csv").contains("went away"));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused_at_its_end() {
    let folder = Folder::new();
    folder.write("recording.csv", "id\n1\n");
    let mut reader = folder.open("recording.csv").unwrap();
    assert!(reader.next_batch().unwrap().is_some());
    folder.write("recording.csv", "id\n1\n2\n");
    let mut last = reader.next_batch();
    while let Ok(Some(_)) = last {
        last = reader.next_batch();
    }
    assert!(last.unwrap_err().what.contains("changed while it was read"));
}

proptest! {
    /// Line numbers against those counted while the file is written, whatever ends the lines.
    #[test]
    fn lines_are_numbered_as_an_editor_does(
        rows in prop::collection::vec(("[a\n\"]{0,4}", 0usize..3), 1..20),
        newline in prop::sample::select(vec!["\n", "\r\n"]),
        ends in any::<bool>(),
    ) {
        let mut content = format!("id,title{newline}");
        let (mut line, mut wanted) = (2, Vec::new());
        for (place, (title, empty_lines)) in rows.iter().enumerate() {
            for _ in 0..*empty_lines {
                content.push_str(newline);
                line += 1;
            }
            wanted.push(line);
            content.push_str(&format!("{place},\"{}\"", title.replace('"', "\"\"").replace('\n', newline)));
            line += title.matches('\n').count() as u64 + 1;
            if ends || place + 1 < rows.len() {
                content.push_str(newline);
            }
        }
        let read = recordings(&content);
        prop_assert_eq!(read.numbers(), wanted);
        for ((_, row), (place, (title, _))) in read.rows.iter().zip(rows.iter().enumerate()) {
            let title = title.replace('\n', &" ".repeat(newline.len()));
            let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
            let want = RecordingRow { id: place as u64, title, ..RecordingRow::default() };
            prop_assert_eq!(row, &TableRow::Recording(want));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let content = [b"id,title\n", bytes.as_slice()].concat();
        let _ = recordings(content);
    }
}

proptest! {
    /// Whatever ends lines and records, in quotes or not, closed or not.
    #[test]
    fn rows_are_told_in_the_order_of_their_lines(content in "[\r\n\",a1]{0,40}") {
        let read = recordings(format!("id,title\n{content}"));
        let lines = 1 + content.matches('\n').count() as u64;
        let numbers = read.numbers();
        prop_assert!(numbers.is_sorted() && numbers.iter().all(|number| (2..=lines + 1).contains(number)), "{numbers:?}");
    }
}
