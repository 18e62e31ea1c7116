//! A small web server for tests, on loopback: files of a folder, with ranges, at a rate, and with every bad manner that a
//! mirror has to stand. It counts what it was asked for and what it sent.

use anyhow::Context;
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

/// What it does with a file that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manner {
    /// Gives it.
    Honest,
    /// Gives all of it, whatever part was asked for.
    NoRanges,
    /// Gives it with one byte of each 100,000 changed.
    Corrupt,
    /// Gives the head of the answer and some bytes, and then nothing.
    Stall,
    /// Gives a byte now and then.
    Drip,
    /// Says and gives fewer bytes than the file has.
    Short,
    /// Says that the file has more bytes than it has, and gives them.
    Long,
    /// Says a range that was not asked for.
    OtherRange,
    /// Sends data without end.
    Endless,
    /// Sends the head of an answer without end.
    EndlessHead,
    /// Sends one elsewhere: the address.
    Redirect(String),
    /// Breaks off in the middle.
    BreakOff,
    /// Answers with this status.
    Status(u16),
}

/// A server, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    manner: Mutex<Box<[(String, Manner)]>>,
    asked: Mutex<Vec<String>>,
    sent: Mutex<HashMap<String, u64>>,
    bytes_per_second: AtomicU64,
    is_over: AtomicBool,
}

struct Request {
    path: String,
    range: Option<(u64, Option<u64>)>,
}

impl Server {
    /// Serves the files beneath `folder` on a free port of 127.0.0.1.
    pub fn start(folder: &Path) -> anyhow::Result<Server> {
        let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen on loopback")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            folder: folder.to_path_buf(),
            manner: Mutex::default(),
            asked: Mutex::default(),
            sent: Mutex::default(),
            bytes_per_second: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        });
        let serves = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serves.is_over.load(Ordering::Relaxed) {
                    break;
                }
                let (Ok(stream), serves) = (stream, Arc::clone(&serves)) else { continue };
                // A connection that breaks is the other side's business.
                std::thread::spawn(move || drop(serves.serve(&stream)));
            }
        });
        Ok(Server { address, shared, accepting: Some(accepting) })
    }

    /// `http://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// From now on files whose path has this text in it are given in this manner; what was said last counts.
    pub fn behave(&self, part_of_path: &str, manner: Manner) {
        let mut manners = lock(&self.shared.manner);
        let mut all = manners.to_vec();
        all.insert(0, (part_of_path.to_owned(), manner));
        *manners = all.into_boxed_slice();
    }

    /// At most so many bytes a second on each connection; 0 is as quick as can be.
    pub fn slow_down(&self, bytes_per_second: u64) {
        self.shared.bytes_per_second.store(bytes_per_second, Ordering::Relaxed);
    }

    /// Every path that was asked for, in order, as it was written.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.asked).clone()
    }

    /// Bytes of bodies that were sent of files whose path has this text in it.
    pub fn sent(&self, part_of_path: &str) -> u64 {
        let sent = lock(&self.shared.sent);
        sent.iter().filter(|(path, _)| path.contains(part_of_path)).map(|(_, bytes)| bytes).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes the one that waits for connections.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader)? {
            lock(&self.asked).push(request.path.clone());
            let path = decoded(&request.path);
            let manner = {
                let manners = lock(&self.manner);
                let found = manners.iter().find(|(part, _)| path.contains(part.as_str()));
                found.map_or(Manner::Honest, |(_, manner)| manner.clone())
            };
            if !self.answer(stream, &path, &request, &manner)? {
                break;
            }
        }
        Ok(())
    }

    /// Whether the connection goes on.
    fn answer(
        &self,
        mut stream: &TcpStream,
        path: &str,
        request: &Request,
        manner: &Manner,
    ) -> anyhow::Result<bool> {
        match manner {
            Manner::Redirect(to) => {
                write!(
                    stream,
                    "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
                )?;
                return Ok(true);
            }
            Manner::Status(status) => {
                write!(stream, "HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n")?;
                return Ok(true);
            }
            Manner::EndlessHead => {
                write!(stream, "HTTP/1.1 200 OK\r\n")?;
                while !self.is_over.load(Ordering::Relaxed) {
                    write!(stream, "X-More: {}\r\n", "more".repeat(200))?;
                }
                return Ok(false);
            }
            _ => {}
        }
        let Some(content) = self.read(path) else {
            write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
            return Ok(true);
        };
        let of = content.len() as u64;
        let range = request.range.filter(|(from, _)| *from < of && *manner != Manner::NoRanges);
        let (from, to) = match range {
            Some((from, to)) => (from, to.map_or(of, |to| of.min(to + 1))),
            None => (0, of),
        };
        let mut body = content[from as usize..to as usize].to_vec();
        match manner {
            Manner::Corrupt => {
                let places =
                    (0..body.len()).filter(|place| (from as usize + place) % 100_000 == 77);
                places.collect::<Vec<_>>().into_iter().for_each(|place| body[place] ^= 1);
            }
            Manner::Short => body.truncate(body.len() / 2),
            Manner::Long => body.extend(std::iter::repeat_n(0, 5000)),
            _ => {}
        }
        let shift = if *manner == Manner::OtherRange { 1 } else { 0 };
        match range {
            Some(_) => write!(
                stream,
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {}-{}/{of}\r\n",
                from + shift,
                to - 1 + shift
            )?,
            None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
        }
        if *manner == Manner::Endless {
            write!(stream, "Transfer-Encoding: chunked\r\n\r\n")?;
            self.send_chunk(stream, path, &body)?;
            while !self.is_over.load(Ordering::Relaxed) {
                self.send_chunk(stream, path, &[0; 16_384])?;
            }
            return Ok(false);
        }
        write!(stream, "Content-Length: {}\r\n\r\n", body.len())?;
        match manner {
            Manner::Stall => {
                self.send(stream, path, &body[..body.len().min(1000)])?;
                self.wait_until_left(stream);
                Ok(false)
            }
            Manner::Drip => {
                for byte in body.chunks(1) {
                    self.send(stream, path, byte)?;
                    std::thread::sleep(Duration::from_millis(100));
                }
                Ok(true)
            }
            Manner::BreakOff => {
                self.send(stream, path, &body[..body.len() / 2])?;
                Ok(false)
            }
            _ => self.send(stream, path, &body).map(|()| true),
        }
    }

    fn send_chunk(&self, mut stream: &TcpStream, path: &str, data: &[u8]) -> anyhow::Result<()> {
        write!(stream, "{:x}\r\n", data.len())?;
        self.send(stream, path, data)?;
        Ok(stream.write_all(b"\r\n")?)
    }

    fn send(&self, mut stream: &TcpStream, path: &str, data: &[u8]) -> anyhow::Result<()> {
        for part in data.chunks(16_384) {
            let rate = self.bytes_per_second.load(Ordering::Relaxed);
            if let Some(pause) = (part.len() as u64 * 1_000_000).checked_div(rate) {
                std::thread::sleep(Duration::from_micros(pause));
            }
            stream.write_all(part)?;
            *lock(&self.sent).entry(path.to_owned()).or_default() += part.len() as u64;
        }
        Ok(())
    }

    fn wait_until_left(&self, mut stream: &TcpStream) {
        let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
        while !self.is_over.load(Ordering::Relaxed) {
            let mut byte = [0];
            match std::io::Read::read(&mut stream, &mut byte) {
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => return,
            }
        }
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let relative = Path::new(path.trim_start_matches('/'));
        let is_plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        fs::read(self.folder.join(relative)).ok().filter(|_| is_plain)
    }
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> anyhow::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).context("no path is asked for")?.to_owned();
    let mut range = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            return Ok(Some(Request { path, range }));
        }
        let lower = line.to_ascii_lowercase();
        if let Some((from, to)) =
            lower.trim_end().strip_prefix("range: bytes=").and_then(|range| range.split_once('-'))
        {
            range = Some((from.parse()?, to.parse().ok()));
        }
    }
}

fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let (mut text, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let hex = path.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                text.push(byte);
                at += 3;
            }
            (byte, _) => {
                text.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
