//! Messages of BEP 3 and 10 on a connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How soon somebody who waits for bytes sees that it should stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Longer ones are nothing that these peers would be sent.
const LONGEST: usize = 1 << 20;

/// The messages that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    KeepAlive,
    Unchoke,
    Interested,
    Bitfield(Vec<u8>),
    Have(u32),
    Request {
        piece: u32,
        begin: u32,
        length: u32,
    },
    Piece {
        piece: u32,
        begin: u32,
        block: Vec<u8>,
    },
    /// Of BEP 10: a number and what belongs to it.
    Extended(Vec<u8>),
    Other,
}

impl Message {
    /// What came, its length first.
    pub(super) fn of(raw: &[u8]) -> Message {
        let Some(body) = raw.get(4..).filter(|body| !body.is_empty()) else {
            return Message::KeepAlive;
        };
        let number = |at: usize| {
            body.get(at..at + 4)
                .map(|b| u32::from_be_bytes(b.try_into().expect("4 bytes are 4 bytes")))
        };
        let message = || match body[0] {
            1 => Some(Message::Unchoke),
            2 => Some(Message::Interested),
            4 => Some(Message::Have(number(1)?)),
            5 => Some(Message::Bitfield(body[1..].to_vec())),
            6 => {
                Some(Message::Request { piece: number(1)?, begin: number(5)?, length: number(9)? })
            }
            7 => Some(Message::Piece {
                piece: number(1)?,
                begin: number(5)?,
                block: body.get(9..)?.to_vec(),
            }),
            20 => Some(Message::Extended(body[1..].to_vec())),
            _ => None,
        };
        message().unwrap_or(Message::Other)
    }
}

pub(super) struct Wire {
    stream: TcpStream,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> io::Result<Wire> {
        stream.set_read_timeout(Some(LOOK_EVERY))?;
        stream.set_write_timeout(Some(Duration::from_secs(5)))?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream })
    }

    /// The info hash that the other one names.
    pub(super) fn read_handshake(&mut self, stop: impl Fn() -> bool) -> io::Result<[u8; 20]> {
        Ok(info_hash_of(&self.read_raw_handshake(stop)?))
    }

    /// The other one's first words as they came.
    pub(super) fn read_raw_handshake(&mut self, stop: impl Fn() -> bool) -> io::Result<[u8; 68]> {
        let mut handshake = [0; 68];
        if !self.fill(&mut handshake, &stop)? || handshake[..20] != *b"\x13BitTorrent protocol" {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(handshake)
    }

    pub(super) fn write_handshake(&mut self, info_hash: &[u8; 20]) -> io::Result<()> {
        let peer_id: [u8; 20] = std::array::from_fn(|_| fastrand::alphanumeric() as u8);
        // The bit of BEP 10.
        let reserved = [0, 0, 0, 0, 0, 0x10, 0, 0];
        let parts: [&[u8]; 4] = [b"\x13BitTorrent protocol", &reserved, info_hash, &peer_id];
        self.write_raw(&parts.concat())
    }

    pub(super) fn write(&mut self, message: &Message) -> io::Result<()> {
        let numbers = |id: u8, numbers: &[u32], rest: &[u8]| {
            let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
            [&[id], &numbers[..], rest].concat()
        };
        let body = match message {
            Message::KeepAlive | Message::Other => vec![],
            Message::Unchoke => vec![1],
            Message::Interested => vec![2],
            Message::Have(piece) => numbers(4, &[*piece], &[]),
            Message::Bitfield(bits) => numbers(5, &[], bits),
            Message::Request { piece, begin, length } => {
                numbers(6, &[*piece, *begin, *length], &[])
            }
            Message::Piece { piece, begin, block } => numbers(7, &[*piece, *begin], block),
            Message::Extended(body) => numbers(20, &[], body),
        };
        self.write_raw(&[&(body.len() as u32).to_be_bytes()[..], &body].concat())
    }

    pub(super) fn write_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next message; `None` when the other one left or it is time to stop.
    pub(super) fn read(&mut self, stop: impl Fn() -> bool) -> io::Result<Option<Message>> {
        Ok(self.read_raw(stop)?.map(|raw| Message::of(&raw)))
    }

    /// The next message as it came, its length first; `None` when the other one left or it is time to stop.
    pub(super) fn read_raw(&mut self, stop: impl Fn() -> bool) -> io::Result<Option<Vec<u8>>> {
        let mut raw = vec![0; 4];
        if !self.fill(&mut raw, &stop)? {
            return Ok(None);
        }
        let length = u32::from_be_bytes(raw[..4].try_into().expect("4 bytes are 4 bytes")) as usize;
        if length > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        raw.resize(4 + length, 0);
        Ok(self.fill(&mut raw[4..], &stop)?.then_some(raw))
    }

    /// Whether all of it came before the other one left or it was time to stop.
    fn fill(&mut self, buffer: &mut [u8], stop: &impl Fn() -> bool) -> io::Result<bool> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.stream.read(&mut buffer[filled..]) {
                Ok(0) => return Ok(false),
                Ok(read) => filled += read,
                Err(e)
                    if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
                {
                    if stop() {
                        return Ok(false);
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }
}

/// The info hash that a handshake names.
pub(super) fn info_hash_of(handshake: &[u8; 68]) -> [u8; 20] {
    handshake[28..48].try_into().expect("20 bytes are 20 bytes")
}
