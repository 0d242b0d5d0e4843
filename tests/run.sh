#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Run each argument as a test that prints TAP, show what failed, and count.
#	[JOBS=2] tests/run.sh TEST...
# Two more run at a time than there are processors, for much of what they do is
# to wait; what each says is printed in one piece when it has ended.
set -u
passed=0 failed=0 skipped=0
tests=() starts=() runners=()
# Only against a test that hangs: a busy machine is no fault of the test.
LIMIT=${LIMIT:-3000}

main() {
	local jobs slot
	jobs=${JOBS:-$(($(nproc) + 2))}

	logs=$(mktemp -d) || exit 1
	trap end_all EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	export CMOCKA_MESSAGE_OUTPUT=TAP
	# no test is a part of this make's build
	unset MAKEFLAGS MFLAGS MAKELEVEL
	# who ends writes "SLOT STATUS" here
	: >"$logs/bad"
	mkfifo "$logs/ended" && exec 3<>"$logs/ended" || exit 1
	for ((slot = 0; slot < jobs && $# > 0; slot++)); do
		begin "$slot" "$1"
		shift
	done
	while [ ${#runners[@]} -gt 0 ]; do
		end_one "$@" && shift
	done
	# At the end as well: who looks there sees what it was.
	cat "$logs/bad"
	if [ "$skipped" -gt 0 ]; then
		echo "$passed passed, $failed failed, $skipped skipped"
	else
		echo "$passed passed, $failed failed"
	fi
	[ "$failed" -eq 0 ]
}

# begin SLOT TEST: TEST_SLOT tells tests beside each other apart.
begin() {
	tests[$1]=$2 starts[$1]=$SECONDS
	TEST_SLOT=$1 run "$2" >"$logs/$1" 2>&1 </dev/null &
	runners[$1]=$!
}

# What ends it ends the test: timeout passes the signal on.
run() {
	trap 'kill "$!"' TERM
	timeout --kill-after=10 "$LIMIT" "$1" 3>&- &
	# bash's own word on a test that crashed is no part of its log
	wait "$!" 2>/dev/null
	echo "$TEST_SLOT $?" >&3
	wait
}

# end_one [NEXT]: wait for any, and begin the next one in its place.
end_one() {
	local slot status

	read -r slot status <&3
	wait "${runners[slot]}"
	unset "runners[slot]"
	count "${tests[slot]}" "$status" "$logs/$slot" \
	    $((SECONDS - starts[slot]))
	[ $# -gt 0 ] && begin "$slot" "$1"
}

# Lines such as "ok 3 - name" and "not ok 4 - name"; nothing else counts.
count() {
	local test=$1 status=$2 log=$3 seconds=$4 ok bad skip
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
	passed=$((passed + ok)) failed=$((failed + bad))
	skipped=$((skipped + skip))
	printf '%-52s %4d ok %3d failed %3d skipped %4ds\n' \
	    "$test" "$ok" "$bad" "$skip" "$seconds"
	grep '^ok .*# SKIP' "$log"
	[ "$bad" -gt 0 ] || return 0
	echo "--- $test: exit status $status" | tee -a "$logs/bad"
	grep '^not ok ' "$log" >>"$logs/bad"
	tail -n 150 "$log"
	echo "---"
}

end_all() {
	[ ${#runners[@]} -eq 0 ] || kill "${runners[@]}"
	wait
	rm -rf "$logs"
} 2>/dev/null

main "$@"
