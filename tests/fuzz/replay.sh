#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each target of the fuzzers over its seeds, without a fuzzer: TAP, one line a
# target.  The programs are those that make built in $OUT/replay.
set -u
cd "$(dirname "$0")/../.." || exit 1
OUT=${OUT:-build}
count=0 failed=0

for source in tests/fuzz/fuzz_*.c; do
	target=${source##*/fuzz_}
	target=${target%.c}
	count=$((count + 1))
	seeds=(tests/fuzz/seeds/"$target"/*)
	if [ ! -e "${seeds[0]}" ]; then
		output="no seeds in tests/fuzz/seeds/$target"
	elif output=$("$OUT/replay/fuzz_$target" "${seeds[@]}" 2>&1); then
		echo "ok $count - $target, ${#seeds[@]} seeds"
		continue
	fi
	failed=$((failed + 1))
	echo "not ok $count - $target"
	# the seed that was under way is the last one named
	tail -n 40 <<<"$output" | sed 's/^/#   /'
done
echo "1..$count"
exit $((failed > 0))
