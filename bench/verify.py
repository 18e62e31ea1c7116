#!/usr/bin/env python3
"""Time of `deadwax verify` beside sha256sum over the same files, alternating, on a warm page cache.

  verify, 1 job      copies of an edition of the real music, one run a copy
  sha256sum          the same files, one process a copy
  verify, 2 jobs     on two cores
  sha256sum, 2       the same files with xargs -P 2

Medians, MB a second and ratios are printed; sha256sum must say what it said before, and verify must find everything sound. Then of a
mirror of the same files 1,000 random bytes are flipped, and it is repaired from a copy: the leaves that were fetched are counted.

usage: bench/verify.py DEADWAX [RUNS] [COPIES]       (needs wesnoth-1.16-music)
"""
import json, os, pathlib, random, shutil, statistics, subprocess, sys, tempfile, time

deadwax = os.path.abspath(sys.argv[1])
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
copies = int(sys.argv[3]) if len(sys.argv) > 3 else 8
listing = subprocess.run(["dpkg", "-L", "wesnoth-1.16-music"], capture_output=True, text=True, check=True).stdout
music = next(pathlib.Path(path).parent for path in listing.splitlines() if path.endswith(".ogg"))


def run(*words, ok=(0,)):
    done = subprocess.run([deadwax, "-q", "--json", *map(str, words)], capture_output=True, text=True)
    assert done.returncode in ok, (words, done.returncode, done.stderr)
    return json.loads(done.stdout) if done.stdout else None


def timed(act):
    start = time.monotonic()
    value = act()
    return time.monotonic() - start, value


def report(rows, size):
    print("| | seconds, median | lowest to highest | MB/s |\n|---|---|---|---|")
    for name, times in rows.items():
        median = statistics.median(times)
        print(f"| {name} | {median:.3f} | {min(times):.3f} to {max(times):.3f} | {size / median / 1e6:.0f} |")


with tempfile.TemporaryDirectory(prefix="deadwax-bench-") as work:
    work = pathlib.Path(work)
    archive = work / "archive"
    # An edition with all files out.
    run("archive", music, "--to", archive, "--rights", "CC0-1.0", ok=(0, 3))
    edition = max(path for path in (archive / "editions").iterdir() if path.is_dir())
    places = [work / f"copy-{number}" for number in range(copies)]
    for place in places:
        shutil.copytree(edition, place)
    copy = places[0]
    verified = run("verify", copy)
    size = verified["bytes"] * copies
    # `verify` reads what edition.json and the torrents list; what is signed and the torrents themselves are read by others.
    lists = []
    for place in places:
        files = [path for path in place.rglob("*") if path.is_file() and path.name != "edition.json"]
        lists.append("\0".join(sorted(str(path) for path in files if "trust" not in path.parts)).encode())
    read = sum(os.path.getsize(path) for names in lists for path in names.decode().split("\0"))
    print(f"{copies} copies of {verified['checked']} files: {size / 1e6:.0f} MB; sha256sum reads {read / 1e6:.0f} MB")

    def sums(names, *words):
        said = subprocess.run(["xargs", "-0", *words, "sha256sum"], input=names, capture_output=True, check=True).stdout
        return sorted(said.splitlines())

    known = [sums(names) for names in lists]

    def sha256sum(jobs):
        words = [] if jobs == 1 else ["-P", "2", "-n", "8"]
        assert [sums(names, *words) for names in lists] == known

    def verify(jobs):
        for place in places:
            found = run("--jobs", jobs, "verify", place)
            assert not found["damaged"] and not found["missing"] and found["bytes"] * copies == size, found

    rows = {"verify, 1 job": [], "sha256sum": [], "verify, 2 jobs": [], "sha256sum, 2 processes": []}
    for _ in range(runs):
        rows["verify, 1 job"].append(timed(lambda: verify(1))[0])
        rows["sha256sum"].append(timed(lambda: sha256sum(1))[0])
        rows["verify, 2 jobs"].append(timed(lambda: verify(2))[0])
        rows["sha256sum, 2 processes"].append(timed(lambda: sha256sum(2))[0])
    report(rows, size)
    rate = {name: (read if "sum" in name else size) / statistics.median(times) for name, times in rows.items()}
    print(f"verify beside sha256sum, one core: {rate['verify, 1 job'] / rate['sha256sum']:.2f} (at least 0.9 is asked)")
    print(f"verify on two cores beside one: {rate['verify, 2 jobs'] / rate['verify, 1 job']:.2f}")

    # The repair of a mirror.
    mirror = work / "mirror"
    run("mirror", edition, "--budget", "1TB", "--into", mirror, "--no-torrent")
    run("verify", mirror)
    songs = sorted((mirror / "packs").rglob("*.ogg"))
    sizes = [song.stat().st_size for song in songs]
    draw = random.Random(1)
    leaves = set()
    for _ in range(1_000):
        song = draw.choices(songs, sizes)[0]
        place = draw.randrange(song.stat().st_size)
        song.chmod(0o644)
        with open(song, "r+b") as file:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ (1 << draw.randrange(8))]))
        leaves.add((song, place // 16_384))
    found = run("verify", mirror, ok=(3,))
    seconds, done = timed(lambda: run("repair", mirror, "--from", copy))
    print(f"1,000 bytes flipped in {len(found['damaged'])} files, {len(leaves)} leaves: {done['fetched_leaves']} leaves fetched "
          f"({done['fetched_bytes'] / 1e6:.1f} MB), {done['repaired']} of {done['found']} files sound, {seconds:.2f} s")
    assert done["fetched_leaves"] <= 1_000 and done["repaired"] == done["found"], done
    run("verify", mirror)
