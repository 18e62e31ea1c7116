//! Who calls a peer and asks it for blocks.

use super::wire::{Message, Wire};
use std::collections::BTreeSet;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A connection to a peer that was called.
pub struct Caller {
    wire: Wire,
    has: BTreeSet<u32>,
}

impl Caller {
    /// Calls a peer about a torrent, and waits until it may ask, for `patience` at most.
    ///
    /// # Errors
    /// A peer that does not answer, or not about this torrent.
    pub fn call(
        address: SocketAddr,
        info_hash: [u8; 20],
        patience: Duration,
    ) -> io::Result<Caller> {
        let late = deadline(patience);
        let mut wire = Wire::new(TcpStream::connect_timeout(&address, patience)?)?;
        wire.write_handshake(&info_hash)?;
        if wire.read_handshake(&late)? != info_hash {
            return Err(io::ErrorKind::InvalidData.into());
        }
        wire.write(&Message::Interested)?;
        let mut caller = Caller { wire, has: BTreeSet::new() };
        loop {
            match caller.wire.read(&late)? {
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(Message::Unchoke) => return Ok(caller),
                Some(message) => caller.note(message),
            }
        }
    }

    /// The pieces that the other one says it has, so far.
    pub fn has(&self) -> &BTreeSet<u32> {
        &self.has
    }

    /// Asks for a block. `None`: the other one left, or said nothing for `patience`.
    pub fn ask(
        &mut self,
        piece: u32,
        begin: u32,
        length: u32,
        patience: Duration,
    ) -> Option<Vec<u8>> {
        let late = deadline(patience);
        self.wire.write(&Message::Request { piece, begin, length }).ok()?;
        loop {
            match self.wire.read(&late).ok()?? {
                Message::Piece { piece: p, begin: b, block } if (p, b) == (piece, begin) => {
                    return Some(block);
                }
                message => self.note(message),
            }
        }
    }

    fn note(&mut self, message: Message) {
        match message {
            Message::Have(piece) => drop(self.has.insert(piece)),
            Message::Bitfield(bits) => {
                let pieces = 0..bits.len() as u32 * 8;
                let set = |piece: &u32| bits[*piece as usize / 8] & (0x80 >> (piece % 8)) != 0;
                self.has.extend(pieces.filter(set));
            }
            _ => {}
        }
    }
}

fn deadline(patience: Duration) -> impl Fn() -> bool {
    let began = Instant::now();
    move || began.elapsed() > patience
}
