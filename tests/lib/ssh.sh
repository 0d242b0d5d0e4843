# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# An sshd of the test's own, on a port of the loopback, with a host key, keys of
# users and a configuration that lie in $TMP: nothing of the machine's is used
# but its programs, and who logs in is who runs the test.  $SSHD_ADDRESS,
# $SSHD_PORT and $SSHD_KEYS are for one elsewhere, and for other users.
# Source it from bash after tap.sh and pdns.sh.
#
#	sshd_need			skip the file where that cannot be
#	sshd_start [COMMAND...]		start it, by that command; id in
#					$SSHD_PID
#	sshd_end			what it needed outside of $TMP
#	ssh_key NAME [COMMAND]		a key whose forced command that is; ssh
#					uses it for the host NAME
#	ssh_wrap			an `ssh` in $PATH that knows of this; all
#					that it sends is also in $TMP/sent

SSHD=/usr/sbin/sshd
SSHD_ADDRESS=127.0.0.1

sshd_need() {
	tap_need ssh ssh-keygen "$SSHD"
	case $(getent passwd "$(id -u)" | cut -d : -f 7) in
	*/nologin | */false) tap_skip "who runs this has no shell" ;;
	esac
	[ "$(id -u)" -ne 0 ] || sshd_may_root ||
	    tap_skip "root's account is locked"
}

# Without PAM sshd lets nobody in whose password begins so.
sshd_may_root() {
	! grep -q '^root:!' /etc/shadow
}

# Where sshd locks itself up as root; the package has systemd make it.  Tests
# beside this one may have made it, which its mode tells, or need it longer,
# which the lock does.
sshd_room() {
	[ "$(id -u)" -eq 0 ] && [ -z "${SSHD_LOCK:-}" ] || return 0
	exec {SSHD_LOCK}</run && flock -s "$SSHD_LOCK" || return
	[ -d /run/sshd ] || mkdir -m 711 /run/sshd 2>/dev/null ||
	    [ -d /run/sshd ]
}

sshd_end() {
	[ -n "${SSHD_LOCK:-}" ] || return 0
	if flock -x -n "$SSHD_LOCK" &&
	    [ "$(stat -c %a /run/sshd)" = 711 ]; then
		rmdir /run/sshd
	fi
	exec {SSHD_LOCK}<&-
}

sshd_start() {
	mkdir -p "$TMP/ssh"
	[ -e "$TMP/ssh/host" ] || ssh-keygen -q -t ed25519 -N '' \
	    -f "$TMP/ssh/host" || tap_bail "no host key"
	SSHD_PORT=${SSHD_PORT:-$(port_free)}
	cat >"$TMP/ssh/sshd_config" <<-END
	ListenAddress $SSHD_ADDRESS:$SSHD_PORT
	HostKey $TMP/ssh/host
	AuthorizedKeysFile ${SSHD_KEYS:-$TMP/ssh/authorized_keys}
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PermitRootLogin forced-commands-only
	StrictModes no
	UsePAM no
	PidFile none
	END
	echo "[$SSHD_ADDRESS]:$SSHD_PORT $(cat "$TMP/ssh/host.pub")" \
	    >"$TMP/ssh/known_hosts"
	touch "$TMP/ssh/authorized_keys"
	sshd_room
	spawn sshd "$@" "$SSHD" -D -e -f "$TMP/ssh/sshd_config"
	SSHD_PID=$PID
	wait_for 60 sshd_listens || tap_bail "sshd does not listen"
}

sshd_listens() {
	kill -0 "$SSHD_PID" && ssh-keyscan -p "$SSHD_PORT" "$SSHD_ADDRESS" |
	    grep -q ed25519
}

ssh_key() {
	local name=$1

	mkdir -p "$TMP/ssh"
	[ -e "$TMP/ssh/$name" ] || ssh-keygen -q -t ed25519 -N '' -C "$name" \
	    -f "$TMP/ssh/$name" || tap_bail "no key"
	touch "$TMP/ssh/authorized_keys"
	sed -i "/ $name\$/d" "$TMP/ssh/authorized_keys"
	[ -z "${2:-}" ] || echo "command=\"$2\",restrict $(cat \
	    "$TMP/ssh/$name.pub")" >>"$TMP/ssh/authorized_keys"
}

ssh_wrap() {
	mkdir -p "$TMP/bin"
	cat >"$TMP/ssh/config" <<-END
	Host *
	HostName $SSHD_ADDRESS
	Port $SSHD_PORT
	User $(id -un)
	IdentitiesOnly yes
	IdentityFile $TMP/ssh/%n
	UserKnownHostsFile $TMP/ssh/known_hosts
	LogLevel ERROR
	END
	cat >"$TMP/bin/ssh" <<-END
	#!/bin/bash
	exec /usr/bin/ssh -F $TMP/ssh/config "\$@" < <(exec tee -a $TMP/sent)
	END
	chmod 755 "$TMP/bin/ssh"
	PATH=$TMP/bin:$PATH
}
