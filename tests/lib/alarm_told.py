# SPDX-License-Identifier: MIT
#
# What the program of `alarm` was told, in order:
#
#	alarm_told.py DIRECTORY
#
# which has what each run read, as 0, 1, ...  Prints "RUN +KIND SUBJECT" for what
# begins, with a minus for what ends; anything odd is a failure.
import json
import os
import sys

KEYS = ["severity", "kind", "subject", "what", "why", "mend", "since"]


def main(directory):
    for run in range(len(os.listdir(directory))):
        with open(os.path.join(directory, str(run)), encoding="utf-8") as file:
            text = file.read()
        letter = json.loads(text)
        assert list(letter) == ["schema", "summary", "host", "time",
                                "standing", "more", "begun", "ended"], letter
        assert letter["schema"] == 1
        findings = letter["begun"] + letter["ended"]
        assert findings
        # a finding a line
        assert text.count('\n{"severity":') == len(findings)
        for sign, list_name in (("+", "begun"), ("-", "ended")):
            for finding in letter[list_name]:
                keys = KEYS + (["until"] if sign == "-" else [])
                assert list(finding) == keys, finding
                assert finding["severity"] in ("warning", "critical")
                print(f"{run} {sign}{finding['kind']} {finding['subject']}")


main(sys.argv[1])
