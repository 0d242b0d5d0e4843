#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Safe means seen: in an Internet of its own, whose zone has a secondary that
# lags behind, dies and comes back, wait and deploy begin the hold time when
# every name server was seen to answer.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"
. "$lib/internet.sh"
. "$lib/doctor.sh"

HOLD=4
SECOND="name server 'ns2.example.net.' ($OTHER) of zone '$ZONE.'"

main() {
	program_find
	pdns_need
	internet_enter "$0" "$@"
	tap_begin
	world_build
	test_seen
	test_former
	test_behind
	test_remembered
	test_same_key
	test_wish
	test_deploy
	test_caches
	test_dead
	test_lost
	tap_end
}

world_build() {
	doctor_certificate mail.example.com
	config_write "{hold: $HOLD, see: servers}"
	tlsa_serve
	internet_build
}

config_write() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	powerdns: {config: $TMP/${2:-main}/pdns.conf}
	defaults: {ttl: 60, records: ["3 1 1"], propagation: $1}
	sources:
	  - {type: certbot, path: $TMP/le}
	zones:
	  - name: $ZONE
	    nameservers: [ns1.example.net, ns2.example.net]
	services:
	  - host: mail.example.com
	END
}

config_is() {
	config_write "$@"
	stop "$TLSA_PID"
	tlsa_serve
	pdns_reload
}

# A new key, and both servers know of it.
# The hold time begins later than this, whatever a busy machine does.
renew() {
	BEGUN=$SECONDS
	ca_issue "$TMP/ca" mail ecdsa "$1" mail.example.com
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	wait_for 60 tlsa_has "$ALIAS" "$(live_rrset mail | grep ^3)" ||
	    tap_bail "the renewal is not served"
}

catch_up() {
	BEGUN=$SECONDS
	secondary_freeze
}

program() {
	"$PDNS_TLSA" "$@" -c "$TMP/pdns-tlsa.yaml" \
	    --trust-anchor "$TMP/root.anchor" >"$TMP/out" 2>"$TMP/err"
}

show() {
	"$PDNS_TLSA" show -c "$TMP/pdns-tlsa.yaml" "$@"
}

shows() {
	show | grep -qF -e "$1"
}

# says STATUS PATTERN COMMAND...: it ends so, and says so
says() {
	local status=$1 pattern=$2
	shift 2

	program "$@"
	[ "$?" -eq "$status" ] && grep -q -e "$pattern" "$TMP/out" "$TMP/err"
}

# since NAME COMMAND...: well, and not before the hold time was over
since() {
	local name=$1
	shift

	tap_ok "$name" program "$@"
	tap_ok "$name: after the hold time" \
	    [ $((SECONDS - BEGUN)) -ge $((HOLD - 1)) ]
}

# What the daemon says each name server served: their states, or "not asked".
served() {
	"$PDNS_TLSA" status -c "$TMP/pdns-tlsa.yaml" --format json >"$TMP/out"
	python3 -c 'import json, sys
zone = json.load(sys.stdin)["zones"][0]
print(" ".join(sorted(s["state"] for s in zone["servers"]))
    if zone["asked"] else "not asked", zone["behind"])' <"$TMP/out"
}

newest() {
	show --format json >"$TMP/out"
	python3 -c 'import json, sys
safety = json.load(sys.stdin)["services"][0]["lineages"][0]
print(safety["newest_generation"]["'"$1"'"])' <"$TMP/out"
}

test_seen() {
	sleep $((HOLD + 1))
	tap_is "nobody looked" "$(newest seen)" False
	tap_is "so it is not safe, however old" "$(newest safe)" False
	tap_ok "and show says why" shows "not seen at every name server"
	tap_is "and what name servers serve is not known" "$(served)" \
	    "not asked None"
	tap_ok "wait begins with the first look" \
	    says 1 "not yet safe to serve, in [1-$HOLD] s" wait mail --timeout 0
	tap_ok "and ends" program wait mail --timeout 60
	tap_is "it was seen" "$(newest seen)" True
	tap_is "with what each name server serves" "$(served)" \
	    "current current 0"
	"$PDNS_TLSA" status -c "$TMP/pdns-tlsa.yaml" >"$TMP/out"
	tap_ok "which status says" grep -q \
	    "^  ns2.example.net. (.*) served [0-9]*, current, asked at 2" \
	    "$TMP/out"
}

# The CNAME is that of an earlier configuration, whose alias is answered still.
test_former() {
	local deep=_25._tcp.mail.example.com.$ZONE

	echo "aliases: deep" >>"$TMP/pdns-tlsa.yaml"
	stop "$TLSA_PID"
	tlsa_serve
	wait_for 60 eval '[ -n "$(tlsa_at "$deep")" ]' ||
	    tap_bail "no deep alias"
	config_is "{hold: $HOLD, see: servers}"
	ALIAS_RECORD="_25._tcp.mail CNAME $deep." zones_reload
	tap_ok "a CNAME to the former alias is as good" \
	    program wait mail --servers --timeout 60
	ALIAS_RECORD="_25._tcp.mail CNAME other.$ZONE." zones_reload
	tap_ok "one to no alias is not" says 1 "leads to 'other\.$ZONE\.'" \
	    wait mail --servers --timeout 0
	zones_reload
}

test_behind() {
	catch_up
	renew E2
	tap_ok "a secondary that is behind is named, with its serial" \
	    says 1 "$SECOND does not serve it yet: its serial is " \
	    wait mail --timeout 0
	tap_is "nothing was seen" "$(newest seen)" False
	tap_is "but how far each of them is" "$(served)" "behind current 1"
	"$PDNS_TLSA" wait mail -c "$TMP/pdns-tlsa.yaml" \
	    --trust-anchor "$TMP/root.anchor" 2>"$TMP/wait.log" &
	WAITING=$!
	tap_ok "in the log as well, once" wait_for 60 \
	    grep -qF "$SECOND does not serve it yet" "$TMP/wait.log"
	sleep $((HOLD + 1))
	tap_ok "it waits for that" kill -0 "$WAITING"
	tap_is "without a word more" "$(wc -l <"$TMP/wait.log")" 1
	catch_up
	wait "$WAITING"
	tap_is "until it is there" "$?" 0
	tap_ok "and the hold time after" \
	    [ $((SECONDS - BEGUN)) -ge $((HOLD - 1)) ]
}

# Nobody is asked again.
test_remembered() {
	stop "$OTHER_PID"
	stop "$TLSA_PID"
	tlsa_serve
	# before it has read the certificates nothing is safe
	wait_for 60 eval '[ -n "$(tlsa_at "$ALIAS")" ]' ||
	    tap_bail "nothing is served"
	tap_ok "what was seen outlives the daemon" \
	    program wait mail --timeout 0
	tap_ok "but who wants to see it now, asks now" \
	    says 1 "$SECOND" wait mail --servers --timeout 0
	catch_up
	tap_ok "and sees it" program wait mail --servers --timeout 60
}

# What all have had for long is safe at once, with the last one dead.
test_same_key() {
	stop "$OTHER_PID"
	ca_issue "$TMP/ca" mail "$TMP/ca/issued/mail/privkey.pem" E1 \
	    mail.example.com
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	tap_ok "a renewal with the same key is safe at once" \
	    program wait mail --timeout $((HOLD - 2))
	catch_up
}

test_wish() {
	config_is "{hold: $HOLD, see: nothing}"
	renew E1
	since "by publication alone" wait mail --timeout 60
	tap_ok "unless the command wants more" \
	    says 1 "$SECOND does not serve it yet" \
	    wait mail --servers --timeout 0
	renew E2
	since "deploy goes by the configuration" \
	    deploy mail --to "$TMP/deployed" --timeout 60
}

test_deploy() {
	config_is "$HOLD"
	renew E1
	tap_ok "deploy asks a zone's name servers by itself" \
	    says 1 "$SECOND does not serve it yet" \
	    deploy mail --to "$TMP/deployed" --timeout $((HOLD + 1))
	catch_up
	since "and begins with them" \
	    deploy mail --to "$TMP/deployed" --timeout 60
}

# Without a control socket PowerDNS keeps what it had, and has it in a file
# that cannot be read.
test_caches() {
	config_is "$HOLD" nowhere
	renew E2
	sleep $((HOLD + 1))
	tap_ok "caches count as part of the hold time" \
	    says 1 "not yet safe to serve, in [1-9][0-9] s" wait mail --timeout 0
	catch_up
	since "but not for who sees" deploy mail --to "$TMP/deployed" \
	    --timeout 60
	config_is "$HOLD"
}

test_dead() {
	stop "$OTHER_PID"
	renew E1
	tap_ok "a dead secondary holds up who waits for it" \
	    says 1 "$SECOND" wait mail --servers --timeout $((HOLD + 1))
	tap_is "and is called silent" "$(served)" "current silent 1"
	tap_ok "but no renewal" \
	    says 0 "is not waited for" deploy mail --to "$TMP/deployed" \
	    --timeout 60
}

test_lost() {
	renew E2
	stop "$ROOT_PID"
	sleep $((HOLD + 1))
	tap_ok "nobody knows the name servers: deploy goes by publication" \
	    says 0 "its name servers are not asked" \
	    deploy mail --to "$TMP/deployed" --timeout 60
	tap_ok "and wait --servers does not" \
	    says 1 "_25._tcp.mail.example.com" wait mail --servers --timeout 0
}

main "$@"
