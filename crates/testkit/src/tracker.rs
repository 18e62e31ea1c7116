//! A BitTorrent tracker by hand, from the texts of BEP 3 and 23: who announces is told of all others that did, on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A tracker that listens. Gone when this is dropped.
pub struct Tracker {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    swarms: Arc<Mutex<Swarms>>,
    thread: Option<JoinHandle<()>>,
}

/// The ports of those that announced, by info hash.
type Swarms = BTreeMap<Vec<u8>, BTreeSet<u16>>;

impl Tracker {
    /// On a free port of 127.0.0.1.
    pub fn start() -> io::Result<Tracker> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (stop, swarms) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
        let thread = std::thread::spawn({
            let (stop, swarms) = (Arc::clone(&stop), Arc::clone(&swarms));
            move || {
                while let Ok((stream, _)) = listener.accept() {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    // Who does not ask properly gets no answer.
                    let _ = answer(stream, &swarms);
                }
            }
        });
        Ok(Tracker { address, stop, swarms, thread: Some(thread) })
    }

    /// What a torrent names.
    pub fn announce_url(&self) -> String {
        format!("http://{}/announce", self.address)
    }

    /// The ports that announced themselves for a torrent.
    pub fn ports(&self, info_hash: &[u8]) -> BTreeSet<u16> {
        let swarms = self.swarms.lock().unwrap_or_else(PoisonError::into_inner);
        swarms.get(info_hash).cloned().unwrap_or_default()
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes it where it waits for somebody to call.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream, swarms: &Mutex<Swarms>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut request, mut line) = (String::new(), String::new());
    reader.read_line(&mut request)?;
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let query = request.split_once('?').and_then(|(_, rest)| rest.split(' ').next());
    let asked = |name: &str| {
        let value =
            query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        decoded(value)
    };
    let port = asked("port").and_then(|port| std::str::from_utf8(&port).ok()?.parse::<u16>().ok());
    let (Some(info_hash), Some(port)) = (asked("info_hash"), port) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let others: Vec<u8> = {
        let mut swarms = swarms.lock().unwrap_or_else(PoisonError::into_inner);
        let swarm = swarms.entry(info_hash).or_default();
        match asked("event").as_deref() {
            Some(b"stopped") => swarm.remove(&port),
            _ => swarm.insert(port),
        };
        let others = swarm.iter().filter(|other| **other != port);
        others.flat_map(|port| [&[127, 0, 0, 1], &port.to_be_bytes()[..]].concat()).collect()
    };
    let head = format!("d8:intervali1e12:min intervali1e5:peers{}:", others.len());
    let body = [head.as_bytes(), &others, b"e"].concat();
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(&body)
}

/// Percent-encoding undone.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    Some(decoded)
}
