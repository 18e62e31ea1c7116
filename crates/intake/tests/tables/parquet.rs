//! Parquet: the types that hold a column, what is refused before a row is read, and damaged files.

use super::written::{Values, encoded, ints, parquet, parquet_with, texts};
use super::{Folder, Read};
use deadwax_model::{RecordingRow, TableRow, TrackRow};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterVersion;
use proptest::prelude::*;
use serde_json::json;

const ARTIST: &str = "required int64 id; required binary name (string);";

fn read(name: &str, content: &[u8]) -> Read {
    let folder = Folder::new();
    folder.write(name, content);
    folder.read(name).unwrap()
}

fn refusal(name: &str, content: &[u8]) -> String {
    let folder = Folder::new();
    folder.write(name, content);
    folder.refusal(name)
}

#[test]
fn integers_of_every_type_and_columns_in_any_order() {
    let track = TrackRow { release: 1, recording: 2, disc: None, position: Some(3) };
    for (columns, values) in [
        (
            "optional int32 Position; required binary x; required int64 RECORDING; required int64 release;",
            [Values::Int32(vec![Some(3), None]), texts(&["", ""]), ints(&[2, 2]), ints(&[1, -1])],
        ),
        (
            "required int64 position (integer(64,false)); required int32 disc (integer(8,true)); required int32 \
             recording (integer(32,false)); required int32 release (integer(16,false));",
            [
                ints(&[3, -1]),
                Values::Int32(vec![Some(0), Some(1)]),
                Values::Int32(vec![Some(2), Some(-1)]),
                Values::Int32(vec![Some(1), Some(1)]),
            ],
        ),
    ] {
        let read = read("track.parquet", &parquet(columns, &[&values]));
        assert_eq!(read.rows, [(1, TableRow::Track(track.clone()))]);
        assert_eq!(read.bad.len(), 1);
        assert_eq!(read.bad[0].row, 2);
        match columns.contains("false") {
            // Without signs they are large.
            true => {
                let want = "position 18446744073709551615 is not between 0 and 2147483647";
                assert_eq!(read.bad[0].reason, want);
                assert_eq!(read.bad[0].said["recording"], u32::MAX);
            }
            false => {
                assert_eq!(read.ignored, ["x"]);
                assert_eq!(read.bad[0].said, json!({"release": -1, "recording": 2}));
            }
        }
    }
}

#[test]
fn slices_and_row_groups_join_in_every_encoding() {
    let title = |id: u64| (!id.is_multiple_of(7)).then(|| format!("Title {}", id % 1_000));
    let group = |ids: std::ops::Range<u64>| {
        let titles = ids.clone().map(|id| title(id).map(String::into_bytes));
        [
            Values::Int64(ids.clone().map(|id| Some(id as i64)).collect()),
            Values::Text(titles.collect()),
        ]
    };
    let (one, two, three) = (group(0..20_000), group(20_000..20_001), group(20_001..30_000));
    let columns = "required int64 id; optional binary title (string);";
    let zstd = Compression::ZSTD(ZstdLevel::try_new(3).unwrap());
    let mut files = vec![
        parquet(columns, &[&one, &two, &three]),
        parquet_with(columns, &[&one, &two, &three], |properties| {
            properties.set_compression(zstd).set_data_page_row_count_limit(700)
        }),
    ];
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for [ints, texts] in [
            [Encoding::PLAIN, Encoding::PLAIN],
            [Encoding::DELTA_BINARY_PACKED, Encoding::DELTA_LENGTH_BYTE_ARRAY],
        ] {
            files.push(parquet_with(columns, &[&one, &two, &three], |properties| {
                encoded(properties, ints)
                    .set_writer_version(version)
                    .set_data_page_row_count_limit(3_000)
                    .set_column_encoding("title".into(), texts)
            }));
        }
    }
    for file in files {
        let read = read("recording.parquet", &file);
        assert_eq!(read.rows.len(), 30_000);
        for (place, (number, row)) in read.rows.iter().enumerate() {
            let id = place as u64;
            assert_eq!(*number, id + 1);
            let want = RecordingRow { id, title: title(id), ..RecordingRow::default() };
            assert_eq!(row, &TableRow::Recording(want));
        }
    }
}

#[test]
fn a_batch_is_bounded_by_its_texts_too() {
    let long = "x".repeat(60_000);
    let titles: Vec<&str> = vec![&long; 5_000];
    let ids: Vec<i64> = (0..5_000).collect();
    let folder = Folder::new();
    let columns = "required int64 id; required binary title (string);";
    folder.write("recording.parquet", parquet(columns, &[&[ints(&ids), texts(&titles)]]));
    let mut reader = folder.open("recording.parquet").unwrap();
    let mut rows = 0;
    while let Some(batch) = reader.next_batch().unwrap() {
        assert!(batch.rows.len() < 200, "{}", batch.rows.len());
        rows += batch.rows.len();
    }
    assert_eq!(rows, 5_000);
}

#[test]
fn a_type_that_does_not_fit_is_refused_by_name() {
    let two = ["a", "b"];
    for (columns, values, words) in [
        (
            "required double id; required binary name;",
            [Values::Double(vec![1.0, 2.0]), texts(&two)],
            "column id is DOUBLE; it has to be an integer",
        ),
        (
            "required int64 id (timestamp(millis,true)); required binary name;",
            [ints(&[1, 2]), texts(&two)],
            "column id is INT64 (Timestamp); it has to be an integer",
        ),
        (
            "required int64 id; required int64 name;",
            [ints(&[1, 2]), ints(&[1, 2])],
            "column name is INT64; it has to be text",
        ),
        (
            "required int64 id; required binary name (bson);",
            [ints(&[1, 2]), texts(&two)],
            "column name is BYTE_ARRAY (Bson); it has to be text",
        ),
    ] {
        let said = refusal("artist.parquet", &parquet(columns, &[&values]));
        assert!(said.contains(words), "{said}");
    }
    let file =
        parquet("required int64 id; required binary title;", &[&[ints(&[1]), texts(&["x"])]]);
    assert!(refusal("artist.parquet", &file).contains("no column name"));
    // A column that never had a value is one that is not there.
    let columns = "required int64 id; optional int32 title (unknown);";
    let file = parquet(columns, &[&[ints(&[1, 2]), Values::Int32(vec![None, None])]]);
    assert_eq!(read("recording.parquet", &file).rows.len(), 2);
    let columns = "required int64 id; optional int32 name (unknown);";
    let file = parquet(columns, &[&[ints(&[1, 2]), Values::Int32(vec![None, None])]]);
    assert!(refusal("artist.parquet", &file).contains("no column name"));
}

#[test]
fn what_is_not_read_is_said_before_a_row_is() {
    let columns: [Values; 2] = [ints(&[1]), texts(&["x"])];
    let file = parquet_with(ARTIST, &[&columns], |properties| {
        encoded(properties, Encoding::PLAIN)
            .set_column_encoding("name".into(), Encoding::DELTA_BYTE_ARRAY)
    });
    assert!(refusal("artist.parquet", &file).contains("name has the encoding DELTA_BYTE_ARRAY"));
    let file = parquet(
        "required int64 id; required group name { required binary x; }",
        &[&[ints(&[1]), texts(&["x"])]],
    );
    assert!(refusal("artist.parquet", &file).contains("name is a group of columns"));
}

#[test]
fn a_file_that_is_cut_off_is_refused_wherever() {
    let ids: Vec<i64> = (0..300).collect();
    let names: Vec<String> = ids.iter().map(|id| format!("Name {id}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let file = parquet(ARTIST, &[&[ints(&ids), texts(&names)]]);
    for length in (0..file.len()).step_by(7).chain(file.len() - 12..file.len()) {
        let said = refusal("artist.parquet", &file[..length]);
        assert!(!said.is_empty());
    }
    assert!(refusal("artist.parquet", b"").contains("is empty"));
    assert!(refusal("artist.parquet", &file[..file.len() - 1]).contains("cut off"));
    assert!(
        refusal("artist.parquet", &[b"x", file.as_slice()].concat()).contains("no Parquet file")
    );
    // What was cut out of the middle leaves a directory that speaks of bytes that are not there.
    let middle = [&file[..20], &file[file.len() / 2..]].concat();
    assert!(!refusal("artist.parquet", &middle).is_empty());
}

#[test]
fn a_page_of_texts_that_claims_billions_is_refused() {
    let file = parquet_with(ARTIST, &[&[ints(&[1, 2]), texts(&["one", "two"])]], |properties| {
        encoded(properties, Encoding::PLAIN)
            .set_compression(Compression::UNCOMPRESSED)
            .set_column_encoding("name".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
    });
    // Lengths 3 and 3: block size 128, 4 miniblocks, 2 values, the first 3 as a zigzag.
    let header = [0x80, 0x01, 4, 2, 6];
    let place = file.windows(5).position(|bytes| bytes == header).unwrap();
    let mut hostile = file.clone();
    hostile[place + 3] = 0x7F;
    let said = refusal("artist.parquet", &hostile);
    assert!(said.contains("more texts than values"), "{said}");
}

#[test]
fn a_page_that_unpacks_to_gigabytes_is_refused() {
    let file = parquet(ARTIST, &[&[ints(&[1, 2]), texts(&["one", "two"])]]);
    // The first page's header begins behind the magic: its type, then its length when unpacked.
    assert_eq!((file[4], file[6]), (0x15, 0x15));
    let mut hostile = file[..7].to_vec();
    hostile.extend([0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x15, 0x02]);
    hostile.extend(&file[12..]);
    let said = refusal("artist.parquet", &hostile);
    assert!(said.contains("134217728 are taken at most"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever bytes are changed, there are rows or a refusal, and soon.
    #[test]
    fn damage_is_a_refusal_or_other_rows(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        version in prop::sample::select(vec![WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]),
        packed in any::<bool>(),
        plain in any::<bool>(),
    ) {
        let ids: Vec<i64> = (0..50).collect();
        let names: Vec<String> = ids.iter().map(|id| format!("Name {}", id % 10)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut file = parquet_with(ARTIST, &[&[ints(&ids), texts(&names)]], |properties| {
            let properties = properties.set_writer_version(version);
            let properties = match packed {
                true => encoded(properties, Encoding::DELTA_BINARY_PACKED)
                    .set_column_encoding("name".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY),
                false => properties,
            };
            match plain {
                true => properties.set_compression(Compression::UNCOMPRESSED),
                false => properties.set_compression(Compression::ZSTD(ZstdLevel::default())),
            }
        });
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        let folder = Folder::new();
        folder.write("artist.parquet", &file);
        let said = folder.read("artist.parquet");
        prop_assert!(said.is_err() || said.is_ok_and(|read| read.rows.len() + read.bad.len() <= 100));
    }
}
