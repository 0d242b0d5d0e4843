#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How tests/fuzz/seeds/dns/ was made: replies of name servers, right and wrong.

An octet that says whether it is a reply to the question, and the message.
"""
import os
import struct

SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "seeds/dns")
ZONE = "tlsa.example.net"
OWNER = "_25._tcp.mail.example.com." + ZONE
SOA, NS, A, AAAA, CNAME, OPT = 6, 2, 1, 28, 5, 41
DS, RRSIG, NSEC, DNSKEY, NSEC3, NSEC3PARAM, TLSA = 43, 46, 47, 48, 50, 51, 52
AA, QR, TC = 0x0400, 0x8000, 0x0200


def name(text):
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in text.split(".") if label) + b"\0"


def rr(owner, kind, rdata, ttl=60):
    if isinstance(owner, str):
        owner = name(owner)
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(rdata)) + rdata


def soa(serial, owner=ZONE):
    return rr(owner, SOA, name("ns." + ZONE) + name("host." + ZONE) +
              struct.pack("!5I", serial, 3600, 600, 86400, 60))


def tlsa(usage, octets, owner=OWNER):
    return rr(owner, TLSA, bytes([usage, 1, 1]) + octets)


def bitmap(*kinds):
    octets = bytearray(max(kinds) // 8 + 1)
    for kind in kinds:
        octets[kind // 8] |= 0x80 >> kind % 8
    return bytes([0, len(octets)]) + bytes(octets)


def nsec3(first, following, salt=b"", kinds=(SOA, NS)):
    return rr(first + "." + ZONE, NSEC3, struct.pack("!BBHB", 1, 0, 5,
              len(salt)) + salt + bytes([len(following)]) + following +
              bitmap(*kinds))


def message(answer=(), authority=(), additional=(), flags=QR | AA, rcode=0,
            kind=TLSA):
    return struct.pack("!6H", 4711, flags | rcode, 1, len(answer),
                       len(authority), len(additional)) + \
        name(OWNER) + struct.pack("!HH", kind, 1) + \
        b"".join((*answer, *authority, *additional))


def save(seed, packet, reply=1):
    with open(os.path.join(SEEDS, seed), "wb") as file:
        file.write(bytes([reply]) + packet)


def main():
    os.makedirs(SEEDS, exist_ok=True)
    edns = b"\0" + struct.pack("!HHIH", OPT, 1232, 0x8000, 0)
    records = [tlsa(3, bytes(range(32))), tlsa(2, bytes(range(1, 33)))]
    save("tlsa", message(records, additional=[edns]))
    save("tlsa-of-another", message([tlsa(3, bytes(32), "other." + ZONE)]))
    save("tlsa-short", message([rr(OWNER, TLSA, b"\3\1")]))
    save("tlsa-empty", message([rr(OWNER, TLSA, b"")]))
    save("tlsa-twice", message(records + records))
    save("pointer", message([tlsa(3, bytes(32), b"\xc0\x0c")]))
    save("pointer-to-itself", message([tlsa(3, bytes(32), b"\xc0\x3f")]))
    save("soa", message([soa(7)], kind=SOA))
    save("soa-behind", message([soa(6)], kind=SOA))
    save("soa-cut", message([rr(ZONE, SOA, name(ZONE) + b"\0\0")], kind=SOA))
    save("referral", message(authority=[rr(ZONE, NS, name("ns.example"))],
                             flags=QR))
    save("nxdomain", message(authority=[soa(7)], rcode=3))
    save("servfail", message(rcode=2))
    save("rcode-unknown", message(rcode=12))
    save("truncated", message(flags=QR | TC))
    save("question", message(flags=0), reply=0)
    save("foreign", message(records), reply=0)
    save("nsec", message(authority=[soa(7), rr(ZONE, NSEC, name("a." + ZONE) +
                                               bitmap(SOA, NS, RRSIG))]))
    save("nsec-foreign", message(authority=[rr(
        ZONE, NSEC, name(ZONE) + bitmap(SOA, NSEC), 86400)]))
    zeros = "0" * 31
    save("nsec3", message(authority=[nsec3(
        "2t7b4g4vsa5smi47k61mv5bv1a22bojr", bytes(range(20)), b"\xaa\xbb")]))
    save("nsec3-narrow", message(authority=[nsec3(zeros + "0", bytes(19) +
                                                  b"\2")]))
    save("nsec3-short", message(authority=[nsec3("0p9m", bytes(3))]))
    save("nsec3-salt", message(authority=[nsec3(zeros + "1", bytes(20),
                                                bytes(255))]))
    save("nsec3param", message([rr(ZONE, NSEC3PARAM, b"\1\0\0\7\0")],
                               kind=NSEC3PARAM))
    save("odd-name", message([rr(b"\5a\x1b[.\xff\0", TLSA, bytes(35))]))
    save("cname", message([rr(OWNER, CNAME, name("x." + ZONE))]))
    save("counts", struct.pack("!6H", 1, QR, 65535, 65535, 65535, 65535))
    save("empty", b"")


main()
