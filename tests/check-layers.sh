#!/bin/sh
# SPDX-License-Identifier: MIT
# Fail when a module includes one that docs/layers.txt does not list below it,
# when a module is missing there, or when src/ reaches into backend/.
awk -F'[<"]' '
FNR == NR {
	if (/^#/ || !NF)
		next
	rung++
	n = split($0, names, /[ \t]+/)
	for (i = 1; i <= n; i++)
		if (names[i] != "")
			rank[names[i]] = rung
	next
}
FNR == 1 {
	self = FILENAME
	sub(/.*\//, "", self)
	sub(/\.[ch]$/, "", self)
	seen[self] = 1
	core = FILENAME !~ /^backend\//
	home[self] = core ? "core" : "backend"
	if (!(self in rank)) {
		print FILENAME ": not in docs/layers.txt"
		bad = 1
	}
}
/^#include "/ {
	used = $2
	sub(/\.h$/, "", used)
	uses[self, used] = FILENAME ":" FNR
	if (used != self && rank[used] > rank[self]) {
		print FILENAME ":" FNR ": " self " must not include " used
		bad = 1
	}
}
END {
	for (pair in uses) {
		split(pair, name, SUBSEP)
		if (home[name[1]] == "core" && home[name[2]] == "backend") {
			print uses[pair] ": src/ must not reach into backend/"
			bad = 1
		}
	}
	for (module in rank)
		if (!(module in seen)) {
			print "docs/layers.txt: no module " module
			bad = 1
		}
	exit bad
}' docs/layers.txt include/*.h src/*.c backend/*.[ch]
