# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What doctor and check find, as kinds.  Source it from bash after tap.sh.
#
#	findings_are WHY STATUS KINDS COMMAND [ARG...]
#		the exit status, and exactly these kinds, sorted, but for the
#		one in FINDINGS_IGNORED
#	findings_kinds			those kinds, of the last run
#
# COMMAND leaves its output in $TMP/out and $TMP/err, its status in STATUS.

FINDINGS_IGNORED=

findings_are() {
	local why=$1 expected="$2 $3" got
	shift 3

	"$@"
	got="$STATUS $(findings_kinds)"
	tap_is "$why" "$got" "$expected"
	[ "$got" = "$expected" ] || sed 's/^/#   /' "$TMP/out" "$TMP/err"
}

findings_kinds() {
	sed -n 's/^ *"kind": "\([^"]*\)".*/\1/p' "$TMP/out" | sort -u |
	    grep -vx "${FINDINGS_IGNORED:--}" | xargs
}
