#!/usr/bin/env python3
"""Time of `deadwax archive` on the real music beside the separate programs that a user would otherwise run.

The separate programs, two files at a time: ffmpeg decoding to nothing, fpcalc, ffmpeg's ebur128, sha1sum and sha256sum.
The runs alternate, each on a warm page cache; medians and their ratio are printed, and Deadwax's peak memory.

usage: bench/archive_real_music.py DEADWAX [RUNS]       (needs wesnoth-1.16-music, ffmpeg, fpcalc)
"""
import pathlib, resource, shutil, statistics, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

deadwax = sys.argv[1]
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
listing = subprocess.run(["dpkg", "-L", "wesnoth-1.16-music"], capture_output=True, text=True, check=True).stdout
files = sorted(path for path in listing.splitlines() if path.endswith(".ogg"))
music = str(pathlib.Path(files[0]).parent)

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "check": True}


def separately(path):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", path, "-f", "null", "-"], **QUIET)
    # fpcalc 1.5 prints the fingerprint of some of these files and exits with 3 all the same.
    subprocess.run(["fpcalc", path], **{**QUIET, "check": False})
    subprocess.run(["ffmpeg", "-nostdin", "-v", "info", "-threads", "1", "-i", path, "-af", "ebur128", "-f", "null", "-"], **QUIET)
    subprocess.run(["sha1sum", path], **QUIET)
    subprocess.run(["sha256sum", path], **QUIET)


def time_separate():
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(separately, files))
    return time.monotonic() - start


def time_deadwax():
    folder = tempfile.mkdtemp(prefix="deadwax-bench-")
    try:
        start = time.monotonic()
        subprocess.run([deadwax, "--jobs", "2", "--quiet", "archive", music, "--to", f"{folder}/archive"], **QUIET)
        return time.monotonic() - start
    finally:
        shutil.rmtree(folder)


for path in files:
    pathlib.Path(path).read_bytes()  # a warm page cache for both
ours, theirs = [], []
for run in range(runs):
    ours.append(time_deadwax())
    # The largest child so far; deadwax runs first, before any ffmpeg.
    if run == 0:
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    theirs.append(time_separate())
    print(f"run {run + 1}: deadwax {ours[-1]:.2f} s, separate programs {theirs[-1]:.2f} s", flush=True)
a, b = statistics.median(ours), statistics.median(theirs)
print(f"{len(files)} files; deadwax archive {a:.2f} s, separate programs {b:.2f} s: ratio {a / b:.2f} (median of {runs})")
print(f"deadwax's peak memory: {peak_kib / 1024:.0f} MiB")
