//! Who sent what does not fit.
//!
//! librqbit drops such a peer, and says which and why in its log alone: its counts of a peer do not tell a broken connection
//! from a piece that was wrong. So its threads' log is listened to, for one line: `error managing peer: ...`, said within
//! the span of a peer within the span of a torrent. Everything else of the log is turned off at its source.
//! tests/swarm.rs notices when another version says it otherwise.

use super::rules::canonical;
use std::collections::HashMap;
use std::fmt::{Debug, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// So many addresses are remembered; whoever comes from ever new ones fills no memory.
const MOST_REMEMBERED: usize = 10_000;

/// Who sent what does not fit so often within [`REMEMBERED`] is not called for as long: now and then it is another's fault, whose
/// part of a piece it took over.
const MOST_FAULTS: usize = 3;

/// How long a fault counts.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// A peer that was dropped for what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPeer {
    /// Where it is, or came from.
    pub address: SocketAddr,
    /// What it did last.
    pub fault: PeerFault,
    /// How often it was dropped.
    pub times: u64,
}

/// What a peer was dropped for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeerFault {
    /// Sent a piece that does not fit its hash.
    WrongData,
    /// Sent what is no message, of a wrong length, or what nobody asked for.
    WrongMessage,
    /// Said nothing for half a minute while something was wanted.
    Silence,
}

impl PeerFault {
    /// In words.
    pub fn said(self) -> &'static str {
        match self {
            PeerFault::WrongData => "sent data that do not fit their hash",
            PeerFault::WrongMessage => "sent what is no message, or what nobody asked for",
            PeerFault::Silence => "said nothing while something was wanted",
        }
    }
}

/// A torrent's number in its session, and where a peer of it is.
type Whose = (u64, SocketAddr);

/// Whether something of a torrent is still wanted.
type IsWanting = dyn Fn() -> bool + Send + Sync;

/// The listener.
#[derive(Default)]
pub(super) struct Verdicts {
    bad: Mutex<HashMap<Whose, Seen>>,
    wanting: Mutex<HashMap<u64, Arc<IsWanting>>>,
    spans: Mutex<HashMap<u64, Span>>,
    last_span: AtomicU64,
}

/// What was seen of a peer.
struct Seen {
    last: PeerFault,
    times: u64,
    /// When it sent what does not fit, the last times. Silence is no lie.
    faults: Vec<Instant>,
}

struct Span {
    torrent: Option<u64>,
    peer: Option<SocketAddr>,
    /// How many handles to it there are.
    held: usize,
}

thread_local! {
    /// The spans that this thread is in, innermost last.
    static INSIDE: std::cell::RefCell<Vec<u64>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl Verdicts {
    /// From now on silence counts while something of this torrent is wanted.
    pub(super) fn watch(&self, torrent: usize, is_wanting: Arc<IsWanting>) {
        lock(&self.wanting).insert(torrent as u64, is_wanting);
    }

    /// The torrent was removed; what was noted of its peers stays.
    pub(super) fn forget(&self, torrent: usize) {
        lock(&self.wanting).remove(&(torrent as u64));
    }

    /// Whom a torrent dropped.
    pub(super) fn bad(&self, torrent: usize) -> Vec<BadPeer> {
        let bad = lock(&self.bad);
        let of_it = bad.iter().filter(|((id, _), _)| *id == torrent as u64);
        of_it
            .map(|((_, address), seen)| BadPeer {
                address: *address,
                fault: seen.last,
                times: seen.times,
            })
            .collect()
    }

    /// Whether nobody should call there any more, whatever it is about.
    pub(super) fn is_banned(&self, address: SocketAddr) -> bool {
        let (bad, address) = (lock(&self.bad), canonical(address));
        let of_it = bad.iter().filter(|((_, peer), _)| canonical(*peer) == address);
        let faults = of_it.flat_map(|(_, seen)| &seen.faults);
        faults.filter(|at| at.elapsed() < REMEMBERED).count() >= MOST_FAULTS
    }

    fn heard(&self, text: &str) {
        let Some(fault) = fault(text) else { return };
        let innermost = INSIDE.with_borrow(|inside| inside.last().copied());
        let whose = {
            let spans = lock(&self.spans);
            innermost
                .and_then(|id| spans.get(&id))
                .and_then(|span| Some((span.torrent?, span.peer?)))
        };
        let Some(whose) = whose else { return };
        if fault == PeerFault::Silence {
            let wanting = lock(&self.wanting).get(&whose.0).cloned();
            if !wanting.is_some_and(|is_wanting| is_wanting()) {
                return;
            }
        }
        let mut bad = lock(&self.bad);
        // Whoever comes from ever new addresses makes nobody forgotten who came back.
        if bad.len() >= MOST_REMEMBERED
            && !bad.contains_key(&whose)
            && let Some(least) = bad.iter().min_by_key(|(_, seen)| seen.times).map(|(it, _)| *it)
        {
            bad.remove(&least);
        }
        let seen = bad.entry(whose).or_insert(Seen { last: fault, times: 0, faults: vec![] });
        seen.last = fault;
        seen.times += 1;
        if fault != PeerFault::Silence {
            seen.faults.truncate(MOST_FAULTS - 1);
            seen.faults.insert(0, Instant::now());
        }
    }
}

/// What librqbit's reason for dropping a peer says of the peer; `None` when the connection broke or was not needed.
fn fault(reason: &str) -> Option<PeerFault> {
    const MESSAGES: [&str; 7] = [
        "peer sent us an invalid piece",
        "peer sent an invalid piece",
        "peer sent us a piece we did not ask",
        "bitfield has unexpected size",
        "error deserializing",
        "read buffer is full",
        "is not a valid chunk request",
    ];
    let reason = reason.strip_prefix("error managing peer: ")?;
    if reason.contains("i am probably a bogus peer") {
        Some(PeerFault::WrongData)
    } else if MESSAGES.iter().any(|message| reason.contains(message)) {
        Some(PeerFault::WrongMessage)
    } else if reason.contains("timeout reading") {
        Some(PeerFault::Silence)
    } else {
        None
    }
}

fn is_of_use(metadata: &Metadata) -> bool {
    let spans = ["torrent", "manage_peer", "manage_incoming_peer"];
    match metadata.is_span() {
        true => metadata.target().starts_with("librqbit::") && spans.contains(&metadata.name()),
        false => {
            *metadata.level() == Level::DEBUG
                && metadata.target() == "librqbit::torrent_state::live"
                && metadata.fields().len() == 1
        }
    }
}

impl Subscriber for Verdicts {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_of_use(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_of_use(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut said = Fields::default();
        attributes.record(&mut said);
        let id = self.last_span.fetch_add(1, Ordering::Relaxed) + 1;
        let mut spans = lock(&self.spans);
        let outer = attributes.parent().and_then(|parent| spans.get(&parent.into_u64()));
        let torrent = said.id.or_else(|| outer.and_then(|outer| outer.torrent));
        spans.insert(id, Span { torrent, peer: said.peer, held: 1 });
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut said = Fields::default();
        event.record(&mut said);
        self.heard(&said.message);
    }

    fn enter(&self, span: &Id) {
        INSIDE.with_borrow_mut(|inside| inside.push(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        INSIDE.with_borrow_mut(|inside| {
            if let Some(at) = inside.iter().rposition(|id| *id == span.into_u64()) {
                inside.remove(at);
            }
        });
    }

    fn clone_span(&self, id: &Id) -> Id {
        if let Some(span) = lock(&self.spans).get_mut(&id.into_u64()) {
            span.held += 1;
        }
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut spans = lock(&self.spans);
        let Some(span) = spans.get_mut(&id.into_u64()) else { return false };
        span.held -= 1;
        let is_last = span.held == 0;
        if is_last {
            spans.remove(&id.into_u64());
        }
        is_last
    }
}

/// The fields that matter: `id` of a torrent, `peer` or `addr` of a peer, the message of an event.
#[derive(Default)]
struct Fields {
    id: Option<u64>,
    peer: Option<SocketAddr>,
    message: String,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "id" {
            self.id = Some(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "peer" | "addr" => self.peer = format!("{value:?}").parse().ok(),
            // Writing to a text cannot fail.
            "message" => drop(write!(self.message, "{value:?}")),
            _ => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
