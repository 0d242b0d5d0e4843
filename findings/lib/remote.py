# SPDX-License-Identifier: MIT
"""remote.py [SOCKET]: the least remote backend, in the current directory.

It has the zone example.com, kind "master", with a TXT record at its apex
whose text is in the file "text".  While the file "hold" is there, an answer
that was already made waits, and "held" says so.  Without SOCKET it speaks
over standard input and output.  Its process id is in "remote.pid".
"""
import json
import os
import socketserver
import sys
import time

ZONE = "example.com."
SOA = "ns.example.com. admin.example.com. 1 60 60 60 60"


def records():
    with open("text") as file:
        text = '"%s"' % file.read().strip()
    return [{"qname": ZONE, "qtype": kind, "content": content, "ttl": 3600,
             "domain_id": 1, "auth": 1}
            for kind, content in (("SOA", SOA), ("NS", "ns.example.com."),
                                  ("TXT", text))]


def info():
    return {"id": 1, "zone": ZONE, "kind": "master", "serial": 1,
            "notified_serial": 1}


def answer(method, parameters):
    if method == "initialize":
        return True
    if method == "getAllDomains":
        return [info()]
    if method == "getDomainInfo":
        return info() if parameters["name"].lower() == ZONE else False
    if method == "getUpdatedMasters":
        return []
    if method == "lookup" and parameters["qname"].lower() == ZONE:
        found = [r for r in records()
                 if parameters["qtype"] in ("ANY", r["qtype"])]
        while os.path.exists("hold"):
            open("held", "w").close()
            time.sleep(0.05)
        return found
    return [] if method == "lookup" else False


def serve(lines, out):
    for line in lines:
        call = json.loads(line)
        result = answer(call["method"], call.get("parameters", {}))
        out.write((json.dumps({"result": result}) + "\n").encode())
        out.flush()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        serve(self.rfile, self.wfile)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def main():
    with open("remote.pid", "w") as file:
        file.write(str(os.getpid()))
    if len(sys.argv) > 1:
        if os.path.exists(sys.argv[1]):
            os.unlink(sys.argv[1])
        Server(sys.argv[1], Handler).serve_forever()
    else:
        serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
