//! From claim to refusal, with the real command: what was out is out no longer, neither in the next edition nor in those that
//! a web server gives, and lifting brings it back.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::oracle;
use made::{Bench, DEADWAX, assert_refused, piece};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Two cleared pieces of one artist and one of another, in one edition.
fn published() -> Bench {
    let bench = Bench::new();
    for (seed, title, artist, isrc) in [
        (1, "Morning", "The Testers", "USRC17607831"),
        (2, "Noon", "The Testers", "USRC17607832"),
        (3, "Evening", "Someone Else", "USRC17607833"),
    ] {
        let fields =
            [("TITLE", title), ("ARTIST", artist), ("ISRC", isrc), ("LICENSE", "CC-BY-4.0")];
        fs::write(bench.music.join(format!("{title}.flac")), piece(seed, 2.0, &fields)).unwrap();
    }
    assert_eq!(bench.main_job().code, Some(0));
    bench
}

/// All files in pack folders: paths relative to the folder of editions.
fn out(bench: &Bench) -> Vec<String> {
    let editions = bench.archive.join("editions");
    let (mut found, mut folders) = (Vec::new(), vec![editions.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&editions).unwrap().display().to_string();
            match path.is_dir() {
                true => folders.push(path),
                false if name.contains("/packs/") && !name.ends_with(".torrent") => {
                    found.push(name)
                }
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// A static file server on the folder of editions.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(python: &Path, folder: &Path) -> Server {
        let mut child = Command::new(python)
            .args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // "Serving HTTP on 127.0.0.1 port 40000 (http://...) ..."
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("port ").nth(1).and_then(|rest| rest.split(' ').next());
        Server { port: port.unwrap().parse().unwrap(), child }
    }

    /// The status of a GET, and how many bytes came.
    fn get(&self, path: &str) -> (u16, usize) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let path: String = path
            .bytes()
            .map(|it| if safe(it) { char::from(it).to_string() } else { format!("%{it:02X}") })
            .collect();
        write!(stream, "GET /{path} HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let head = String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), answer.len())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn add<'a>(target: &'a [&'a str]) -> Vec<&'a str> {
    let rest = ["--reason", "copyright", "--notice", "N-2026-17", "--note", "a letter from Ann"];
    ["takedown", "add"].into_iter().chain(target.iter().copied()).chain(rest).collect()
}

fn tombstones(bench: &Bench, edition: &str) -> Value {
    let path = bench.archive.join(edition).join("tombstones.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn from_claim_to_refusal_and_back() {
    let Some(python) = oracle::need("python3") else { return };
    let bench = published();
    let before = out(&bench);
    assert_eq!(before.len(), 3);
    let noon = before.iter().find(|path| path.contains("Noon")).unwrap().clone();
    let server = Server::start(&python, &bench.archive.join("editions"));
    assert_eq!(server.get(&noon).0, 200);

    let mut dry = add(&["US-RC1-76-07832"]);
    dry.push("--dry-run");
    let text = bench.run(&dry);
    assert!(text.stdout.contains("Noon by The Testers") && text.stdout.contains(&noon), "{text:?}");
    assert!(text.stdout.ends_with("nothing was changed\n"), "{text:?}");
    assert_eq!((server.get(&noon).0, bench.json(0, ["takedown", "list"])), (200, json!([])));

    let report = bench.json(0, add(&["US-RC1-76-07832"]));
    assert_eq!((&report["number"], &report["is_new"]), (&json!(1), &json!(true)));
    assert_eq!(report["published"], json!([format!("editions/{noon}")]));
    assert_eq!(report["recordings"][0]["title"], json!("Noon"));
    assert_eq!(server.get(&noon).0, 404);
    for path in before.iter().filter(|path| **path != noon) {
        assert_eq!(server.get(path).0, 200, "{path}");
    }
    let edition = report["edition"].as_str().unwrap().to_owned();
    let told = tombstones(&bench, &edition);
    assert_eq!(told["tombstones"][0]["notice"], json!("N-2026-17"));
    assert!(!told.to_string().contains("Ann"), "the note stays inside: {told}");
    let explained = bench.json(0, ["rights", "explain", "USRC17607832"]);
    assert_eq!(
        explained[0]["takedown"],
        json!({"number": 1, "reason": "copyright", "notice": "N-2026-17"})
    );
    let text = bench.run(["rights", "explain"]).stdout;
    assert!(text.contains("it is dark by takedown 1 (copyright, notice N-2026-17)"), "{text}");
    assert!(text.contains("takedown lift 1 --notice"), "{text}");
    assert_eq!(bench.run(["verify"]).code, Some(0));

    let published = bench.json(0, ["publish"]);
    let summary = &published["summary"];
    assert_eq!((&summary["cleared"], &summary["held_back"]), (&json!(2), &json!(1)));
    assert!(out(&bench).iter().all(|path| !path.contains("Noon")), "{:?}", out(&bench));
    let hit = &bench.json(0, ["search", "noon"])["hits"][0];
    assert_eq!((&hit["status"], &hit["pack"]), (&json!("held"), &json!(null)));
    assert_eq!(hit["held_back"], json!("it is dark by takedown 1 (copyright, notice N-2026-17)"));
    assert_eq!(tombstones(&bench, published["edition"].as_str().unwrap()), told);
    bench.assert_restores("USRC17607832", &bench.music.join("Noon.flac"));

    let listed = bench.json(0, ["takedown", "list"]);
    assert_eq!(
        (&listed[0]["note"], &listed[0]["lifted"], &listed[0]["scope"]),
        (&json!("a letter from Ann"), &json!(null), &json!("publish"))
    );
    assert!(listed[0]["done"].is_string());
    let again = bench.json(0, add(&["US-RC1-76-07832"]));
    assert_eq!(
        (&again["number"], &again["is_new"], &again["published"]),
        (&json!(1), &json!(false), &json!([]))
    );

    let lift = ["takedown", "lift", "1", "--notice", "N-2026-18"];
    let text = bench.run(lift).stdout;
    assert!(text.contains("takedown 1 is lifted") && text.contains("Noon"), "{text}");
    assert!(out(&bench).iter().all(|path| !path.contains("Noon")), "not before the next edition");
    let back = bench.json(0, ["publish"])["edition"].as_str().unwrap().to_owned();
    let noon = out(&bench).into_iter().find(|path| path.contains("Noon")).unwrap();
    assert!(back.ends_with(noon.split('/').next().unwrap()), "{back} {noon}");
    assert_eq!(server.get(&noon).0, 200);
    assert!(tombstones(&bench, &back)["tombstones"][0]["lifted"].is_string());
    let text = bench.run(["takedown", "list"]).stdout;
    assert!(text.contains("lifted at") && text.contains("N-2026-18"), "{text}");
}

#[test]
fn what_is_wrong_is_said_and_changes_nothing() {
    let bench = published();
    let before = out(&bench);
    assert_refused(&bench.run(add(&["US-RC1-76-07899"])), &["no recording", "07899"]);
    assert_refused(
        &bench.run(add(&["--artist", "Nobody"])),
        &["named by artist 'Nobody'", "deadwax list"],
    );
    assert_refused(&bench.run(add(&["--release", "Nothing"])), &["no release", "'Nothing'"]);
    let nobodys = "ab".repeat(32);
    assert_refused(&bench.run(add(&["--root", &nobodys])), &["has the root abab", "deadwax trace"]);
    let person = ["takedown", "add", "1", "--reason", "privacy", "--notice", "Ann Smith"];
    assert_refused(&bench.run(person), &["'Ann Smith' is not the name of a notice", "published"]);
    let mut keep = add(&["1"]);
    keep.extend(["--scope", "keep"]);
    assert_refused(&bench.run(&keep), &["--remove-copies", "last copies"]);
    for usage in [
        vec!["takedown", "add", "--reason", "copyright", "--notice", "N-1"],
        vec!["takedown", "add", "1", "--artist", "x", "--reason", "copyright", "--notice", "N-1"],
        vec!["takedown", "add", "1", "--reason", "piracy", "--notice", "N-1"],
        vec!["takedown", "add", "1", "--reason", "error"],
    ] {
        assert_eq!(bench.run(&usage).code, Some(2), "{usage:?}");
    }
    assert_refused(&bench.run(["takedown", "lift", "4", "--notice", "N-1"]), &["no takedown 4"]);
    assert_eq!(bench.json(0, ["takedown", "list"]), json!([]));
    assert_eq!(out(&bench), before);
}

#[test]
fn an_artist_goes_dark_with_all_copies_and_a_root_alone() {
    let bench = published();
    let report = bench.json(0, add(&["--artist", "the testers"]));
    assert_eq!(report["recordings"].as_array().unwrap().len(), 2);
    assert_eq!(out(&bench).len(), 1);
    let rows = bench.list();
    let root = made::titled(&rows, "Evening")["root"].as_str().unwrap();
    let target = ["--root", root];
    let mut line = add(&target);
    line.extend(["--scope", "keep", "--remove-copies"]);
    let report = bench.json(0, line);
    assert_eq!(report["recordings"][0]["title"], json!("Evening"));
    assert!(!report["removed"].as_array().unwrap().is_empty());
    assert_eq!(out(&bench), [""; 0]);
    assert!(!bench.archive.join(made::stored(&json!(root))).exists());
    assert_eq!(bench.run(["verify"]).code, Some(0));
}

#[test]
fn killed_at_any_moment_the_same_line_goes_on() {
    let bench = Bench::new();
    for seed in 0..40 {
        let title = format!("Piece {seed}");
        let fields = [("TITLE", title.as_str()), ("ARTIST", "Ann"), ("LICENSE", "CC0-1.0")];
        fs::write(bench.music.join(format!("{seed}.flac")), piece(seed, 0.3, &fields)).unwrap();
    }
    assert_eq!(bench.main_job().code, Some(0));
    assert_eq!(out(&bench).len(), 40);
    let line = bench.line(add(&["--artist", "Ann"]));
    let mut dice = fastrand::Rng::with_seed(5);
    let mut killed = 0;
    for _ in 0..30 {
        let running = bench.sandbox.spawn(Path::new(DEADWAX), &line).unwrap();
        std::thread::sleep(Duration::from_micros(dice.u64(500..40_000)));
        if running.kill().unwrap().code.is_none() {
            killed += 1;
        }
        // Whatever is there: nobody is told that it is done when it is not.
        let listed = bench.json(0, ["takedown", "list"]);
        if listed.as_array().unwrap().is_empty() {
            assert_eq!(out(&bench).len(), 40, "the record comes first");
        } else if listed[0]["done"].is_null() {
            let text = bench.run(["takedown", "list"]).stdout;
            assert!(text.contains("NOT CARRIED OUT TO THE END"), "{text}");
        } else {
            assert_eq!(out(&bench), [""; 0]);
        }
    }
    assert!(killed > 0, "nothing was killed");
    let report = bench.json(0, add(&["--artist", "Ann"]));
    assert_eq!((&report["number"], &report["problems"]), (&json!(1), &json!([])));
    assert_eq!(out(&bench), [""; 0]);
    assert_eq!(bench.json(0, ["takedown", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(bench.run(["verify"]).code, Some(0));
}

#[test]
fn trace_says_what_is_in_files_and_torrents() {
    let bench = published();
    let found = bench.sandbox.join("found");
    fs::create_dir(&found).unwrap();
    let rows = bench.list();
    let root = &made::titled(&rows, "Noon")["root"];
    fs::copy(bench.archive.join(made::stored(root)), found.join("x.bin")).unwrap();
    fs::write(found.join("other"), "nothing of it").unwrap();
    let line = |path: &PathBuf| vec!["trace".into(), path.clone().into_os_string()];
    let report = bench.json(0, line(&found));
    assert_eq!((&report["recordings"], &report["problems"]), (&json!(1), &json!([])));
    let ours = &report["traced"][1];
    assert_eq!(
        (&ours["root"], &ours["inside"], &ours["untold"]),
        (root, &json!(null), &json!(null))
    );
    let one = &ours["found"][0];
    assert_eq!((&one["certainty"], &one["kind"]), (&json!("root"), &json!("holding")));
    assert_eq!(one["recording"]["isrcs"], json!(["US-RC1-76-07832"]));
    assert_eq!(one["out"][0]["edition"], json!("editions/2026-11-20"));
    assert_eq!(report["traced"][0]["found"], json!([]));
    let text = bench.run(line(&found)).stdout;
    assert!(
        text.contains("the holding to the bit of") && text.contains("Noon by The Testers"),
        "{text}"
    );
    assert!(text.ends_with("1 recording of this archive in 1 of 2 files\n"), "{text}");
    let packs = bench.archive.join("editions/2026-11-20/packs");
    let mut torrents = fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path());
    let torrent =
        torrents.find(|path| path.extension().is_some_and(|end| end == "torrent")).unwrap();
    let report = bench.json(0, line(&torrent));
    assert_eq!(report["recordings"], json!(3));
    fs::write(found.join("bad.torrent"), "i1e").unwrap();
    let report = bench.json(3, line(&found));
    assert!(report["problems"][0]["what"].as_str().unwrap().contains("not a torrent"), "{report}");
}

/// All files of a mirror's packs.
fn carried(mirror: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![mirror.join("packs")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path.display().to_string()),
            }
        }
    }
    found.retain(|path| !path.ends_with(".torrent"));
    found
}

#[test]
fn a_mirror_that_follows_drops_it_and_gets_it_back() {
    let bench = published();
    let (editions, into) = (bench.archive.join("editions"), bench.sandbox.join("mirror"));
    let refresh = || {
        let (source, into) = (editions.to_str().unwrap(), into.to_str().unwrap());
        let line = ["mirror", source, "--budget", "1GB", "--into", into, "--no-torrent"];
        assert_eq!(bench.run(line).code, Some(0));
        carried(Path::new(into))
    };
    let has_noon = |files: &[String]| files.iter().any(|path| path.contains("Noon"));
    let first = refresh();
    assert!(first.len() == 3 && has_noon(&first), "{first:?}");
    assert_eq!(bench.run(add(&["US-RC1-76-07832"])).code, Some(0));
    let second = refresh();
    assert!(second.len() == 2 && !has_noon(&second), "{second:?}");
    assert_eq!(bench.run(["publish"]).code, Some(0));
    assert!(!has_noon(&refresh()));
    assert_eq!(bench.run(["takedown", "lift", "1", "--notice", "N-2026-18"]).code, Some(0));
    assert_eq!(bench.run(["publish"]).code, Some(0));
    let last = refresh();
    assert!(last.len() == 3 && has_noon(&last), "{last:?}");
}

/// A `deadwax seed` of something, and what it says first.
struct Seed {
    child: Child,
    said: Value,
}

impl Seed {
    fn start(bench: &Bench, path: Option<&Path>) -> Seed {
        let mut line = bench.line(["--json", "seed", "--listen", "127.0.0.1:0", "--no-trackers"]);
        line.extend(path.map(|path| path.as_os_str().to_owned()));
        let mut child = bench
            .sandbox
            .command(Path::new(DEADWAX))
            .args(line)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Seed { said: serde_json::from_str(&line).unwrap(), child }
    }

    /// How many files of how many it gives.
    fn gives(&self) -> (u64, u64) {
        let packs = self.said["packs"].as_array().unwrap();
        let sum = |key: &str| packs.iter().map(|pack| pack[key].as_u64().unwrap()).sum();
        (sum("given"), sum("files"))
    }

    fn port(&self) -> &str {
        self.said["address"].as_str().unwrap().rsplit(':').next().unwrap()
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a seed for a whole torrent by libtorrent, until so many files are here and a second longer. The paths that are.
fn fetch(python: &Path, torrent: &Path, to: &Path, port: &str, files: usize) -> Vec<String> {
    let script = "import sys, time, json, libtorrent as lt\n\
        torrent, to, port, wanted = sys.argv[1:5]\n\
        session = lt.session({'listen_interfaces': '127.0.0.1:0', 'enable_dht': False, 'enable_lsd': False,\n\
            'enable_upnp': False, 'enable_natpmp': False})\n\
        params = lt.add_torrent_params()\n\
        params.ti, params.save_path = lt.torrent_info(torrent), to\n\
        params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)\n\
        handle = session.add_torrent(params)\n\
        files = params.ti.files()\n\
        pads = [bool(files.file_flags(i) & lt.file_flags_t.flag_pad_file) for i in range(files.num_files())]\n\
        def here():\n\
        \x20   done = handle.file_progress()\n\
        \x20   return [files.file_path(i) for i in range(len(pads)) if not pads[i] and done[i] == files.file_size(i)]\n\
        end = time.time() + 40\n\
        while time.time() < end and handle.status().state != lt.torrent_status.states.downloading:\n\
        \x20   time.sleep(0.02)\n\
        handle.connect_peer(('127.0.0.1', int(port)))\n\
        while time.time() < end and len(here()) < int(wanted):\n\
        \x20   time.sleep(0.1)\n\
        time.sleep(1)\n\
        print(json.dumps(here()))\n";
    fs::create_dir_all(to).unwrap();
    let done = Command::new(python)
        .args(["-W", "ignore", "-c", script])
        .args([torrent, to])
        .args([port, &files.to_string()])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn nobody_gets_it_from_a_seed() {
    let bench = published();
    let edition = bench.archive.join("editions/2026-11-20");
    assert_eq!(Seed::start(&bench, None).gives(), (3, 3));
    assert_eq!(bench.run(add(&["US-RC1-76-07832"])).code, Some(0));
    assert_eq!(Seed::start(&bench, Some(&edition)).gives(), (2, 3));
    // An edition that was brought back from a copy, and nobody has looked since.
    let rows = bench.list();
    let root = &made::titled(&rows, "Noon")["root"];
    let listed = &bench.json(0, ["search", "noon"])["hits"][0]["pack"];
    let text = |key: &str| listed[key].as_str().unwrap();
    let path = edition.join("packs").join(text("name")).join(text("path"));
    fs::copy(bench.archive.join(made::stored(root)), &path).unwrap();
    let seed = Seed::start(&bench, None);
    assert_eq!(seed.gives(), (2, 3), "{}", seed.said);
    assert_eq!(bench.json(3, ["verify"])["damaged"].as_array().unwrap().len(), 1);
    let Some(python) = oracle::need_python("libtorrent") else { return };
    let torrent = edition.join("packs").join(format!("{}.torrent", text("name")));
    let got = fetch(&python, &torrent, &bench.sandbox.join("got"), seed.port(), 2);
    assert_eq!(got.len(), 2, "{got:?}");
    assert!(got.iter().all(|path| !path.contains("Noon")), "{got:?}");
}
