#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measure speed, as ratios of two things within one run: absolute figures mean
# nothing on a shared machine.  Prints what was reached and what is wanted.
#	PARTS="powerdns storm"	only these; default: all, in this order
#	BEFORE=PROGRAM		an older build, for the column "before"
#	TABLE=FILE		the rows as a table in Markdown as well
#	ROUNDS=5 SECONDS_EACH=1 RENEWALS=100 LINEAGES=10000 MANY=1000000
#				(names in the bind backend and here; 100000 in one round)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/ca.sh
. tests/lib/certbot.sh
. tests/lib/pdns.sh
. tests/lib/bind_util.sh
. tests/lib/generations.sh
. tests/bench/lib.sh

ALL_PARTS="replies powerdns peers compositions zones flip storm lineages names"
OUT=${OUT:-build}
[ "$ROUNDS" -gt 1 ] || RENEWALS=${RENEWALS:-40}
for part in $ALL_PARTS; do
	# shellcheck disable=SC1090 # each of the list
	. "tests/bench/$part.sh"
done
for part in ${PARTS:=$ALL_PARTS}; do
	case " $ALL_PARTS " in
	*" $part "*) ;;
	*)
		echo "bench: no part '$part'; there are: $ALL_PARTS" >&2
		exit 2
		;;
	esac
done
program_find
if has_before && ! BEFORE=$(realpath -e "$BEFORE"); then
	exit 2
fi
bench_begin
world_make
for part in $PARTS; do
	"part_$part"
done
bench_end
