#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A name server behind something that drops what it does not know.

deaf.py ADDRESS SERVER  says at ADDRESS, port 53, what SERVER does, but nothing
to who asks for TLSA records.
"""

import socket
import sys

TLSA = 52


def asked_type(packet):
    """The type in the question, which is the first and only one."""
    at = 12
    while packet[at] != 0:
        at += 1 + packet[at]
    return int.from_bytes(packet[at + 1 : at + 3], "big")


def main(address, server):
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.bind((address, 53))
    while True:
        packet, client = here.recvfrom(4096)
        if asked_type(packet) == TLSA:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
            there.settimeout(5)
            there.sendto(packet, (server, 53))
            try:
                here.sendto(there.recv(65535), client)
            except TimeoutError:
                pass


main(*sys.argv[1:])
