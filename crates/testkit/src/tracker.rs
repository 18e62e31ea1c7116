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

    /// Lets so many have announced themselves for a torrent.
    pub fn pretend(&self, info_hash: &[u8], seeds: u16) {
        let mut swarms = self.swarms.lock().unwrap_or_else(PoisonError::into_inner);
        swarms.insert(info_hash.to_vec(), (1..=seeds).collect());
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
    if request.starts_with("GET /scrape?") {
        return send(&mut stream, &scraped(query.unwrap_or_default(), swarms));
    }
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
    send(&mut stream, &body)
}

fn send(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}

/// How many announced themselves for each torrent that is asked for, all of which count as having it whole (BEP 48).
fn scraped(query: &str, swarms: &Mutex<Swarms>) -> Vec<u8> {
    let swarms = swarms.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = query.split('&').filter_map(|pair| decoded(pair.strip_prefix("info_hash=")?));
    let mut body = b"d5:filesd".to_vec();
    for info_hash in asked.collect::<BTreeSet<_>>() {
        let complete = swarms.get(&info_hash).map_or(0, BTreeSet::len);
        body.extend_from_slice(format!("{}:", info_hash.len()).as_bytes());
        body.extend_from_slice(&info_hash);
        let counts = format!("d8:completei{complete}e10:downloadedi0e10:incompletei0ee");
        body.extend_from_slice(counts.as_bytes());
    }
    body.extend_from_slice(b"ee");
    body
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
