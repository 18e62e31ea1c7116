//! A BitTorrent peer by hand, from the texts of BEP 3, 10 and 11 alone: honest, or bad in a way that no client's own peer would be.
//!
//! [`Peer`] listens on a loopback address and gives; [`Caller`] calls another and asks; a [`Tap`] stands between two and counts.

mod caller;
mod tap;
mod wire;

pub use caller::Caller;
pub use tap::{Block, Tap};

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use wire::{Message, Wire};

/// How a peer behaves once somebody asks it for something. All of them say that they have everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Gives what is asked.
    Honest,
    /// Gives what is asked with one bit of every block turned.
    Corrupt,
    /// Says that it is alive, again and again, and gives nothing.
    Stalls,
    /// Says nothing any more.
    Silent,
    /// Gives a byte too few of every block.
    WrongLengths,
    /// Gives blocks that nobody asked for, without end.
    Unasked,
    /// Sends noise, without end.
    Noise,
    /// Gives what is asked, and tells first that there is a peer at this port of 127.0.0.1 (BEP 11).
    TellsOf(u16),
}

/// A peer that listens. Gone when this is dropped.
pub struct Peer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    info_hash: [u8; 20],
    /// All bytes of the torrent in the order of its v1 list, with pads.
    bytes: Vec<u8>,
    piece_bytes: usize,
    manner: Manner,
    stop: AtomicBool,
    calls: AtomicU64,
    given: AtomicU64,
}

impl Peer {
    /// One that has all of a torrent: its bytes in the order of the v1 list, pads as zeros.
    pub fn start(
        info_hash: [u8; 20],
        bytes: Vec<u8>,
        piece_bytes: usize,
        manner: Manner,
    ) -> io::Result<Peer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            info_hash,
            bytes,
            piece_bytes,
            manner,
            stop: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            given: AtomicU64::new(0),
        });
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.listen(&listener)
        });
        Ok(Peer { address, shared, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often it was called.
    pub fn calls(&self) -> u64 {
        self.shared.calls.load(Ordering::Relaxed)
    }

    /// Bytes of blocks that it sent.
    pub fn given(&self) -> u64 {
        self.shared.given.load(Ordering::Relaxed)
    }
}

impl Drop for Peer {
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
        let mut serving = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            if self.is_stopping() {
                break;
            }
            self.calls.fetch_add(1, Ordering::Relaxed);
            let shared = Arc::clone(self);
            // It ends when the other one leaves, which is how most of these calls end.
            serving.push(std::thread::spawn(move || drop(shared.serve(stream))));
        }
        for thread in serving {
            let _ = thread.join();
        }
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut wire = Wire::new(stream)?;
        wire.read_handshake(|| self.is_stopping())?;
        wire.write_handshake(&self.info_hash)?;
        if let Manner::TellsOf(port) = self.manner {
            self.tell(&mut wire, port)?;
        }
        let pieces = self.bytes.len().div_ceil(self.piece_bytes);
        let all: Vec<u8> = (0..pieces.div_ceil(8))
            .map(|byte| (0..8).fold(0, |bits, bit| bits << 1 | u8::from(byte * 8 + bit < pieces)))
            .collect();
        wire.write(&Message::Bitfield(all))?;
        wire.write(&Message::Unchoke)?;
        while let Some(message) = wire.read(|| self.is_stopping())? {
            if let Message::Request { piece, begin, length } = message {
                self.answer(&mut wire, piece, begin, length)?;
            }
        }
        Ok(())
    }

    /// Waits for the other one's handshake of BEP 10, which says how its messages are numbered.
    fn tell(&self, wire: &mut Wire, port: u16) -> io::Result<()> {
        wire.write(&Message::Extended([&[0], &b"d1:md6:ut_pexi1eee"[..]].concat()))?;
        while let Some(message) = wire.read(|| self.is_stopping())? {
            if let Message::Extended(body) = message
                && let Some(number) = pex_number(&body)
            {
                let [high, low] = port.to_be_bytes();
                let told = [b"d5:added6:", &[127, 0, 0, 1, high, low][..], b"7:added.f1:\0e"];
                return wire.write(&Message::Extended([&[number], &told.concat()[..]].concat()));
            }
        }
        Ok(())
    }

    fn answer(&self, wire: &mut Wire, piece: u32, begin: u32, length: u32) -> io::Result<()> {
        let start = piece as usize * self.piece_bytes + begin as usize;
        let block = self.bytes.get(start..start + length as usize);
        let mut block = block.ok_or(io::ErrorKind::InvalidInput)?.to_vec();
        match self.manner {
            Manner::Honest | Manner::TellsOf(_) => {}
            Manner::Corrupt => block[length as usize / 2] ^= 0x10,
            Manner::WrongLengths => drop(block.pop()),
            Manner::Stalls => return self.until_stopped(|| wire.write(&Message::KeepAlive)),
            Manner::Silent => return self.until_stopped(|| Ok(())),
            Manner::Noise => {
                let noise = vec![0xA5; 64 * 1024];
                while !self.is_stopping() {
                    wire.write_raw(&noise)?;
                }
            }
            Manner::Unasked => {
                while !self.is_stopping() {
                    wire.write(&Message::Piece { piece: 0, begin: 0, block: block.clone() })?;
                }
            }
        }
        self.given.fetch_add(block.len() as u64, Ordering::Relaxed);
        wire.write(&Message::Piece { piece, begin, block })
    }

    fn until_stopped(&self, mut act: impl FnMut() -> io::Result<()>) -> io::Result<()> {
        while !self.is_stopping() {
            act()?;
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// The number that a handshake of BEP 10 gives to messages of peer exchange.
fn pex_number(handshake: &[u8]) -> Option<u8> {
    const KEY: &[u8] = b"6:ut_pexi";
    let at = handshake.windows(KEY.len()).position(|window| window == KEY)?;
    let digits = handshake[at + KEY.len()..].split(|byte| *byte == b'e').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}
