# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A lab of real programs in namespaces of its own: network, mounts, processes.
# Inside, /etc, /run, /var/lib and /usr/sbin are the test's alone, so that
# configuration is used with the paths it has on a real system, and servers
# have addresses and port 53 as on the internet.  Nothing outlives the script.
# Source it from bash after tap.sh, ca.sh, certbot.sh and pdns.sh.
#
#	lab_enter ARGUMENT...		run the script again inside, or skip it
#	lab_begin			tap_begin, addresses, directories
#	lab_end				stop everything that still runs; tap_end
#	lab_try DESCRIPTION COMMAND...	tap_ok for what starts something
#	lab_certificates		a CA, a new store with the lineage mail, no state
#	lab_renew [INTERMEDIATE]	a new key, by another intermediate, or that
#	lab_rrset			what openssl computes of what is live
#	lab_config OVERLAY ZONE...	write pdns-tlsa.yaml
#	lab_tlsa_start, lab_tlsa_stop	the daemon; its id in $TLSA_PID
#	lab_unbound_start ZONE...	validate from the keys of these zones
#	lab_unbound_stop
#
# The addresses: NS1 is PowerDNS, NS2 another server at this host, and NS3 one
# at a host of its own.

NS1=192.0.2.53
NS2=192.0.2.54
NS3=192.0.2.55
RESOLVER=127.0.0.1
LAB=/run/lab
LAB_YAML=/etc/pdns-tlsa/pdns-tlsa.yaml
LAB_STORE=/etc/letsencrypt
# Words in front of the daemon and PowerDNS, for a host of their own; and the
# daemon's user and group.
LAB_AT=()
LAB_USER=nobody
LAB_GROUP=nogroup
TLSA_PID=
UNBOUND_PID=

# The first process of a process namespace has the id 1.
lab_enter() {
	local options=(--net --mount --pid --fork --kill-child --mount-proc)

	[ "${LAB_INSIDE:-}" != yes ] || [ $$ -ne 1 ] || return 0
	unshare "${options[@]}" mount -t tmpfs lab /run 2>/dev/null ||
	    tap_skip "private namespaces need root's rights"
	program_find
	export LAB_INSIDE=yes PDNS_TLSA
	exec unshare "${options[@]}" "$0" "$@"
}

lab_begin() {
	tap_begin
	{ _lab_network && _lab_directories; } >"$TMP/lab.log" 2>&1 ||
	    tap_bail "the lab could not be built"
	LC_ALL=C
	export LC_ALL
}

lab_end() {
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$SPAWNED" ] || stop $SPAWNED
	tap_end
}

# tap_ok runs its command in a subshell, where new process ids would be lost.
lab_try() {
	local description=$1 result
	shift

	"$@"
	result=$?
	tap_ok "$description" [ "$result" -eq 0 ]
	return "$result"
}

_lab_network() {
	local address

	ip link set lo up || return
	for address in "$NS1" "$NS2"; do
		ip address add "$address/32" dev lo || return
	done
}

# The directories of the machine stay visible, read-only, below $LAB: never
# below $TMP, which is removed at the end with all that is in it.
_lab_directories() {
	mount -t tmpfs -o mode=755 lab /run || return
	mkdir -p $LAB /run/pdns /run/pdns-tlsa || return
	cp -a /etc $LAB/etc && mount --bind $LAB/etc /etc || return
	_lab_links /var/lib && _lab_links /usr/sbin || return
	rm -f /var/lib/powerdns /var/lib/pdns-tlsa /usr/sbin/pdns-tlsa
	# a copy: where it was built PowerDNS's user may have no access
	install "$PDNS_TLSA" /usr/sbin/pdns-tlsa || return
	rm -rf /etc/powerdns /etc/pdns-tlsa $LAB_STORE
	mkdir -p /etc/powerdns/pdns.d /etc/pdns-tlsa /var/lib/powerdns \
	    /var/lib/pdns-tlsa || return
	chown pdns: /run/pdns /var/lib/powerdns || return
	# both users need them: that of our daemon, that of PowerDNS's children
	chgrp pdns /run/pdns-tlsa /var/lib/pdns-tlsa &&
	    chmod 770 /run/pdns-tlsa /var/lib/pdns-tlsa
}

# A directory of links in place of DIR, for entries that are ours alone.  What
# is a relative link there, as iproute2's ip is, would lead nowhere from below
# $LAB: it is copied.
_lab_links() {
	local original=$LAB/machine$1 links=$LAB/links$1

	mkdir -p "$original" "$links" &&
	    mount --bind "$1" "$original" &&
	    mount -o remount,bind,ro "$original" || return
	find "$original" -mindepth 1 -maxdepth 1 \
	    \( -lname '[!/]*' -exec cp -P -t "$links" {} + \) -o \
	    -exec ln -s -t "$links" {} + &&
	    mount --bind "$links" "$1"
}

# One certificate for every host of the lab: one RRset to expect.
# shellcheck disable=SC2153 # $ZONE comes from pdns.sh
LAB_HOSTS="mail.example.com mail.$ZONE deep.sub.example.com"

# The authority stays for the whole script, all else is made anew.
lab_certificates() {
	[ -d "$TMP/ca" ] || ca_init "$TMP/ca" || tap_bail "openssl failed"
	rm -rf $LAB_STORE /var/lib/pdns-tlsa/*
	_lab_issue E1
	certbot_issue $LAB_STORE mail "$TMP/ca/issued/mail" ||
	    tap_bail "no store"
	_lab_readable
}

lab_renew() {
	local intermediate=E2

	! openssl x509 -in $LAB_STORE/live/mail/cert.pem -noout -issuer |
	    grep -q E2 || intermediate=E1
	_lab_issue "${1:-$intermediate}"
	certbot_renew $LAB_STORE mail "$TMP/ca/issued/mail"
}

_lab_issue() {
	# shellcheck disable=SC2086 # a list of names
	ca_issue "$TMP/ca" mail ecdsa "$1" $LAB_HOSTS ||
	    tap_bail "no certificate"
}

# As the README tells: the rights that a child of PowerDNS needs.
_lab_readable() {
	chgrp pdns $LAB_STORE/live $LAB_STORE/archive
	chmod 750 $LAB_STORE/live $LAB_STORE/archive
}

lab_rrset() {
	tlsa_of_chain "$LAB_STORE/live/mail/fullchain.pem"
}

# OVERLAY is a list of zones; each ZONE is "NAME [KEY: VALUE, ...]".  Services
# are those of $LAB_HOSTS that can be served.
lab_config() {
	local overlay=$1 host name keys
	shift

	{
		printf '%s\n' "listen-group: pdns" "defaults:" "  ttl: 60" \
		    '  records: ["3 1 1", "2 1 1"]' "sources:" \
		    "  - {type: certbot, path: $LAB_STORE}"
		[ -z "$overlay" ] || echo "overlay: [$overlay]"
		[ $# -eq 0 ] || echo "zones:"
		while read -r name keys; do
			[ -z "$name" ] || _lab_config_zone "$name" "$keys"
		done < <(printf '%s\n' "$@")
		echo "services:"
		for host in $LAB_HOSTS; do
			[[ $# -eq 0 && $host == *.$ZONE ]] ||
			    echo "  - {host: $host, lineages: [mail]}"
		done
	} >$LAB_YAML
}

_lab_config_zone() {
	echo "  - {name: $1, nameservers: [${LAB_NS:-ns1.example.net}]," \
	    "hostmaster: hostmaster.example.net${2:+, $2}}"
}

# With the rights that the systemd unit gives: a user of its own, in the group
# of PowerDNS.
lab_tlsa_start() {
	spawn pdns-tlsa "${LAB_AT[@]}" setpriv --reuid="$LAB_USER" \
	    --regid="$LAB_GROUP" \
	    --groups="$(getent group pdns | cut -d : -f 3)" \
	    /usr/sbin/pdns-tlsa serve
	TLSA_PID=$PID
	wait_for 60 _lab_tlsa_decided && _lab_tlsa_listens
}

# A configuration that it does not accept ends it at once.
_lab_tlsa_decided() {
	is_gone "$TLSA_PID" || _lab_tlsa_listens
}

lab_tlsa_stop() {
	[ -z "$TLSA_PID" ] || stop "$TLSA_PID"
	TLSA_PID=
}

_lab_tlsa_listens() {
	! is_gone "$TLSA_PID" && "${LAB_AT[@]}" grep -q \
	    " 00010000 .* /run/pdns-tlsa/pdns.sock$" /proc/net/unix
}

lab_unbound_start() {
	local zone
	{
		_lab_unbound_config
		for zone; do
			printf '%s\n' "stub-zone:" "  name: $zone" \
			    "  stub-addr: $NS1"
		done
	} >$LAB/unbound.conf
	lab_anchors "$@" && _lab_unbound_run
}

# Everything that makes a wrong denial hurt is on.
_lab_unbound_config() {
	cat <<-END
	server:
	  interface: $RESOLVER
	  access-control: 0.0.0.0/0 allow
	  chroot: ""
	  username: ""
	  directory: "$LAB"
	  pidfile: ""
	  use-syslog: no
	  val-log-level: 2
	  do-ip6: no
	  do-not-query-localhost: no
	  module-config: "validator iterator"
	  trust-anchor-file: "$LAB/anchors"
	  qname-minimisation: yes
	  aggressive-nsec: yes
	  harden-below-nxdomain: yes
	  harden-dnssec-stripped: yes
	remote-control:
	  control-enable: yes
	  control-interface: "$LAB/unbound.sock"
	  control-use-cert: no
	END
}

_lab_unbound_run() {
	spawn unbound unbound -d -c $LAB/unbound.conf
	UNBOUND_PID=$PID
	wait_for 60 unbound-control -c $LAB/unbound.conf status
}

lab_unbound_stop() {
	[ -z "$UNBOUND_PID" ] || stop "$UNBOUND_PID"
	UNBOUND_PID=
}

# The file for unbound, and the one that delv reads.
lab_anchors() {
	local zone

	for zone; do
		lab_pdnsutil export-zone-ds "$zone" |
		    sed -n "s/^$zone\. IN DS \([0-9]* [0-9]* 2 [^ ]*\).*/$zone. DS \1/p"
	done >$LAB/anchors
	{
		echo "trust-anchors {"
		awk '{ print "\"" $1 "\" static-ds", $3, $4, $5, \
		    "\"" $6 "\";" }' $LAB/anchors
		echo "};"
	} >$LAB/anchors.delv
	# shellcheck disable=SC2034 # for lab_ask.sh
	LAB_ANCHORS=$*
	[ "$(wc -l <$LAB/anchors)" -eq $# ]
}
