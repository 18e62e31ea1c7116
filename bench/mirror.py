#!/usr/bin/env python3
"""Time of `deadwax mirror` of the real music beside aria2 on the same torrents: one web seed and two BitTorrent peers, all on loopback.

The edition is made by `deadwax archive` of the 41 files of wesnoth-1.16-music, with this machine's tracker and web server written into
its torrents. The web server gives ranges (sendfile, a thread a connection); the peers are libtorrent, with the whole edition. aria2 1.36
leaves empty keys out of the info hash of a hybrid, so it gets the v1 twins: the same files, pieces and pads. Both fetch to the same disk,
the runs alternate, and every byte is compared with the edition afterwards. deadwax flushes every file to the disk and compares each piece
with its v2 hash besides; aria2 flushes nothing.

Printed: seconds, MB/s, CPU seconds, peak memory (medians), what came from where, and the ratio of throughputs.

usage: bench/mirror.py DEADWAX [RUNS] [only web|only peers]     (needs wesnoth-1.16-music, aria2, /usr/bin/python3 with libtorrent)
"""
import http.server, json, os, pathlib, re, shutil, socket, statistics, subprocess, sys, tempfile, threading, time, urllib.parse

deadwax = os.path.abspath(sys.argv[1])
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 7
only = sys.argv[4] if len(sys.argv) > 4 else None
listing = subprocess.run(["dpkg", "-L", "wesnoth-1.16-music"], capture_output=True, text=True, check=True).stdout
music = pathlib.Path(next(path for path in listing.splitlines() if path.endswith(".ogg"))).parent
folder = pathlib.Path(tempfile.mkdtemp(prefix="deadwax-bench-"))
root = folder / "archive" / "editions"
sent = {"bytes": 0}
peers = []

PEER = """
import libtorrent, pathlib, sys, time
packs, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
session = libtorrent.session({"listen_interfaces": f"127.0.0.1:{port}", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
    "enable_natpmp": False, "allow_multiple_connections_per_ip": True, "in_enc_policy": 1, "out_enc_policy": 1})
for torrent in packs.glob("*.torrent"):
    params = libtorrent.add_torrent_params()
    params.ti = libtorrent.torrent_info(str(torrent))
    params.save_path = str(packs)
    params.flags |= libtorrent.torrent_flags.seed_mode
    params.flags &= ~libtorrent.torrent_flags.auto_managed
    params.flags &= ~libtorrent.torrent_flags.paused
    params.trackers, params.url_seeds = [], []
    session.add_torrent(params)
print("ready", flush=True)
while True:
    time.sleep(1)
"""


class Web(http.server.BaseHTTPRequestHandler):
    """Files with ranges beneath /, and a tracker at /announce that knows the two peers."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.startswith("/announce"):
            compact = b"".join(socket.inet_aton("127.0.0.1") + port.to_bytes(2, "big") for port in peers)
            compact = b"" if only == "web" else compact
            return self.give(b"d8:intervali1800e5:peers%d:%se" % (len(compact), compact))
        if only == "peers" and "/packs/" in self.path and not self.path.endswith(".torrent"):
            return self.send_error(404)
        if "/.pad/" in self.path:
            # aria2 takes pads for files and asks web seeds for them: it is given them, lest it wait for peers.
            return self.give_range(None, int(self.path.rsplit("/", 1)[1]))
        path = root / urllib.parse.unquote(self.path).lstrip("/")
        try:
            file = open(path, "rb")
        except OSError:
            return self.send_error(404)
        with file:
            self.give_range(file, os.fstat(file.fileno()).st_size)

    def give_range(self, file, size):
        """Of a file, or of zeros."""
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start, end = 0, size
        if wanted:
            start, end = int(wanted[1]), min(size, int(wanted[2]) + 1 if wanted[2] else size)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        self.wfile.flush()
        while start < end:
            try:
                start += (gone := self.push(file, start, min(end - start, 1 << 20)))
            except OSError:
                break
            sent["bytes"] += gone

    def push(self, file, start, length):
        if file is None:
            return self.connection.send(bytes(length))
        return os.sendfile(self.connection.fileno(), file.fileno(), start, length)

    def give(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def measured(line):
    """Seconds, CPU seconds, peak MiB."""
    start = time.monotonic()
    child = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    took = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, (line, child.returncode, said.decode(errors="replace")[-2000:])
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said


def check(edition, packs):
    """Every file of every pack, byte for byte."""
    for torrent in (edition / "packs").glob("*.torrent"):
        name = torrent.stem
        if not name.endswith(".v1"):
            subprocess.run(["diff", "-r", edition / "packs" / name, packs / name], check=True)


def run_deadwax(edition, web):
    into = folder / "mirror"
    line = [deadwax, "-q", "--json", "mirror", f"{web}{edition.name}/", "--budget", "1TB", "--into", str(into)]
    if only != "web":
        line += [word for port in peers for word in ("--peer", f"127.0.0.1:{port}")]
    took, cpu, memory, said = measured(line + (["--no-torrent"] if only == "web" else []))
    report = json.loads(said)["report"]
    check(edition, into / "packs")
    shutil.rmtree(into)
    return took, cpu, memory, report["swarm_bytes"]


def run_aria2(edition, _):
    into = folder / "aria2"
    into.mkdir()
    twins = sorted(str(path) for path in (edition / "packs").glob("*.v1.torrent"))
    line = ["aria2c", "--no-conf", "--quiet", f"--dir={into}", "--seed-time=0", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false",
            "--enable-peer-exchange=false", "--bt-tracker-connect-timeout=5", "--file-allocation=none", "--max-connection-per-server=4", "--split=4", "--min-split-size=1M",
            "--max-concurrent-downloads=10", "--allow-overwrite=true", f"--listen-port={free_port()}", "--bt-hash-check-seed=false", *twins]
    took, cpu, memory, _ = measured(line)
    shutil.rmtree(into / ".pad", ignore_errors=True)
    for pads in into.glob("*/.pad"):
        shutil.rmtree(pads)
    check(edition, into)
    shutil.rmtree(into)
    return took, cpu, memory, None


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
threading.Thread(target=server.serve_forever, daemon=True).start()
web = f"http://127.0.0.1:{server.server_port}/"
started = []
try:
    archive = folder / "archive"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([deadwax, "init", str(archive), "--title", "Wesnoth music"], **quiet)
    policy = archive / "deadwax.toml"
    text = policy.read_text().replace("# trackers = []", f'trackers = ["{web}announce"]').replace("# v1_twin = false", "v1_twin = true")
    # The edition's address is known when it is published: its folder is named after the day.
    day = time.strftime("%Y-%m-%d")
    policy.write_text(text.replace("# web_seeds = []", f'web_seeds = ["{web}{day}/packs/"]'))
    subprocess.run([deadwax, "--date", day, "archive", str(music), "--to", str(archive), "--rights", "CC-BY-SA-4.0"], **quiet)
    edition = root / day
    size = sum(path.stat().st_size for path in (edition / "packs").rglob("*") if path.is_file() and path.suffix != ".torrent")
    for _ in range(2):
        peers.append(free_port())
        started.append(subprocess.Popen(["/usr/bin/python3", "-c", PEER, str(edition / "packs"), str(peers[-1])], stdout=subprocess.PIPE))
        assert started[-1].stdout.readline() == b"ready\n"
    rows = {"deadwax mirror": [], "aria2c": []}
    for run in range(runs):
        for name, act in (("deadwax mirror", run_deadwax), ("aria2c", run_aria2)):
            before = sent["bytes"]
            took, cpu, memory, swarm = act(edition, web)
            rows[name].append((took, cpu, memory, sent["bytes"] - before, swarm))
            print(f"run {run + 1}: {name} {took:.2f} s, {(sent['bytes'] - before) / 1e6:.0f} MB from the web", file=sys.stderr, flush=True)
    print(f"{size / 1e6:.0f} MB in {len(list((edition / 'packs').glob('*.v1.torrent')))} packs, median of {runs}\n")
    print("| | seconds | lowest to highest | MB/s | CPU s | peak MiB | MB from the web |\n|---|---|---|---|---|---|---|")
    for name, all_runs in rows.items():
        took, cpu, memory, from_web, _ = (statistics.median(column) if column[0] is not None else None for column in zip(*all_runs))
        times = [each[0] for each in all_runs]
        print(f"| {name} | {took:.2f} | {min(times):.2f} to {max(times):.2f} | {size / took / 1e6:.0f} | {cpu:.2f} | {memory:.0f} | {from_web / 1e6:.0f} |")
    ours, theirs = (statistics.median(each[0] for each in rows[name]) for name in rows)
    print(f"\nthroughput of deadwax mirror by that of aria2c: {theirs / ours:.2f}")
finally:
    for peer in started:
        peer.terminate()
        peer.wait()
    server.shutdown()
    shutil.rmtree(folder)
