#!/usr/bin/env python3
"""Asks libtorrent what it makes of torrents, and whether a folder is what they say.

usage: libtorrent_check.py TORRENT SAVE_PATH [TORRENT SAVE_PATH ...]

SAVE_PATH is the folder that holds the torrent's own folder or file; '-' only loads. TORRENT may be a magnet link
with '-'. Prints one JSON line a torrent: torrent, libtorrent (version), infohash_v1, infohash_v2, name, files (no pads),
bytes, progress (1.0 when every piece checked, null when only loaded) and error (null when all is well). Exits 1 when
anything is not loaded or not at 100 %, 2 on wrong usage. Torrents are loaded under libtorrent's default limits.
Nothing is written, and nothing leaves the machine: loopback only, no trackers, no web seeds, no discovery.
"""

import json
import os
import sys
import time

import libtorrent as lt

QUIET = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_tcp": False,
    "enable_outgoing_utp": False,
    "enable_incoming_tcp": False,
    "enable_incoming_utp": False,
}

# A recheck that makes no progress at all for so long has failed.
STALL_SECONDS = 120


def load(torrent):
    """The torrent's add_torrent_params and what libtorrent says of it."""
    if torrent.startswith("magnet:"):
        params = lt.parse_magnet_uri(torrent)
        facts = {"name": params.name, "trackers": params.trackers, "web_seeds": params.url_seeds}
    else:
        params = lt.load_torrent_file(torrent)
        storage = params.ti.files()
        real = [
            i for i in range(storage.num_files()) if not storage.file_flags(i) & lt.file_flags_t.flag_pad_file
        ]
        facts = {
            "name": params.ti.name(),
            "files": len(real),
            "bytes": sum(storage.file_size(i) for i in real),
        }
    hashes = params.info_hashes if torrent.startswith("magnet:") else params.ti.info_hashes()
    return params, {"infohash_v1": str(hashes.v1), "infohash_v2": str(hashes.v2), **facts}


def recheck(session, params, save_path):
    params.save_path = os.path.abspath(save_path)
    params.trackers = []
    params.url_seeds = []
    flags = lt.torrent_flags
    # Upload mode: what is missing is reported, never fetched or created.
    params.flags = flags.upload_mode | flags.override_trackers | flags.override_web_seeds
    return session.add_torrent(params)


def finished(status):
    states = lt.torrent_status.states
    return status.errc.value() != 0 or status.state in (states.downloading, states.finished, states.seeding)


def wait(handle):
    """The status once every piece has been checked."""
    seen, since = None, time.monotonic()
    while True:
        status = handle.status()
        if finished(status):
            return status, None
        if (status.state, status.progress) != seen:
            seen, since = (status.state, status.progress), time.monotonic()
        if time.monotonic() - since > STALL_SECONDS:
            return status, "the recheck does not move on"
        time.sleep(0.02)


def main(arguments):
    if not arguments or len(arguments) % 2:
        print(__doc__, file=sys.stderr)
        return 2
    session = None
    good = True
    for torrent, save_path in zip(arguments[::2], arguments[1::2]):
        fact = {"torrent": torrent, "libtorrent": lt.__version__, "progress": None, "error": None}
        try:
            params, said = load(torrent)
            fact.update(said)
            if save_path != "-":
                session = session or lt.session(QUIET)
                handle = recheck(session, params, save_path)
                status, fact["error"] = wait(handle)
                if status.errc.value():
                    fact["error"] = status.errc.message()
                fact["progress"] = 1.0 if status.is_seeding else min(status.progress, 0.999999)
                good &= status.is_seeding
                session.remove_torrent(handle)
        except (RuntimeError, OSError) as error:
            fact["error"] = str(error)
        good &= fact["error"] is None
        print(json.dumps(fact), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)
    sys.exit(main(sys.argv[1:]))
