#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each fuzzer for some time, what it reaches with sanitizers, on a scratch
# corpus that begins with the seeds; as many at a time as there are processors.
#	tests/fuzz/run.sh SECONDS [TARGET...]
# What it finds lies in build/fuzz/NAME.found; a finding ends with status 1.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/fuzz

main() {
	local seconds=${1:?usage: run.sh SECONDS [TARGET...]}

	shift
	# shellcheck disable=SC2046 # names without spaces
	[ $# -gt 0 ] || set -- $(targets)
	if ! build "$@"; then
		echo "the fuzzers cannot be built"
		exit 1
	fi
	if [ $# -eq 1 ]; then
		fuzz "$1" "$seconds"
	else
		printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" "$0" "$seconds"
	fi
}

targets() {
	local source

	for source in tests/fuzz/fuzz_*.c; do
		source=${source##*/fuzz_}
		echo "${source%.c}"
	done
}

# The Makefile's rules make the objects; only the last step differs.
build() {
	# shellcheck disable=SC2046,SC2059 # names without spaces
	make --no-print-directory -s -j"$(nproc)" CC=clang OUT="$out" \
	    CFLAGS="-O1 -g1 -fno-omit-frame-pointer -fno-sanitize-recover=all \
	    -fsanitize=fuzzer-no-link,address,undefined" \
	    "$out/obj/libfuzzed.a" \
	    $(printf "$out/obj/tests/fuzz/fuzz_%s.o " "$@")
}

# fuzz NAME SECONDS: what it says is one piece, for others run beside it.
fuzz() {
	local name=$1 program=$out/fuzz_$1 found=$out/$1.found log=$out/$1.log
	local options corpus said status=0 longest=65536

	# files of certificates are small, and long ones of them slow
	case $name in
	pem | server | dane) longest=16384 ;;
	esac
	options=(-max_total_time="$2" -timeout=10 -rss_limit_mb=2048
	    -max_len="$longest" -artifact_prefix="$found/"
	    -print_final_stats=1)
	# What is freed need not be kept beyond the run, nor be filled before:
	# this is twice as many runs.
	export ASAN_OPTIONS=quarantine_size_mb=8:max_malloc_fill_size=0
	[ -e "tests/fuzz/$name.dict" ] && options+=(-dict="tests/fuzz/$name.dict")
	link "$name" || return
	corpus=$(mktemp -d)
	mkdir -p "$found"
	cp tests/fuzz/seeds/"$name"/* "$corpus"
	if "$program" "${options[@]}" "$corpus" >"$log" 2>&1; then
		rmdir "$found"
		said="$name: nothing found in $(sed -n \
		    's/.*number_of_executed_units: *//p' "$log") runs"
	else
		said="$(tail -n 30 "$log")"$'\n'"$name: see $found"
		status=1
	fi
	rm -rf "$corpus"
	echo "$said"
	return "$status"
}

link() {
	# shellcheck disable=SC2046 # a list of flags
	clang -fsanitize=fuzzer,address,undefined -o "$out/fuzz_$1" \
	    "$out/obj/tests/fuzz/fuzz_$1.o" "$out/obj/libfuzzed.a" \
	    $(pkg-config --libs jansson libcrypto libssl yaml-0.1 ldns \
	    libseccomp sqlite3 zlib \
	    $(pkg-config --exists libsystemd && echo libsystemd)) \
	    -lunbound
}

main "$@"
