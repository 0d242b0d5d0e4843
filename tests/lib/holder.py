#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stands between PowerDNS and the daemon, and can hold an answer back.

    holder.py LISTEN CONNECT HOLD

While the file HOLD is there, the reply to a look-up of the name in it waits;
HOLD.held is made when that has happened.
"""

import json
import os
import socket
import sys
import threading
import time


def held_name(path):
    """The name whose answers wait, or None."""
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip().lower() + "."
    except OSError:
        return None


def hold(path, name):
    """Wait until nobody wants the answer held any more."""
    with open(path + ".held", "w", encoding="ascii") as file:
        file.write(name)
    while held_name(path) == name:
        time.sleep(0.01)


def serve(peer, connect, path):
    """One connection, in lock-step as PowerDNS speaks."""
    daemon = socket.socket(socket.AF_UNIX)
    daemon.connect(connect)
    lines, replies = peer.makefile("rb"), daemon.makefile("rb")
    for line in lines:
        text = line.decode("utf-8", "replace")
        name = json.loads(text)["parameters"].get("qname", "").lower()
        daemon.sendall(line)
        reply = replies.readline()
        if not reply:
            break
        if name and name == held_name(path):
            hold(path, name)
        peer.sendall(reply)
    # the descriptors close with their last reader
    for end in (peer, daemon):
        end.shutdown(socket.SHUT_RDWR)
        end.close()


def attend(peer, connect, path):
    """Who goes away is no matter of ours."""
    try:
        serve(peer, connect, path)
    except OSError:
        peer.close()


def main():
    """Wait for PowerDNS."""
    listen, connect, path = sys.argv[1:]
    door = socket.socket(socket.AF_UNIX)
    door.bind(listen + ".new")
    door.listen(64)
    os.rename(listen + ".new", listen)
    while True:
        peer = door.accept()[0]
        threading.Thread(
            target=attend, args=(peer, connect, path), daemon=True).start()


main()
