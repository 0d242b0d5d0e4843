#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Everything that can go wrong with stores, disk, clock and daemon, at once and
# by chance, while every answer is judged: see tests/tools/torture.c.
# TORTURE_SECONDS says for how long, TORTURE_SEED repeats the same chances;
# `make torture` takes an hour.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"

main() {
	local arguments

	program_find
	tool_find torture
	tap_begin
	mkdir "$TMP/d"
	arguments=("$PDNS_TLSA" "$TMP/d" "${TORTURE_SECONDS:-30}"
	    "${TORTURE_SEED:-$RANDOM}")
	if preload; then
		arguments+=("$LIBRARY")
	fi
	"$TOOL" "${arguments[@]}"
	exit
}

# A sanitizer of addresses wants to be the first, but is content with this;
# that of threads has a memory of its own.
preload() {
	LIBRARY=$(realpath -e "$(dirname "$TOOL")/faulty.so") || return
	case ${OUT:-build} in
	*/thread*) return 1 ;;
	esac
	export ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-}
}

main
