//! A connection to a peer that is asked for blocks.

use deadwax_model::{BLOCK_BYTES, PIECE_BYTES};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a peer may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take to be there at all. Nobody listens for the wish to stop meanwhile.
const CONNECTING: Duration = Duration::from_secs(5);

/// How soon the wish to stop is heard.
const LISTEN_EVERY: Duration = Duration::from_millis(100);

/// No message that is of use is longer: a block, or a bit for each piece of the largest pack.
const LONGEST: usize = 128 * 1024;

const PROTOCOL: &[u8; 20] = b"\x13BitTorrent protocol";

const CHOKE: u8 = 0;
const UNCHOKE: u8 = 1;
const INTERESTED: u8 = 2;
const HAVE: u8 = 4;
const BITFIELD: u8 = 5;
const REQUEST: u8 = 6;
const PIECE: u8 = 7;

pub(super) struct Call<'r> {
    stream: TcpStream,
    stop: &'r AtomicBool,
    /// A bit for each piece, the first one highest.
    has: Vec<u8>,
    is_choked: bool,
}

impl<'r> Call<'r> {
    /// Calls a peer about a torrent.
    pub fn begin(
        address: SocketAddr,
        info_hash: &[u8; 20],
        stop: &'r AtomicBool,
    ) -> io::Result<Call<'r>> {
        let stream = TcpStream::connect_timeout(&address, CONNECTING)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LISTEN_EVERY))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut call = Call { stream, stop, has: Vec::new(), is_choked: true };
        let id: [u8; 20] = std::array::from_fn(|_| fastrand::alphanumeric() as u8);
        call.stream.write_all(&[&PROTOCOL[..], &[0; 8], info_hash, &id].concat())?;
        let mut answer = [0; 68];
        call.fill(&mut answer, Instant::now() + PATIENCE)?;
        if answer[..20] != PROTOCOL[..] || answer[28..48] != info_hash[..] {
            return Err(wrong("it does not speak of this pack"));
        }
        call.send(INTERESTED, &[])?;
        Ok(call)
    }

    /// These bytes, counted through the whole torrent, in one piece; `None` when it has not that piece.
    pub fn ask(&mut self, from: u64, to: u64) -> io::Result<Option<Vec<u8>>> {
        let until = Instant::now() + PATIENCE;
        let (piece, begin) = (from / PIECE_BYTES, from % PIECE_BYTES);
        let blocks: Vec<(u64, u64)> = (begin..begin + (to - from))
            .step_by(BLOCK_BYTES as usize)
            .map(|start| (start, BLOCK_BYTES.min(begin + (to - from) - start)))
            .collect();
        // What it has is the first thing that it says, and that it may be asked comes after that.
        while self.is_choked {
            self.hear(until)?;
        }
        let bit = 0x80 >> (piece % 8);
        if self.has.get((piece / 8) as usize).is_none_or(|byte| byte & bit == 0) {
            return Ok(None);
        }
        for (start, length) in &blocks {
            let numbers = [piece, *start, *length].map(|number| (number as u32).to_be_bytes());
            self.send(REQUEST, &numbers.concat())?;
        }
        let mut data = vec![0; (to - from) as usize];
        let mut missing = blocks;
        while !missing.is_empty() {
            let Some(body) = self.hear(until)? else { continue };
            let (head, block) = body.split_at_checked(8).ok_or_else(|| wrong("a short block"))?;
            let start = u64::from(number(&head[4..])?);
            let found = missing.iter().position(|&(at, length)| {
                u64::from(number(head).unwrap_or_default()) == piece
                    && (at, length) == (start, block.len() as u64)
            });
            let found = found.ok_or_else(|| wrong("a block that nobody asked for"))?;
            missing.swap_remove(found);
            let at = (start - begin) as usize;
            data[at..at + block.len()].copy_from_slice(block);
        }
        Ok(Some(data))
    }

    /// The next message: what belongs to a block, or nothing, when it was about something else.
    fn hear(&mut self, until: Instant) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        self.fill(&mut length, until)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST {
            return Err(wrong("a message that is too long"));
        }
        let mut message = vec![0; length];
        self.fill(&mut message, until)?;
        let Some((kind, body)) = message.split_first() else { return Ok(None) };
        match *kind {
            CHOKE => self.is_choked = true,
            UNCHOKE => self.is_choked = false,
            BITFIELD => self.has = body.to_vec(),
            HAVE => self.note(number(body)? as usize)?,
            PIECE => return Ok(Some(body.to_vec())),
            _ => {}
        }
        Ok(None)
    }

    fn note(&mut self, piece: usize) -> io::Result<()> {
        if piece / 8 >= LONGEST {
            return Err(wrong("a piece that no pack has"));
        }
        if self.has.len() <= piece / 8 {
            self.has.resize(piece / 8 + 1, 0);
        }
        self.has[piece / 8] |= 0x80 >> (piece % 8);
        Ok(())
    }

    fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let length = (body.len() as u32 + 1).to_be_bytes();
        self.stream.write_all(&[&length[..], &[kind], body].concat())
    }

    fn fill(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.stop.load(Ordering::Relaxed) {
                return Err(ErrorKind::Interrupted.into());
            }
            match self.stream.read(&mut buffer[filled..]) {
                Ok(0) => return Err(wrong("it hung up")),
                Ok(read) => filled += read,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if !matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Err(e);
                }
                Err(_) if Instant::now() > until => return Err(wrong("it said nothing for long")),
                Err(_) => {}
            }
            // One byte now and then keeps nobody waiting for ever.
            if Instant::now() > until + PATIENCE {
                return Err(wrong("it is too slow"));
            }
        }
        Ok(())
    }
}

fn number(bytes: &[u8]) -> io::Result<u32> {
    bytes
        .first_chunk()
        .map(|bytes| u32::from_be_bytes(*bytes))
        .ok_or_else(|| wrong("a short message"))
}

fn wrong(what: &str) -> io::Error {
    io::Error::other(what.to_owned())
}
