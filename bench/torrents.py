#!/usr/bin/env python3
"""Torrents at size: all torrents of a million recordings from rows, and the same bytes with programs that have to read them.

Makes up a table of rows (no audio), writes all torrents of it twice, compares the two byte by byte, loads them in libtorrent, and
then lets mktorrent and libtorrent make torrents of a sample of files, to say how long they would take for as many bytes. The sample
is in memory already, which is the best case for both. The run is appended to target/bench/torrents.json.

usage: bench/torrents.py [--recordings 1000000] [--sample-mb 2000] [--work DIR] [--no-build]
Needs mktorrent and a python3 with libtorrent (Debian: mktorrent, python3-libtorrent).
"""
import argparse, hashlib, json, os, pathlib, shutil, subprocess, sys, tempfile, time

HOME = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = HOME / "target/release/examples/torrents_at_size"
RESULTS = HOME / "target/bench/torrents.json"
JOBS = 2
PIECE_BYTES = 1 << 20

LOAD = """
import json, pathlib, sys, time, libtorrent as lt
start, files = time.monotonic(), 0
for path in sys.argv[1:]:
    info = lt.load_torrent_file(path).ti
    pads = info.files()
    files += sum(not pads.file_flags(i) & lt.file_flags_t.flag_pad_file for i in range(pads.num_files()))
print(json.dumps({"version": lt.__version__, "files": files, "seconds": time.monotonic() - start}))
"""
CREATE = """
import os, sys, time, warnings, libtorrent as lt
warnings.simplefilter("ignore", DeprecationWarning)
path = os.path.abspath(sys.argv[1])
start = time.monotonic()
if hasattr(lt, "list_files"):
    files = lt.list_files(path)
else:
    files = lt.file_storage()
    lt.add_files(files, path)
torrent = lt.create_torrent(files, 1 << 20)
lt.set_piece_hashes(torrent, os.path.dirname(path))
lt.bencode(torrent.generate())
print(time.monotonic() - start)
"""


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def write(rows, folder, *options):
    run = subprocess.run(
        [PROGRAM, "write", "--rows", rows, "--into", folder, "--jobs", str(JOBS), *options], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(run.stdout)


def python_with_libtorrent():
    for python in ["/usr/bin/python3", "python3"]:
        if subprocess.run([python, "-c", "import libtorrent"], capture_output=True).returncode == 0:
            return python
    sys.exit("no python3 here can import libtorrent: install python3-libtorrent")


def sample(folder, megabytes):
    """Files of 5 MB in folders of twenty, of random bytes."""
    for number in range(megabytes // 5):
        path = folder / f"Artist {number // 20}" / f"{number:04} Title.ogg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(5_000_000))
    return sum(path.stat().st_size for path in folder.rglob("*.ogg"))


def seconds_of_mktorrent(folder, out):
    out.unlink(missing_ok=True)
    start = time.monotonic()
    subprocess.run(["mktorrent", "-l", "20", "-t", str(JOBS), "-o", out, folder], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=1_000_000)
    parser.add_argument("--sample-mb", type=int, default=2_000)
    parser.add_argument("--work", type=pathlib.Path, default=None)
    parser.add_argument("--no-build", action="store_true", help="the program is built already")
    given = parser.parse_args()
    if not shutil.which("mktorrent"):
        sys.exit("mktorrent is not installed")
    python = python_with_libtorrent()
    build = ["cargo", "build", "--release", "--quiet", "-p", "deadwax-torrent", "--example", "torrents_at_size"]
    if not given.no_build:
        subprocess.run(build, cwd=HOME, check=True)
    with tempfile.TemporaryDirectory(dir=given.work, prefix="torrents-") as work:
        work = pathlib.Path(work)
        rows = work / "rows.sqlite"
        subprocess.run([PROGRAM, "rows", "--recordings", str(given.recordings), "--into", rows], check=True)
        subprocess.run(["sync"], check=True)
        ours = write(rows, work / "first")
        subprocess.run(["sync"], check=True)
        again = write(rows, work / "second")
        first = digests(work / "first")
        same = first == digests(work / "second")
        shutil.rmtree(work / "second")
        twins = write(rows, work / "twins", "--twins")
        shutil.rmtree(work / "twins")
        loaded = subprocess.run(
            [python, "-c", LOAD, *sorted((work / "first").iterdir())], stdout=subprocess.PIPE, text=True, check=True
        )
        loaded = json.loads(loaded.stdout)
        shutil.rmtree(work / "first")
        rows.unlink()
        folder = work / "sample"
        bytes_read = sample(folder, given.sample_mb)
        seconds = {
            "mktorrent": min(seconds_of_mktorrent(folder, work / "sample.torrent") for _ in range(2)),
            "libtorrent": min(
                float(subprocess.run([python, "-c", CREATE, folder], stdout=subprocess.PIPE, text=True, check=True).stdout) for _ in range(2)
            ),
        }
    others = {
        name: {"mb_per_s": bytes_read / taken / 1e6, "hours_for_all": ours["bytes"] / bytes_read * taken / 3600}
        for name, taken in seconds.items()
    }
    result = {
        "recordings": given.recordings, "first": ours, "again": again, "with_twins": twins, "byte_identical": same,
        "loaded_by_libtorrent": loaded, "sample_bytes": bytes_read, "others": others,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    RESULTS.write_text(json.dumps([*before, result], indent=1) + "\n")

    print(f"{ours['files']:,} recordings of {ours['bytes'] / 1e12:.2f} TB in {ours['packs']} packs, {ours['torrent_bytes'] / 1e6:.0f} MB of torrents")
    print(f"largest pack: {ours['most_files']:,} files, {ours['most_bytes'] / 1e9:.1f} GB; largest torrent {ours['most_torrent_bytes'] / 1e6:.2f} MB")
    print(f"second run byte-identical: {same}; libtorrent {loaded['version']} loads all, {loaded['files']:,} files")
    print("\n| program | seconds | processor seconds | peak MiB |\n|---|---|---|---|")
    for name, run in [("Deadwax, from rows", ours), ("… again", again), ("… with v1 twins", twins)]:
        print(f"| {name} | {run['wall_s']} | {run['cpu_s']} | {run['peak_mib']} |")
    for name, run in others.items():
        print(f"| {name}, reading at {run['mb_per_s']:.0f} MB/s as on the sample | {run['hours_for_all'] * 3600:,.0f} ({run['hours_for_all']:.1f} h) | | |")
    if not same or loaded["files"] != given.recordings:
        sys.exit("the two runs differ, or libtorrent did not load all")


if __name__ == "__main__":
    main()
