use super::*;
use crate::{State, WantedFile};
use deadwax_store::hash_of;
use deadwax_torrent::{PackFile, PackOptions, hybrid};
use std::sync::Mutex;

const PIECE: usize = PIECE_BYTES as usize;

fn data() -> [Vec<u8>; 2] {
    let mut data = [vec![0; 2 * PIECE + 100], vec![0; 5000]];
    data.iter_mut().for_each(|data| fastrand::Rng::with_seed(9).fill(data));
    data
}

fn contents(data: &[Vec<u8>]) -> Contents {
    let rows: Vec<_> = data.iter().map(|data| hash_of(data)).collect();
    let files: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(n, hashes)| PackFile { path: vec![format!("{n}.ogg")], hashes })
        .collect();
    let torrent = hybrid("Pack", &files, &PackOptions::default()).unwrap();
    deadwax_torrent::metainfo::read(&torrent.bytes).unwrap()
}

#[test]
fn no_path_leads_out_of_the_mirror() {
    let places = Places { mirror: PathBuf::from("/m") };
    assert_eq!(places.at("packs/A/1.ogg").unwrap(), PathBuf::from("/m/packs/A/1.ogg"));
    for path in ["", ".", "..", "/etc/passwd", "packs/../../x", "a//b", "a/./b", "a\\..\\b", "a/\0"]
    {
        assert!(places.at(path).is_err(), "{path:?}");
    }
}

#[test]
fn what_is_wrong_leaves_no_trace_and_what_is_right_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places { mirror: folder.path().to_path_buf() };
    make_parts_folder(&places).unwrap();
    let (data, state) = (data(), State::create(folder.path()).unwrap());
    let contents = contents(&data);
    let pack = state.pack("Pack", "audio").unwrap();
    let file = &contents.files[0];
    let wish = WantedFile { place: 0, path: "0.ogg", root: file.root, bytes: file.bytes };
    let row = state.want(pack, &wish).unwrap();
    let state = Arc::new(Mutex::new(state));
    let finisher = Finisher::start(Arc::clone(&state), Box::new(|| 77), Box::new(|_| {}));
    let before = [Before::Wanted(row), Before::Unwanted];
    let open = || {
        PackParts::open(&places, &contents, &before, finisher.sender(), Box::new(|_| {})).unwrap()
    };
    let parts = open();
    let piece = |number: usize| &data[0][number * PIECE..data[0].len().min((number + 1) * PIECE)];

    // From memory.
    let mut wrong = piece(1).to_vec();
    wrong[5] ^= 1;
    assert!(!parts.take(0, 1, &wrong).unwrap());
    assert!(!parts.take(0, 1, piece(0)).unwrap() && !parts.take(0, 9, piece(0)).unwrap());
    assert!(!places.part(&file.root).exists());
    assert!(parts.take(0, 1, piece(1)).unwrap());
    assert_eq!(parts.gaps(0), [(0, 1), (2, 3)]);

    // Bit by bit, as from a swarm: over a piece that is right nothing is written.
    parts.write_at(0, 0, &vec![1; 2 * PIECE]).unwrap();
    assert_eq!(parts.piece_written(0, 0).unwrap_err().kind(), ErrorKind::InvalidData);
    assert!(!parts.has_piece(0, 0) && parts.has_piece(0, 1));
    let mut read = vec![0; PIECE];
    parts.read_at(0, PIECE_BYTES, &mut read).unwrap();
    assert!(read == piece(1));
    assert!(parts.write_at(0, file.bytes - 1, &[0; 2]).is_err());
    assert_eq!(parts.write_at(1, 0, &[0]).unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert!(parts.read_at(1, 0, &mut read[..1]).is_err());

    // What was left is found again, and the rest is enough.
    let parts = open();
    assert_eq!(parts.gaps(0), [(0, 1), (2, 3)]);
    assert_eq!(parts.bytes_here(0), PIECE_BYTES);
    for (number, half) in piece(0).chunks(PIECE / 2).enumerate() {
        parts.write_at(0, (number * PIECE / 2) as u64, half).unwrap();
    }
    parts.piece_written(0, 0).unwrap();
    assert!(parts.take(0, 2, piece(2)).unwrap() && parts.is_complete(0));
    finisher.end().unwrap();
    assert!(parts.is_whole(0));
    let path = folder.path().join("packs/Pack/0.ogg");
    assert!(std::fs::read(&path).unwrap() == data[0]);
    assert!(!places.part(&file.root).exists());
    parts.read_at(0, 2 * PIECE_BYTES, &mut read[..100]).unwrap();
    assert!(read[..100] == *piece(2));
    let rows = state.lock().unwrap().files_of(pack).unwrap();
    assert_eq!((rows[0].state, rows[0].checked_unix), (crate::FileState::Whole, Some(77)));
}
