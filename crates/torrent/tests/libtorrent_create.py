#!/usr/bin/env python3
"""Lets libtorrent make a hybrid torrent of its own from files on disk, to compare info hashes.

usage: libtorrent_create.py PATH...

PATH is a file or folder. Prints one JSON line a path: infohash_v1, infohash_v2 and twin (the info hash of the same torrent
without what v2 has added), or null and an error.
libtorrent 2.1.1 orders its v1 list by whole paths, not by components as BEP 52 asks, and then refuses to
load what it made when the two differ; that is the error "the v1 and v2 file metadata does not match".
"""

import hashlib
import json
import os
import sys
import warnings

import libtorrent as lt

PIECE_BYTES = 1 << 20


def create(path):
    if hasattr(lt, "list_files"):
        files = lt.list_files(path)
    else:
        files = lt.file_storage()
        lt.add_files(files, path)
    torrent = lt.create_torrent(files, PIECE_BYTES)
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    made = torrent.generate()
    hashes = lt.torrent_info(lt.bencode(made)).info_hashes()
    v1 = {key: value for key, value in made[b"info"].items() if key not in (b"file tree", b"meta version")}
    for file in v1.get(b"files", []):
        file.pop(b"pieces root", None)
    twin = hashlib.sha1(lt.bencode(v1)).hexdigest()
    return {"infohash_v1": str(hashes.v1), "infohash_v2": str(hashes.v2), "twin": twin, "error": None}


warnings.simplefilter("ignore", DeprecationWarning)
for path in sys.argv[1:]:
    try:
        fact = create(os.path.abspath(path))
    except RuntimeError as error:
        fact = {"infohash_v1": None, "infohash_v2": None, "twin": None, "error": str(error)}
    print(json.dumps({"path": path, "libtorrent": lt.__version__, **fact}), flush=True)
