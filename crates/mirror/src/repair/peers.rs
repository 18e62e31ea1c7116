//! BitTorrent peers that are asked for single blocks, which a swarm cannot: it fetches whole pieces of 1 MiB (BEP 3, as far as asking goes).
//! Only those that the user named are called.

mod call;

use call::Call;
use deadwax_model::{PIECE_BYTES, Problem};
use deadwax_torrent::metainfo::Contents;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;

/// A peer's address, and the v1 info hash of what it is asked about.
type Whom = (SocketAddr, [u8; 20]);

/// The peers, each called once for a pack.
pub(super) struct Peers<'r> {
    addresses: &'r [SocketAddr],
    stop: &'r AtomicBool,
    /// `None`: not asked any more.
    calls: RefCell<BTreeMap<Whom, Option<Call<'r>>>>,
    problems: RefCell<Vec<Problem>>,
}

/// One peer, and where in its torrent a file begins.
pub(super) struct AskPeer<'p, 'r> {
    peers: &'p Peers<'r>,
    whom: Whom,
    first_piece: u64,
    file: String,
}

impl<'r> Peers<'r> {
    pub fn new(addresses: &'r [SocketAddr], stop: &'r AtomicBool) -> Peers<'r> {
        Peers { addresses, stop, calls: RefCell::default(), problems: RefCell::default() }
    }

    /// All of them, for the file at this place of a pack.
    pub fn of<'p>(
        &'p self,
        file: &str,
        place: usize,
        contents: &Contents,
    ) -> impl Iterator<Item = AskPeer<'p, 'r>> {
        // Every file begins with a piece.
        let before = &contents.files[..place];
        let first_piece = before.iter().map(|file| file.bytes.div_ceil(PIECE_BYTES)).sum();
        let (file, info_hash) = (file.to_owned(), contents.infohash_v1);
        self.addresses.iter().map(move |address| AskPeer {
            peers: self,
            whom: (*address, info_hash),
            first_piece,
            file: file.clone(),
        })
    }

    /// What was wrong with them.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// One call an address: of packs there may be thousands.
    fn keep(&self, whom: Whom, call: Call<'r>) {
        let mut calls = self.calls.borrow_mut();
        calls.retain(|other, call| other.0 != whom.0 || call.is_none());
        calls.insert(whom, Some(call));
    }

    fn complain(&self, whom: Whom, what: String) {
        self.problems.borrow_mut().push(Problem {
            path: whom.0.to_string(),
            what,
            next: "others were asked; see whether it has the pack, or name another with --peer"
                .to_owned(),
        });
    }
}

impl AskPeer<'_, '_> {
    /// These bytes of the file, whatever they are; `None` when it has them not.
    pub fn ask(&self, from: u64, to: u64) -> Option<Vec<u8>> {
        let start = self.first_piece * PIECE_BYTES;
        let known = self.peers.calls.borrow_mut().insert(self.whom, None);
        if let Some(call) = known {
            let mut call = call?;
            // Who was not asked for long has hung up meanwhile, and is no worse for it.
            if let Ok(data) = call.ask(start + from, start + to) {
                self.peers.calls.borrow_mut().insert(self.whom, Some(call));
                return data;
            }
        }
        let (address, info_hash) = &self.whom;
        let called = Call::begin(*address, info_hash, self.peers.stop);
        let asked = called.and_then(|mut call| Ok((call.ask(start + from, start + to)?, call)));
        match asked {
            Ok((data, call)) => {
                self.peers.keep(self.whom, call);
                data
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => None,
            Err(e) => {
                self.peers.complain(self.whom, format!("gave no part of {}: {e}", self.file));
                None
            }
        }
    }

    /// A peer whose data are wrong is asked no more.
    pub fn blame(&self, from: u64) {
        let file = &self.file;
        let what = format!("sent data of {file} that do not fit their hash, from byte {from}");
        self.peers.calls.borrow_mut().insert(self.whom, None);
        self.peers.complain(self.whom, what);
    }
}
