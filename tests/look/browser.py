#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""browser.py AXE.js DIRECTORY [NAME]=URL...

Open each page in chromium, wide and light, narrow and dark, and print a line
for each violation that axe finds of it: the page, its looks, the rule, and the
element.  A page with a name is put into DIRECTORY/NAME.png, as first seen.
Exits with 1 if there was one, or chromium cannot be used.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

PATIENCE = 60  # seconds that chromium is given for an answer
# Wide and light, narrow and dark.
LOOKS = [((1100, 760), "light"), ((360, 760), "dark")]


class Browser:
    """chromium, spoken to over a pipe: it reads 3 and writes 4."""

    def __init__(self, profile):
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        # the two must be 3 and 4 there, whatever they are here
        move = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", move, "bash", str(to_read), str(to_write)]
            + [
                "timeout", str(PATIENCE * 10), "chromium", "--headless",
                "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-dev-shm-usage",
                "--hide-scrollbars", "--font-render-hinting=none",
                "--user-data-dir=" + profile, "--remote-debugging-pipe",
            ],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self.rest = b""
        self.number = 0
        self.session = None
        self.events = []

    def message(self):
        while b"\0" not in self.rest:
            octets = os.read(self.back, 1 << 20)
            if not octets:
                sys.exit("chromium has ended")
            self.rest += octets
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def ask(self, method, **parameters):
        self.number += 1
        question = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            question["sessionId"] = self.session
        os.write(self.to, json.dumps(question).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message.get("method"))

    def open(self, url):
        self.events = []
        self.ask("Page.navigate", url=url)
        while "Page.loadEventFired" not in self.events:
            self.events.append(self.message().get("method"))

    def run(self, script):
        answer = self.ask(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            sys.exit(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def look(self, size, scheme):
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=size[0], height=size[1], deviceScaleFactor=1, mobile=False,
        )
        self.ask(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def end(self):
        os.close(self.to)
        self.process.wait(PATIENCE)


def violations(browser, axe):
    browser.run(axe + ";0")
    found = browser.run(
        "axe.run().then(r => r.violations.map(v => "
        "v.id + ': ' + v.nodes[0].html.slice(0, 200)))"
    )
    # What is cut off at the right can be read by nobody.
    if browser.run("document.documentElement.scrollWidth > innerWidth"):
        found.append("reflow: the page is wider than its window")
    return found


def page_look(browser, axe, url, file):
    bad = 0
    for size, scheme in LOOKS:
        browser.look(size, scheme)
        browser.open(url)
        if file and size == LOOKS[0][0]:
            image = browser.ask("Page.captureScreenshot", format="png")
            with open(file, "wb") as out:
                out.write(base64.b64decode(image["data"]))
        for line in violations(browser, axe):
            print(f"{url} {size[0]} {scheme}: {line}")
            bad += 1
    return bad


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        axe = file.read()
    directory, bad = sys.argv[2], 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        target = browser.ask("Target.createTarget", url="about:blank")
        browser.session = browser.ask(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )["sessionId"]
        browser.ask("Page.enable")
        for word in sys.argv[3:]:
            name, _, url = word.partition("=")
            file = os.path.join(directory, name + ".png") if name else None
            bad += page_look(browser, axe, url, file)
        browser.end()
    sys.exit(bad > 0)


main()
