#!/usr/bin/env python3
"""Prints the list of an edition as JSON lines, read from catalog.sqlite as docs/formats/edition.md describes it, without Deadwax.

Needs the `zstd` program. It is for whoever writes a reader of their own, and slow: a block takes a process.
usage: read-list.py EDITION
"""
import hashlib, json, pathlib, sqlite3, subprocess, sys, tempfile


class Bits:
    def __init__(self, data):
        self.bits, self.at, self.left = int.from_bytes(data, "big"), 0, len(data) * 8

    def take(self, count):
        self.left -= count
        return self.bits >> self.left & ((1 << count) - 1)

    def column(self, count):
        order, values = self.take(6), []
        for _ in range(count):
            zeros = 0
            while self.take(1) == 0:
                zeros += 1
            upper = 1 << zeros | self.take(zeros)
            values.append(upper - 1 << order | self.take(order))
        return values

    def sums(self, count):
        values, last = [], 0
        for value in self.column(count):
            last += value >> 1 if value % 2 == 0 else -(value + 1 >> 1)
            last %= 1 << 64
            values.append(last)
        return values

    def numbers(self, count, new):
        fresh = [self.take(1) for _ in range(count)]
        known = iter(self.column(count - sum(fresh)))
        numbers = []
        for is_new in fresh:
            numbers.append(new if is_new else next(known))
            new += is_new
        return numbers


def maybe(value):
    return None if value == 0 else value - 1


def parts(block, dictionary):
    """The bits and the texts of a block."""
    length = shift = at = 0
    while True:
        byte = block[at]
        length, shift, at = length | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            break
    zstd = ["zstd", "-dcq"] + (["-D", dictionary] if dictionary else [])
    texts = subprocess.run(zstd, input=block[at + length:], stdout=subprocess.PIPE, check=True).stdout
    return Bits(block[at:at + length]), iter(texts.split(b"\xff"))


def releases(block, count, dictionary, names):
    bits, texts = parts(block, dictionary)
    artists, latest = bits.column(count), bits.take(32)
    days = bits.column(count)
    titles = [next(texts).decode() for _ in range(count)]
    artists = [None if a == 0 else next(texts).decode() if a == 1 else names[a - 1] for a in artists]
    for title, artist, back in zip(titles, artists, days):
        date = None if back == 0 else next(texts).decode() if back == 1 else None
        if back > 1:
            number = latest - (back - 2)
            year, month, day = number // 32 // 13, number // 32 % 13, number % 32
            date = f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")
        yield title, artist, date


def isrc(number):
    number, digits = divmod(number, 10_000_000)
    text = ""
    for radix in (36, 36, 36, 26, 26):
        number, digit = divmod(number, radix)
        text = (chr(65 + digit) if radix == 26 else "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit]) + text
    return f"{text}{digits:07}"


def recordings(block, count, dictionary, known):
    names, shelf, registrants, collections = known
    bits, texts = parts(block, dictionary)
    next_artist, next_release = bits.take(32), bits.take(32)
    bits.sums(count)  # states
    listens = [maybe(v) for v in bits.sums(count)]
    popularity = [maybe(v) for v in bits.sums(count)]
    latest = bits.take(16)
    years = [maybe(v) for v in bits.column(count)]
    artist_counts, track_counts, isrc_counts = bits.column(count), bits.column(count), bits.column(count)
    shortest = bits.take(64)
    durations = [maybe(v) for v in bits.column(count)]
    of = bits.column(count)
    rows = iter(bits.column(sum(1 for number in of if number)))
    ids = []
    for number in of:
        if number:
            said = b"tables\0" + collections[number].encode() + b"\0" + str(next(rows)).encode()
            ids.append(hashlib.sha256(said).hexdigest()[:20])
        else:
            ids.append(f"{bits.take(80):020x}")
    artists = iter(bits.numbers(sum(artist_counts), next_artist))
    tracks = sum(track_counts)
    placed = iter(list(zip(bits.numbers(tracks, next_release), bits.column(tracks), bits.column(tracks))))
    codes = sum(isrc_counts)
    codes = iter(list(zip(bits.column(codes), bits.column(codes))))
    titles = [next(texts).decode() for _ in range(count)]
    for at in range(count):
        own = [names[next(artists)] for _ in range(artist_counts[at])]
        form, turn = next(texts), iter(own)
        credit = b"".join(next(turn).encode() if byte == 0xFE else bytes([byte]) for byte in form).decode()
        yield {
            "id": ids[at], "title": titles[at], "artists": own,
            "artist_credit": credit if form else (own[0] if own else ""),
            "tracks": [[*shelf[r], disc or None, place or None] for r, disc, place in (next(placed) for _ in range(track_counts[at]))],
            "isrcs": sorted(isrc(rest + 100_000 * registrants[r] if r else rest) for r, rest in (next(codes) for _ in range(isrc_counts[at]))),
            "duration_ms": None if durations[at] is None else shortest + durations[at],
            "listens": listens[at], "popularity": popularity[at],
            "year": None if years[at] is None else latest - years[at],
        }


def main(edition):
    catalog = sqlite3.connect(f"file:{pathlib.Path(edition, 'catalog.sqlite').resolve()}?immutable=1", uri=True)
    ask = lambda sql: catalog.execute(sql).fetchall()
    meta = dict(ask("SELECT key, value FROM meta"))
    names, registrants, collections = (dict(ask(f"SELECT * FROM {table}")) for table in ("artist", "registrant", "collection"))
    with tempfile.NamedTemporaryFile() as file:
        file.write(ask("SELECT dictionary FROM dictionary")[0][0])
        file.flush()
        dictionary = file.name if file.tell() else None
        shelf = {}
        for first, block in ask("SELECT * FROM releases ORDER BY 1"):
            count = min(64, meta["releases"] - first + 1)
            shelf.update(enumerate(releases(block, count, dictionary, names), first))
        for first, block in catalog.execute("SELECT * FROM recordings ORDER BY 1"):
            count = min(64, meta["recordings"] - first + 1)
            known = (names, shelf, registrants, collections)
            for rank, recording in enumerate(recordings(block, count, dictionary, known), first):
                print(json.dumps({"rank": rank, **recording}, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
