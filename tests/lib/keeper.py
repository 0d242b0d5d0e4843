#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What systemd is to a service with a socket and a file descriptor store.

keeper.py SOCKET MAX COMMAND...  listens on SOCKET and starts COMMAND, again
whenever it ends; keeps up to MAX descriptors of it meanwhile and passes them
on, as in sd_listen_fds(3) and sd_notify(3).  A line on standard output for
each event:

    start PID | end STATUS | ready | keep NAME | full NAME | drop NAME |
    gone NAME

Ends with its COMMAND at SIGTERM.
"""

import array
import os
import select
import signal
import socket
import sys

LISTEN_FDS_START = 3


def say(*words):
    print(*words, flush=True)


class Keeper:
    def __init__(self, path, maximum, command):
        self.command = command
        self.maximum = maximum
        self.store = []  # (name, descriptor)
        self.pid = 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(128)
        self.notify_path = path + ".notify"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.notify_path)

    def start(self):
        """Descriptors in systemd's order: the socket's, then those kept."""
        kept = list(self.store)
        self.pid = os.fork()
        if self.pid != 0:
            say("start", self.pid)
            return
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            fds = [self.listener.fileno()] + [fd for _, fd in kept]
            # out of the way of the numbers that they get
            high = [fd + 2000 for fd in range(len(fds))]
            for fd, to in zip(fds, high):
                os.dup2(fd, to, inheritable=False)
            for number, fd in enumerate(high):
                os.dup2(fd, LISTEN_FDS_START + number)
            os.environ.update(
                LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)),
                LISTEN_FDNAMES=":".join(
                    ["pdns-tlsa.socket"] + [name for name, _ in kept]),
                NOTIFY_SOCKET=self.notify_path)
            os.execv(self.command[0], self.command)
        finally:
            os._exit(127)

    def hear(self):
        """One message, if there is one: before the end of its sender."""
        try:
            text, passed, _, _ = self.notify.recvmsg(
                4096, socket.CMSG_SPACE(64), socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        fds = array.array("i")
        for _, _, data in passed:
            fds.frombytes(data)
        lines = text.decode().split("\n")
        name = next((line[7:] for line in lines
                     if line.startswith("FDNAME=")), "stored")
        if "READY=1" in lines:
            say("ready")
        if "FDSTORE=1" in lines:
            self.keep(name, fds)
        if "FDSTOREREMOVE=1" in lines:
            self.remove("drop", [(kept, fd) for kept, fd in self.store
                                 if kept == name])
        return True

    def keep(self, name, fds):
        for fd in fds:
            if len(self.store) < self.maximum:
                self.store.append((name, fd))
                say("keep", name)
            else:
                os.close(fd)
                say("full", name)

    def remove(self, why, those):
        for name, fd in those:
            self.store.remove((name, fd))
            os.close(fd)
            say(why, name)

    def look(self):
        """FDPOLL=1 is the default: what has hung up is kept no longer."""
        poll = select.poll()
        for _, fd in self.store:
            poll.register(fd, 0)
        hung = [fd for fd, _ in poll.poll(0)]
        self.remove("gone", [(name, fd) for name, fd in self.store
                             if fd in hung])

    def run(self):
        ending = []
        readable, writable = os.pipe()
        os.set_blocking(writable, False)
        signal.set_wakeup_fd(writable)
        signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.start()
        while self.pid != 0:
            select.select([self.notify, readable], [], [], 0.05)
            if ending == [True]:
                ending.append(False)
                os.kill(self.pid, signal.SIGTERM)
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            while self.hear():
                pass
            self.look()
            if ended != 0:
                say("end", os.waitstatus_to_exitcode(status))
                self.pid = 0
                if not ending:
                    self.start()


def main():
    Keeper(sys.argv[1], int(sys.argv[2]), sys.argv[3:]).run()


if __name__ == "__main__":
    main()
