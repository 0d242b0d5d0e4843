#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Mail servers here, DNS there: five hosts with networks of their own, and the
# rest of the world (a sending Postfix behind unbound, the root, the CAs) in the
# namespace that forwards between them.
#
#	mx1, mx2	Postfix, certbot and a key of its own each, no daemon;
#			both are mx-pair and mx-leaf
#	dns		pdns-tlsa, PowerDNS (a hidden primary), sshd
#	knot, nsd	public name servers, its secondaries over TSIG
#
# The sender tries one address of a host, so that neither of the two makes up
# for what the other does wrong.  mx-leaf has 3 1 1 alone: there each new key is
# one that nobody knew.  pebble takes every challenge for solved, since it would
# look for those of either host at any of the two.  HOST_RENEWALS=100 for more.

set -u
lib=$(dirname "$0")/../lib
. "$lib/mail.sh"
. "$lib/hosts.sh"
. "$lib/lab_secondary.sh"
. "$lib/ssh.sh"

RENEWALS=${HOST_RENEWALS:-20} # of each mail host
PAUSE=5                  # seconds between two of them, at most
NAMES="pair leaf"
declare -A MX=([mx1]=192.0.2.21 [mx2]=192.0.2.22)
# shellcheck disable=SC2034,SC2153 # for the parts of the lab
{
	COMPOSITION=hosts
	RESOLVER=$HUB
	LAB_NS="ns2.example.net, ns3.example.net"
	LAB_PUBLIC="ns2.example.net ns3.example.net"
	LAB_SECONDARY="$ZONE example.net example.com"
	SECONDARIES="knot nsd"
	SECONDARY_ADDRESS=([knot]=$NS2 [nsd]=$NS3)
	WORLD_SETTLE=lab_secondaries_settle
	LAB_USER=pdns-tlsa
	LAB_GROUP=pdns-tlsa
	ACME_NAME=acme.example.org
	ACME_ADDRESS=$HUB
	SSHD_ADDRESS=$NS1
	SSHD_PORT=22
	SSHD_KEYS=.ssh/authorized_keys
}
export PEBBLE_VA_ALWAYS_VALID=1

main() {
	# shellcheck disable=SC2034 # for lab_mail.sh
	SCENARIOS=${*:2}
	mail_need
	tap_need knotd nsd ssh ssh-keygen "$SSHD" nsenter systemd-sysusers \
	    systemd-tmpfiles
	lab_enter "$@"
	lab_begin
	lab_try "hosts: everything starts" start || lab_end
	scenario renewals "$RENEWALS renewals on each of two hosts" \
	    "$((2 * RENEWALS)) renewed, an unknown CA, none deferred" renewals
	scenario outage "renewals while the DNS host is down" \
	    "renewed, old in service, none deferred, caught up" outage
	lab_end
}

start() {
	local host name

	ca_init "$TMP/ca" 2>/dev/null && world_begin && unit_begin || return
	# sooner than in a minute
	sed -i 's/^RestartSec=.*/RestartSec=2/' "$LAB/unit"/*.service
	printf '%s\n' "$HUB $ACME_NAME" "$NS1 dns.example.net" >>/etc/hosts
	for host in mx1 mx2; do
		for name in $NAMES; do
			mta_host "$name" "${MX[$host]}" ""
		done
	done
	dns_make && acme_run 0 && acme_run 1 && dns_start || return
	for host in mx1 mx2; do
		mx_make $host && at $host mx_fill $host && mx_start $host ||
		    return
	done
	mta_send_start &&
	    postconf -c "$SEND/etc" -e smtp_mx_address_limit=1 && mta_forget &&
	    first
}

# ---- the DNS host, and the public servers ----

# Users and directories as the package makes them.
dns_make() {
	local address

	for address in "$NS1" "$NS2"; do
		ip address del "$address/32" dev lo || return
	done
	host_begin dns "$NS1" && host_begin knot "$NS2" &&
	    host_begin nsd "$NS3" || return
	host_enter dns
	LAB_AT=("${ENTER[@]}")
	dns_config >"$LAB_YAML"
	systemd-sysusers "$PACKAGING/systemd/pdns-tlsa.sysusers" &&
	    systemd-tmpfiles --create "$PACKAGING/systemd/pdns-tlsa.tmpfiles" &&
	    chown pdns-tlsa: /var/lib/pdns-tlsa || return
	# without PAM sshd lets nobody in whose password begins with "!"
	sed -i 's/^pdns-tlsa-remote:[^:]*/pdns-tlsa-remote:*/' /etc/shadow
} >>"$TMP/dns.log" 2>&1

dns_config() {
	cat <<-END
	listen-group: pdns
	powerdns:
	  control-socket: /run/pdns/pdns.controlsocket
	  address: $NS1
	defaults: {ttl: 3, retain: 10}
	sources: [{type: remote}]
	zones: [{name: $ZONE, nameservers: [$LAB_NS]}]
	services:
	  - {host: mx-pair.example.com}
	  - {host: mx-leaf.example.com, records: ["3 1 1"]}
	END
}

dns_start() {
	# shellcheck disable=SC2034 # for lab_pdns.sh
	LAB_RECORDS=$(mta_records && aliases)
	lab_tlsa_start && world_start own secondaries.conf || return
	sshd_start "${LAB_AT[@]}"
	lab_secondaries_start && wait_for 60 ns_have_zones
}

aliases() {
	local name

	for name in $NAMES; do
		echo "_25._tcp.mx-$name CNAME" \
		    "_25_tcp_mx-${name}_example_com.$ZONE."
	done
}

# shellcheck disable=SC2034 # $SERVER is for lab_ask.sh
ns_have_zones() {
	local SERVER zone

	for SERVER in "$NS2" "$NS3"; do
		for zone in $LAB_SECONDARY; do
			lab_dig "$zone" SOA | grep -q "flags:.* aa[ ;]" ||
			    return
		done
	done
}

dns_crash() {
	host_crash dns
	wait_for 30 dns_is_silent
}

dns_is_silent() {
	! lab_dig "$ZONE" SOA +time=1
}

dns_return() {
	host_connect dns && lab_tlsa_start && lab_pdns_start &&
	    sshd_start "${LAB_AT[@]}"
}

# ---- a mail host ----

# at HOST COMMAND...: with that host's certbot, store and settings
# shellcheck disable=SC2034 # for lab_acme.sh
at() {
	local ACME_AT ACME_WORK=$LAB/$1/certbot LAB_STORE=$LAB/$1/letsencrypt \
	    UNIT_SETTINGS=$LAB/$1/pdns-tlsa/deploy ENTER
	host_enter "$1"
	shift

	ACME_AT=("${ENTER[@]}")
	"$@"
}

# Nothing is there that the DNS host has.
mx_make() {
	host_begin "$1" "${MX[$1]}" &&
	    host_mount "$1" "$LAB/$1/letsencrypt" /etc/letsencrypt &&
	    host_mount "$1" "$LAB/$1/postfix" /etc/postfix/tls &&
	    host_mount "$1" "$LAB/$1/pdns-tlsa" /etc/pdns-tlsa &&
	    host_mount "$1" "$LAB/$1/nothing" /run/pdns-tlsa &&
	    host_mount "$1" "$LAB/$1/nothing" /var/lib/pdns-tlsa-remote &&
	    host_mount "$1" "$LAB/$1/root" /root
}

mx_fill() {
	mkdir -p "$UNIT_SETTINGS" "$LAB_STORE/renewal-hooks/deploy" &&
	    install "$PACKAGING/certbot/pdns-tlsa-deploy" \
	    "$LAB_STORE/renewal-hooks/deploy/" &&
	    unit_settings "$1" "/etc/postfix/tls/$1" \
	    "postfix -c $LAB/recv-$1/etc reload" \
	    VIA=ssh:pdns-tlsa-remote@dns.example.net \
	    "OPTIONS=\"--verify ${MX[$1]}:25\"" &&
	    mx_key "$1" && acme_register 0 && acme_register 1
}

# Its line in authorized_keys is what setup prints.
mx_key() {
	local ssh=$LAB/$1/root/.ssh \
	    names='mx-pair.example.com,mx-leaf.example.com'

	mkdir -m 700 "$ssh" &&
	    ssh-keygen -q -t ed25519 -N '' -f "$ssh/id_ed25519" &&
	    echo "dns.example.net $(cat "$TMP/ssh/host.pub")" \
	    >"$ssh/known_hosts" || return
	"$PDNS_TLSA" setup --remote "$1.example.com" | sed -n "
	    s/--hosts '[^']*'/--hosts '$names'/
	    s|ssh-ed25519 AAAA.*|$(cat "$ssh/id_ed25519.pub")|
	    s|^command=\"/usr/local/|command=\"/usr/|
	    /^command=/p" >>/etc/pdns-tlsa/remote/.ssh/authorized_keys
}

# shellcheck disable=SC2034 # for lab_mta.sh
mx_start() {
	local RECV=$LAB/recv-$1 MTA_HOSTS='' ENTER
	host_enter "$1"

	mta_host pair "${MX[$1]}" "/etc/postfix/tls/$1"
	mta_recv_start "${ENTER[@]}"
}

# The first certificates, as by each later hook.
first() {
	local host

	for host in mx1 mx2; do
		at $host acme_issue $host ecdsa \
		    mx-pair.example.com mx-leaf.example.com || return
		PATH=$LAB/bin:$PATH there $host systemctl start --no-block \
		    "pdns-tlsa-deploy@$host.service"
	done
	wait_for 60 caught_up
}

# ---- what is true of a mail host's newest certificate ----

mx_newest() {
	echo "$LAB/$1/letsencrypt/live/$1/cert.pem"
}

caught_up() {
	local host

	for host in mx1 mx2; do
		mx_presents $host "$(mx_newest $host)" &&
		    mx_is_reported $host && mx_is_published $host || return
	done
}

# mx_presents HOST FILE
mx_presents() {
	[ "$(openssl s_client -connect "${MX[$1]}:25" -starttls smtp \
	    </dev/null 2>/dev/null | openssl x509 -noout -fingerprint)" = \
	    "$(openssl x509 -in "$2" -noout -fingerprint)" ]
}

mx_is_reported() {
	"$PDNS_TLSA" status --format json | python3 -c '
import json, sys
for lineage in json.load(sys.stdin)["lineages"]:
    if lineage["name"] == sys.argv[1]:
        sys.exit(lineage["deployed"] != "current")
sys.exit(1)' "$1"
}

# At each public server, for each name.
# shellcheck disable=SC2034 # $SERVER is for lab_ask.sh
mx_is_published() {
	local SERVER name record
	record=$(tlsa_of "3 1 1" "$(mx_newest "$1")")

	for SERVER in "$NS2" "$NS3"; do
		for name in $NAMES; do
			lab_dig "_25_tcp_mx-${name}_example_com.$ZONE" TLSA \
			    +noall +answer | dns_tlsa_lines |
			    grep -qxF "$record" || return
		done
	done
}

mx_was_verified() {
	grep -q "Verified TLS connection established to mx-.*\[${MX[$1]}\]:25" \
	    "$SEND/mail.log"
}

# ---- scenarios ----

# The two renew beside each other; one of them meets the unknown CA.
renewals() {
	local host pid pids=() number=(0 0)

	number[RANDOM % 2]=$((RANDOM % RENEWALS + 1))
	# shellcheck disable=SC2086 # a list
	stream_start renew $NAMES
	for host in mx1 mx2; do
		spawn "renew-$host" renew_often $host "${number[${#pids[@]}]}"
		pids+=("$PID")
	done
	for pid in "${pids[@]}"; do
		wait_for 1200 is_gone "$pid"
		stop "$pid"
	done
	SEEN="$(cat "$TMP"/renew-mx?.log | grep -c ^renewed) renewed"
	! grep -q ^unknown "$TMP"/renew-mx?.log || SEEN="$SEEN, an unknown CA"
	! grep -q ^lost "$TMP"/renew-mx?.log || SEEN="$SEEN, some never served"
	SEEN="$SEEN, $(stream_end renew)"
	wait_for 30 caught_up || SEEN="$SEEN, not caught up"
	for host in mx1 mx2; do
		mx_was_verified $host || SEEN="$SEEN, but not by $host"
	done
	figures renew
}

# figures TAG: for who reads
figures() {
	echo "# $1: $(wc -l <"$LAB/$1.sent") messages, $(cat \
	    "$LAB"/unit/mx?.results | grep -c '^0') runs of deploy went well"
}

# renew_often HOST NUMBER: at random times, each other one before the last one is
# in service.  That number is by a CA that was never seen.
renew_often() {
	local count

	for ((count = 1; count <= RENEWALS; count++)); do
		sleep "$((RANDOM % PAUSE)).$((RANDOM % 10))"
		at "$1" acme_use "$1" $((count == $2))
		at "$1" acme_renew "$1" || continue
		echo "renewed $count"
		[ "$count" -eq "$2" ] || [ $((count % 2)) -eq 0 ] || continue
		if ! wait_for 20 mx_presents "$1" "$(mx_newest "$1")"; then
			echo "lost $count"
		elif [ "$count" -eq "$2" ]; then
			echo "unknown CA"
		fi
	done
}

# mx2's has begun before, and is cut off while it waits; mx1's falls into it.
outage() {
	local host

	for host in mx1 mx2; do
		cp "$(mx_newest $host)" "$TMP/$host.pem"
		: >"$LAB/unit/$host.results"
	done
	# shellcheck disable=SC2086 # a list
	stream_start outage $NAMES
	at mx2 acme_renew mx2 && wait_for 60 mx_is_published mx2 && dns_crash &&
	    at mx1 acme_renew mx1 && SEEN=renewed
	# it is tried more than once
	wait_for 60 unit_ended mx1 3 && mx_presents mx1 "$TMP/mx1.pem" &&
	    mx_presents mx2 "$TMP/mx2.pem" && SEEN="$SEEN, old in service"
	dns_return || SEEN="$SEEN, does not return"
	wait_for 90 caught_up
	SEEN="$SEEN, $(stream_end outage)"
	! caught_up || SEEN="$SEEN, caught up"
	figures outage
}

main "$@"
