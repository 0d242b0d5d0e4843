#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# systemd: the start of a service takes the socket of its socket unit away from
# the group that the socket unit gave it to.
#
# Versions: systemd 257.13 (Debian 13); 252.39 and 262 do the same.
# Expected: SocketUser=, SocketGroup= and SocketMode= say whose the socket is, as
#	long as the socket unit is active.
# Seen: the socket lies in the directory of the service's RuntimeDirectory=,
#	and the service has another User=: when that directory is root's (the
#	socket unit made it), systemd gives it *with all that is in it* to the
#	service's user and group, at the service's first start:
#
#	before: root:clients 660
#	after: daemon:daemon 660
#
#	So the clients' group may connect once, and never again.  With a line
#	"d /run/demo 0755 daemon daemon" in tmpfiles.d the directory is right
#	from the beginning, and systemd leaves its contents alone:
#
#	before: root:clients 660
#	after: root:clients 660

. "${0%/*}/lib/finding.sh"

root trixie systemd=257.13-1~deb13u1
units=$ROOT/etc/systemd/system
cat >"$units/demo.socket" <<'END'
[Socket]
ListenStream=/run/demo/socket
SocketGroup=clients
SocketMode=0660
END
cat >"$units/demo.service" <<'END'
[Service]
User=daemon
RuntimeDirectory=demo
RuntimeDirectoryPreserve=yes
ExecStart=/usr/bin/sleep infinity
END
"$root_sh" enter "$ROOT" groupadd --system clients
"$root_sh" boot "$ROOT" >"$TMP/boot.log" 2>&1 ||
    fail "it does not boot" "$TMP/boot.log"
there() {
	"$root_sh" in "$ROOT" "$@" 2>>"$TMP/errors" ||
	    fail "$*" "$TMP/errors"
}
look() {
	echo "$1: $(there stat -c '%U:%G %a' /run/demo/socket)" >>"$TMP/seen"
}
both() {
	there systemctl start demo.socket
	look before
	there systemctl start demo.service
	look after
	there systemctl stop demo.socket demo.service
	there rm -r /run/demo
}
both
echo 'd /run/demo 0755 daemon daemon' >"$ROOT/etc/tmpfiles.d/demo.conf"
there systemd-tmpfiles --create
both
holds <<'END'
before: root:clients 660
after: daemon:daemon 660
before: root:clients 660
after: root:clients 660
END
