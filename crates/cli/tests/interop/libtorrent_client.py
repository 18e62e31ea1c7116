"""Downloads torrents from one peer with libtorrent, then gives them to whoever calls, until standard input ends.

libtorrent_client.py FOLDER HOST:PORT TORRENT...
Prints a JSON object a line: {"listen": PORT}, {"version": ...}, and {"done": [names]} when every file is there.
"""
import json
import sys
import threading
import time

import libtorrent as lt

PATIENCE = 60


def say(**facts):
    print(json.dumps(facts), flush=True)


def main(folder, peer, torrents):
    host, port = peer.rsplit(":", 1)
    session = lt.session({
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
        "allow_multiple_connections_per_ip": True,
        "active_downloads": 100, "active_seeds": 100, "active_limit": 100,
    })
    handles = []
    for path in torrents:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(path)
        params.save_path = folder
        params.flags &= ~lt.torrent_flags.auto_managed
        params.flags &= ~lt.torrent_flags.paused
        handles.append(session.add_torrent(params))
    say(version=lt.__version__, listen=session.listen_port())
    began = time.monotonic()
    called = set()
    while not all(handle.status().is_seeding for handle in handles):
        if time.monotonic() - began > PATIENCE:
            say(late=[(h.status().name, h.status().progress, str(h.status().state)) for h in handles])
            return 1
        for handle in handles:
            state = handle.status().state
            if handle not in called and state == lt.torrent_status.states.downloading:
                handle.connect_peer((host, int(port)))
                called.add(handle)
        time.sleep(0.02)
    say(done=[handle.status().name for handle in handles])
    sys.stdin.read()
    return 0


sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
