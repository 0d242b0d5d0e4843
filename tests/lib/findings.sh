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
	local why=$1 expected="$2 $3" got begin
	shift 3

	for _ in 1 2 3; do
		begin=$SECONDS
		"$@"
		got="$STATUS $(findings_kinds)"
		# who waited too long for an answer is asked again: the machine
		# may have stood still
		if [ "$got" = "$expected" ] || [ $((SECONDS - begin)) -lt 2 ]
		then
			break
		fi
	done
	tap_is "$why" "$got" "$expected"
	[ "$got" = "$expected" ] || sed 's/^/#   /' "$TMP/out" "$TMP/err"
}

findings_kinds() {
	sed -n 's/^ *"kind": "\([^"]*\)".*/\1/p' "$TMP/out" | sort -u |
	    grep -vx "${FINDINGS_IGNORED:--}" | xargs
}
