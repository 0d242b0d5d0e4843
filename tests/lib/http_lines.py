#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
http_lines.py SOCKET: each line of standard input that is not blank is POSTed
through one connection to a unix socket, as PowerDNS's http connector does with
post_json; printed is the reply as `pdns-tlsa pipe` would have said it.
"""
import http.client
import socket
import sys


class Connection(http.client.HTTPConnection):
    """HTTP through a unix socket."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(sys.argv[1])


def ask(connection, line):
    """What the server says; None: it ended the connection."""
    try:
        connection.request("POST", "/", line, {
            "Content-Type": "text/javascript; charset=utf-8",
            "Connection": "Keep-Alive", "Accept": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    except OSError:
        connection.close()
        return None


def spoken(answer):
    """The same, as the pipe says it."""
    if answer is None or answer[0] in (400, 413):
        return b'{"result":false}\n'
    return b'{"result":null}\n' if answer[0] == 503 else answer[1]


def main():
    connection = Connection("localhost", timeout=60)
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.buffer.write(spoken(ask(connection, line.strip())))


main()
