# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Tests in the Test Anything Protocol, for prove(1) or the bare eye, and the
# processes that a test starts.  Source it from bash.
#
#	tap_begin			make $TMP, clean up on exit
#	tap_need COMMAND...		skip the whole file if one is absent
#	tap_skip REASON			skip the whole file
#	tap_ok DESCRIPTION COMMAND...	the command must succeed
#	tap_is DESCRIPTION GOT EXPECTED	the texts must be equal
#	tap_pass_over DESCRIPTION REASON
#					one check that cannot be made
#	tap_bail REASON			the set-up failed: nothing was tested
#	tap_end				the plan; ends the script
#	now_us				the time in microseconds
#	wait_for SECONDS COMMAND...	poll until the command succeeds; the
#			seconds are those of a machine with nothing else to do
#	spawn NAME COMMAND...		start; log $TMP/NAME.log, id in $PID
#	stop [-SIGNAL] PID...		end them and wait; status of the last
#	is_gone PID			it has ended
#
# Only processes started by spawn are ended, each by its id.

TAP_COUNT=0
TAP_FAILED=0
SPAWNED=
TMP=
# The programs of the release, whatever else is installed on this machine.
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin

tap_begin() {
	# short, for a unix socket's path has room for 107 octets
	TMP=$(mktemp -d "${TMPDIR:-/tmp}/tlsa.XXXXXX") ||
	    tap_bail "no temporary directory"
	trap tap_cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

tap_cleanup() {
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$SPAWNED" ] || stop $SPAWNED
	[ -z "$TMP" ] || rm -rf "$TMP"
}

tap_need() {
	local command

	for command; do
		command -v "$command" >/dev/null ||
		    tap_skip "$command is not installed"
	done
}

# One skipped check stands for the whole file, so that it is counted.
tap_skip() {
	echo "ok 1 - ${0##*/} # SKIP $1"
	echo "1..1"
	exit 0
}

tap_ok() {
	local description=$1 output
	shift

	if output=$("$@" 2>&1); then
		_tap_line ok "$description"
	else
		_tap_line "not ok" "$description" "failed: $*" "$output"
	fi
}

tap_is() {
	if [ "$2" = "$3" ]; then
		_tap_line ok "$1"
	else
		_tap_line "not ok" "$1" "     got: ${2:-(nothing)}" \
		    "expected: ${3:-(nothing)}"
	fi
}

tap_pass_over() {
	_tap_line ok "$1 # SKIP $2"
}

tap_bail() {
	_tap_logs
	echo "Bail out! $1"
	exit 1
}

tap_end() {
	echo "1..$TAP_COUNT"
	[ "$TAP_FAILED" -eq 0 ] || _tap_logs
	exit $((TAP_FAILED > 0))
}

# Counted in turns: on a busy machine they take longer, as all else does, and
# a machine that stood still for a time has lost but one.
wait_for() {
	local turns=$(($1 * 20))
	shift

	until "$@" >/dev/null 2>&1; do
		[ $((turns--)) -gt 0 ] || return 1
		# a process of its own, which takes longer as well
		sleep 0.05
	done
}

spawn() {
	local name=$1
	shift

	"$@" </dev/null >>"$TMP/$name.log" 2>&1 &
	PID=$!
	SPAWNED="$SPAWNED $PID"
}

# Without a standard error: bash would report each SIGKILL there.
stop() {
	local signal=-TERM pid status=0 rest=
	case $1 in
	-*) signal=$1 && shift ;;
	esac

	for pid; do
		kill "$signal" "$pid"
	done
	for pid; do
		# a program that ignores SIGTERM must not hang the tests
		wait_for 60 is_gone "$pid" || kill -KILL "$pid"
		wait "$pid"
		status=$?
	done
	for pid in $SPAWNED; do
		case " $* " in
		*" $pid "*) ;;
		*) rest="$rest $pid" ;;
		esac
	done
	SPAWNED=$rest
	return "$status"
} 2>/dev/null

# A zombie has ended too: it only waits for our wait.  What is in the
# parentheses may hold any octets.
is_gone() {
	local line=

	{ read -rd '' line <"/proc/$1/stat"; } 2>/dev/null
	case ${line##*)} in
	'' | ' Z'* | ' X'*) return 0 ;;
	esac
	return 1
}

# Microseconds since 1970.
now_us() {
	echo "${EPOCHREALTIME/[.,]/}"
}

# _tap_line VERDICT DESCRIPTION [DETAIL...]
_tap_line() {
	local verdict=$1 description=$2
	shift 2

	TAP_COUNT=$((TAP_COUNT + 1))
	echo "$verdict $TAP_COUNT - $description"
	[ "$verdict" = ok ] || TAP_FAILED=$((TAP_FAILED + 1))
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/#   /'
}

_tap_logs() {
	local log

	for log in "${TMP:-/nonexistent}"/*.log; do
		[ -s "$log" ] || continue
		echo "# ${log##*/}:"
		tail -n 20 "$log" | sed 's/^/#   /'
	done
}
