#!/usr/bin/env python3
"""Quality of the tier opus-75 beside opusenc at the same actual bit rate, by ViSQOL, on the real music.

Of each file the first seconds are encoded as opus-75, and by `opusenc --comp 10 --framesize 20` at the bit rate that comes
to the same number of bytes in audio packets (within 0.3 %). Both are decoded by ffmpeg and scored against the source by ViSQOL in its
audio mode (MOS-LQO, 1 to about 4.7). The metric is a Python port of Google's ViSQOL 3.3: `pip install visqol-python` in any virtual
environment, and run this with that Python. Without it the script says so and ends with 0.

usage: bench/opus_quality.py ANALYSE [SECONDS] [NAME...]    (needs wesnoth-1.16-music, ffmpeg, ffprobe, opusenc)
       ANALYSE is target/release/examples/analyse: cargo build --release -p deadwax-audio --example analyse
"""
import pathlib, statistics, subprocess, sys, tempfile
from concurrent.futures import ProcessPoolExecutor

try:
    from visqol import VisqolApi
except ImportError:
    print("skipped: the Python package visqol-python is not installed (pip install visqol-python)")
    sys.exit(0)

BIT_RATE = 75
TOLERANCE = 0.003


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout


def audio_bytes(path):
    sizes = run("ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", path)
    return sum(int(line.strip(",")) for line in sizes.split())


def encode_alike(source, out, wanted):
    """opusenc at the bit rate that comes to `wanted` bytes; returns that bit rate and the bytes it came to."""
    low, high, rate = 0.25 * BIT_RATE, 6.0 * BIT_RATE, float(BIT_RATE)
    for _ in range(20):
        run("opusenc", "--quiet", "--bitrate", f"{rate:.3f}", "--comp", "10", "--framesize", "20", source, out)
        got = audio_bytes(out)
        if abs(got / wanted - 1) <= TOLERANCE:
            break
        low, high = (rate, high) if got < wanted else (low, rate)
        near = rate * wanted / got
        rate = near if low < near < high else (low + high) / 2
    return rate, got


def score(reference, path, folder):
    decoded = folder / "decoded.wav"
    run("ffmpeg", "-y", "-v", "error", "-i", path, "-ar", "48000", "-c:a", "pcm_s16le", decoded)
    visqol = VisqolApi()
    visqol.create(mode="audio")
    return visqol.measure(str(reference), str(decoded)).moslqo


def compare(analyse, path, seconds):
    with tempfile.TemporaryDirectory(prefix="opus-quality-") as name:
        folder = pathlib.Path(name)
        source, reference = folder / "source.wav", folder / "reference.wav"
        ours, theirs = folder / "ours.opus", folder / "theirs.opus"
        run("ffmpeg", "-v", "error", "-i", path, "-t", seconds, "-c:a", "pcm_s16le", source)
        run("ffmpeg", "-v", "error", "-i", source, "-ar", "48000", "-c:a", "pcm_s16le", reference)
        run(analyse, source, ours, "opus", BIT_RATE)
        length = float(run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", source))
        our_bytes = audio_bytes(ours)
        rate, their_bytes = encode_alike(source, theirs, our_bytes)
        rates = [size * 0.008 / length for size in (our_bytes, their_bytes)]
        return pathlib.Path(path).stem, *rates, rate, score(reference, ours, folder), score(reference, theirs, folder)


def main():
    analyse = sys.argv[1]
    seconds = sys.argv[2] if len(sys.argv) > 2 else "60"
    listing = run("dpkg", "-L", "wesnoth-1.16-music")
    files = sorted(path for path in listing.splitlines() if path.endswith(".ogg"))
    if len(sys.argv) > 3:
        files = [path for path in files if pathlib.Path(path).stem in sys.argv[3:]]
    print(f"{'file':28} {'kbit/s':>7} {'opusenc':>8} {'--bitrate':>9} {'ours':>6} {'opusenc':>8} {'diff':>7}")
    differences = []
    with ProcessPoolExecutor(2) as pool:
        for name, ours, theirs, rate, our_score, their_score in pool.map(compare, [analyse] * len(files), files, [seconds] * len(files)):
            differences.append(our_score - their_score)
            print(f"{name:28} {ours:7.2f} {theirs:8.2f} {rate:9.2f} {our_score:6.3f} {their_score:8.3f} {differences[-1]:+7.3f}", flush=True)
    print(f"{len(files)} files, first {seconds} s: difference on average {statistics.mean(differences):+.4f}, "
          f"lowest {min(differences):+.3f}, highest {max(differences):+.3f}")


if __name__ == "__main__":
    main()
