#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh [PART...]: the mail lab.  Its parts, each in namespaces of its own and
# all at a time, since most of what they do is to wait: the compositions own,
# alone and overlay, renewals, and hosts.  SMOKE=1 for a few scenarios of one.
# Prints the parts' checks, a table of scenarios, the plan and a summary.

set -u
here=$(cd "$(dirname "$0")" && pwd)

DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$DIR"' EXIT

main() {
	local part status=0

	if [ $# -eq 0 ] && [ -n "${SMOKE:-}" ]; then
		set -- own
	elif [ $# -eq 0 ]; then
		set -- own alone overlay renewals hosts
	fi
	for part; do
		start "$part"
	done
	for part; do
		wait "$(cat "$DIR/$part.pid")" || failed "$part"
	done
	for part; do
		cat "$DIR/$part.tap"
	done | number
	for part; do
		cat "$DIR/$part.rows" 2>/dev/null
	done | table
	cat "$DIR"/*.tap | summary
	exit $status
}

# It may have died without a word.
failed() {
	status=1
	grep -q "^not ok " "$DIR/$1.tap" ||
	    echo "not ok 1 - $1: ended early" >>"$DIR/$1.tap"
}

# The plan, and the line that every test run ends with.
summary() {
	awk '
	/^ok .*# SKIP/ { skipped++ }
	/^ok / { good++ }
	/^not ok / { bad++ }
	END {
		print "1.." good + bad
		print good - skipped " passed, " bad + 0 " failed" \
		    (skipped ? ", " skipped " skipped" : "")
	}'
}

start() {
	local program=$here/composition.sh

	case $1 in
	renewals | hosts) program=$here/$1.sh ;;
	esac
	MAIL_ROWS=$DIR/$1.rows "$program" "$1" >"$DIR/$1.tap" 2>&1 &
	echo $! >"$DIR/$1.pid"
}

# The checks of all parts under one plan.
number() {
	awk '/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++count) }
	    !/^1\.\.[0-9]+$/ { print }'
}

table() {
	awk -F '\t' '
	function line(mark, scenario, part, seconds, expected, seen) {
		printf "# %-4s %-9s %-8s %7s  %-51s  %s\n", mark, scenario,
		    part, seconds, expected, seen
	}
	BEGIN { line("", "scenario", "in", "seconds", "expected", "seen") }
	{ line($3 == $4 ? "ok" : "NOT", $1, $2, $5, $3, $4) }'
}

main "$@"
