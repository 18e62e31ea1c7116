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
use published::{Pack, Published, all_files, missing, music, root_of};
use seed::Seed;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PIECE: u64 = 1 << 20;

/// A seed of the web is asked by at most so many connections (docs/formats/mirror.md, Fetching).
const WEB_CONNECTIONS: u64 = 4;

/// What the system may hold of a connection beside that, at the rates here.
const ON_ITS_WAY: u64 = 64 << 10;

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
        let kills_here = killer.until_done(&mirror, &packs, Duration::from_millis(400), || {});
        mirrors += 1;
        let twice = sent(&server) - bytes(&packs);
        worst = worst.max(twice / kills_here.max(1));
        let allowed = kills_here * WEB_CONNECTIONS * PIECE;
        assert!(twice <= allowed, "{twice} bytes came twice after {kills_here} kills");
    }
    let all = bytes(&packs);
    eprintln!(
        "{kills} kills of {mirrors} mirrors of {all} bytes: at most {worst} bytes a kill twice"
    );
}

/// Real music from a web server and two `deadwax seed` at once. Whenever it is killed, what came in that run and is not in the
/// mirror then is at most a piece of 1 MiB for each of its connections: four to the web server, and those to peers on which
/// anything came, one for each pack and peer. Nothing that is in the mirror comes again.
#[test]
fn killed_between_the_web_and_two_peers_it_goes_on() {
    let kills = if is_full() { 50 } else { 5 };
    let packs = two_packs(if is_full() { 1 } else { 4 });
    let mut published = Published::new();
    let edition = published.publish("2026-11-21", &packs, &[]);
    let files = Files::of(&edition, &packs);
    let seeds = [(); 2].map(|()| Seed::start(&edition, &["--limit-rate", "2MB"], &[]));
    let mut killer = Killer::new(kills);
    let (mut mirrors, mut all, mut runs) = (0, Came::default(), Vec::new());
    while killer.has_kills() {
        let server = Server::start(&published.editions()).unwrap();
        server.slow_down(1_000_000);
        let taps = seeds.each_ref().map(|seed| Tap::start(seed.address()).unwrap());
        let peers = taps.each_ref().map(|tap| format!("--peer={}", tap.address()));
        let mirror = Mirror::new(&server, &peers.each_ref().map(String::as_str));
        let mut before = (Came::default(), 0);
        let (mut by_peers, mut by_web) =
            (vec![HashMap::<Block, u64>::new(); 2], vec![0; files.files.len()]);
        let mut pieces_before = HashSet::new();
        killer.until_done(&mirror, &packs, Duration::from_millis(2500), || {
            let pieces = files.held(&mirror.into);
            let now = (Came::look(&server, &taps, &files), files.bytes_of(&pieces));
            runs.push(Ran::between(before, now));
            for (tap, earlier) in taps.iter().zip(&mut by_peers) {
                let given = tap.given();
                let new = given.iter().filter(|(block, times)| earlier.get(*block) != Some(*times));
                for (block, _) in new {
                    assert!(!pieces_before.contains(&files.piece_of(block)), "again: {block:?}");
                }
                *earlier = given;
            }
            for (file, earlier) in by_web.iter_mut().enumerate() {
                let (sent, lacked) =
                    (files.sent(&server, file), files.lacked(file, &pieces_before));
                assert!(sent - *earlier <= lacked + ON_ITS_WAY, "again: file {file}");
                *earlier = sent;
            }
            (before, pieces_before) = (now, pieces);
        });
        mirrors += 1;
        let came = Came::look(&server, &taps, &files);
        let all_bytes = bytes(&packs);
        assert!(came.web > all_bytes / 10 && came.peers > all_bytes / 10, "{came:?}");
        all = all.and(came);
    }
    let lost: Vec<f64> = runs.iter().map(Ran::lost_pieces_a_connection).collect();
    eprintln!(
        "{kills} kills and {mirrors} ends of mirrors: {all:?}; of {} bytes a run {} were lost, {:.2} pieces a connection at most",
        runs.iter().map(|run| run.came).sum::<u64>() / runs.len() as u64,
        runs.iter().map(|run| run.lost).sum::<u64>() / runs.len() as u64,
        lost.iter().copied().fold(0.0, f64::max)
    );
    let uploaded: u64 =
        seeds.into_iter().map(|seed| seed.end()["uploaded_bytes"].as_u64().unwrap()).sum();
    // What we count on the wire is what the seeds say, but for what was on its way to the one that was killed.
    let asked_ahead = all.calls * 2 * PIECE;
    assert!((all.blocks..=all.blocks + asked_ahead).contains(&uploaded), "{uploaded}, {all:?}");
}

/// What came by wire so far.
#[derive(Debug, Clone, Copy, Default)]
struct Came {
    /// Bytes of files from the web.
    web: u64,
    /// And from peers.
    peers: u64,
    /// The same with pads.
    blocks: u64,
    /// Connections to peers on which anything came.
    calls: u64,
}

impl Came {
    fn look(server: &Server, taps: &[Tap], files: &Files) -> Came {
        let mut came = Came { web: sent(server), ..Came::default() };
        for tap in taps {
            for (block, times) in tap.given() {
                came.peers += files.of_files(&block) * times;
                came.blocks += u64::from(block.bytes) * times;
            }
            came.calls += tap.fruitful_calls();
        }
        came
    }

    fn files(&self) -> u64 {
        self.web + self.peers
    }

    fn and(self, other: Came) -> Came {
        Came {
            web: self.web + other.web,
            peers: self.peers + other.peers,
            blocks: self.blocks + other.blocks,
            calls: self.calls + other.calls,
        }
    }
}

/// A run from its start to when it was killed, or to its end.
struct Ran {
    /// Bytes of files that came in it.
    came: u64,
    /// Of them, those that it has nothing to show for.
    lost: u64,
    connections: u64,
}

impl Ran {
    /// What had come and what was held before it and after it.
    fn between(before: (Came, u64), after: (Came, u64)) -> Ran {
        let ((came_before, held_before), (came_after, held_after)) = (before, after);
        assert!(held_after >= held_before, "of {held_before} bytes only {held_after} are left");
        let came = came_after.files() - came_before.files();
        // What is on the wire counts a moment later.
        let lost = came.saturating_sub(held_after - held_before);
        let ran =
            Ran { came, lost, connections: WEB_CONNECTIONS + came_after.calls - came_before.calls };
        let most = ran.connections * (PIECE + ON_ITS_WAY);
        assert!(lost <= most, "{lost} bytes were lost where {most} may: {before:?}, {after:?}");
        ran
    }

    fn lost_pieces_a_connection(&self) -> f64 {
        self.lost as f64 / (self.connections * PIECE) as f64
    }
}

fn is_full() -> bool {
    std::env::var_os("DEADWAX_FULL").is_some()
}

fn bytes(packs: &[Pack]) -> u64 {
    packs.iter().map(Pack::bytes).sum()
}

/// Bytes of the packs' files that came from the web.
fn sent(server: &Server) -> u64 {
    server.sent("/packs/Kill 1/") + server.sent("/packs/Kill 2/")
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

/// The files that are mirrored, and where they lie among the pieces.
struct Files<'a> {
    /// Path in a mirror, part in a mirror, contents.
    files: Vec<(String, String, &'a [u8])>,
    /// How much of each piece of a torrent is of a file: the rest are pads, which peers give too.
    pieces: HashMap<[u8; 20], Vec<(u64, Piece)>>,
}

/// A file by its place in [`Files::files`], and a piece of it.
type Piece = (usize, usize);

impl<'a> Files<'a> {
    fn of(edition: &Path, packs: &'a [Pack]) -> Files<'a> {
        let file = |pack: &Pack, (path, data): &'a (String, Vec<u8>)| {
            let path = format!("packs/{}/{path}", pack.name);
            (path, format!(".deadwax/parts/{}", root_of(data)), data.as_slice())
        };
        let files: Vec<_> =
            packs.iter().flat_map(|pack| pack.files.iter().map(move |it| file(pack, it))).collect();
        let pieces = |pack: &Pack| {
            let torrent = fs::read(edition.join(format!("packs/{}.torrent", pack.name))).unwrap();
            let contents = metainfo::read(&torrent).unwrap();
            let of_file = |listed: &metainfo::ContentFile| {
                let path = format!("packs/{}/{}", pack.name, listed.path.join("/"));
                let (file, bytes) = (files.iter().position(|it| it.0 == path), listed.bytes);
                (0..bytes.div_ceil(PIECE)).map(move |piece| {
                    ((bytes - piece * PIECE).min(PIECE), (file.unwrap(), piece as usize))
                })
            };
            (contents.infohash_v1, contents.files.iter().flat_map(of_file).collect())
        };
        let pieces = packs.iter().map(pieces).collect();
        Files { files, pieces }
    }

    /// Bytes of a block that are of a file.
    fn of_files(&self, block: &Block) -> u64 {
        let (piece, _) = self.pieces[&block.info_hash][block.piece as usize];
        piece.saturating_sub(block.begin.into()).min(block.bytes.into())
    }

    fn piece_of(&self, block: &Block) -> Piece {
        self.pieces[&block.info_hash][block.piece as usize].1
    }

    /// The pieces that a mirror has and that are right, at their place or on their way there.
    fn held(&self, mirror: &Path) -> HashSet<Piece> {
        let mut held = HashSet::new();
        for (file, (path, part, data)) in self.files.iter().enumerate() {
            let there = fs::read(mirror.join(path)).or_else(|_| fs::read(mirror.join(part)));
            let there = there.unwrap_or_default();
            let pieces = data.chunks(PIECE as usize).zip(there.chunks(PIECE as usize));
            let right = pieces.enumerate().filter(|(_, (right, there))| right == there);
            held.extend(right.map(|(piece, _)| (file, piece)));
        }
        held
    }

    fn bytes_of(&self, pieces: &HashSet<Piece>) -> u64 {
        let bytes = |&(file, piece): &Piece| {
            self.files[file].2.chunks(PIECE as usize).nth(piece).unwrap().len() as u64
        };
        pieces.iter().map(bytes).sum()
    }

    /// Bytes of a file that are not in these pieces.
    fn lacked(&self, file: usize, held: &HashSet<Piece>) -> u64 {
        let held = held.iter().filter(|piece| piece.0 == file).copied().collect();
        self.files[file].2.len() as u64 - self.bytes_of(&held)
    }

    /// Bytes of a file that came from the web.
    fn sent(&self, server: &Server, file: usize) -> u64 {
        server.sent(&self.files[file].0)
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
    fn until_done(
        &mut self,
        mirror: &Mirror,
        packs: &[Pack],
        longest: Duration,
        mut after_run: impl FnMut(),
    ) -> u64 {
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
                after_run();
                missing(packs, &mirror.into);
                continue;
            }
            let outcome = running.wait().unwrap();
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            after_run();
            break;
        }
        assert_eq!(missing(packs, &mirror.into), Vec::<String>::new());
        assert_eq!(all_files(&mirror.into.join(".deadwax/parts")).1, Vec::<String>::new());
        kills
    }
}
