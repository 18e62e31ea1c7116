#!/usr/bin/env python3
"""The list from source tables to edition: what each step costs.

    tables   make-collection writes Parquet (testkit)
    add      deadwax add, durable as always
    again    the same once more (--again): nothing changes
    plan
    publish  the join, the sort and the edition

Each step is a process of its own; seconds by the clock and of processor, the most memory, and the most disk that everything together
took, sampled once a second. Everything is deleted in the end unless --keep. The results are appended to
target/bench/list_from_tables.json.

usage: bench/list_from_tables.py [--millions 16] [--seed 1] [--again] [--keep] [--work DIR]
"""
import argparse, json, os, pathlib, shlex, shutil, subprocess, sys, threading, time

HOME = pathlib.Path(__file__).resolve().parent.parent
RESULTS = HOME / "target/bench/list_from_tables.json"


def bytes_below(folder):
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                facts = os.lstat(os.path.join(path, name))
            except FileNotFoundError:
                continue
            total += facts.st_blocks * 512
    return total


class DiskSampler(threading.Thread):
    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.most, self.done = folder, 0, threading.Event()

    def run(self):
        while not self.done.wait(1):
            self.most = max(self.most, bytes_below(self.folder))


def measured(name, command):
    print(f"{name} …", file=sys.stderr, flush=True)
    start = time.monotonic()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    # 3: done, with problems in some items, as made-up tables have them.
    if child.returncode not in (0, 3):
        sys.exit(f"{shlex.join(map(str, command))} ended with {child.returncode}")
    step = {"step": name, "wall_s": time.monotonic() - start, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}
    print(f"{name}: {step['wall_s']:.1f} s", file=sys.stderr, flush=True)
    return step, output


def build():
    for package, binary in (("deadwax-cli", "deadwax"), ("deadwax-testkit", "make-collection")):
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", package, "--bin", binary], cwd=HOME, check=True)


def measure(options, work):
    # Copies, so that building something else meanwhile changes nothing.
    for name in ("deadwax", "make-collection"):
        shutil.copy2(HOME / "target/release" / name, work / name)
    recordings, tables, archive = options.millions * 1_000_000, work / "tables", work / "archive"
    deadwax = [work / "deadwax", "-q", "--archive", archive]
    sampler = DiskSampler(work)
    sampler.start()
    steps = []

    def step(name, command):
        found, output = measured(name, command)
        steps.append(found)
        return output

    step("tables", [work / "make-collection", "--recordings", recordings, "--seed", options.seed, "--out", tables])
    subprocess.run([*map(str, deadwax), "init"], check=True, stdout=subprocess.DEVNULL)
    add = [*deadwax, "add", tables, "--as", "made"]
    step("add", add)
    if options.again:
        step("again", add)
    catalogue = bytes_below(archive)
    step("plan", [*deadwax, "plan"])
    step("publish", [*deadwax, "publish"])
    sampler.done.set()
    sampler.join()
    edition = next(path for path in sorted((archive / "editions").iterdir()) if (path / "edition.json").exists())
    summary = json.loads((edition / "edition.json").read_text())
    return {
        "recordings": recordings,
        "steps": steps,
        "tables_bytes": bytes_below(tables),
        "catalogue_bytes": catalogue,
        "edition_bytes": bytes_below(edition),
        "peak_disk_bytes": sampler.most,
        "listed": summary.get("recordings"),
    }


def table(run):
    recordings = run["recordings"]
    print(f"| {recordings / 1e6:g} M recordings | seconds | recordings a second | processor | peak memory, MiB |\n|---|---|---|---|---|")
    for step in run["steps"]:
        rate = f"{recordings / step['wall_s']:,.0f}"
        print(f"| {step['step']} | {step['wall_s']:.1f} | {rate} | {step['cpu_s']:.1f} s | {step['peak_mib']:.0f} |")
    each = {key: run[f"{key}_bytes"] / recordings for key in ("tables", "catalogue", "edition", "peak_disk")}
    print("\nBytes a recording: " + ", ".join(f"{key} {value:.1f}" for key, value in each.items()) + f"; {run['listed']} in the list.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--millions", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--work", type=pathlib.Path)
    options = parser.parse_args()
    build()
    work = (options.work or RESULTS.parent) / f"from_tables_{options.millions}"
    if work.exists():
        sys.exit(f"{work} is there already, from a run that was stopped; delete it and start again")
    work.mkdir(parents=True)
    try:
        run = measure(options, work)
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HOME, stdout=subprocess.PIPE, text=True, check=True)
    run["commit"] = commit.stdout.strip()
    runs = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    RESULTS.write_text(json.dumps([*runs, run], indent=1))
    table(run)


if __name__ == "__main__":
    main()
