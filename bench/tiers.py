#!/usr/bin/env python3
"""Time of making holdings of the real music, with loudness and fingerprint, beside the separate programs that do the same.

  opus-75   `deadwax build` under a policy that wants opus-75 of everything
            beside ffmpeg to libopus (75 kbit/s VBR, complexity 10) + fpcalc + ffmpeg's ebur128
  keep      `deadwax build` under a policy that keeps everything
            beside fpcalc + ffmpeg's ebur128

The separate programs run two files at a time, ffmpeg with one thread each; Deadwax has --jobs 2. Adding and planning are done
before and timed apart. The runs alternate, on a warm page cache; medians and their ratios are printed.

usage: bench/tiers.py DEADWAX [RUNS]       (needs wesnoth-1.16-music, ffmpeg, fpcalc)
"""
import pathlib, shutil, statistics, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

deadwax = sys.argv[1]
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
listing = subprocess.run(["dpkg", "-L", "wesnoth-1.16-music"], capture_output=True, text=True, check=True).stdout
files = sorted(path for path in listing.splitlines() if path.endswith(".ogg"))
music = str(pathlib.Path(files[0]).parent)
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "check": True}
FFMPEG = ["ffmpeg", "-nostdin", "-v", "info", "-y", "-threads", "1", "-i"]


def separately(path, into):
    if into:
        out = f"{into}/{pathlib.Path(path).stem}.opus"
        subprocess.run([*FFMPEG, path, "-c:a", "libopus", "-b:a", "75k", "-vbr", "on", "-compression_level", "10", "-threads", "1", out], **QUIET)
    # fpcalc 1.5 prints the fingerprint of some of these files and exits with 3 all the same.
    subprocess.run(["fpcalc", path], **{**QUIET, "check": False})
    subprocess.run([*FFMPEG, path, "-af", "ebur128", "-f", "null", "-"], **QUIET)


def time_separate(tier):
    with tempfile.TemporaryDirectory(prefix="deadwax-bench-") as into:
        start = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda path: separately(path, into if tier != "keep" else None), files))
        return time.monotonic() - start


def time_deadwax(tier):
    folder = tempfile.mkdtemp(prefix="deadwax-bench-")
    archive = f"{folder}/archive"

    def run(*words):
        # 3: done, with problems in some items.
        code = subprocess.run([deadwax, "--jobs", "2", "--quiet", "--archive", archive, *words], **{**QUIET, "check": False}).returncode
        assert code in (0, 3), words

    try:
        run("init")
        policy = pathlib.Path(archive, "deadwax.toml")
        policy.write_text(policy.read_text().replace("[tiers]", f'[tiers]\nunknown = "{tier}"'))
        start = time.monotonic()
        run("add", music)
        run("plan")
        added = time.monotonic()
        run("build")
        built = time.monotonic()
        return built - added, added - start
    finally:
        shutil.rmtree(folder)


for path in files:
    pathlib.Path(path).read_bytes()  # a warm page cache for both
print("| tier | deadwax build | add and plan before it | separate programs | ratio of build | of all three |\n|---|---|---|---|---|---|")
for tier in ("opus-75", "keep"):
    ours, before, theirs = [], [], []
    for _ in range(runs):
        build, add = time_deadwax(tier)
        ours.append(build), before.append(add)
        theirs.append(time_separate(tier))
        print(f"  {tier}: {build:.2f} + {add:.2f} s, separately {theirs[-1]:.2f} s", file=sys.stderr, flush=True)
    a, b, c = statistics.median(ours), statistics.median(before), statistics.median(theirs)
    print(f"| {tier} | {a:.2f} s | {b:.2f} s | {c:.2f} s | {a / c:.2f} | {(a + b) / c:.2f} |", flush=True)
