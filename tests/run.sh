#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Run each argument as a test that prints TAP, show what failed, and count.
#	tests/run.sh TEST...
set -u
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export CMOCKA_MESSAGE_OUTPUT=TAP

for test in "$@"; do
	start=$SECONDS
	timeout --kill-after=10 900 "$test" >"$log" 2>&1 </dev/null
	status=$?
	# Lines such as "ok 3 - name" and "not ok 4 - name"; nothing else counts.
	skip=$(grep -c '^ok .*# SKIP' "$log")
	ok=$(($(grep -c '^ok ' "$log") - skip))
	bad=$(grep -c '^not ok ' "$log")
	# A crash, a leak or a time-out after the last line is a failure too.
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	if [ $((ok + bad + skip)) -eq 0 ]; then
		bad=1
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	printf '%-52s %4d ok %3d failed %3d skipped %4ds\n' \
	    "$test" "$ok" "$bad" "$skip" $((SECONDS - start))
	grep '^ok .*# SKIP' "$log"
	if [ "$bad" -gt 0 ]; then
		echo "--- $test: exit status $status"
		tail -n 150 "$log"
		echo "---"
	fi
done
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
