# SPDX-License-Identifier: MIT
#
# A dashboard of Grafana:
#
#	dashboard.py places FILE	fails where panels lie over each other
#	dashboard.py rules FILE		prints its questions as rules of Prometheus
#	dashboard.py lacks FILE PREFIX...
#		prints those of the names of metrics on standard input that
#		begin so, and no panel asks for
import json
import re
import sys


def places(board):
    taken = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert (x, y) not in taken, panel["title"]
                taken.add((x, y))
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(set(numbers)) == len(numbers)
    assert all(panel["description"] for panel in board["panels"])


def asked(board):
    return [target["expr"] for panel in board["panels"]
            for target in panel["targets"]]


def lacks(board):
    drawn = set(re.findall(r"\w+", " ".join(asked(board))))
    told = [name for name in sys.stdin.read().split()
            if name.startswith(tuple(sys.argv[3:]))]
    # a prefix of nothing demands nothing
    assert all(any(name.startswith(prefix) for name in told)
               for prefix in sys.argv[3:])
    print("\n".join(name for name in told if name not in drawn))


def rules(board):
    questions = asked(board)
    questions += [note["expr"] for note in board["annotations"]["list"]]
    assert questions
    print(json.dumps({"groups": [{"name": board["uid"], "rules": [
        # what Grafana puts in
        {"record": f"question:{number}",
         "expr": text.replace("$__rate_interval", "5m")}
        for number, text in enumerate(questions)]}]}))


with open(sys.argv[2], encoding="utf-8") as file:
    {"places": places, "rules": rules, "lacks": lacks}[sys.argv[1]](
        json.load(file))
