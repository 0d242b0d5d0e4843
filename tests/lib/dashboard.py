# SPDX-License-Identifier: MIT
#
# A dashboard of Grafana:
#
#	dashboard.py places FILE	fails where panels lie over each other
#	dashboard.py rules FILE		prints its questions as rules of Prometheus
import json
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


def rules(board):
    questions = [target["expr"] for panel in board["panels"]
                 for target in panel["targets"]]
    questions += [note["expr"] for note in board["annotations"]["list"]]
    assert questions
    print(json.dumps({"groups": [{"name": board["uid"], "rules": [
        # what Grafana puts in
        {"record": f"question:{number}",
         "expr": text.replace("$__rate_interval", "5m")}
        for number, text in enumerate(questions)]}]}))


with open(sys.argv[2], encoding="utf-8") as file:
    {"places": places, "rules": rules}[sys.argv[1]](json.load(file))
