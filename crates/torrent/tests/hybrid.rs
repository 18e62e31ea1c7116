//! What the public API promises, without other programs.

mod reference;

use deadwax_model::{FileHashes, PIECE_BYTES, Root};
use deadwax_store::FileHasher;
use deadwax_torrent::limits::{self, PackRow};
use deadwax_torrent::{
    Metainfo, PackFile, PackOptions, PackSize, TorrentError, hybrid, metainfo, names,
};
use proptest::prelude::*;
use reference::{hash_row, invented_row};
use sha1::Digest;

fn path(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

fn torrent(files: &[(&str, &FileHashes)]) -> Result<Metainfo, TorrentError> {
    let files: Vec<_> =
        files.iter().map(|(name, hashes)| PackFile { path: path(name), hashes }).collect();
    hybrid("P", &files, &PackOptions::default())
}

fn error(files: &[(&str, &FileHashes)]) -> String {
    torrent(files).unwrap_err().to_string()
}

#[test]
fn the_stores_hasher_agrees_with_the_slow_one() {
    let piece = PIECE_BYTES as usize;
    for bytes in [0, 1, 16383, 16384, 16385, piece - 1, piece, piece + 1, 3 * piece, 5 * piece + 7]
    {
        let data: Vec<u8> = (0..bytes).map(|i| (i / 7 % 251) as u8).collect();
        let mut hasher = FileHasher::new();
        data.chunks(100_003).for_each(|part| hasher.update(part));
        assert_eq!(hasher.finish(), hash_row(&data), "{bytes} bytes");
    }
}

#[test]
fn the_bytes_are_as_specified() {
    let (empty, one) = (hash_row(b""), hash_row(b"x"));
    let torrent = torrent(&[("b c", &one), ("b/e", &empty)]).unwrap();
    let mut wanted =
        b"d13:deadwax order8:\0\0\0\x01\0\0\0\x004:infod9:file treed1:bd1:ed0:d6:lengthi0eeee3:b cd0:d6:lengthi1e11:pieces root32:"
            .to_vec();
    wanted.extend(one.root.0);
    wanted.extend(
        b"eee5:filesld6:lengthi0e4:pathl1:b1:eeed6:lengthi1e4:pathl3:b ceed4:attr1:p6:lengthi1048575e4:path\
          l4:.pad7:1048575eee12:meta versioni2e4:name1:P12:piece lengthi1048576e6:pieces20:",
    );
    wanted.extend(one.v1_tail_padded.unwrap());
    wanted.extend(b"e12:piece layersdee");
    assert_eq!(torrent.bytes, wanted);
}

#[test]
fn options_are_where_clients_look() {
    let one = hash_row(b"x");
    let files = [PackFile { path: path("P"), hashes: &one }];
    let options = PackOptions {
        trackers: vec![
            vec!["http://a/".into(), "http://b/".into()],
            vec![],
            vec!["http://c/".into()],
        ],
        web_seeds: vec!["http://w/x".into()],
        private: true,
        v1_twin: true,
        comment: Some("hé".into()),
        created_by: Some("me".into()),
        creation_date_unix: Some(-1),
    };
    let single = hybrid("P", &files, &options).unwrap();
    let text = String::from_utf8_lossy(&single.bytes);
    assert!(text.starts_with(
        "d8:announce9:http://a/13:announce-listll9:http://a/9:http://b/el9:http://c/ee7:comment3:h\u{e9}\
         10:created by2:me13:creation datei-1e4:info"
    ));
    assert!(text.ends_with("7:privatei1ee12:piece layersde8:url-listl10:http://w/xee"), "{text}");
    assert!(single.magnet.ends_with(
        "&dn=P&tr=http%3A%2F%2Fa%2F&tr=http%3A%2F%2Fb%2F&tr=http%3A%2F%2Fc%2F&ws=http%3A%2F%2Fw%2Fx"
    ));
    let read = metainfo::read(&single.bytes).unwrap();
    assert!(read.private && read.single_file);
    assert_eq!(read.trackers, [vec!["http://a/", "http://b/"], vec!["http://c/"]]);
    assert_eq!((read.web_seeds, read.order), (vec!["http://w/x".to_owned()], None));
    let alone = PackOptions { trackers: options.trackers[2..].to_vec(), ..PackOptions::default() };
    let alone = metainfo::read(&hybrid("P", &files, &alone).unwrap().bytes).unwrap();
    assert_eq!((alone.trackers, alone.web_seeds), (vec![vec!["http://c/".to_owned()]], vec![]));

    let open = hybrid("P", &files, &PackOptions { private: false, ..options.clone() }).unwrap();
    assert_ne!(open.infohash_v2, single.infohash_v2);
    let folder = hybrid("Q", &files, &options).unwrap();
    assert!(String::from_utf8_lossy(&folder.bytes).ends_with("8:url-listl11:http://w/x/ee"));
    assert!(folder.magnet.ends_with("&ws=http%3A%2F%2Fw%2Fx%2F"));
    assert!(!metainfo::read(&folder.bytes).unwrap().single_file);
}

#[test]
fn a_twin_is_the_v1_part_alone() {
    let rows = [hash_row(b"x"), hash_row(&[7; PIECE_BYTES as usize])];
    let files =
        [("b", &rows[0]), ("a", &rows[1])].map(|(at, hashes)| PackFile { path: path(at), hashes });
    let options = PackOptions {
        v1_twin: true,
        web_seeds: vec!["http://w/".into()],
        trackers: vec![vec!["http://t/".into()]],
        ..PackOptions::default()
    };
    let made = hybrid("P", &files, &options).unwrap();
    let twin = made.v1_twin.clone().unwrap();
    let mut info = b"d5:filesld6:lengthi1048576e4:pathl1:aeed6:lengthi1e4:pathl1:bee\
                     d4:attr1:p6:lengthi1048575e4:pathl4:.pad7:1048575eee4:name1:P12:piece lengthi1048576e6:pieces40:"
        .to_vec();
    info.extend(&rows[1].v1_whole);
    info.extend(rows[0].v1_tail_padded.unwrap());
    info.push(b'e');
    assert_eq!(
        twin.bytes,
        [b"d8:announce9:http://t/4:info".as_slice(), &info, b"8:url-listl9:http://w/ee"].concat()
    );
    assert_eq!(twin.infohash, <[u8; 20]>::from(sha1::Sha1::digest(&info)));
    assert_ne!(twin.infohash, made.infohash_v1);
    let without = hybrid("P", &files, &PackOptions { v1_twin: false, ..options }).unwrap();
    assert_eq!(without, Metainfo { v1_twin: None, ..made });
}

#[test]
fn refuses_with_a_sentence() {
    let (empty, one) = (hash_row(b""), hash_row(b"x"));
    assert_eq!(error(&[]), "a torrent needs at least one file; leave this pack out");
    assert_eq!(
        error(&[("a", &empty), ("b", &empty)]),
        "all 2 files of this torrent are empty and clients refuse it; leave it out"
    );
    assert_eq!(
        error(&[("a/b", &one), ("a", &one), ("a/b", &one)]),
        "'a' is both a file and a folder of this torrent; make the paths unique first"
    );
    assert_eq!(
        error(&[("a/b", &one), ("a/b", &one)]),
        "'a/b' is in this torrent twice; make the paths unique first"
    );
    assert_eq!(
        error(&[("a/NUL", &one)]),
        "'a/NUL': the name 'NUL' is not safe on every system; call it '_NUL'"
    );
    for bad in ["", "a/", "..", "a/../b", ".pad/1", "x\n", "e\u{301}", &"x".repeat(241)] {
        assert!(matches!(torrent(&[(bad, &one)]), Err(TorrentError::BadComponent { .. })), "{bad}");
    }
    assert!(torrent(&[(&"x".repeat(240), &one)]).is_ok());
    let deep = ["d"; names::MAX_DEPTH].join("/");
    assert!(metainfo::read(&torrent(&[(&deep, &one)]).unwrap().bytes).is_ok());
    assert!(
        error(&[(&format!("{deep}/e"), &one)])
            .ends_with("has 33 components; a path in a torrent has 1 to 32")
    );
    let file = [PackFile { path: path("x"), hashes: &one }];
    assert!(hybrid("a/b", &file, &PackOptions::default()).is_err());
    let nameless = [PackFile { path: vec![], hashes: &one }];
    assert!(hybrid("P", &nameless, &PackOptions::default()).is_err());
    let chatty = PackOptions { comment: Some("x".repeat(10_000_000)), ..PackOptions::default() };
    assert!(matches!(hybrid("P", &file, &chatty), Err(TorrentError::MetainfoTooLarge { .. })));
}

#[test]
fn a_row_that_contradicts_itself_is_refused() {
    let good = invented_row(5 * PIECE_BYTES + 1, 1);
    assert!(torrent(&[("a", &good)]).is_ok());
    let bad: [fn(&mut FileHashes); 10] = [
        |row| row.bytes -= 1,
        |row| row.bytes += PIECE_BYTES,
        |row| row.bytes = 0,
        |row| row.bytes = u64::MAX,
        |row| row.v1_tail = None,
        |row| row.v1_tail_padded = None,
        |row| row.v1_whole.truncate(99),
        |row| row.piece_layer[100] ^= 1,
        |row| row.piece_layer.truncate(32),
        |row| row.root = Root::EMPTY,
    ];
    for (index, damage) in bad.into_iter().enumerate() {
        let mut row = good.clone();
        damage(&mut row);
        let text = error(&[("ok", &good), ("a/b", &row)]);
        assert!(text.starts_with("the hash row of 'a/b' is wrong: "), "{index}: {text}");
    }
}

#[test]
fn a_pack_at_the_caps_stays_below_the_metainfo_cap() {
    // 5,000 files of 30,000,000 bytes are 150 GB and 145,000 pieces: with long names a little too much.
    let rows: Vec<_> = (0..5_000).map(|seed| invented_row(30_000_000, seed)).collect();
    let name = |i| vec![format!("Artist {i:0>40}"), "1999 R".to_owned(), format!("{i:0>60}.ogg")];
    let files: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(index, hashes)| PackFile { path: name(index), hashes })
        .collect();
    let size = |n: usize| {
        PackSize::of(files[..n].iter().map(|file| PackRow::new(file.hashes.bytes, &file.path)))
    };
    let most = (0..=files.len()).rev().find(|n| size(*n).fits()).unwrap();
    assert!(most < files.len());
    let torrent = hybrid("P", &files[..most], &PackOptions::default()).unwrap();
    let (bytes, cap) = (torrent.bytes.len() as u64, limits::PACK_METAINFO_BYTES);
    eprintln!("{most} files in {bytes} bytes of metainfo, cap {cap}");
    assert!(bytes <= cap && bytes > cap / 100 * 90, "the estimate is wrong or too careful");
    assert_eq!(metainfo::read(&torrent.bytes).unwrap().files.len(), most);
}

/// Paths as [`names::unique`] leaves them, with rows of files around the interesting lengths.
fn packs() -> impl Strategy<Value = Vec<(Vec<String>, FileHashes)>> {
    let bytes = prop_oneof![0..3u64, PIECE_BYTES - 1..PIECE_BYTES + 2, 0..40 * PIECE_BYTES];
    let component =
        prop_oneof!["[a-c. -]{1,3}", "\\PC{1,8}"].prop_map(|text| names::component(&text, 40));
    let file = (prop::collection::vec(component, 1..4), bytes, any::<u64>());
    prop::collection::vec(file, 1..12).prop_map(|files| {
        let paths = names::unique(files.iter().map(|(path, ..)| path.clone()).collect());
        let rows = files.iter().map(|(_, bytes, seed)| invented_row(*bytes, *seed));
        paths.into_iter().zip(rows).collect()
    })
}

fn written(pack: &[(Vec<String>, FileHashes)]) -> Option<Metainfo> {
    let files: Vec<_> =
        pack.iter().map(|(path, hashes)| PackFile { path: path.clone(), hashes }).collect();
    match hybrid("Päck", &files, &PackOptions::default()) {
        Err(TorrentError::NoBytes { .. }) => None,
        result => Some(result.unwrap()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_whatever_the_order_given(pack in packs()) {
        let Some(torrent) = written(&pack) else { return Ok(()) };
        let mut shuffled = pack.clone();
        shuffled.reverse();
        let other = written(&shuffled).unwrap();
        prop_assert_eq!((other.infohash_v1, other.infohash_v2), (torrent.infohash_v1, torrent.infohash_v2));
        prop_assert_eq!(&other.magnet, &torrent.magnet);

        let read = metainfo::read(&torrent.bytes).unwrap();
        prop_assert_eq!(read.infohash_v1, torrent.infohash_v1);
        prop_assert_eq!(read.infohash_v2, torrent.infohash_v2);
        let places = read.order.clone().unwrap_or_else(|| vec![0]);
        prop_assert_eq!(read.order.is_some(), pack.len() > 1);
        let mut found: Vec<_> = places.into_iter().zip(read.files).collect();
        prop_assert!(found.is_sorted_by(|(_, a), (_, b)| a.path < b.path));
        found.sort_by_key(|(place, _)| *place);
        let found: Vec<_> = found.into_iter().map(|(_, f)| (f.path, f.bytes, f.root, f.piece_layer)).collect();
        let wanted = pack.iter().map(|(p, h)| (p.clone(), h.bytes, h.root, h.piece_layer.clone()));
        prop_assert_eq!(found, wanted.collect::<Vec<_>>());

        let rows: u64 = pack.iter().map(|(p, h)| PackRow::new(h.bytes, p).metainfo_bytes()).sum();
        prop_assert!(torrent.bytes.len() as u64 <= rows + limits::HEADER_BYTES);
    }

    #[test]
    fn a_damaged_torrent_is_refused_or_read_never_a_panic(
        pack in packs(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..4),
    ) {
        let Some(torrent) = written(&pack) else { return Ok(()) };
        let mut bytes = torrent.bytes;
        for (place, byte, how) in damage {
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        if let Ok(read) = metainfo::read(&bytes) {
            prop_assert!(read.files.iter().flat_map(|f| &f.path).all(|name| names::is_component(name)));
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(metainfo::read(&bytes).is_err());
    }
}

#[test]
fn a_torrent_that_tells_two_stories_is_refused() {
    let rows = [invented_row(2 * PIECE_BYTES, 1), invented_row(2 * PIECE_BYTES + 5, 2)];
    let good = torrent(&[("a", &rows[0]), ("b", &rows[1])]).unwrap().bytes;
    let swap = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).rposition(|part| part == from).unwrap();
        let mut bytes = good.clone();
        bytes.splice(at..at + from.len(), to.iter().copied());
        metainfo::read(&bytes).unwrap_err().to_string()
    };
    assert!(swap(b"4:pathl1:ae", b"4:pathl1:ce").contains("'a' and its v1 list has another file"));
    assert!(swap(b"lengthi2097152e4:path", b"lengthi2097153e4:path").contains("'a'"));
    assert!(swap(b"attr1:p", b"attr1:x").contains("'b' and its v1 list"));
    assert!(swap(b"piece lengthi1048576e", b"piece lengthi1048577e").contains("1048576"));
    assert!(swap(b"meta versioni2e", b"meta versioni3e").contains("'meta version' is not 2"));
    assert!(swap(b"4:name1:P", b"4:name2:..").contains("name is not safe"));
    assert!(swap(&rows[1].piece_layer[..8], b"????????").contains("'b' and its piece layer"));
    for order in [b"\0\0\0\x01\0\0\0\x01", b"\0\0\0\0\0\0\0\x02", b"\xff\0\0\0\0\0\0\x01"] {
        let said = swap(b"8:\0\0\0\0\0\0\0\x01", &[b"8:", order.as_slice()].concat());
        assert!(said.contains("'deadwax order' is not one place for every file"), "{said}");
    }
    for order in [b"4:\0\0\0\0".as_slice(), b"7:\0\0\0\0\0\0\0", b"0:", b"i8e", b"le"] {
        let said = swap(b"8:\0\0\0\0\0\0\0\x01", order);
        assert!(said.contains("'deadwax order' is not one place for every file"), "{said}");
    }
    assert!(swap(b"12:piece layers", b"12:piece lawers").contains("no piece layers"));
    assert!(swap(b"ee", b"eee").contains("bencode"));
    let huge = vec![b'l'; 10_000_001];
    assert!(metainfo::read(&huge).unwrap_err().to_string().contains("10000001 bytes"));
    assert!(metainfo::read(&huge[1..]).unwrap_err().to_string().contains("nested too deep"));
}
