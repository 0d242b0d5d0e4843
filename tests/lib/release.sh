#!/bin/bash
# SPDX-License-Identifier: MIT
#
# release.sh SUITE: a bare machine of a Debian release, and its administrator,
# who does what the README says under "Start", word for word: builds the
# package, installs it, writes the configuration, follows `setup`.  Then what
# happens to machines: reboots, typing errors, crashes, upgrades, removal.
# At last the tests with that release's PowerDNS and ACME clients.
#
# The machine is a root of its own with a systemd of its own; see root.sh.  The
# world that the README takes for granted is made first: a certificate, got by
# the release's certbot from a pebble that runs there.

set -u
lib=$(realpath "$(dirname "$0")")
. "$lib/tap.sh"
. "$lib/release_world.sh"
. "$lib/release_start.sh"
. "$lib/release_life.sh"
. "$lib/release_told.sh"

SUITE=$1
ROOT=
HOST=mail.example.com
ZONE=tlsa.example.net
# The world of setup.sh is made by pdnsutil with the bind backend, which that of
# 5.1 cannot load.  There, Start follows what setup prints.
setup_there() {
	[ "$SUITE" = forky ] || echo setup
}

# Tests that run beside each other, for much of what they do is to wait.
LANES=2
# of tests/integration/; PROGRAMS= leaves them out
PROGRAMS=${PROGRAMS-pdns_unix pdns_pipe pebble dnssec_own dnssec_overlay
    dnssec_alone doctor $(setup_there)}

main() {
	[ "$(id -u)" -eq 0 ] || tap_skip "other releases need root's rights"
	tap_need debootstrap unshare nsenter pivot_root
	tap_begin
	ROOT=$TMP/$SUITE
	trap 'machine kill; tap_cleanup' EXIT
	world_make
	test_start
	test_life
	test_programs
	tap_end
}

machine() {
	local verb=$1
	shift
	"$lib/root.sh" "$verb" "$ROOT" "$@"
}

# COMMAND...: in the booted machine, as its administrator.
there() {
	machine in "$@"
}

# The programs of the release against ours: the tests that this release may
# judge in another way than the one that ran `make check`.
test_programs() {
	local test lane pids=()

	machine stop
	enter "the tests' packages" tests/lib/need.sh release ||
	    return
	# the lab has a /usr/sbin of its own
	cp "$ROOT/usr/sbin/pdns-tlsa" "$ROOT/root/program"
	for ((lane = 0; lane < LANES; lane++)); do
		spawn lane run_lane $lane
		pids+=("$PID")
	done
	wait "${pids[@]}"
	for test in $PROGRAMS; do
		tap_take "$test" "$(cat "$TMP/$test.status")" "$TMP/$test.tap"
	done
}

# run_lane LANE: each of so many tests, with ports that no other lane has.
run_lane() {
	local lane=$1 test at=0

	for test in $PROGRAMS; do
		[ $((at++ % LANES)) -eq "$lane" ] || continue
		machine enter env PDNS_TLSA=/root/program SMOKE=1 \
		    TEST_SLOT=$((${TEST_SLOT:-0} * LANES + lane)) \
		    /root/pdns-tlsa/tests/integration/$test.sh \
		    >"$TMP/$test.tap" 2>&1
		echo $? >"$TMP/$test.status"
	done
}

# DESCRIPTION COMMAND...: in the tree, with this machine's network.
enter() {
	local description=$1
	shift
	tap_ok "$description" machine enter sh -c \
	    'cd pdns-tlsa && "$@"' sh "$@"
}

# NAME STATUS FILE: count the checks of another test as ours.
tap_take() {
	local line

	while read -r line; do
		case $line in
		*"# SKIP"*) _tap_line "not ok" "$1: ${line#* - }" ;;
		"ok "*) _tap_line ok "$1: ${line#* - }" ;;
		"not ok "*) _tap_line "not ok" "$1: ${line#* - }" ;;
		"#"*) echo "$line" ;;
		esac
	done <"$3"
	grep -q '^1\.\.[1-9]' "$3" && [ $(($2 + TAP_FAILED)) -eq 0 ] ||
	    tap_is "$1: exit status" "$2" 0
}

main
