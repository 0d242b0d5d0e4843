# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What each script here is made of.  Source it from bash, as root.
#
#	root SUITE PACKAGE=VERSION...
#			a throw-away Debian of that release in $ROOT, with these;
#			ends the script with 77 when a version is gone
#	alone		run the commands on standard input in $ROOT, by bash, with
#			only a loopback; what they print goes to $TMP/seen, and
#			all that they started ends with them.  They have
#			wait_for COMMAND...
#	holds		is $TMP/seen still what is on standard input? ends the
#			script: 0 yes, 1 no; 2 before that is a set-up that failed
#
# ROOTS=DIR keeps bare roots in DIR for the next script; they are not altered.

set -eu
here=$(cd "$(dirname "$0")/lib" && pwd)
root_sh=$here/../../tests/lib/root.sh

# Mounts of its own: they end with the script.
if [ -z "${FINDING-}" ]; then
	FINDING=$(basename "$0" .sh) exec unshare --mount "$0"
fi
TMP=$(mktemp -d)
trap finding_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

finding_cleanup() {
	[ ! -s "$TMP/root.pid" ] || "$root_sh" kill "$TMP/root"
	[ ! -e "$TMP/root/etc" ] || ! mountpoint -q "$TMP/root" ||
	    umount -l "$TMP/root"
	rm -rf "$TMP"
}

fail() {
	echo "$FINDING: not run: $1" >&2
	shift
	[ $# -eq 0 ] || tail -n 20 "$@" >&2
	exit 2
}

root() {
	local suite=$1
	shift

	ROOT=$TMP/root
	_root_new "$suite" || fail "no root of $suite" "$TMP/make.log"
	# no service starts by itself
	printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
	chmod 755 "$ROOT/usr/sbin/policy-rc.d"
	[ $# -eq 0 ] || "$root_sh" enter "$ROOT" apt-get install -qy \
	    --no-install-recommends "$@" >"$TMP/apt.log" 2>&1 || _root_gone
	rm "$ROOT/usr/sbin/policy-rc.d"
}

# A root of the release, and a layer over it that is thrown away.
_root_new() {
	local bare=${ROOTS:-$TMP}/$1

	[ -e "$bare/etc" ] ||
	    "$root_sh" make "$1" "$bare" >>"$TMP/make.log" 2>&1 || return
	[ -e "$bare/var/lib/apt/lists/updated" ] || {
		"$root_sh" enter "$bare" apt-get update -q &&
		    touch "$bare/var/lib/apt/lists/updated"
	} >>"$TMP/make.log" 2>&1 || return
	! mountpoint -q "$ROOT" || umount -l "$ROOT"
	rm -rf "$TMP/upper" "$TMP/work"
	mkdir -p "$ROOT" "$TMP/upper" "$TMP/work"
	mount -t overlay -o "lowerdir=$bare,upperdir=$TMP/upper,workdir=$TMP/work" \
	    overlay "$ROOT"
}

_root_gone() {
	grep '^E: Version .* was not found' "$TMP/apt.log" ||
	    fail "apt-get install" "$TMP/apt.log"
	echo "$FINDING: the archive has moved on"
	exit 77
}

alone() {
	{
		cat <<-'END'
		set -eu
		cd "$(mktemp -d)"
		wait_for() {
			local turns=600
			until "$@" >/dev/null 2>&1; do
				[ $((turns--)) -gt 0 ] || {
					echo "never came: $*" >&2
					exit 2
				}
				sleep 0.1
			done
		}
		END
		cat
	} >"$ROOT/root/finding"
	cp "$here"/{remote,answers}.py "$here/pebble.sh" "$ROOT/root/"
	# shellcheck disable=SC2016 # for the shell inside
	unshare --net sh -c 'ip link set lo up &&\
	    ip address add 192.0.2.53 dev lo && exec "$@"' sh \
	    "$root_sh" enter "$ROOT" bash /root/finding \
	    >>"$TMP/seen" 2>"$TMP/errors" </dev/null || {
		cat "$TMP/seen" >&2
		fail "the commands failed" "$TMP/errors"
	}
}

holds() {
	cat >"$TMP/expected"
	if diff -u --label expected --label seen "$TMP/expected" "$TMP/seen"; then
		echo "$FINDING: still so"
		exit 0
	fi
	echo "$FINDING: changed"
	exit 1
}
