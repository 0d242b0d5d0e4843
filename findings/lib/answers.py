# SPDX-License-Identifier: MIT
"""answers.py FILE: what a validating resolver says, on 192.0.2.53.

FILE has lines such as "www.example.com. A 127.0.0.1", read anew for each
question; their order stays in the answer.  AD (and AA) is set in every answer.
"""
import socket
import sys

import dns.flags
import dns.message
import dns.rdataclass
import dns.rdatatype
import dns.rrset


def answer(query, path):
    question = query.question[0]
    reply = dns.message.make_response(query, recursion_available=True)
    reply.flags |= dns.flags.AD | dns.flags.AA
    with open(path) as file:
        rows = [line.split(None, 2) for line in file if line.strip()]
    found = [text for name, kind, text in rows
             if name == question.name.to_text().lower()
             and kind == dns.rdatatype.to_text(question.rdtype)]
    # one by one, for dnspython shuffles a set
    for text in found:
        reply.answer.append(dns.rrset.from_text(
            question.name, 60, dns.rdataclass.IN, question.rdtype, text))
    return reply


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("192.0.2.53", 53))
while True:
    data, peer = server.recvfrom(4096)
    query = dns.message.from_wire(data)
    server.sendto(answer(query, sys.argv[1]).to_wire(max_size=4096), peer)
