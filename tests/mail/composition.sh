#!/bin/bash
# SPDX-License-Identifier: MIT
#
# composition.sh own|alone|overlay [SCENARIO...]: the scenarios of the mail lab
# in one composition with PowerDNS.  run.sh runs all; SMOKE=1 for a few.

set -u
lib=$(dirname "$0")/../lib
. "$lib/mail.sh"

# Longer than a renewal takes, so that resolvers still hold the old records.
TTL=45
HOLD=6
DEPLOYED="ttl: 3, propagation: $HOLD"

main() {
	# shellcheck disable=SC2034 # for lab_mail.sh
	SCENARIOS=${*:2}
	mail_need
	lab_enter "$@"
	lab_begin
	lab_try "$1: everything starts" start "$1" || lab_end
	tap_is "$1: systemd likes the unit" "$(unit_check)" ""
	scenario s1 "verified delivery" "verified, verified, verified" s1
	scenario verify "verifiers, good records" \
	    "ta: all good; ee: all good; both: all good" good
	if exim_have; then
		scenario exim "Exim, a good host and a bad one" \
		    "sent, deferred" exim
	else
		tap_pass_over "$1, exim" "Exim could not be fetched"
	fi
	scenario s2 "a wrong digest, then the right one" \
	    "deferred, all bad, sent" s2
	scenario s6 "denials, and the records after them" "right, verified" s6
	[ -n "${SMOKE:-}" ] || the_others
	lab_end
}

the_others() {
	scenario s5 "the backend dies and returns" \
	    "SERVFAIL, deferred, sent" s5
	scenario s4b "gated renewal, new key" "gated, none deferred" s4b
	scenario s4c "gated change of the key type" \
	    "gated, none deferred" s4c
	scenario s4d "renewal that reuses the key" "none deferred" s4d
	scenario s4e "gated by the hook of dehydrated" \
	    "gated, none deferred" s4e
	scenario s4a "renewal against cached 3 1 1" "deferred, sent" s4a
	scenario s3b "gated, unknown new intermediate" \
	    "gated, none deferred" s3b
	scenario s3 "unknown new intermediate, reloaded at once" \
	    "deferred, sent; by hand: deferred" s3
}

hosts() {
	local live="$LAB_STORE/live"

	mail_host ta 21 rsa "$live/rsa" 'ports: [25, 465], records: ["2 1 1"]'
	mail_host both 22 rsa "$live/rsa" 'ports: [25, 465]'
	mail_host hand 23 rsa "$live/rsa"
	mail_host ee 24 ee "$live/ee" 'ports: [25, 465], records: ["3 1 1"]'
	mail_host rta 25 roll "$COPIES/roll" "records: [\"2 1 1\"], $DEPLOYED"
	mail_host ree 26 roll "$COPIES/roll" "records: [\"3 1 1\"], $DEPLOYED"
	mail_host roll 27 roll "$COPIES/roll" "$DEPLOYED"
	mail_host dehy 29 dehy "$COPIES/dehy" "records: [\"3 1 1\"], $DEPLOYED"
	mail_host wrong 28 wrong "$TMP/ca/issued/wrong" \
	    'ports: [25, 465], records: ["3 1 1"], ttl: 3'
}

start() {
	mail_begin "$1" && hosts && wrong_issue && wrong_publish other &&
	    acme_start 0 || return
	acme_intermediate 0 >"$TMP/intermediate.pem" || return
	# shellcheck disable=SC2034 # for lab_mail.sh
	LAB_RECORDS="_25._tcp.mx-hand TLSA $(tlsa_of "2 1 1" \
	    "$TMP/intermediate.pem")"
	mail_start "defaults: {ttl: $TTL, propagation: 90, retain: 180}" &&
	    issue && deploy_first
}

issue() {
	acme_issue rsa rsa mx-{ta,both,hand}.example.com &&
	    acme_issue ee ecdsa mx-ee.example.com &&
	    acme_issue roll ecdsa mx-{rta,ree,roll}.example.com &&
	    world_forget
}

# By the hooks, as every later time.
deploy_first() {
	local lineage

	for lineage in roll dehy; do
		unit_settings $lineage "$COPIES/$lineage" \
		    "postfix -c $RECV/etc reload"
	done
	PATH=$LAB/bin:$PATH RENEWED_LINEAGE="$LAB_STORE/live/roll" \
	    "$LAB_STORE/renewal-hooks/deploy/pdns-tlsa-deploy" &&
	    dehydrated E1 || return
	for lineage in roll dehy; do
		wait_for 30 unit_ended $lineage 1 &&
		    [ "$(unit_results $lineage)" = 0 ] || return
	done
}

# The host serves the certificate "wrong"; what we publish is in a file.
wrong_issue() {
	local name

	for name in wrong other; do
		ca_issue "$TMP/ca" $name ecdsa E1 mx-wrong.example.com \
		    2>/dev/null || return
	done
}

wrong_publish() {
	cp "$TMP/ca/issued/$1/fullchain.pem" "$FIXED/wrong.pem.new" &&
	    mv "$FIXED/wrong.pem.new" "$FIXED/wrong.pem"
}

# The first status that a message gets ...
outcome() {
	mail_send "$1" "$2"
	if wait_for 10 mail_was "$1" '[a-z]'; then
		mail_first "$1"
	else
		echo "nothing"
	fi
}

# ... and later, for what was deferred.
later() {
	if wait_for "$MTA_LATEST" mail_is "$1" sent; then
		echo "sent"
	else
		echo "deferred"
	fi
}

s1() {
	local name before
	for name in ta ee both; do
		before=$(mail_verified $name)
		mail_send s1$name $name
		wait_for 10 mail_is s1$name sent &&
		    [ "$(mail_verified $name)" -gt "$before" ] &&
		    SEEN="$SEEN${SEEN:+, }verified"
	done
}

good() {
	SEEN="ta: $(VERIFIERS=$(verifiers_of_chains) verify_all ta);\
 ee: $(verify_all ee); both: $(verify_all both)"
}

s2() {
	SEEN="$(outcome s2 wrong), $(verify_all wrong)"
	wrong_publish wrong
	SEEN="$SEEN, $(later s2)"
}

s6() {
	local wrong
	wrong=$(lab_wrong unbound < <(questions))

	SEEN=${wrong:-right}
	mail_warm ta
	mail_send s6 ta
	! wait_for 10 mail_is s6 sent || SEEN="$SEEN, verified"
}

# Names around ours, and everything above them.
questions() {
	local owner=_25._tcp.mx-ta.example.com name

	echo "nodata ${owner#*.} TLSA"
	echo "nxdomain 0.${owner#*.*.} TLSA"
	echo "nodata ${owner#*.*.} TLSA"
	echo "nxdomain z.example.com A"
	for name in "$owner" "_25_tcp_mx-ta_example_com.$ZONE"; do
		[ "$name" = "$owner" ] || [ "$COMPOSITION" != overlay ] ||
			continue
		echo "nodata $name A"
		echo "nxdomain x.$name TLSA"
		echo "nxdomain ${name/#_25/_24} TLSA"
		echo "nxdomain ${name/#_25/_26} TLSA"
	done
}

exim() {
	SEEN="$(exim_send ta), $(exim_send wrong)"
}

# No cache may have what would hide that the daemon is gone.
s5() {
	stop -KILL "$TLSA_PID"
	world_forget
	mta_forget
	SEEN=$(dig "@$RESOLVER" "_25._tcp.mx-ta.example.com" TLSA |
	    sed -n 's/.*status: \([A-Z]*\),.*/\1/p')
	SEEN="$SEEN, $(outcome s5 ta)"
	mail_why s5 | grep -q "TLSA lookup error" || SEEN="$SEEN for another reason"
	lab_tlsa_start
	SEEN="$SEEN, $(later s5)"
}

# gated TAG LINEAGE STORE COMMAND...: COMMAND renews a lineage whose servers
# read a copy, while messages arrive at its hosts.  STORE has what is live.
gated() {
	local tag=$1 lineage=$2 store=$3 runs hosts
	shift 3

	runs=$(unit_results "$lineage" | wc -w)
	mapfile -t hosts < <(hosts_of "$lineage")
	mail_warm "${hosts[@]}"
	stream_start "$tag" "${hosts[@]}"
	"$@"
	SEEN=gated
	wait_for 60 unit_ended "$lineage" $((runs + 1))
	# By the files, for asked a while later it may be safe by then; a second
	# less, for the record and the files' times have whole ones.
	[ $(($(stat -c %Z "$COPIES/$lineage/fullchain.pem") - \
	    $(stat -L -c %Y "$store/fullchain.pem"))) -ge $((HOLD - 1)) ] ||
	    SEEN="safe at once"
	deployed "$lineage" "$store" "${hosts[0]}" || SEEN="$SEEN, not deployed"
	SEEN="$SEEN, $(stream_end "$tag")"
}

hosts_of() {
	sed -n "s/.*mx-\([a-z]*\)\..* lineages: \[$1\].*/\1/p" \
	    <<<"$MAIL_SERVICES"
}

# The copy is what is live, served, and safe.
deployed() {
	cmp "$COPIES/$1/fullchain.pem" "$2/fullchain.pem" &&
	    wait_for 5 mail_presents "$3" "$2/fullchain.pem" &&
	    /usr/sbin/pdns-tlsa wait "$1" --timeout 0
} >/dev/null 2>&1

s4b() {
	gated s4b roll "$LAB_STORE/live/roll" acme_renew roll
}

s4c() {
	gated s4c roll "$LAB_STORE/live/roll" acme_renew roll --key-type rsa
	[ "$(key_type roll)" = rsaEncryption ] || SEEN="$SEEN, no RSA key"
}

key_type() {
	openssl x509 -in "$LAB_STORE/live/$1/cert.pem" -noout -text |
	    sed -n 's/.*Public Key Algorithm: //p'
}

s4e() {
	gated s4e dehy "$FIXED/dehy" dehydrated E2
}

# dehydrated INTERMEDIATE: what dehydrated does, its hook included, as far as
# somebody sees who waits for fullchain.pem.
dehydrated() {
	local dir=$FIXED/dehy file

	ca_issue "$TMP/ca" dehy ecdsa "$1" mx-dehy.example.com 2>/dev/null &&
	    mkdir -p "$dir" || return
	for file in privkey fullchain; do
		cp "$TMP/ca/issued/dehy/$file.pem" "$dir/$file.new" &&
		    mv "$dir/$file.new" "$dir/$file.pem" || return
	done
	PATH=$LAB/bin:$PATH "$PACKAGING/dehydrated/pdns-tlsa-hook" \
	    deploy_cert mx-dehy.example.com "$dir/privkey.pem" \
	    "$dir/cert.pem" "$dir/fullchain.pem" "$dir/chain.pem" 1
}

s3b() {
	acme_restart
	gated s3b roll "$LAB_STORE/live/roll" acme_renew roll
}

# ungated TAG LINEAGE NAME... [-- WORD...]: the server is told at once.
ungated() {
	local tag=$1 lineage=$2 names=()
	shift 2

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		names+=("$1")
		shift
	done
	WARM=$SECONDS
	mail_warm "${names[@]}"
	acme_renew "$lineage" "${@:2}"
	wait_for 10 mail_presents "${names[0]}" \
	    "$LAB_STORE/live/$lineage/cert.pem"
}

# What resolvers had when it began, they have still: on a machine that is too
# slow for that, nothing was shown, and it is done again.
is_cached() {
	[ $((SECONDS - WARM)) -lt $((TTL - 1)) ]
}

# A key that stays needs no gate.
s4d() {
	local before
	before=$(tlsa_of "3 1 1" "$LAB_STORE/live/ee/cert.pem")

	stream_start s4d ee
	ungated s4d ee ee -- --reuse-key
	SEEN=$(stream_end s4d)
	[ "$(tlsa_of "3 1 1" "$LAB_STORE/live/ee/cert.pem")" = "$before" ] ||
	    SEEN="$SEEN, but another key"
}

# What resolvers still hold does not match, until its TTL is over.
s4a() {
	local tag
	for tag in s4a s4aa s4aaa s4aaaa s4aaaaa s4aaaaaa; do
		ungated $tag ee ee -- --no-reuse-key
		SEEN=$(outcome $tag ee)
		! is_cached || break
	done
	SEEN="$SEEN, $(later $tag)"
}

s3() {
	local tag
	for tag in s3 s3s s3ss s3sss s3ssss s3sssss; do
		acme_restart
		ungated $tag rsa ta hand
		mail_send ${tag}hand hand
		SEEN=$(outcome $tag ta)
		! is_cached || break
	done
	SEEN="$SEEN, $(later $tag); by hand: $(outcome ${tag}hand2 hand)"
	! mail_was ${tag}hand sent || SEEN="$SEEN, then sent"
}

main "$@"
