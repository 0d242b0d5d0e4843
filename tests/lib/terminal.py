#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""terminal.py COLUMNS ROWS STOP COMMAND [ARG...]

Run the command with a terminal of that size as its standard input, output and
error, and copy what it shows; the exit status is its own, or 128 and the
number of the signal that ended it.  It is interrupted, as by Ctrl-C, when it
has shown STOP so many times as STOP says behind a colon ("what:3"); "-": never.
After a minute it is killed.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 60  # seconds


def run(argv, columns, rows):
    terminal, inside = pty.openpty()
    size = struct.pack("HHHH", rows, columns, 0, 0)
    fcntl.ioctl(inside, termios.TIOCSWINSZ, size)
    pid = os.fork()
    if pid == 0:
        os.close(terminal)
        os.login_tty(inside)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvp(argv[0], argv)
    os.close(inside)
    return pid, terminal


def copy(pid, terminal, what, times):
    seen = b""
    end = time.monotonic() + PATIENCE
    while True:
        left = max(0, end - time.monotonic())
        if not select.select([terminal], [], [], left)[0]:
            os.kill(pid, 9)
            return
        try:
            octets = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            return
        if not octets:
            return
        os.write(1, octets)
        seen += octets
        if times > 0 and seen.count(what) >= times:
            os.write(terminal, b"\x03")
            times = 0


def main():
    what, _, times = sys.argv[3].rpartition(":")
    pid, terminal = run(sys.argv[4:], int(sys.argv[1]), int(sys.argv[2]))
    copy(pid, terminal, what.encode(), int(times or 0) if what else 0)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


main()
