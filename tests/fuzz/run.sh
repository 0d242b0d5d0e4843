#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each fuzzer for some time, all of the program with sanitizers, on a scratch
# corpus that begins with the seeds.
#	tests/fuzz/run.sh SECONDS [TARGET...]
# What it finds lies in build/fuzz/NAME.found; a finding ends with status 1.
set -u
cd "$(dirname "$0")/../.." || exit 1

seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
if [ $# -eq 0 ]; then
	for source in tests/fuzz/fuzz_*.c; do
		source=${source##*/fuzz_}
		set -- "$@" "${source%.c}"
	done
fi

# The Makefile's rules make the objects; only the last step differs.
build() {
	local out=build/fuzz name=$1
	local objects

	objects=$(printf '%s\n' src/*.c backend/*.c issuers_builtin.c \
	    "tests/fuzz/fuzz_$name.c" |
	    grep -vx 'backend/main\.c' | sed "s|\(.*\)\.c|$out/obj/\1.o|")
	# shellcheck disable=SC2046,SC2086 # lists of files and flags
	make --no-print-directory -s CC=clang OUT="$out" \
	    CFLAGS="-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
	    -fsanitize=fuzzer-no-link,address,undefined" $objects &&
	    clang -fsanitize=fuzzer,address,undefined -o "$out/fuzz_$name" \
		$objects $(pkg-config --libs jansson libcrypto libssl libcyaml \
		yaml-0.1 ldns $(pkg-config --exists libsystemd && echo libsystemd)) \
		-lunbound
}

bad=0
for name; do
	found=build/fuzz/$name.found
	log=build/fuzz/$name.log
	options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048
	    -max_len=65536 -artifact_prefix="$found/" -print_final_stats=1)
	[ -e "tests/fuzz/$name.dict" ] && options+=(-dict="tests/fuzz/$name.dict")
	if ! build "$name"; then
		echo "$name: cannot be built"
		bad=1
		continue
	fi
	corpus=$(mktemp -d)
	mkdir -p "$found"
	cp tests/fuzz/seeds/"$name"/* "$corpus"
	if build/fuzz/fuzz_"$name" "${options[@]}" "$corpus" >"$log" 2>&1; then
		rmdir "$found"
		echo "$name: nothing found in $(sed -n \
		    's/.*number_of_executed_units: *//p' "$log") runs"
	else
		tail -n 30 "$log"
		echo "$name: see $found"
		bad=1
	fi
	rm -rf "$corpus"
done
exit "$bad"
