#!/usr/bin/env python3
"""How the list grows: an edition of each size built, asked and deleted, one after the other, and a table of it.

Every run is appended to target/bench/list_growth.json; the table has the newest run of each size. The collections are made up
by the test kit and fed to the writer directly. On an otherwise idle machine 64 million takes about an hour and 10 GB of disk.

usage: bench/list_growth.py [--millions 1,4,16,64] [--seed 1] [--work DIR] [--table]
"""
import argparse, json, pathlib, shutil, subprocess, sys

HOME = pathlib.Path(__file__).resolve().parent.parent
BUILT = HOME / "target/release/examples/list_at_size"
RESULTS = HOME / "target/bench/list_growth.json"
# A copy, so that building something else meanwhile changes nothing.
PROGRAM = RESULTS.parent / "list_at_size"


def build_program():
    command = ["cargo", "build", "--release", "--quiet", "-p", "deadwax-edition", "--example", "list_at_size"]
    subprocess.run(command, cwd=HOME, check=True)
    shutil.copy2(BUILT, PROGRAM)


def run_program(*arguments):
    run = subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(run.stdout) if "--json" in arguments else None


def measure(recordings, seed, work):
    folder, log = work / f"list_{recordings}", work / f"queries_{recordings}.jsonl"
    if folder.exists():
        sys.exit(f"{folder} is there already, from a run that was stopped; delete it and start again")
    try:
        collection = ["--recordings", recordings, "--seed", seed]
        built = run_program("build", *collection, "--into", folder, "--json")
        run_program("log", *collection, "--out", log)
        # What was just written would be slower to drop from memory, and is asked for when it is on the disk.
        subprocess.run(["sync"], check=True)
        asked = run_program("ask", "--edition", folder / "edition", "--log", log, "--seed", seed, "--json")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        log.unlink(missing_ok=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HOME, stdout=subprocess.PIPE, text=True, check=True)
    return {"recordings": recordings, "commit": commit.stdout.strip(), "built": built, "asked": asked}


def times(runs, group, kind):
    """p50 and p99 of a kind of question."""
    found = [next(row for row in run["asked"][group] if row["kind"] == kind) for run in runs]
    return [f"{row['p50_ms']:.2f} / {row['p99_ms']:.2f}" for row in found]


def file_bytes(runs, name):
    found = [[file["bytes_each"] for file in run["built"]["files"] if file["path"] == name] for run in runs]
    return [f"{sum(each):.1f}" for each in found]


def table(runs):
    def built(form, key):
        return [form.format(run["built"][key]) for run in runs]

    def by_search(kind):
        return times(runs, "search", kind)

    gib = [f"{run['built']['peak_disk_bytes'] / 2**30:.2f}" for run in runs]
    rows = [
        ("catalogue, bytes a track", file_bytes(runs, "catalog.sqlite")),
        ("search, bytes a track", file_bytes(runs, "search.sqlite")),
        ("**catalogue and search**", built("**{:.1f}**", "catalog_and_search_bytes_each")),
        ("**Parquet**", built("**{:.1f}**", "parquet_bytes_each")),
        ("build, seconds by the clock", built("{:.0f}", "wall_s")),
        ("microseconds a track by the clock", built("{:.1f}", "wall_us")),
        ("microseconds a track of processor, making up not counted", built("{:.1f}", "cpu_us")),
        ("microseconds a track of processor, making up", [
            f"{run['built']['generate_cpu_s'] * 1e6 / run['recordings']:.1f}" for run in runs]),
        ("peak memory, MiB", built("{}", "peak_mib")),
        ("most disk at any time, GiB", gib),
        ("search, first page, all 10,000: p50 / p99, ms", by_search("all")),
        *((f"… {row['kind']}", by_search(row["kind"])) for row in runs[0]["asked"]["search"][:-1]),
        ("ISRC, warm", times(runs, "others", "ISRC, again")),
        ("ISRC, cold", times(runs, "cold", "ISRC")),
        ("search, cold", times(runs, "cold", "search")),
        ("opening, cold", times(runs, "cold", "opening")),
        ("id, warm", times(runs, "others", "id, again")),
        ("shuffle, a draw, first time", times(runs, "others", "shuffle, a draw, first time")),
        ("shuffle, a draw, again", times(runs, "others", "shuffle, a draw, again")),
        ("shuffle of 1,000", [cell.split(" / ")[0] for cell in times(runs, "others", "shuffle of 1,000")]),
        ("stats", times(runs, "others", "stats")),
        ("coverage at a rank", times(runs, "others", "coverage at a rank")),
        ("coverage at bytes", times(runs, "others", "coverage at bytes")),
        ("coverage at a share", times(runs, "others", "coverage at a share")),
        ("of 1,000 asked for by title and artist: first page, later, missed", [
            "{first_page}, {later_page}, {missed}".format(**run["asked"]["equals"]) for run in runs]),
    ]
    head = ["recordings", *(f"{run['recordings'] / 1e6:g} M" for run in runs)]
    lines = [head, ["---"] * len(head), *([name, *cells] for name, cells in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--millions", default="1,4,16,64", help="sizes, in millions of recordings")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=pathlib.Path, default=RESULTS.parent, help="where the editions are made")
    parser.add_argument("--table", action="store_true", help="only print the table of what was measured")
    options = parser.parse_args()
    runs = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    if not options.table:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        options.work.mkdir(parents=True, exist_ok=True)
        build_program()
        for millions in options.millions.split(","):
            runs.append(measure(round(float(millions) * 1e6), options.seed, options.work))
            RESULTS.write_text(json.dumps(runs, indent=1))
            print(f"measured {millions} M", file=sys.stderr, flush=True)
    newest = {run["recordings"]: run for run in runs}
    if not newest:
        sys.exit("nothing was measured yet: run without --table")
    print(table([newest[size] for size in sorted(newest)]))


main()
