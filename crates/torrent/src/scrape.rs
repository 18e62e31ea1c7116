//! What a tracker answers to who asks how many have what: by HTTP, BEP 48 (bittorrent.org/beps/bep_0048.html), and by datagrams,
//! BEP 15 (bittorrent.org/beps/bep_0015.html).

use crate::bencode::{Value, read_foreign};
use std::collections::BTreeMap;

/// How many have all of each torrent, by v1 info hash; `None` where the answer is none of a tracker's.
pub fn complete(answer: &[u8]) -> Option<BTreeMap<[u8; 20], u32>> {
    let answer = read_foreign(answer).ok()?;
    let files = answer.get("files").and_then(Value::dict)?;
    let counted = files.iter().filter_map(|file| {
        let complete = file.value.get("complete")?.length()?;
        Some((file.key.try_into().ok()?, u32::try_from(complete).ok()?))
    });
    Some(counted.collect())
}

/// Where a tracker that is announced to at `path` is asked, by the convention of BEP 48: the last part of the path begins with `announce`, which
/// becomes `scrape`. `None` where it does not, and nothing may be asked.
pub fn path_of(path: &str) -> Option<String> {
    let (folder, last) = path.rsplit_once('/')?;
    last.strip_prefix("announce").map(|rest| format!("{folder}/scrape{rest}"))
}

/// Torrents that one datagram may ask for.
pub const DATAGRAM_TORRENTS: usize = 74;

/// Bytes of the longest answer that is of use.
pub const DATAGRAM_BYTES: usize = 8 + 12 * DATAGRAM_TORRENTS;

/// The first datagram to a tracker, which wants to know that the address it is from is real. `transaction` is any number,
/// and comes back in the answer.
pub fn connect(transaction: u32) -> [u8; 16] {
    const PROTOCOL: u64 = 0x0417_2710_1980;
    let mut datagram = [0; 16];
    datagram[..8].copy_from_slice(&PROTOCOL.to_be_bytes());
    datagram[8..12].copy_from_slice(&CONNECT.to_be_bytes());
    datagram[12..].copy_from_slice(&transaction.to_be_bytes());
    datagram
}

/// The connection that the answer to [`connect`] gives, for a minute; `None` for anything else.
pub fn connected(answer: &[u8], transaction: u32) -> Option<u64> {
    let rest = answered(answer, CONNECT, transaction)?;
    rest.first_chunk().map(|id| u64::from_be_bytes(*id))
}

/// The datagram that asks how many have these torrents, of which there may be [`DATAGRAM_TORRENTS`].
pub fn ask(connection: u64, transaction: u32, torrents: &[[u8; 20]]) -> Vec<u8> {
    let head = [SCRAPE.to_be_bytes(), transaction.to_be_bytes()].concat();
    [&connection.to_be_bytes(), &head[..], &torrents.concat()].concat()
}

/// How many have all of each torrent, in the order in which [`ask`] asked; `None` for anything but an answer to that.
pub fn told(answer: &[u8], transaction: u32) -> Option<Vec<u32>> {
    let rest = answered(answer, SCRAPE, transaction)?;
    let (torrents, []) = rest.as_chunks::<12>() else { return None };
    let seeds = |[a, b, c, d, ..]: &[u8; 12]| u32::from_be_bytes([*a, *b, *c, *d]);
    // A count below zero is none.
    Some(torrents.iter().map(seeds).map(|seeds| if seeds >> 31 == 1 { 0 } else { seeds }).collect())
}

const CONNECT: u32 = 0;
const SCRAPE: u32 = 2;

/// What follows the head of an answer to that.
fn answered(answer: &[u8], action: u32, transaction: u32) -> Option<&[u8]> {
    let head = [action.to_be_bytes(), transaction.to_be_bytes()].concat();
    answer.strip_prefix(&head[..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_anything_else_is_none() {
        let of = |hash: &str, complete: &str| {
            format!("20:{hash}d8:completei{complete}e10:downloadedi50e10:incompletei10ee")
        };
        let (a, b) = ("a".repeat(20), "b".repeat(20));
        let answer = format!(
            "d5:filesd{}{}e5:flagsd20:min_request_intervali60eee",
            of(&a, "5"),
            of(&b, "-1")
        );
        let read = complete(answer.as_bytes()).unwrap();
        assert_eq!(read, BTreeMap::from([([b'a'; 20], 5)]), "a count below zero is none");
        assert_eq!(complete(b"d5:filesdee"), Some(BTreeMap::new()));
        for other in [&b"<html>"[..], b"", b"d14:failure reason2:noe", b"d5:filesd", b"le"] {
            assert_eq!(complete(other), None);
        }
    }

    #[test]
    fn only_trackers_that_follow_the_convention_are_asked() {
        assert_eq!(path_of("/announce").as_deref(), Some("/scrape"));
        assert_eq!(path_of("/x/announce.php").as_deref(), Some("/x/scrape.php"));
        assert_eq!(path_of("/a"), None);
        assert_eq!(path_of("/announce/x"), None);
    }

    #[test]
    fn datagrams_are_as_bep_15_draws_them() {
        let hex = |bytes: &[u8]| hex::encode(bytes);
        assert_eq!(hex(&connect(0x0102_0304)), "00000417271019800000000001020304");
        let answer = hex::decode("00000000010203041122334455667788").unwrap();
        assert_eq!(connected(&answer, 0x0102_0304), Some(0x1122_3344_5566_7788));
        assert_eq!(connected(&answer, 5), None);
        assert_eq!(connected(&answer[..15], 0x0102_0304), None);
        let asked = ask(0x1122_3344_5566_7788, 9, &[[0xAA; 20], [0xBB; 20]]);
        let wanted =
            format!("11223344556677880000000200000009{}{}", "aa".repeat(20), "bb".repeat(20));
        assert_eq!(hex(&asked), wanted);
        let counts = ["000000050000000a00000001", "ffffffff0000000000000000"].concat();
        let answer = hex::decode(format!("0000000200000009{counts}")).unwrap();
        assert_eq!(told(&answer, 9), Some(vec![5, 0]));
        for wrong in [&answer[..answer.len() - 1], &answer[..7], b"", &[0; 20]] {
            assert_eq!(told(wrong, 9), None);
        }
        // An error: action 3 and a text.
        assert_eq!(told(b"\0\0\0\x03\0\0\0\x09no such torrent", 9), None);
    }
}
