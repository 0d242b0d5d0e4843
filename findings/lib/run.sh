#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [SCRIPT...]: run findings one after the other, and say which still
# hold.  Status 1 if one has changed or could not be run.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
[ $# -gt 0 ] || set -- "$here"/*.sh
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
export ROOTS=${ROOTS:-$log/roots}
bad=0

for script; do
	begin=$SECONDS
	"$script" >"$log/seen" 2>&1
	case $? in
	0) word="still so" ;;
	1) word="CHANGED" bad=1 ;;
	77) word="version gone" ;;
	*) word="NOT RUN" bad=1 ;;
	esac
	printf '%-32s %-12s %4ds\n' "${script##*/}" "$word" $((SECONDS - begin))
	case $word in [A-Z]*) cat "$log/seen" ;; esac
done
exit $bad
