//! By which rules somebody is called.
//!
//! Addresses that the user named and a torrent's trackers are. What others tell (trackers, peers, the distributed hash table) is
//! called only in a swarm that is open, one with a way to find strangers: and then on the Internet alone, so that no stranger makes
//! this machine call its neighbours or itself. Where a tracker or a named peer is itself near, those it tells of may be as near.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use url::Url;

/// The rules of a swarm.
#[derive(Default)]
pub(super) struct Rules {
    is_open: bool,
    named: HashSet<SocketAddr>,
    trackers: HashSet<(String, u16)>,
    /// The nearest that strangers may tell of.
    nearest: Distance,
}

/// What may be done with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// It was named.
    Call,
    /// Strangers told of it: a peer it may be, and nothing else.
    CallAsPeer,
    /// It is not called.
    Refuse,
}

/// How far an address is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    /// Anywhere on the Internet.
    #[default]
    Far,
    /// On this network.
    Near,
    /// This machine.
    Here,
}

impl Rules {
    /// Of a swarm that looks for strangers by itself, or on this network too.
    pub(super) fn new(seeks: bool, seeks_near: bool) -> Rules {
        let nearest = if seeks_near { Distance::Near } else { Distance::Far };
        Rules { is_open: seeks || seeks_near, nearest, ..Rules::default() }
    }

    pub(super) fn name_peer(&mut self, peer: SocketAddr) {
        self.named.insert(canonical(peer));
        self.note(peer.ip());
    }

    /// Opens the swarm, since whoever it tells of are strangers.
    pub(super) fn name_tracker(&mut self, tracker: &Url) {
        self.is_open = true;
        let named = tracker.host_str().zip(tracker.port_or_known_default());
        let Some((host, port)) = named else { return };
        // A URL of a scheme that browsers do not know keeps an address as text.
        match host.trim_matches(['[', ']']).parse() {
            Ok(address) => self.name_peer(SocketAddr::new(address, port)),
            Err(_) => drop(self.trackers.insert((host.to_ascii_lowercase(), port))),
        }
    }

    /// Whether a name and a port are a tracker's.
    pub(super) fn is_tracker(&self, name: &str, port: u16) -> bool {
        self.trackers.contains(&(name.to_ascii_lowercase(), port))
    }

    /// Whether strangers may tell of it.
    pub(super) fn is_in_reach(&self, address: IpAddr) -> bool {
        distance(address).is_some_and(|it| it <= self.nearest)
    }

    pub(super) fn decide(&self, address: SocketAddr) -> Decision {
        if self.named.contains(&canonical(address)) {
            Decision::Call
        } else if self.is_open && self.is_in_reach(address.ip()) {
            Decision::CallAsPeer
        } else {
            Decision::Refuse
        }
    }

    fn note(&mut self, named: IpAddr) {
        self.nearest = distance(named).map_or(self.nearest, |it| it.max(self.nearest));
    }
}

/// IPv4 addresses in the clothes of IPv6 are what they are.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// `None`: nobody is there who could be called. IANA's registries of special addresses.
fn distance(address: IpAddr) -> Option<Distance> {
    let address = bare(address);
    if address.is_unspecified() || address.is_multicast() {
        return None;
    }
    if address.is_loopback() {
        return Some(Distance::Here);
    }
    let is_near = match address {
        IpAddr::V4(address) if address.is_broadcast() || address.octets()[0] >= 240 => return None,
        IpAddr::V4(address) => {
            address.is_private()
                || address.is_link_local()
                || is_shared(address)
                || matches!(address.octets(), [0, ..] | [192, 0, 0, _] | [198, 18 | 19, ..])
        }
        IpAddr::V6(address) => {
            address.is_unique_local()
                || address.is_unicast_link_local()
                || matches!(address.segments(), [0xfec0..=0xfeff, ..] | [0x64, 0xff9b, 1, ..])
        }
    };
    Some(if is_near { Distance::Near } else { Distance::Far })
}

/// The IPv4 address that one of IPv6 leads to: mapped, of a translator (RFC 6052), or of 6to4 (RFC 3056).
fn bare(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else { return address.to_canonical() };
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)).into();
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => v4(high, low),
        _ => v6.into(),
    }
}

/// Of a provider and its customers (RFC 6598).
fn is_shared(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    a == 100 && b & 0xC0 == 64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    const NEAR: [&str; 11] = [
        "10.1.2.3:6881",
        "172.16.0.1:80",
        "192.168.1.1:6881",
        "169.254.169.254:80",
        "100.64.0.1:6881",
        "[fd00::1]:6881",
        "[::ffff:192.168.1.1]:6881",
        "[64:ff9b::c0a8:101]:80",
        "[2002:a00:1::1]:6881",
        "[fec0::1]:6881",
        "198.18.0.1:6881",
    ];
    const HERE: [&str; 3] = ["127.0.0.1:6881", "[::1]:6881", "[::ffff:127.0.0.1]:22"];
    const FAR: [&str; 3] = ["8.8.8.8:6881", "[2a00::1]:6881", "100.128.0.1:1"];
    const NOWHERE: [&str; 4] = ["0.0.0.0:1", "255.255.255.255:1", "224.0.0.1:1", "[ff02::1]:1"];

    fn called(rules: &Rules, addresses: &[&str]) -> usize {
        let is_called = |address: &&&str| rules.decide(at(address)) == Decision::CallAsPeer;
        addresses.iter().filter(is_called).count()
    }

    #[test]
    fn a_closed_swarm_calls_whom_the_user_named() {
        let mut rules = Rules::new(false, false);
        rules.name_peer(at("8.8.8.8:1"));
        rules.name_peer(at("127.0.0.1:7"));
        for named in ["8.8.8.8:1", "127.0.0.1:7", "[::ffff:127.0.0.1]:7"] {
            assert_eq!(rules.decide(at(named)), Decision::Call);
        }
        for addresses in [&NEAR[..], &HERE, &FAR, &NOWHERE] {
            assert_eq!(called(&rules, addresses), 0);
        }
    }

    #[test]
    fn strangers_tell_of_the_internet_alone() {
        for rules in [Rules::new(true, false), {
            let mut rules = Rules::new(false, false);
            rules.name_tracker(&Url::parse("https://tracker.example/announce").unwrap());
            rules
        }] {
            assert_eq!(called(&rules, &FAR), FAR.len());
            for addresses in [&NEAR[..], &HERE, &NOWHERE] {
                assert_eq!(called(&rules, addresses), 0);
            }
        }
    }

    #[test]
    fn who_is_near_may_tell_of_what_is_as_near() {
        let mut rules = Rules::new(true, false);
        rules.name_tracker(&Url::parse("udp://192.168.1.9:6969/announce").unwrap());
        let counts = [called(&rules, &NEAR), called(&rules, &HERE), called(&rules, &NOWHERE)];
        assert_eq!(counts, [NEAR.len(), 0, 0]);
        rules.name_peer(at("127.0.0.1:9"));
        assert_eq!(called(&rules, &HERE), HERE.len());
        assert_eq!(called(&Rules::new(false, true), &NEAR), NEAR.len());
    }

    #[test]
    fn a_tracker_is_its_name_and_its_port() {
        let mut rules = Rules::new(false, false);
        rules.name_tracker(&Url::parse("https://Tracker.example/announce").unwrap());
        rules.name_tracker(&Url::parse("udp://[2a00::5]:6969").unwrap());
        assert!(rules.is_tracker("tracker.EXAMPLE", 443));
        assert!(!rules.is_tracker("tracker.example", 80));
        assert!(!rules.is_tracker("other.example", 443));
        assert_eq!(rules.decide(at("[2a00::5]:6969")), Decision::Call);
    }
}
