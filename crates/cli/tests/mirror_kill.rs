//! `deadwax mirror` and `kill -9`: no moment is a bad one, and what came is not fetched again.

#[path = "support/made.rs"]
mod made;
#[path = "../../mirror/tests/published/mod.rs"]
mod published;
#[path = "support/seed.rs"]
mod seed;

use deadwax_testkit::http::Server;
use deadwax_testkit::oracle;
use deadwax_testkit::peer::{Block, Tap};
use deadwax_testkit::sandbox::Sandbox;
use deadwax_torrent::metainfo;
use made::DEADWAX;
use published::{Pack, Published, all_files, missing, music};
use seed::Seed;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PIECE: u64 = 1 << 20;

/// A seed of the web is asked by at most so many connections (docs/formats/mirror.md, Fetching).
const WEB_CONNECTIONS: u64 = 4;

#[test]
fn killed_at_any_moment_it_goes_on() {
    let (kills, files) = if is_full() { (50, 40) } else { (5, 12) };
    let mut published = Published::new();
    let file = |n: u64| (format!("A/{n}.ogg"), music(n, 4 * PIECE as usize + n as usize * 7_001));
    let packs = vec![
        Pack::new("Kill 1", 1, (0..files / 2).map(file).collect()),
        Pack::new("Kill 2", 500, (files / 2..files).map(file).collect()),
    ];
    published.publish("2026-11-21", &packs, &[]);
    let mut killer = Killer::new(kills);
    let (mut mirrors, mut worst) = (0, 0);
    while killer.has_kills() {
        let server = Server::start(&published.editions()).unwrap();
        // Slow enough that what the system holds for us on its way is little.
        server.slow_down(8_000_000);
        let mirror = Mirror::new(&server, &["--no-torrent"]);
        let kills_here = killer.until_done(&mirror, &packs, Duration::from_millis(400));
        mirrors += 1;
        let twice = server.sent("/packs/Kill ") - bytes(&packs);
        worst = worst.max(twice / kills_here.max(1));
        let allowed = kills_here * WEB_CONNECTIONS * PIECE;
        assert!(twice <= allowed, "{twice} bytes came twice after {kills_here} kills");
    }
    let all = bytes(&packs);
    eprintln!(
        "{kills} kills of {mirrors} mirrors of {all} bytes: at most {worst} bytes a kill twice"
    );
}

/// Real music from a web server and two `deadwax seed` at once. Nothing comes twice but the piece that is under way on a
/// connection when it is killed: each of the four to the web server, and each to a peer on which anything came, one a peer and pack.
#[test]
fn killed_between_the_web_and_two_peers_it_goes_on() {
    let kills = if is_full() { 50 } else { 5 };
    let packs = two_packs(if is_full() { 1 } else { 4 });
    let all = bytes(&packs);
    let mut published = Published::new();
    let edition = published.publish("2026-11-21", &packs, &[]);
    let wanted = WantedBytes::read(&edition, &packs);
    let seeds = [(); 2].map(|()| Seed::start(&edition, &["--limit-rate", "2MB"], &[]));
    let mut killer = Killer::new(kills);
    let (mut mirrors, mut by_wire) = (0, 0);
    let (mut twice_in_all, mut calls_in_all) = (0, 0);
    while killer.has_kills() {
        let server = Server::start(&published.editions()).unwrap();
        server.slow_down(1_000_000);
        let taps = seeds.each_ref().map(|seed| Tap::start(seed.address()).unwrap());
        let peers = taps.each_ref().map(|tap| format!("--peer={}", tap.address()));
        let mirror = Mirror::new(&server, &peers.each_ref().map(String::as_str));
        let kills_here = killer.until_done(&mirror, &packs, Duration::from_millis(2500));
        mirrors += 1;
        let web = server.sent("/packs/Kill ");
        let given: Vec<HashMap<Block, u64>> = taps.iter().map(Tap::given).collect();
        let peers: u64 = given.iter().flatten().map(|(block, times)| wanted.of(block) * times).sum();
        by_wire += given
            .iter()
            .flatten()
            .map(|(block, times)| u64::from(block.bytes) * times)
            .sum::<u64>();
        let calls: u64 = taps.iter().map(Tap::fruitful_calls).sum();
        let twice = (web + peers).checked_sub(all).expect("all of it came by these ways");
        eprintln!(
            "{all} bytes, {kills_here} kills: {web} from the web, {peers} by {calls} calls of peers, {twice} twice"
        );
        assert!(web > all / 10 && peers > all / 10, "{web} from the web, {peers} from peers");
        let allowed = (kills_here * WEB_CONNECTIONS + calls) * PIECE;
        assert!(twice <= allowed, "{twice} bytes came twice where {allowed} may");
        (twice_in_all, calls_in_all) = (twice_in_all + twice, calls_in_all + calls);
    }
    let uploaded: u64 =
        seeds.into_iter().map(|seed| seed.end()["uploaded_bytes"].as_u64().unwrap()).sum();
    eprintln!(
        "{kills} kills of {mirrors} mirrors: {twice_in_all} bytes twice, {} a kill; seeds gave {uploaded} bytes, pads too, of which {by_wire} arrived",
        twice_in_all / kills
    );
    // What we count on the wire is what the seeds say, but for what was on its way to the one that was killed.
    let on_its_way = calls_in_all * 2 * PIECE;
    assert!((by_wire..=by_wire + on_its_way).contains(&uploaded), "{uploaded}, {by_wire}");
}

fn is_full() -> bool {
    std::env::var_os("DEADWAX_FULL").is_some()
}

fn bytes(packs: &[Pack]) -> u64 {
    packs.iter().map(Pack::bytes).sum()
}

/// One of so many files of the real music, in two packs; made up where it is not installed.
fn two_packs(one_of: usize) -> Vec<Pack> {
    let mut files: Vec<(String, Vec<u8>)> = match oracle::real_music() {
        Some(folder) => {
            let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let file = |path: PathBuf| {
                let name = path.file_name().unwrap().to_str().unwrap();
                (format!("Wesnoth/{name}"), fs::read(&path).unwrap())
            };
            paths.map(file).collect()
        }
        None => {
            eprintln!("made-up music instead of the real one");
            (0..40).map(|n| (format!("A/{n}.ogg"), music(n, n as usize * 190_001 + 7))).collect()
        }
    };
    files.sort();
    let files: Vec<_> = files.into_iter().step_by(one_of).collect();
    let (first, second): (Vec<_>, Vec<_>) =
        files.into_iter().enumerate().partition(|(n, _)| n % 2 == 0);
    let pack = |name: &str, rank: u32, files: Vec<(usize, (String, Vec<u8>))>| {
        Pack::new(name, rank, files.into_iter().map(|(_, file)| file).collect())
    };
    vec![pack("Kill 1", 1, first), pack("Kill 2", 500, second)]
}

/// How much of each piece is of a file: the rest are pads, which peers give too.
struct WantedBytes(HashMap<[u8; 20], Vec<u64>>);

impl WantedBytes {
    fn read(edition: &Path, packs: &[Pack]) -> WantedBytes {
        let pieces = |pack: &Pack| {
            let torrent = fs::read(edition.join(format!("packs/{}.torrent", pack.name))).unwrap();
            let contents = metainfo::read(&torrent).unwrap();
            let of_file = |file: &metainfo::ContentFile| {
                let bytes = file.bytes;
                (0..bytes.div_ceil(PIECE)).map(move |piece| (bytes - piece * PIECE).min(PIECE))
            };
            (contents.infohash_v1, contents.files.iter().flat_map(of_file).collect())
        };
        WantedBytes(packs.iter().map(pieces).collect())
    }

    fn of(&self, block: &Block) -> u64 {
        let piece = self.0[&block.info_hash][block.piece as usize];
        piece.saturating_sub(block.begin.into()).min(block.bytes.into())
    }
}

/// A mirror to be.
struct Mirror {
    sandbox: Sandbox,
    line: Vec<String>,
    into: PathBuf,
}

impl Mirror {
    fn new(server: &Server, words: &[&str]) -> Mirror {
        let sandbox = Sandbox::new().unwrap();
        let into = sandbox.join("mirror");
        let mut line = ["-q", "mirror", "--budget", "1GB", "--into"].map(str::to_owned).to_vec();
        line.extend([into.to_str().unwrap().to_owned(), server.url()]);
        line.extend(words.iter().map(|&word| word.to_owned()));
        Mirror { sandbox, line, into }
    }
}

/// Has so many kills to give, at moments that its dice say.
struct Killer {
    left: u64,
    dice: fastrand::Rng,
}

impl Killer {
    fn new(kills: u64) -> Killer {
        let said = std::env::var("DEADWAX_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = said.unwrap_or_else(|| fastrand::u64(..));
        eprintln!("DEADWAX_SEED={seed}");
        Killer { left: kills, dice: fastrand::Rng::with_seed(seed) }
    }

    fn has_kills(&self) -> bool {
        self.left > 0
    }

    /// Runs the line again and again until it ends by itself, which all kills but the last ones prevent. Gives how many it took. All
    /// is right at the end, and nothing wrong is under a name of a pack at any time.
    fn until_done(&mut self, mirror: &Mirror, packs: &[Pack], longest: Duration) -> u64 {
        let mut kills = 0;
        loop {
            let mut running = mirror.sandbox.spawn(Path::new(DEADWAX), &mirror.line).unwrap();
            let until = Instant::now() + longest.mul_f64(self.dice.f64());
            while self.left > 0 && Instant::now() < until && !running.has_ended().unwrap() {
                std::thread::sleep(Duration::from_millis(1));
            }
            if self.left > 0 && !running.has_ended().unwrap() {
                running.kill().unwrap();
                (kills, self.left) = (kills + 1, self.left - 1);
                missing(packs, &mirror.into);
                continue;
            }
            let outcome = running.wait().unwrap();
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            break;
        }
        assert_eq!(missing(packs, &mirror.into), Vec::<String>::new());
        assert_eq!(all_files(&mirror.into.join(".deadwax/parts")).1, Vec::<String>::new());
        kills
    }
}
