//! Who may be called.
//!
//! librqbit calls every address that anybody tells it of, again and again, and follows trackers' redirects; it has no list of
//! whom not to call that could grow. It has one way out though: a SOCKS5 proxy (RFC 1928). So it is given ours, on
//! a loopback address of this process behind a password of this process (RFC 1929), and every call that it makes is
//! decided here by [`Rules`]. UDP trackers do not pass: they have no redirects.

use super::rules::{Decision, Rules};
use super::verdicts::Verdicts;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

/// How long whoever comes through may take to say where it wants to go.
const ASKING: Duration = Duration::from_secs(10);

/// How long a call may take to be answered.
const CALLING: Duration = Duration::from_secs(10);

/// How long somebody who was called may take nothing of what is said to it: longer than librqbit waits, which then closes its side
/// without anybody here hearing of it.
const TAKING: Duration = Duration::from_secs(180);

/// What is on its way in one direction.
const BUFFER: usize = 128 * 1024;

/// How peers begin (BEP 3).
const HANDSHAKE: [u8; 20] = *b"\x13BitTorrent protocol";

const USER: &str = "deadwax";

// RFC 1928 and 1929.
const SOCKS: u8 = 5;
const BY_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xFF;
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;
const GRANTED: u8 = 0;
const FAILED: u8 = 1;
const FORBIDDEN: u8 = 2;
const REFUSED: u8 = 5;

/// The gate, open as long as the runtime that it was opened on.
pub(super) struct Gate {
    rules: Arc<Mutex<Rules>>,
    url: String,
}

impl Gate {
    /// Opens it on this runtime.
    pub(super) async fn open(rules: Rules, verdicts: Arc<Verdicts>) -> io::Result<Gate> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        let password = hex::encode(secret);
        let url = format!("socks5h://{USER}:{password}@{}", listener.local_addr()?);
        let rules = Arc::new(Mutex::new(rules));
        let doorman = Arc::new(Doorman { rules: Arc::clone(&rules), verdicts, password });
        tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let doorman = Arc::clone(&doorman);
                        // How a call ends is seen by both that it joins.
                        tokio::spawn(async move { doorman.serve(stream).await });
                    }
                    // Too many open files: some will be closed.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        });
        Ok(Gate { rules, url })
    }

    /// Where librqbit finds it, with the password.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Lets these be called from now on: peers that somebody named, and a torrent's trackers.
    pub(super) fn allow(&self, peers: &[SocketAddr], trackers: &[String]) {
        let mut rules = lock(&self.rules);
        peers.iter().for_each(|peer| rules.name_peer(*peer));
        let trackers = trackers.iter().filter_map(|tracker| Url::parse(tracker).ok());
        trackers.for_each(|tracker| rules.name_tracker(&tracker));
    }
}

/// Who stands at the gate.
struct Doorman {
    rules: Arc<Mutex<Rules>>,
    verdicts: Arc<Verdicts>,
    password: String,
}

/// Where somebody wants to go.
enum Target {
    Address(SocketAddr),
    Host(String, u16),
}

impl Doorman {
    async fn serve(&self, mut inner: TcpStream) -> io::Result<()> {
        inner.set_nodelay(true)?;
        let (addresses, decision) = match timeout(ASKING, self.ask(&mut inner)).await?? {
            Target::Address(address) => (vec![address], self.decide(address)),
            Target::Host(name, port) => self.tracker(name, port).await?,
        };
        let outer = match decision {
            Decision::Call => match call(&addresses).await {
                Ok(outer) => {
                    answer(&mut inner, GRANTED).await?;
                    outer
                }
                Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
                    return answer(&mut inner, REFUSED).await;
                }
                Err(_) => return answer(&mut inner, FAILED).await,
            },
            Decision::CallAsPeer => {
                answer(&mut inner, GRANTED).await?;
                // So much is heard before the call: what follows a tracker's redirect does not begin so.
                let mut first = [0; HANDSHAKE.len()];
                timeout(ASKING, inner.read_exact(&mut first)).await??;
                expect(first == HANDSHAKE)?;
                let mut outer = call(&addresses).await?;
                outer.write_all(&first).await?;
                outer
            }
            Decision::Refuse => return answer(&mut inner, FORBIDDEN).await,
        };
        join(inner, outer).await
    }

    async fn ask(&self, inner: &mut TcpStream) -> io::Result<Target> {
        expect(inner.read_u8().await? == SOCKS)?;
        let methods = text(inner).await?;
        if !methods.contains(&BY_PASSWORD) {
            inner.write_all(&[SOCKS, NO_METHOD]).await?;
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        inner.write_all(&[SOCKS, BY_PASSWORD]).await?;
        expect(inner.read_u8().await? == PASSWORD_VERSION)?;
        let (user, password) = (text(inner).await?, text(inner).await?);
        let is_ours = user == USER.as_bytes() && password == self.password.as_bytes();
        inner.write_all(&[PASSWORD_VERSION, u8::from(!is_ours)]).await?;
        expect(is_ours)?;
        let mut head = [0; 4];
        inner.read_exact(&mut head).await?;
        let [version, command, _, kind] = head;
        expect(version == SOCKS && command == CONNECT)?;
        Ok(match kind {
            IPV4 => {
                let address = Ipv4Addr::from(inner.read_u32().await?);
                Target::Address((address, inner.read_u16().await?).into())
            }
            IPV6 => {
                let address = Ipv6Addr::from(inner.read_u128().await?);
                Target::Address((address, inner.read_u16().await?).into())
            }
            NAME => {
                let name = String::from_utf8(text(inner).await?).map_err(io::Error::other)?;
                let port = inner.read_u16().await?;
                Target::Host(name, port)
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }

    fn decide(&self, address: SocketAddr) -> Decision {
        match self.verdicts.is_banned(address) {
            true => Decision::Refuse,
            false => lock(&self.rules).decide(address),
        }
    }

    /// The addresses of a tracker; whatever else has a name is refused. A name may stand for anything: those of its addresses are
    /// called that a stranger could tell of.
    async fn tracker(&self, name: String, port: u16) -> io::Result<(Vec<SocketAddr>, Decision)> {
        if !lock(&self.rules).is_tracker(&name, port) {
            return Ok((Vec::new(), Decision::Refuse));
        }
        let mut addresses: Vec<_> = lookup_host((name, port)).await?.collect();
        let rules = lock(&self.rules);
        addresses.retain(|address| rules.is_in_reach(address.ip()));
        Ok((addresses, Decision::Call))
    }
}

/// The first of these that answers.
async fn call(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut failed = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        match timeout(CALLING, TcpStream::connect(address)).await {
            Ok(Ok(outer)) => {
                outer.set_nodelay(true)?;
                return Ok(outer);
            }
            Ok(Err(e)) => failed = e,
            Err(late) => failed = late.into(),
        }
    }
    Err(failed)
}

/// The address in it is of no use to who asked.
async fn answer(inner: &mut TcpStream, answer: u8) -> io::Result<()> {
    inner.write_all(&[SOCKS, answer, 0, IPV4, 0, 0, 0, 0, 0, 0]).await
}

/// Carries bytes both ways until either has said all it has to say.
async fn join(mut inner: TcpStream, mut outer: TcpStream) -> io::Result<()> {
    let (mut from_inner, mut to_inner) = inner.split();
    let (mut from_outer, mut to_outer) = outer.split();
    tokio::select! {
        // Whoever came through has left: what is still sent to it would be read by nobody.
        sent = carry(&mut from_inner, &mut to_outer, TAKING) => sent,
        // What came last was handed over, and whoever came through sees the end.
        came = carry(&mut from_outer, &mut to_inner, Duration::MAX) => {
            came?;
            to_inner.shutdown().await
        }
    }
}

/// Until `from` has ended, or `to` takes nothing for so long.
async fn carry(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    patience: Duration,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        let mut left = &buffer[..read];
        while !left.is_empty() {
            let taken = timeout(patience, to.write(left)).await??;
            left = &left[taken..];
        }
    }
}

/// A length of one byte, and so many bytes.
async fn text(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut text = vec![0; stream.read_u8().await?.into()];
    stream.read_exact(&mut text).await?;
    Ok(text)
}

fn expect(is_so: bool) -> io::Result<()> {
    if is_so { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
