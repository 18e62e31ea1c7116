//! Trackers that are asked by datagrams (BEP 15).

use deadwax_torrent::scrape;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::timeout;
use url::Url;

/// How long an answer may take before the same is asked again. BEP 15 says 15 seconds, and longer every time, for who can wait.
const ANSWER: Duration = Duration::from_secs(3);

/// How often the same is asked. Datagrams get lost.
const TRIES: usize = 3;

/// Asks a tracker for these, and notes what it tells. One that does not answer is left alone.
pub(super) async fn ask(
    tracker: &Url,
    hashes: &[[u8; 20]],
    note: impl Fn(BTreeMap<[u8; 20], u32>),
) {
    let Ok(socket) = call(tracker).await else { return };
    let transaction = fastrand::u32(..);
    let question = scrape::connect(transaction);
    let connection =
        exchange(&socket, &question, |answer| scrape::connected(answer, transaction)).await;
    let Some(connection) = connection else { return };
    for some in hashes.chunks(scrape::DATAGRAM_TORRENTS) {
        let transaction = fastrand::u32(..);
        let question = scrape::ask(connection, transaction, some);
        let told = exchange(&socket, &question, |answer| {
            scrape::told(answer, transaction).filter(|told| told.len() == some.len())
        });
        let Some(told) = told.await else { return };
        note(some.iter().copied().zip(told).collect());
    }
}

/// A socket that hears this tracker alone.
async fn call(tracker: &Url) -> io::Result<UdpSocket> {
    let named = tracker.host_str().zip(tracker.port());
    let (host, port) = named.ok_or(io::ErrorKind::InvalidInput)?;
    let host = host.trim_matches(['[', ']']);
    let address = lookup_host((host, port)).await?.next().ok_or(io::ErrorKind::NotFound)?;
    let socket = match address {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?,
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await?,
    };
    socket.connect(address).await?;
    Ok(socket)
}

/// Asks until an answer comes that can be read.
async fn exchange<T>(
    socket: &UdpSocket,
    question: &[u8],
    read: impl Fn(&[u8]) -> Option<T>,
) -> Option<T> {
    let mut buffer = [0; scrape::DATAGRAM_BYTES];
    for _ in 0..TRIES {
        socket.send(question).await.ok()?;
        let answer = async {
            loop {
                let bytes = socket.recv(&mut buffer).await.ok()?;
                // Anything else may be an answer that came late.
                if let Some(answer) = read(&buffer[..bytes]) {
                    return Some(answer);
                }
            }
        };
        if let Ok(answer) = timeout(ANSWER, answer).await {
            return answer;
        }
    }
    None
}
