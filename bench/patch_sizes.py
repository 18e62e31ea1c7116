#!/usr/bin/env python3
"""What a patch takes: the real music, and MP3, FLAC and M4A made of it, each with a cover of 200 kB embedded.

Beside it `zstd --patch-from`, as a user would keep the difference with standard tools: the original against a file that
`ffmpeg -c copy` gave the same title and cover (Ogg has no picture stream in ffmpeg: there it gets the tags alone).

Every original is also restored with `deadwax restore` and compared with what was there before.

usage: bench/patch_sizes.py DEADWAX       (needs wesnoth-1.16-music, ffmpeg, zstd, sqlite3 in Python)
"""
import filecmp, os, pathlib, sqlite3, statistics, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

deadwax = sys.argv[1]
listing = subprocess.run(["dpkg", "-L", "wesnoth-1.16-music"], capture_output=True, text=True, check=True).stdout
music = sorted(pathlib.Path(path) for path in listing.splitlines() if path.endswith(".ogg"))
FORMATS = {"ogg": None, "mp3": ["-c:a", "libmp3lame", "-b:a", "192k"], "flac": ["-c:a", "flac"], "m4a": ["-c:a", "aac", "-b:a", "160k"]}


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, capture_output=True, **more)


def ffmpeg(*words):
    return run("ffmpeg", "-nostdin", "-v", "error", "-y", *words)


def cover(path):
    """A JPEG of about 200 kB: noise, so that nothing compresses it away."""
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=700x700,noise=alls=40:allf=t", "-frames:v", "1", "-q:v", "6", path)
    return path.stat().st_size


def make(folder, kind, source):
    target = folder / f"{source.stem}.{kind}"
    if FORMATS[kind] is None:
        os.link(source, target) if source.stat().st_dev == folder.stat().st_dev else target.write_bytes(source.read_bytes())
    else:
        ffmpeg("-i", source, "-vn", *FORMATS[kind], target)
    return target


def with_zstd(path, picture, scratch):
    """Bytes of zstd's patch from a copy that ffmpeg tagged."""
    tagged, patch = scratch / f"{path.name}.tagged.{path.suffix[1:]}", scratch / f"{path.name}.zst"
    pictures = [] if path.suffix == ".ogg" else ["-i", picture, "-map", "0:a", "-map", "1:v", "-disposition:v", "attached_pic"]
    ffmpeg("-i", path, *pictures, "-c", "copy", "-metadata", "TITLE=Tagged", "-metadata", "ARTIST=Somebody", tagged)
    run("zstd", "-q", "-f", "-9", "--long=27", f"--patch-from={tagged}", path, "-o", patch)
    size = patch.stat().st_size
    tagged.unlink(), patch.unlink()
    return size


def row(name, sizes):
    sizes = sorted(sizes)
    return f"| {name} | {len(sizes)} | {statistics.median(sizes):.0f} | {sizes[min(len(sizes) - 1, int(len(sizes) * 0.99))]} | {sizes[-1]} |"


with tempfile.TemporaryDirectory(prefix="deadwax-bench-") as scratch:
    scratch = pathlib.Path(scratch)
    table, all_ours = [], []
    for kind in FORMATS:
        folder = scratch / kind
        folder.mkdir()
        with ThreadPoolExecutor(2) as pool:
            files = list(pool.map(lambda source: make(folder, kind, source), music))
        picture_bytes = cover(folder / "cover.jpg")
        archive = scratch / f"{kind}-archive"
        # 3: done, with problems that are told (of the real files' licences and the like).
        done = subprocess.run([deadwax, "-q", "archive", folder, "--to", archive], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode in (0, 3), done.stderr
        # Read-only: the catalogue is the archive's own, and this only measures.
        db = sqlite3.connect(f"file:{archive}/catalog.sqlite?mode=ro", uri=True)
        rows = db.execute("SELECT h.recording, p.bytes, f.bytes - o.bytes FROM holding h JOIN recording r ON r.id = h.recording JOIN file o ON o.root = r.original_root JOIN file f ON f.root = h.root JOIN file p ON p.root = h.patch_root WHERE h.tier = 'keep'").fetchall()
        assert len(rows) == len(music), f"{len(rows)} of {len(music)} have a patch"
        grown = min(bytes for _, _, bytes in rows)
        # ffmpeg puts 8 kB of padding into FLAC, which a holding has not.
        assert grown >= picture_bytes - 8192 - 4, f"a holding grew by {grown} bytes: the cover of {picture_bytes} is not in it"
        names = {file.name for file in files}
        for id, _, _ in rows:
            target = scratch / "restored"
            target.mkdir()
            run(deadwax, "-q", "--archive", archive, "restore", id, "-o", target)
            (back,) = target.iterdir()
            assert filecmp.cmp(back, folder / back.name, shallow=False), back.name
            names.remove(back.name)
            back.unlink(), target.rmdir()
        assert not names, names
        ours = [bytes for _, bytes, _ in rows]
        all_ours += ours
        with ThreadPoolExecutor(2) as pool:
            theirs = list(pool.map(lambda path: with_zstd(path, folder / "cover.jpg", scratch), files))
        table += [row(f"{kind}, Deadwax", ours), row(f"{kind}, zstd --patch-from", theirs)]
        print(f"{kind}: {len(rows)} restored byte-identical, cover of {picture_bytes} bytes in every holding", flush=True)
        for path in files:
            path.unlink()
    print("\n| patches | files | median | 99th percentile | largest |\n|---|---|---|---|---|")
    print("\n".join(table + [row("all, Deadwax", all_ours)]))
