//! Reads torrents that other programs made, of any kind: v1, v2 or both. Nothing of them is believed but that they list
//! files; what comes out is for looking at, and no path of it is one to write to.

use crate::bencode::{self, BencodeError, Value};
use deadwax_model::Root;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Bytes of the largest torrent that is read.
pub const MOST_BYTES: usize = 64 << 20;
/// Bytes of all paths together: a few short names can make long ones of every file.
const MOST_PATH_BYTES: usize = 64 << 20;
/// The longest piece that is taken for one.
const MOST_PIECE_BYTES: u64 = 1 << 32;

/// What a torrent says of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Its name.
    pub name: String,
    /// Its files, pads left out.
    pub files: Vec<ForeignFile>,
    /// SHA-1 of the info dictionary, where it has a v1 part.
    pub infohash_v1: Option<[u8; 20]>,
    /// SHA-256 of the info dictionary, where it has a v2 part.
    pub infohash_v2: Option<[u8; 32]>,
    /// Bytes of a piece.
    pub piece_bytes: u64,
    /// SHA-1 of each v1 piece, 20 bytes each; empty without a v1 part, and when they are not as many as its files need.
    pub v1_pieces: Vec<u8>,
    /// How many bytes v1 pieces are cut from, pads counted.
    pub v1_bytes: u64,
}

/// A file that a torrent lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignFile {
    /// Its path: the torrent's name and what it says beneath, `/` between parts. What is no text is shown with U+FFFD.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its v2 root; [`Root::EMPTY`] for an empty file, `None` without a v2 part.
    pub root: Option<Root>,
    /// Where it starts in the bytes that v1 pieces are cut from; `None` without a v1 part.
    pub starts_at: Option<u64>,
    /// Zeros that follow it there, up to the next file.
    pub pad_bytes: u64,
}

/// Why bytes are no torrent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForeignError {
    /// More bytes than a torrent has.
    #[error("it has {bytes} bytes, more than the {MOST_BYTES} that a torrent is read to")]
    TooLarge {
        /// How many there are.
        bytes: usize,
    },
    /// Not bencode, or nested too deep, or too many values.
    #[error("it cannot be read: {0}")]
    Bencode(#[from] BencodeError),
    /// Bencode that is no torrent.
    #[error("it is not a torrent: {0}")]
    Shape(&'static str),
}

/// Reads a `.torrent` file of any kind. Memory is bounded by the size of the input and the limits here.
///
/// # Errors
/// What is no torrent, and what is beyond the limits.
pub fn read(input: &[u8]) -> Result<Foreign, ForeignError> {
    use ForeignError::Shape;
    if input.len() > MOST_BYTES {
        return Err(ForeignError::TooLarge { bytes: input.len() });
    }
    let top = bencode::read_foreign(input)?;
    let entry = top.entry("info").ok_or(Shape("there is no info dictionary"))?;
    let info = &entry.value;
    let piece_bytes = info
        .get("piece length")
        .and_then(Value::length)
        .filter(|bytes| (1..=MOST_PIECE_BYTES).contains(bytes))
        .ok_or(Shape("there is no piece length"))?;
    let name = text(info.get("name").ok_or(Shape("there is no name"))?);
    let v1 = v1_files(info, &name)?;
    let v2 = info.get("file tree").map(|tree| v2_files(tree, &name)).transpose()?;
    let is_v1 = v1.is_some() && info.get("pieces").is_some();
    let is_v2 = v2.is_some();
    let V1 { files: v1, total_bytes } = v1.unwrap_or_default();
    let pieces = info.get("pieces").and_then(Value::bytes).unwrap_or_default();
    let fits = (pieces.len() as u64) == total_bytes.div_ceil(piece_bytes).saturating_mul(20);
    Ok(Foreign {
        files: match v2 {
            None => v1,
            Some(mut files) => {
                join(&mut files, &v1);
                files
            }
        },
        name,
        infohash_v1: is_v1.then(|| Sha1::digest(entry.raw).into()),
        infohash_v2: is_v2.then(|| Sha256::digest(entry.raw).into()),
        piece_bytes,
        v1_pieces: if fits { pieces.to_vec() } else { Vec::new() },
        v1_bytes: total_bytes,
    })
}

#[derive(Default)]
struct V1 {
    files: Vec<ForeignFile>,
    total_bytes: u64,
}

/// The v1 list; `None` where there is none.
fn v1_files(info: &Value<'_>, name: &str) -> Result<Option<V1>, ForeignError> {
    use ForeignError::Shape;
    let file = |path, bytes, starts_at| ForeignFile {
        path,
        bytes,
        root: None,
        starts_at: Some(starts_at),
        pad_bytes: 0,
    };
    if let Some(length) = info.get("length") {
        let bytes = length.length().ok_or(Shape("a length is no length"))?;
        let files = vec![file(name.to_owned(), bytes, 0)];
        return Ok(Some(V1 { files, total_bytes: bytes }));
    }
    let Some(list) = info.get("files").and_then(Value::list) else {
        return Ok(None);
    };
    let (mut v1, mut paths) = (V1::default(), PathBytes::default());
    for entry in list {
        let bytes =
            entry.get("length").and_then(Value::length).ok_or(Shape("a file has no length"))?;
        let attributes = entry.get("attr").and_then(Value::bytes).unwrap_or_default();
        if attributes.contains(&b'p') {
            if let Some(before) = v1.files.last_mut() {
                before.pad_bytes = before.pad_bytes.saturating_add(bytes);
            }
        } else {
            let parts =
                entry.get("path").and_then(Value::list).ok_or(Shape("a file has no path"))?;
            let path = parts.iter().fold(name.to_owned(), |path, part| path + "/" + &text(part));
            paths.take(&path)?;
            v1.files.push(file(path, bytes, v1.total_bytes));
        }
        v1.total_bytes =
            v1.total_bytes.checked_add(bytes).ok_or(Shape("its files are longer than can be"))?;
    }
    Ok(Some(v1))
}

/// The files of a v2 tree, in its order. The depth is bounded by the reader of bencode.
fn v2_files(tree: &Value<'_>, name: &str) -> Result<Vec<ForeignFile>, ForeignError> {
    let mut files = Vec::new();
    let entries = tree.dict().ok_or(ForeignError::Shape("the file tree is none"))?;
    // A single file is called as the torrent, and lies in no folder.
    let is_single = matches!(entries, [one] if text_of(one.key) == name && is_file(&one.value));
    let above = if is_single { String::new() } else { format!("{name}/") };
    walk(tree, &above, &mut files, &mut PathBytes::default())?;
    Ok(files)
}

/// Counts the bytes of paths.
#[derive(Default)]
struct PathBytes(usize);

impl PathBytes {
    fn take(&mut self, path: &str) -> Result<(), ForeignError> {
        self.0 += path.len();
        match self.0 > MOST_PATH_BYTES {
            true => Err(ForeignError::Shape("its paths are longer than can be")),
            false => Ok(()),
        }
    }
}

fn is_file(node: &Value<'_>) -> bool {
    node.get("").is_some()
}

fn walk(
    tree: &Value<'_>,
    above: &str,
    files: &mut Vec<ForeignFile>,
    paths: &mut PathBytes,
) -> Result<(), ForeignError> {
    use ForeignError::Shape;
    for entry in tree.dict().ok_or(Shape("a folder of the file tree is none"))? {
        let path = format!("{above}{}", text_of(entry.key));
        paths.take(&path)?;
        let Some(about) = entry.value.get("") else {
            walk(&entry.value, &format!("{path}/"), files, paths)?;
            continue;
        };
        let bytes =
            about.get("length").and_then(Value::length).ok_or(Shape("a file has no length"))?;
        let root = match bytes {
            0 => Root::EMPTY,
            _ => about
                .get("pieces root")
                .and_then(Value::bytes)
                .and_then(|root| Root::from_slice(root).ok())
                .ok_or(Shape("a file has no root"))?,
        };
        files.push(ForeignFile { path, bytes, root: Some(root), starts_at: None, pad_bytes: 0 });
    }
    Ok(())
}

/// Tells the files of a hybrid where they start in its v1 part, where both list the same.
fn join(files: &mut [ForeignFile], v1: &[ForeignFile]) {
    let same = |(one, other): (&ForeignFile, &ForeignFile)| one.bytes == other.bytes;
    if files.len() == v1.len() && files.iter().zip(v1).all(same) {
        for (file, old) in files.iter_mut().zip(v1) {
            (file.starts_at, file.pad_bytes) = (old.starts_at, old.pad_bytes);
        }
    }
}

fn text(value: &Value<'_>) -> String {
    text_of(value.bytes().unwrap_or_default())
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_torrent_of_another_program_lists_its_files() {
        let text = b"d4:infod5:filesld6:lengthi3e4:pathl1:a5:b.oggeed4:attr1:p6:lengthi5e4:pathl4:.pad1:5eed6:lengthi2e4:path\
            l5:c.oggeee12:piece lengthi4e4:name1:x6:pieces60:000000000000000000000000000000000000000000000000000000000000ee";
        let foreign = read(text).unwrap();
        let files: Vec<_> = foreign
            .files
            .iter()
            .map(|it| (it.path.as_str(), it.bytes, it.starts_at, it.pad_bytes))
            .collect();
        assert_eq!(files, [("x/a/b.ogg", 3, Some(0), 5), ("x/c.ogg", 2, Some(8), 0)]);
        assert_eq!((foreign.v1_pieces.len(), foreign.infohash_v2), (60, None));
        assert!(foreign.infohash_v1.is_some());
        // Pieces that do not fit are none: nothing is told from them.
        let short = String::from_utf8(text.to_vec()).unwrap().replace("60:0000", "56:");
        assert_eq!(read(short.as_bytes()).unwrap().v1_pieces, [0u8; 0]);
    }

    #[test]
    fn what_is_no_torrent_is_refused_with_a_reason() {
        for (text, why) in [
            ("de", "no info"),
            ("d4:infodee", "no piece length"),
            ("d4:infod4:name1:x12:piece lengthi0eee", "no piece length"),
            ("d4:infod12:piece lengthi4eee", "no name"),
            ("d4:infod6:lengthi-1e4:name1:x12:piece lengthi4eee", "no length"),
            ("d4:infod9:file treei1e4:name1:x12:piece lengthi4eee", "file tree"),
            ("d4:infod9:file treed1:ad0:d6:lengthi1eeee4:name1:x12:piece lengthi4eee", "no root"),
        ] {
            let said = read(text.as_bytes()).unwrap_err().to_string();
            assert!(said.contains(why), "{text}: {said}");
        }
        let huge = format!(
            "d4:infod5:filesld6:lengthi{0}e4:pathl1:aeed6:lengthi{0}e4:pathl1:beed6:lengthi{0}e4:pathl1:ceee4:name1:x12:piece \
             lengthi4eee",
            i64::MAX
        );
        assert!(read(huge.as_bytes()).unwrap_err().to_string().contains("longer than can be"));
        assert!(matches!(read(&vec![b'd'; MOST_BYTES + 1]), Err(ForeignError::TooLarge { .. })));
        let long = format!(
            "d4:infod5:filesl{}e4:name{}:{}12:piece lengthi4eee",
            "d6:lengthi1e4:pathl1:aee".repeat(200),
            1 << 20,
            "x".repeat(1 << 20)
        );
        assert!(read(long.as_bytes()).unwrap_err().to_string().contains("paths are longer"));
        let deep = [b"d4:info".as_slice(), &b"d1:a".repeat(1000)].concat();
        assert!(read(&deep).unwrap_err().to_string().contains("too deep"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(input in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&input);
        }

        #[test]
        fn likely_bytes_are_refused_or_read(
            inside in "(4:name1:[a-z]|12:piece lengthi[0-9]{1,19}e|6:lengthi-?[0-9]{1,19}e|6:pieces[0-9]{1,2}:[a-z]{0,20}|\
                5:filesl(d6:lengthi[0-9]{1,19}e4:pathl1:aee)*e|9:file treed1:ad0:d6:lengthi[01]eeee){0,6}",
        ) {
            if let Ok(foreign) = read(format!("d4:infod{inside}ee").as_bytes()) {
                prop_assert!(foreign.piece_bytes > 0);
                prop_assert_eq!(foreign.v1_pieces.len() % 20, 0);
            }
        }
    }
}
