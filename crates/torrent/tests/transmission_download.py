#!/usr/bin/env python3
"""Lets transmission-cli fetch a torrent from a libtorrent that has all of it, on loopback.

usage: transmission_download.py TORRENT SEED_FOLDER TARGET_FOLDER

SEED_FOLDER holds the torrent's own folder. Prints one JSON object: finished, and uploaded, the payload bytes that libtorrent gave away.
Transmission dials nobody on 127.0.0.0/8, so libtorrent dials it. No trackers, no web seeds, no discovery.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import warnings

import libtorrent as lt

SECONDS = 60
ALONE = {
    "dht-enabled": False,
    "lpd-enabled": False,
    "pex-enabled": False,
    "utp-enabled": False,
    "port-forwarding-enabled": False,
    "rpc-enabled": False,
}
QUIET = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_utp": False,
    "min_reconnect_time": 1,
    "connection_speed": 200,
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def seed(torrent, folder):
    session = lt.session(QUIET)
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = os.path.abspath(folder)
    params.trackers = []
    params.url_seeds = []
    params.flags |= lt.torrent_flags.override_trackers | lt.torrent_flags.override_web_seeds
    handle = session.add_torrent(params)
    while not handle.status().is_seeding:
        time.sleep(0.05)
    return session, handle


def main(torrent, folder, target):
    session, handle = seed(torrent, folder)
    port = free_port()
    with tempfile.TemporaryDirectory() as settings:
        with open(os.path.join(settings, "settings.json"), "w") as file:
            json.dump(ALONE, file)
        said = os.path.join(settings, "said.txt")
        command = ["transmission-cli", "-g", settings, "-w", os.path.abspath(target), "-p", str(port), "-M", "-er", torrent]
        with open(said, "w") as out:
            client = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        finished = False
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not finished and client.poll() is None:
            handle.connect_peer(("127.0.0.1", port))
            time.sleep(0.5)
            with open(said, errors="replace") as text:
                finished = "Seeding, " in text.read()
        uploaded = handle.status().total_payload_upload
        client.kill()
        client.wait()
    print(json.dumps({"finished": finished, "uploaded": uploaded}))
    return 0 if finished else 1


warnings.simplefilter("ignore", DeprecationWarning)
sys.exit(main(*sys.argv[1:]))
