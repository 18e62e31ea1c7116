//! What goes over the wire between two peers, seen from between them.
//!
//! WHY: a peer counts what it gave with the pads of the v1 list, and what was still on its way when the other one was killed. Who
//! wants to know what came twice has to see which block it was.

use super::wire::{Message, Wire, info_hash_of};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// A part of a piece, as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Block {
    /// Of the torrent, v1.
    pub info_hash: [u8; 20],
    /// Counted through the torrent.
    pub piece: u32,
    /// Where it begins in its piece.
    pub begin: u32,
    /// Its length.
    pub bytes: u32,
}

/// Listens in place of a peer, and passes on what callers and that peer say to each other. Gone when this is dropped.
pub struct Tap {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    peer: SocketAddr,
    /// How often each block was passed on to callers.
    given: Mutex<HashMap<Block, u64>>,
    /// Calls in which any were.
    fruitful: Mutex<u64>,
    stop: AtomicBool,
}

impl Tap {
    /// Before the peer at this address.
    ///
    /// # Errors
    /// No free port.
    pub fn start(peer: SocketAddr) -> io::Result<Tap> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            peer,
            given: Mutex::default(),
            fruitful: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.listen(&listener)
        });
        Ok(Tap { address, shared, thread: Some(thread) })
    }

    /// Where it listens: what a caller is told the peer's address is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often callers were given each block so far.
    pub fn given(&self) -> HashMap<Block, u64> {
        lock(&self.shared.given).clone()
    }

    /// How many calls there were in which anything was given.
    pub fn fruitful_calls(&self) -> u64 {
        *lock(&self.shared.fruitful)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes it where it waits for somebody to call.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn listen(self: &Arc<Shared>, listener: &TcpListener) {
        let mut calls = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            if self.is_stopping() {
                break;
            }
            let shared = Arc::clone(self);
            // It ends when one of the two leaves, which is how these calls end.
            calls.push(std::thread::spawn(move || drop(shared.pass_on(stream))));
        }
        for call in calls {
            let _ = call.join();
        }
    }

    fn pass_on(&self, caller: TcpStream) -> io::Result<()> {
        let peer = TcpStream::connect(self.peer)?;
        peer.set_nodelay(true)?;
        let (from_caller, to_peer) = (caller.try_clone()?, peer.try_clone()?);
        let asking = std::thread::spawn(move || pass_on_all(from_caller, to_peer));
        let ended =
            self.pass_on_given(Wire::new(peer.try_clone()?)?, Wire::new(caller.try_clone()?)?);
        // The other direction ends with this one.
        let _ = peer.shutdown(Shutdown::Both);
        let _ = caller.shutdown(Shutdown::Both);
        let _ = asking.join();
        ended
    }

    fn pass_on_given(&self, mut from: Wire, mut to: Wire) -> io::Result<()> {
        let handshake = from.read_raw_handshake(|| self.is_stopping())?;
        let info_hash = info_hash_of(&handshake);
        to.write_raw(&handshake)?;
        let mut is_fruitful = false;
        while let Some(raw) = from.read_raw(|| self.is_stopping())? {
            // Counted first: what somebody has was counted, whenever one looks.
            if let Message::Piece { piece, begin, block } = Message::of(&raw) {
                let given = Block { info_hash, piece, begin, bytes: block.len() as u32 };
                *lock(&self.given).entry(given).or_default() += 1;
                if !std::mem::replace(&mut is_fruitful, true) {
                    *lock(&self.fruitful) += 1;
                }
            }
            to.write_raw(&raw)?;
        }
        Ok(())
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Until one of the two leaves, or somebody shuts their connections.
fn pass_on_all(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let passed_on = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => to.write_all(&buffer[..read]),
            // The other direction has told both to wait for nothing too long.
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(()),
            Err(e) => Err(e),
        };
        if passed_on.is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
