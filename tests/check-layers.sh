#!/bin/sh
# SPDX-License-Identifier: MIT
#	tests/check-layers.sh [OBJECTS]
# Fail when a module includes one, or (where OBJECTS is a directory of object
# files) calls one, that docs/layers.txt does not list before it; when one room
# includes what is another's own; when a module is missing there, or in the
# README of its half, or has gone.
set -u
cd "$(dirname "$0")/.." || exit 1

# "room/name symbol" with "T" for what a module defines, "U" for what it uses
symbols() {
	[ $# -gt 0 ] || return 0
	find "$1/src" "$1/backend" -name '*.o' -exec nm -A -P {} + |
	    awk -v top="$1/" '
		{ module = substr($1, length(top) + 1); sub(/\.o:$/, "", module) }
		$3 ~ /^[TDBRC]$/ { print "symbol T " module " " $2 }
		$3 == "U" { print "symbol U " module " " $2 }'
}

# what the READMEs name, in the rows of rooms
readmes() {
	sed -n 's/^| `\([a-z]*\)\/` |.*|.*/& \1/p' src/README.md \
	    backend/README.md | awk '{
		room = $NF
		while (match($0, /`[a-z0-9_]+`/)) {
			print "named " room "/" substr($0, RSTART + 1, RLENGTH - 2)
			$0 = substr($0, RSTART + RLENGTH)
		}
	}'
}

# what lies there, and what it includes
files() {
	find src include backend -name '*.[ch]' -exec awk '
	    FNR == 1 { print "file " FILENAME }
	    /^#include "[^"]*\.h"/ {
		sub(/^#include "/, "")
		sub(/\.h".*/, "")
		print "include " FILENAME " " $0
	    }' {} +
}

{ files; readmes; symbols "$@"; } | awk '
function complain(text) {
	if (!(text in said))
		print text
	said[text] = 1
}
function module_of(path,  part, n) {
	n = split(path, part, "/")
	sub(/\.[ch]$/, "", part[n])
	return part[n - 1] "/" part[n]
}
function room_of(module) {
	return substr(module, 1, index(module, "/") - 1)
}
FNR == NR {
	if (/^# backend/)
		half = "backend"
	if (/^#/ || !NF)
		next
	room = $1
	sub(/:$/, "", room)
	for (i = 2; i <= NF; i++) {
		own = $i ~ /^\(/
		gsub(/[()]/, "", $i)
		if ($i == "{" || $i == "}") { # not yet cut
			within = $i == "{"
			count++
			continue
		}
		if (!within)
			count++
		rank[room "/" $i] = count
		is_own[room "/" $i] = own
		home[room "/" $i] = half
	}
	next
}
$1 == "file" {
	self = module_of($2)
	seen[self] = 1
	if (!(self in rank))
		complain($2 ": not in docs/layers.txt")
	else if ((home[self] == "backend") != ($2 ~ /^backend/))
		complain($2 ": not in its half")
	if ($2 ~ /^include/ && is_own[self])
		complain($2 ": what is its room'\''s own lies beside its .c")
}
$1 == "named" {
	is_named[$2] = 1
}
$1 == "include" {
	self = module_of($2)
	used = $3 ~ /\// ? $3 : room_of(self) "/" $3
	if (rank[used] > rank[self])
		complain($2 ": " self " must not include " used)
	if (is_own[used] && room_of(used) != room_of(self))
		complain($2 ": " used " is its room'\''s own")
}
# an object may be older than the house
$1 == "symbol" && module_of($3) in rank {
	if ($2 == "T")
		definer[$4] = module_of($3)
	else
		uses[module_of($3), $4] = 1
}
END {
	for (pair in uses) {
		split(pair, part, SUBSEP)
		used = definer[part[2]]
		if (used != "" && rank[used] > rank[part[1]])
			complain(part[1] " must not call " part[2] "() of " used)
	}
	for (module in rank)
		if (!(module in is_named))
			complain(module ": its README does not say what it is for")
	for (module in rank)
		if (!(module in seen))
			complain("docs/layers.txt: no module " module)
	for (text in said)
		exit 1
}' docs/layers.txt -
