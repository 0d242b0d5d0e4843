# SPDX-License-Identifier: MIT
#
# Takes what is sent, and keeps the last of it: a mail, or what is posted.
#
#	sink.py smtp|http PORT FILE
import os
import socketserver
import sys

protocol, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def keep(octets):
    with open(path + ".new", "wb") as file:
        file.write(octets)
    os.rename(path + ".new", path)


class Smtp(socketserver.StreamRequestHandler):
    def handle(self):
        envelope = []
        self.wfile.write(b"220 sink.example ESMTP\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                keep(b"".join(envelope) + mail)
            elif word in (b"MAIL", b"RCPT"):
                envelope.append(line)
            self.wfile.write(b"250 yes\r\n")
            if word == b"QUIT":
                return


class Http(socketserver.StreamRequestHandler):
    def handle(self):
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        length = [int(line.split(b":")[1]) for line in head.splitlines()
                  if line.lower().startswith(b"content-length:")]
        keep(head + b"\r\n" + self.rfile.read(*length))
        self.wfile.write(b"HTTP/1.0 204 taken\r\n\r\n")


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(
    ("127.0.0.1", port), Smtp if protocol == "smtp" else Http).serve_forever()
