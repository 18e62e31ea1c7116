#!/usr/bin/env python3
"""Gives an original back from a holding and its patch with nothing of Deadwax: Python 3 and, for what the patch itself
brings, the program zstd. Written from patch.md alone.

usage: apply-patch.py HOLDING PATCH ORIGINAL     (ORIGINAL is written, and must not exist yet)

Holdings and patches lie in an archive as store/ab/cd/ROOT. To see which belong together, without Deadwax:
    sqlite3 ARCHIVE/catalog.sqlite "SELECT recording, hex(root), hex(patch_root) FROM holding WHERE tier = 'keep'"
The roots are those of BEP 52: SHA-256 over blocks of 16 KiB, which this program computes too, to prove what it wrote.
"""
import hashlib, subprocess, sys, tempfile

COPY, INSERT, RENUMBER, SHIFT = range(4)
LEAF = 16384


class Patch:
    def __init__(self, data):
        self.data, self.at = data, 5
        if data[:4] != b"DWXP" or data[4] not in (1, 2):
            sys.exit("this is no patch of version 1 or 2")
        self.source_root, self.holding_root = self.bytes(32), self.bytes(32)
        self.source_bytes, self.holding_bytes = self.number(), self.number()
        self.reference_bytes, self.literal_bytes = self.number(), self.number()
        self.operations = [self.operation() for _ in range(self.number())]
        self.frame = data[self.at:]

    def bytes(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self):
        """Unsigned LEB128."""
        value = shift = 0
        while True:
            (byte,) = self.bytes(1)
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def operation(self):
        code = self.number()
        fields = {COPY: 2, INSERT: 1, RENUMBER: 4, SHIFT: 4}[code]
        return code, [self.number() for _ in range(fields)]

    def literals(self, holding):
        """The bytes that the patch brings: a zstd frame whose prefix is the head of the holding."""
        if not self.literal_bytes:
            return b""
        with tempfile.NamedTemporaryFile() as frame, tempfile.NamedTemporaryFile() as prefix:
            frame.write(self.frame), frame.flush()
            prefix.write(holding[:self.reference_bytes]), prefix.flush()
            known = [f"--patch-from={prefix.name}"] if self.reference_bytes else []
            return subprocess.run(["zstd", "-d", "-c", "-q", *known, frame.name], check=True, stdout=subprocess.PIPE).stdout


def crc_table():
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


CRC = crc_table()


def crc(data):
    value = 0
    for byte in data:
        value = ((value << 8) & 0xFFFFFFFF) ^ CRC[(value >> 24) ^ byte]
    return value


def renumbered(pages, serial, delta):
    """Whole Ogg pages, those of one stream with `delta` added to their numbers. The checksum changes by what the change of
    the number does to it: the checksum of a page of zeros but for that change."""
    pages, at = bytearray(pages), 0
    while at < len(pages):
        assert pages[at:at + 4] == b"OggS", "a page begins here"
        length = 27 + pages[at + 26] + sum(pages[at + 27:at + 27 + pages[at + 26]])
        if int.from_bytes(pages[at + 14:at + 18], "little") == serial:
            old = bytes(pages[at + 18:at + 22])
            new = ((int.from_bytes(old, "little") + delta) & 0xFFFFFFFF).to_bytes(4, "little")
            change = bytes(a ^ b for a, b in zip(old, new))
            of_change = crc(bytes(18) + change + bytes(length - 22))
            checksum = int.from_bytes(pages[at + 22:at + 26], "little") ^ of_change
            pages[at + 18:at + 22], pages[at + 22:at + 26] = new, checksum.to_bytes(4, "little")
        at += length
    return bytes(pages)


def shifted(numbers, width, delta):
    """Big-endian numbers, each with `delta` (zigzag) added."""
    delta = (delta >> 1) ^ -(delta & 1)
    each = (int.from_bytes(numbers[at:at + width], "big") for at in range(0, len(numbers), width))
    return b"".join(((number + delta) % (1 << 8 * width)).to_bytes(width, "big") for number in each)


def root(data):
    """BEP 52's pieces root: a binary tree over leaves of 16 KiB, filled up with zero hashes to a power of two."""
    leaves = [hashlib.sha256(data[at:at + LEAF]).digest() for at in range(0, len(data), LEAF)] or [bytes(32)]
    while len(leaves) & (len(leaves) - 1):
        leaves.append(bytes(32))
    while len(leaves) > 1:
        leaves = [hashlib.sha256(leaves[n] + leaves[n + 1]).digest() for n in range(0, len(leaves), 2)]
    return leaves[0]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        holding = file.read()
    with open(sys.argv[2], "rb") as file:
        patch = Patch(file.read())
    if len(holding) != patch.holding_bytes or root(holding) != patch.holding_root:
        sys.exit("the patch belongs to another holding, or this one is damaged")
    literals, used, out = patch.literals(holding), 0, []
    for code, fields in patch.operations:
        if code == INSERT:
            out.append(literals[used:used + fields[0]])
            used += fields[0]
            continue
        part = holding[fields[0]:fields[0] + fields[1]]
        if code == RENUMBER:
            part = renumbered(part, *fields[2:])
        elif code == SHIFT:
            part = shifted(part, *fields[2:])
        out.append(part)
    original = b"".join(out)
    if len(original) != patch.source_bytes or root(original) != patch.source_root:
        sys.exit("what came out is not the original; nothing is written")
    with open(sys.argv[3], "xb") as file:
        file.write(original)


main()
