#!/usr/bin/env python3
"""The list beside what a user would otherwise take: the sqlite3 program, the same rows from CSV, the same look-ups, default FTS5.

Phases, each done once and kept in target/bench/list_against_sqlite_N.json, so that a stopped run goes on where it was:

    csv      the rows as CSV files (not counted)
    ours     the edition, built from recordings that are made up meanwhile (counted)
    theirs   sqlite3: .import into six tables, indexes of the same look-ups, an FTS5 table by INSERT SELECT; no journal, no
             synchronous; 2 GB of cache and two sorting threads unless --default-memory
    ask      the first --queries of the log: ours, theirs ordered by bm25 (words as typed, the last a prefix), ours again;
             of theirs each is asked twice and the better one counts, after the file was read through once; a query that
             takes longer than 60 s counts as 60 s
    like     the first --like of them that are plain text: title LIKE '%text%' ORDER BY listens DESC LIMIT 20

usage: bench/list_against_sqlite.py --recordings 16000000 [--queries 1000] [--like 30] [--seed 1] [--default-memory] [--work DIR]
"""
import argparse, json, math, os, pathlib, shlex, shutil, sqlite3, subprocess, sys, time

HOME = pathlib.Path(__file__).resolve().parent.parent
BUILT = HOME / "target/release/examples/list_at_size"
TIMEOUT_S = 60

SCHEMA = """
CREATE TABLE recording(id INTEGER PRIMARY KEY, title TEXT, duration_ms INTEGER, year INTEGER, listens INTEGER, popularity INTEGER);
CREATE TABLE track(recording INTEGER, release INTEGER, disc INTEGER, position INTEGER);
CREATE TABLE release(id INTEGER PRIMARY KEY, title TEXT, artist INTEGER, date TEXT);
CREATE TABLE artist(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE credit(recording INTEGER, position INTEGER, artist INTEGER, joined TEXT);
CREATE TABLE isrc(recording INTEGER, isrc TEXT);
"""
# A recording by id is the primary key. The indexes by recording are what showing one, and filling FTS5, needs.
INDEXES = """
CREATE INDEX isrc_isrc ON isrc(isrc);
CREATE INDEX isrc_recording ON isrc(recording);
CREATE INDEX credit_artist ON credit(artist);
CREATE INDEX credit_recording ON credit(recording);
CREATE INDEX track_release ON track(release);
CREATE INDEX track_recording ON track(recording);
CREATE INDEX artist_name ON artist(name);
"""
SEARCH = """
CREATE VIRTUAL TABLE search USING fts5(title, artist, release);
INSERT INTO search(rowid, title, artist, release)
  SELECT r.id, r.title,
    (SELECT group_concat(name, '') FROM (SELECT a.name || c.joined AS name FROM credit c JOIN artist a ON a.id = c.artist
       WHERE c.recording = r.id ORDER BY c.position)),
    l.title
  FROM recording r LEFT JOIN track t ON t.recording = r.id LEFT JOIN release l ON l.id = t.release;
"""
PRAGMAS = "PRAGMA journal_mode=OFF;\nPRAGMA synchronous=OFF;\n"
MORE_MEMORY = "PRAGMA cache_size=-2000000;\nPRAGMA threads=2;\n"


def run_measured(command, stdin=""):
    """Runs to the end; seconds by the clock and of processor, and the most memory."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child.stdin.write(stdin)
    child.stdin.close()
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{shlex.join(map(str, command))} ended with {child.returncode}")
    seconds = time.monotonic() - start
    cpu = usage.ru_utime + usage.ru_stime
    return {"wall_s": seconds, "cpu_s": cpu, "peak_mib": usage.ru_maxrss / 1024}, output


class Run:
    """One comparison: where it works, and what it knows already."""

    def __init__(self, options):
        self.options = options
        results = HOME / "target/bench"
        self.results = results / f"list_against_sqlite_{options.recordings}.json"
        self.work = (options.work or results) / f"against_sqlite_{options.recordings}"
        self.work.mkdir(parents=True, exist_ok=True)
        results.mkdir(parents=True, exist_ok=True)
        self.collection = ["--recordings", str(options.recordings), "--seed", str(options.seed)]
        self.edition, self.csv = self.work / "list", self.work / "csv"
        self.database, self.log = self.work / "theirs.sqlite", self.work / "queries.jsonl"
        # The program as it was when the comparison began: a later one may not read what this one wrote.
        self.built = self.work / "list_at_size"
        self.known = json.loads(self.results.read_text()) if self.results.exists() else {}
        asked = {key: getattr(options, key) for key in ("recordings", "seed", "queries", "like", "default_memory")}
        if self.known.setdefault("options", asked) != asked:
            sys.exit(f"{self.results} was measured with other options: {self.known['options']}; delete it to start anew")

    def phase(self, name, work):
        if name not in self.known:
            print(f"{name} …", file=sys.stderr, flush=True)
            self.known[name] = work()
            self.results.write_text(json.dumps(self.known, indent=1))
        return self.known[name]

    def build_program(self):
        if not self.built.exists():
            command = ["cargo", "build", "--release", "--quiet", "-p", "deadwax-edition", "--example", "list_at_size"]
            subprocess.run(command, cwd=HOME, check=True)
            shutil.copy2(BUILT, self.built)

    def program(self, *arguments):
        run = subprocess.run([self.built, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(run.stdout) if "--json" in arguments else None

    def write_csv(self):
        self.program("csv", *self.collection, "--out", self.csv)
        return sum(file.stat().st_size for file in self.csv.iterdir())

    def build_ours(self):
        shutil.rmtree(self.edition, ignore_errors=True)
        return self.program("build", *self.collection, "--into", self.edition, "--json")

    def build_theirs(self):
        self.database.unlink(missing_ok=True)
        imports = [f".import {table}.csv {table}" for table in ("recording", "track", "release", "artist", "credit", "isrc")]
        pragmas = PRAGMAS if self.options.default_memory else PRAGMAS + MORE_MEMORY
        steps = {"load": SCHEMA + ".mode csv\n" + "\n".join(imports) + "\n", "indexes": INDEXES, "search": SEARCH}
        built = {"program": subprocess.run(["sqlite3", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0]}
        for step, script in steps.items():
            command = ["sqlite3", "-bail", str(self.database)]
            # .import reads files of the folder that it is run in.
            command = ["env", "--chdir", str(self.csv), *command]
            built[step], _ = run_measured(command, pragmas + script)
            built[step]["bytes"] = self.database.stat().st_size
        for key in ("wall_s", "cpu_s"):
            built[key] = sum(built[step][key] for step in steps)
        return built

    def write_log(self):
        self.program("log", *self.collection, "--out", self.log)
        lines = self.log.read_text().splitlines(keepends=True)
        (self.work / "subset.jsonl").write_text("".join(lines[: self.options.queries]))
        return len(lines)

    def ask_ours(self, log):
        times = self.work / "ours.jsonl"
        edition = self.edition / "edition"
        self.program("ask", "--edition", edition, "--log", log, "--times", times, "--only-search", "--json")
        return read_lines(times)

    def ask_theirs(self, name, queries, question):
        """Every query, remembered one by one: at size this takes longest."""
        done = self.work / f"{name}.jsonl"
        answers = read_lines(done) if done.exists() else []
        with open(self.database, "rb") as file:
            while file.read(1 << 24):
                pass
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        database.execute("PRAGMA cache_size=-32768")
        with open(done, "a") as file:
            for query in queries[len(answers):]:
                sql, values = question(query["query"])
                seconds, hits = ask(database, sql, values)
                if seconds < 5:
                    seconds = min(seconds, ask(database, sql, values)[0])
                answers.append({**query, "ms": seconds * 1000, "hits": hits})
                file.write(json.dumps(answers[-1], ensure_ascii=False) + "\n")
                file.flush()
        database.close()
        return answers


def ask(database, sql, values):
    start = time.monotonic()
    database.set_progress_handler(lambda: time.monotonic() - start > TIMEOUT_S, 100_000)
    try:
        hits = len(database.execute(sql, values).fetchall())
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        hits = None
    return min(time.monotonic() - start, TIMEOUT_S), hits


def fts5_question(query):
    """As a user of FTS5 writes it: words quoted, the last one a prefix, a column filter for artist:."""
    terms, years, words = [], None, query.split()
    for place, word in enumerate(words):
        column, value = "", word
        if word.startswith("year:"):
            years = [int(year) for year in word[len("year:"):].split("-")]
            continue
        if word.startswith("artist:"):
            column, value = "artist : ", word[len("artist:"):]
        is_open = place + 1 == len(words) and not query.endswith(" ")
        terms.append(f'{column}"{value}"{"*" if is_open else ""}')
    match = " AND ".join(terms)
    if years is None:
        return "SELECT rowid, * FROM search WHERE search MATCH ? ORDER BY bm25(search) LIMIT 20", [match]
    sql = """SELECT search.rowid, search.* FROM search JOIN recording r ON r.id = search.rowid
        WHERE search MATCH ? AND r.year BETWEEN ? AND ? ORDER BY bm25(search) LIMIT 20"""
    return sql, [match, years[0], years[-1]]


def like_question(query):
    text = query.strip()
    return "SELECT * FROM recording WHERE title LIKE ? ORDER BY listens DESC LIMIT 20", [f"%{text}%"]


def is_plain(query):
    return ":" not in query["query"]


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def share(answers, part):
    """The nearest rank: of 100 times, the 99th is p99."""
    times = sorted(answer["ms"] for answer in answers)
    return times[max(math.ceil(len(times) * part) - 1, 0)]


def found(answers):
    return sum(1 for answer in answers if answer["hits"])


def cells(answers):
    return f"{share(answers, 0.5):.3f} / {share(answers, 0.99):.3f}"


def print_builds(run):
    ours, theirs, recordings = run.known["ours"], run.known["theirs"], run.options.recordings
    print(f"| {recordings / 1e6:g} M recordings | edition | sqlite3 {theirs['program']} | ratio |\n|---|---|---|---|")
    print(f"| build, seconds | {ours['wall_s']:.1f} | {theirs['wall_s']:.1f} | {theirs['wall_s'] / ours['wall_s']:.1f} |")
    steps = ", ".join(f"{step} {theirs[step]['wall_s']:.1f}" for step in ("load", "indexes", "search"))
    print(f"| of these | making up {ours['generate_cpu_s']:.1f} | {steps} | |")
    print(f"| processor, seconds | {ours['cpu_s']:.1f} | {theirs['cpu_s']:.1f} | {theirs['cpu_s'] / ours['cpu_s']:.1f} |")
    our_bytes = ours["catalog_and_search_bytes_each"]
    their_bytes = theirs["search"]["bytes"] / recordings
    print(f"| bytes a track, without Parquet | {our_bytes:.1f} | {their_bytes:.1f} | {their_bytes / our_bytes:.1f} |")
    without = theirs["indexes"]["bytes"] / recordings
    print(f"| of these, without text search | {of_file(ours, 'catalog.sqlite'):.1f} | {without:.1f} | |")
    most = max(theirs[step]["peak_mib"] for step in ("load", "indexes", "search"))
    print(f"| peak memory, MiB | {ours['peak_mib']} | {most:.0f} | |\n")


def of_file(built, name):
    return sum(file["bytes_each"] for file in built["files"] if file["path"] == name)


def print_answers(run):
    before, theirs, after = (run.known[name] for name in ("ask_ours", "ask_fts5", "ask_ours_again"))
    like, whole = run.known["ask_like"], run.known["ask_ours_whole"]
    # Of the two runs of ours the slower one counts.
    ours = max(before, after, key=lambda answers: share(answers, 0.99))
    print(f"Ours, all {len(whole)} queries: p50 / p99 {cells(whole)} ms.\n")
    print("| p50 / p99, ms | queries | edition | FTS5 by bm25 | ratio of p99 | found something: ours, FTS5 |\n|---|---|---|---|---|---|")
    for kind in [*sorted({answer["kind"] for answer in ours}), "all"]:
        a, b = ([answer for answer in all_ if kind in (answer["kind"], "all")] for all_ in (ours, theirs))
        ratio = share(b, 0.99) / share(a, 0.99)
        print(f"| {kind} | {len(a)} | {cells(a)} | {cells(b)} | {ratio:.1f} | {found(a)}, {found(b)} |")
    a = [answer for answer in ours if is_plain(answer)][: len(like)]
    ratio = share(like, 0.99) / share(a, 0.99)
    print(f"| LIKE instead, on some | {len(like)} | {cells(a)} | {cells(like)} | {ratio:.1f} | {found(a)}, {found(like)} |")
    late = sum(1 for answer in theirs if answer["hits"] is None)
    print(f"\n{late} queries of FTS5 took longer than {TIMEOUT_S} s and count as that.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--queries", type=int, default=1000, help="queries of the log that both are asked")
    parser.add_argument("--like", type=int, default=30, help="of these, queries that LIKE is asked")
    parser.add_argument("--default-memory", action="store_true", help="sqlite3 keeps its own cache size, and one thread")
    parser.add_argument("--work", type=pathlib.Path, help="where the files are made (default: target/bench)")
    options = parser.parse_args()
    run = Run(options)
    run.build_program()
    run.phase("csv", run.write_csv)
    run.phase("ours", run.build_ours)
    run.phase("theirs", run.build_theirs)
    run.phase("log", run.write_log)
    subset = run.work / "subset.jsonl"
    queries = read_lines(subset)
    plain = [query for query in queries if is_plain(query)]
    run.phase("ask_ours_whole", lambda: run.ask_ours(run.log))
    run.phase("ask_ours", lambda: run.ask_ours(subset))
    run.phase("ask_fts5", lambda: run.ask_theirs("fts5", queries, fts5_question))
    run.phase("ask_like", lambda: run.ask_theirs("like", plain[: options.like], like_question))
    run.phase("ask_ours_again", lambda: run.ask_ours(subset))
    print_builds(run)
    print_answers(run)
    print(f"\nThe files are in {run.work}: delete them when done.", file=sys.stderr)


main()
