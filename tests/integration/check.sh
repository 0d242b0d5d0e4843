#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `pdns-tlsa check` finds, in an Internet of its own (see internet.sh)
# with servers that present certificates.  Each fault is provoked, and must be
# named; without one nothing may be.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"
. "$lib/internet.sh"
. "$lib/findings.sh"

SERVER=$(realpath "$lib/mailserver.py")
A=192.0.2.25
B=192.0.2.26
V6=2001:db8::25
HOST=mx.example.org
# Of the zone example.org, besides mx A $A.
WORLD="@ MX 10 mx
mx A $B
mx AAAA $V6
_25._tcp.other TLSA 3 1 1 $(printf 'ab%.0s' {1..32})
other A $A
silent MX 0 .
aliased MX 10 alias-mx
alias-mx CNAME other"

main() {
	program_find
	pdns_need
	tap_need python3
	internet_enter "$0" "$@"
	tap_begin
	world_build
	test_fine
	test_usage
	test_disk
	test_protocols
	test_direct
	test_served
	test_algorithms
	test_name
	test_expired
	test_records
	test_zone
	test_former
	test_domain
	test_reports
	test_servfail
	test_secondary
	test_hosts
	tap_end
}

world_build() {
	local address

	for address in $A/32 $B/32 $V6/128; do
		ip address add "$address" dev lo || tap_bail "no address"
	done
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	mkdir "$TMP/issuers"
	cat "$TMP"/ca/[ER][12].pem >"$TMP/issuers/demo.pem"
	ca_issue "$TMP/ca" mail ecdsa E1 $HOST
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" ||
	    tap_bail "no store"
	config_write
	tlsa_serve
	EXTRA=$WORLD internet_build
	both_start
}

# The service, if it is no other.
config_write() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	powerdns: {config: $TMP/main/pdns.conf}
	defaults: {ttl: 60, propagation: 1}
	issuers: [$TMP/issuers]
	sources:
	  - {type: certbot, path: $TMP/le}
	zones:
	  - name: $ZONE
	    nameservers: [ns1.example.net, ns2.example.net]
	    hostmaster: hostmaster.example.net
	overlay: [example.org]
	services:
	  - ${1:-{host: $HOST, ports: [25]\}}
	END
}

# Let the daemon have the configuration as well.
config_serve() {
	config_write "$@"
	stop "$TLSA_PID"
	tlsa_serve
	pdns_reload
}

# server NAME ADDRESSES PORTS FILE...: start one; its id is in $PID
server() {
	local name=$1 address=$2 ports=$3
	shift 3

	spawn "$name" python3 "$SERVER" "$address" "$ports" "$@"
	wait_for 60 all_listen "$address" "$ports" || tap_bail "no server"
}

# Each of some addresses at each of some ports.
all_listen() {
	local address port

	for address in ${1//,/ }; do
		for port in ${2//,/ }; do
			(exec 3<>"/dev/tcp/$address/${port%%=*}") || return
		done
	done
}

one_start() {
	server one "$A,$V6" "${1:-25=smtp}" "${2:-$TMP/le/live/mail/fullchain.pem}" \
	    "${3:-$TMP/le/live/mail/privkey.pem}"
	ONE_PID=$PID
}

two_start() {
	server two "$B" "${1:-25=smtp}" "${2:-$TMP/le/live/mail/fullchain.pem}" \
	    "${3:-$TMP/le/live/mail/privkey.pem}"
	TWO_PID=$PID
}

both_start() {
	one_start "$@"
	two_start "$@"
}

both_stop() {
	stop "$ONE_PID" "$TWO_PID"
}

both_again() {
	both_stop
	both_start "$@"
}

check() {
	"$PDNS_TLSA" check -c "$TMP/pdns-tlsa.yaml" "$@" >"$TMP/out" \
	    2>"$TMP/err"
	STATUS=$?
}

online() {
	check --online --trust-anchor "$TMP/root.anchor" "$@"
}

# finds WHY STATUS KINDS [OPTION...]: online, exactly these
finds() {
	findings_are "$1" "$2" "$3" online --format json "${@:4}"
}

# finds_offline WHY STATUS KINDS [OPTION...]
finds_offline() {
	findings_are "$1" "$2" "$3" check --format json "${@:4}"
}

names() {
	tap_ok "$1" grep -q -e "$2" "$TMP/out"
}

test_fine() {
	finds "all is well" 0 ""
	tap_is "all is well: every address, v6 too" \
	    "$(grep -c '"verdict": "ok"' "$TMP/out")" 3
	online
	tap_is "all is well: exit status of the table" "$STATUS" 0
	names "all is well: summary and performance data" \
	    "^TLSA OK: 1 service: 1 ok | services=1 ok=1 warning=0 unknown=0 critical=0 expiry=[0-9]*s;; time=[0-9.]*s$"
	names "all is well: the verdict" "^ok  *$HOST. 25/tcp: "
	tap_is "all is well: nothing on standard error" "$(cat "$TMP/err")" ""
	finds "a mail domain of ours" 0 "" example.org
	names "a mail domain of ours: its host" "\"host\": \"$HOST.\""
	finds "all is well at a server that is named" 0 "" --server "$MAIN"
}

test_usage() {
	check --nonsense
	tap_is "no such option" "$STATUS" 3
	check --warning soon
	tap_is "no duration" "$STATUS" 3
	check --warning 7d --critical 21d
	tap_is "critical before a warning" "$STATUS" 3
	check a..b
	tap_is "no host name" "$STATUS" 3
	check --server "$MAIN"
	tap_is "a server, but not online" "$STATUS" 3
	check -c /nonexistent
	tap_is "no configuration" "$STATUS" 3
	finds_offline "no such service" 3 host-unknown nosuch.example.org
	check --format zone
	tap_is "no such format" "$STATUS" 3
	finds "no trust anchor" 3 anchor-missing --trust-anchor /nonexistent
}

test_disk() {
	finds_offline "offline: all is well" 0 ""
	finds_offline "offline: a warning" 1 expiry-warning --warning 100d
	finds_offline "offline: critical" 2 expiry-critical --critical 100d
	check --warning 100d
	names "offline: the thresholds in the performance data" \
	    "^TLSA WARNING: 1 service: 1 warning; lineage 'mail': its certificate expires at .*expiry=[0-9]*s;8640000:; "
	mv "$TMP/issuers/demo.pem" "$TMP/demo.pem"
	finds_offline "offline: nobody knows the issuer" 1 \
	    "at-risk issuer-unknown"
	echo nonsense >"$TMP/issuers/demo.pem"
	finds_offline "offline: a broken table" 1 \
	    "at-risk issuer-unknown issuers-fault"
	mv "$TMP/demo.pem" "$TMP/issuers/demo.pem"
	test_broken_issuers
	cp "$TMP/le/archive/mail/fullchain1.pem" "$TMP/fullchain1.pem"
	echo garbage >"$TMP/le/archive/mail/fullchain1.pem"
	finds_offline "offline: a broken file" 1 lineage-problem
	cp "$TMP/fullchain1.pem" "$TMP/le/archive/mail/fullchain1.pem"
	config_write "{host: other.example.org, lineages: [mail], ports: [25]}"
	finds_offline "offline: another host's certificate" 1 \
	    "at-risk host-uncovered"
	config_write "{host: $HOST, lineages: [mail, mial], ports: [25]}"
	finds_offline "offline: a lineage that no source has" 1 lineage-absent
	names "offline: which one" "'lineages' names 'mial', which no source"
	config_write
	printf 'lineages: [{name: mail, next: [%s/missing.pem]}]\n' "$TMP" \
	    >>"$TMP/pdns-tlsa.yaml"
	finds_offline "offline: a staged key that is not there" 0 \
	    lineage-warning
	names "offline: which one" "staged key: .*/missing.pem: does not exist"
	config_write "{host: none.example.org, ports: [25]}"
	finds_offline "offline: no certificate" 1 service-nothing
	config_write
	mkdir "$TMP/le/live/odd"
	head -n 3 "$TMP/fullchain1.pem" >"$TMP/le/live/odd/fullchain.pem"
	finds_offline "offline: nobody knows for whom it is" 1 lineage-unread
	rm -r "$TMP/le/live/odd"
}

# The daemon goes on with what it read before, also after a reload.
test_broken_issuers() {
	local log=$TMP/pdns-tlsa.log was from

	kill -HUP "$TLSA_PID"
	wait_for 60 eval '[ "$(read_again)" -gt 0 ]'
	from=$(($(wc -l <"$log") + 1))
	cp "$TMP/issuers/demo.pem" "$TMP/demo.pem"
	echo nonsense >"$TMP/issuers/demo.pem"
	was=$(read_again)
	kill -HUP "$TLSA_PID"
	wait_for 60 eval '[ "$(read_again)" -gt '"$was"' ]'
	tap_ok "a reload beside a broken table keeps what was in it" \
	    eval "tail -n +$from '$log' | grep 'demo.pem: .* before stays'"
	tap_ok "and never leaves it out" \
	    eval "! tail -n +$from '$log' | grep 'demo.pem: .*left out'"
	mv "$TMP/demo.pem" "$TMP/issuers/demo.pem"
}

read_again() {
	grep -c "configuration .*read again" "$TMP/pdns-tlsa.log"
}

# Every protocol with STARTTLS, and TLS at once.
test_protocols() {
	local ports="465=tls,25=smtp,587=smtp,143=imap,110=pop3,4190=sieve"

	ports+=",5222=xmpp-client,5269=xmpp-server,389=ldap,119=nntp"
	config_serve "{host: $HOST, ports: [465, 25, 587, 143, 110, 4190, 5222, 5269, 389, 119]}"
	both_again "$ports"
	finds "every protocol" 0 ""
	tap_is "every protocol: at every address" \
	    "$(grep -c '"verdict": "ok"' "$TMP/out")" 30
	both_again "$(sed 's/,/-,/g; s/$/-/; s/tls-/tls/' <<<"$ports")"
	finds "no protocol has STARTTLS" 2 starttls-missing
	tap_is "no protocol has STARTTLS: each says so" \
	    "$(grep -c '"kind": "starttls-missing"' "$TMP/out")" 27
	both_again "$(sed 's/,/!,/g; s/$/!/; s/tls!/tls/' <<<"$ports")"
	finds "STARTTLS is refused" 2 starttls-missing
	tap_is "STARTTLS is refused: each says so" \
	    "$(grep -c '"kind": "starttls-missing"' "$TMP/out")" 27
	both_again "$(sed 's/,/?,/g; s/$/?/; s/tls?/tls/' <<<"$ports")"
	finds "nonsense" 2 protocol-broken
	both_again "465=smtp,25=tls,587=smtp,143=imap,110=pop3,4190=sieve,5222=xmpp-client,5269=xmpp-server,389=ldap,119=nntp"
	online --format json
	tap_is "TLS and SMTP exchanged" "$STATUS $(findings_kinds)" \
	    "2 protocol-broken tls-fails"
	config_serve
}

# A server of somebody else's making, with TLS from the first octet.
test_direct() {
	local v4

	config_serve "{host: $HOST, ports: [993]}"
	both_stop
	s_server_start "0.0.0.0:993"
	v4=$PID
	s_server_start "[$V6]:993"
	wait_for 60 all_listen "$A,$B,$V6" 993
	finds "openssl s_server" 0 ""
	stop "$v4" "$PID"
	finds "nobody listens" 3 "connect-fails connect-none"
	config_serve
	both_start
}

s_server_start() {
	spawn s_server openssl s_server -accept "$1" -quiet \
	    -cert "$TMP/le/live/mail/cert.pem" \
	    -key "$TMP/le/live/mail/privkey.pem" \
	    -cert_chain "$TMP/le/live/mail/chain.pem"
}

test_served() {
	both_again 25=smtp-
	finds "STARTTLS not offered" 2 starttls-missing
	both_again 25=smtp "$TMP/le/live/mail/cert.pem"
	finds "a missing intermediate" 1 "chain-incomplete served-partly"
	both_again
	# One address has the certificate of before.
	cp -rL "$TMP/le/live/mail" "$TMP/before"
	ca_issue "$TMP/ca" mail ecdsa E2 $HOST
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	tap_ok "the renewal is served" \
	    wait_for 5 tlsa_has "_25._tcp.$HOST" "$(live_rrset mail)"
	finds "a stale process" 1 stale-leaf
	names "a stale process: which" '"subject": "address .192.0.2.25., ECDSA"'
	stop "$TWO_PID"
	two_start
	finds "one of two addresses with another key" 1 \
	    "addresses-differ stale-leaf"
	names "one of two addresses with another key: which" \
	    "'$B' presents another certificate than '$A'"
	both_again
	ca_issue "$TMP/ca" foreign ecdsa E1 $HOST
	stop "$TWO_PID"
	two_start 25=smtp "$TMP/ca/issued/foreign/cert.pem" \
	    "$TMP/ca/issued/foreign/privkey.pem"
	finds "one of two addresses with a foreign key" 2 \
	    "addresses-differ chain-incomplete leaf-unknown served-mismatch"
	both_again
}

# An RSA certificate beside the other, which DANE knows nothing of.
test_algorithms() {
	ca_issue "$TMP/ca" rsa rsa R1 $HOST
	stop "$TWO_PID"
	server two "$B" 25=smtp "$TMP/le/live/mail/fullchain.pem" \
	    "$TMP/le/live/mail/privkey.pem" \
	    "$TMP/ca/issued/rsa/fullchain.pem" \
	    "$TMP/ca/issued/rsa/privkey.pem"
	TWO_PID=$PID
	finds "RSA besides" 2 "leaf-unknown served-mismatch"
	names "RSA besides: which key" "address '$B', RSA"
	both_again
}

test_name() {
	ca_issue "$TMP/ca" name ecdsa E2 www.example.org
	config_serve "{host: $HOST, ports: [25], records: [\"2 1 1\"]}"
	finds "usage 2 alone" 0 ""
	both_again 25=smtp "$TMP/ca/issued/name/fullchain.pem" \
	    "$TMP/ca/issued/name/privkey.pem"
	finds "a name mismatch under usage 2" 2 "leaf-unknown served-name"
	both_again 25=smtp "$TMP/le/live/mail/cert.pem"
	finds "a missing intermediate under usage 2" 2 \
	    "chain-incomplete served-mismatch"
	both_again
}

# openssl-req(1) of Debian 12 knows no dates.
expired_issue() {
	local dir=$TMP/ca/issued/old

	mkdir -p "$dir" "$dir/new"
	: >"$dir/index.txt"
	cp "$TMP/ca/openssl.cnf" "$dir/openssl.cnf"
	cat >>"$dir/openssl.cnf" <<-END
	[ca]
	default_ca = demo
	[demo]
	database = $dir/index.txt
	new_certs_dir = $dir/new
	rand_serial = yes
	default_md = sha256
	policy = any
	x509_extensions = old
	[any]
	commonName = supplied
	[old]
	basicConstraints = critical, CA:FALSE
	subjectAltName = DNS:$HOST
	END
	_ca_key ecdsa "$dir/privkey.pem"
	openssl req -new -config "$dir/openssl.cnf" -key "$dir/privkey.pem" \
	    -subj "/CN=$HOST" -out "$dir/request.pem" &&
	    openssl ca -config "$dir/openssl.cnf" -batch -notext \
		-in "$dir/request.pem" -cert "$TMP/ca/E2.pem" \
		-keyfile "$TMP/ca/E2.key" -startdate 20250101000000Z \
		-enddate 20250401000000Z -out "$dir/cert.pem" 2>>"$TMP/ca.log" &&
	    cp "$TMP/ca/E2.pem" "$dir/chain.pem" &&
	    cat "$dir/cert.pem" "$dir/chain.pem" >"$dir/fullchain.pem" ||
	    tap_bail "openssl ca failed: $(cat "$TMP/ca.log")"
}

# Still with records of usage 2 alone.
test_expired() {
	expired_issue
	both_again 25=smtp "$TMP/ca/issued/old/fullchain.pem" \
	    "$TMP/ca/issued/old/privkey.pem"
	finds "usage 2 after expiry, not of the store" 2 \
	    "leaf-unknown served-expired"
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/old"
	config_serve
	both_again
	finds "an expired leaf" 2 "expired served-expired served-partly"
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	both_again
	sleep 2
	finds "renewed again" 0 ""
}

# Static records hide ours.
test_records() {
	EXTRA="$WORLD
_25._tcp.mx TLSA 3 1 1 $(printf 'ab%.0s' {1..32})" zones_reload
	finds "a wrong digest" 2 "ns-differs served-mismatch tlsa-differs"
	retired_write
	EXTRA="$WORLD
_25._tcp.mx TLSA $(tlsa_of "2 1 1" "$TMP/ca/R1.pem")" zones_reload
	finds "retired issuers only" 2 \
	    "issuers-retired ns-differs served-mismatch tlsa-differs"
	rm "$TMP/issuers/old.tsv"
	EXTRA="$WORLD
$(for i in {10..22}; do
		echo "_25._tcp.mx TLSA 3 1 1 $(printf "$i%.0s" {1..32})"
	done)
$("$PDNS_TLSA" show -c "$TMP/pdns-tlsa.yaml" --format zone |
		sed -n 's/.*TLSA\t\([^;]*\) ;.*/_25._tcp.mx TLSA \1/p')" zones_reload
	finds "more than twelve records" 1 records-many
}

retired_write() {
	local sha256 sha512

	sha256=$(tlsa_of "2 1 1" "$TMP/ca/R1.pem" | cut -d " " -f 4)
	sha512=$(tlsa_of "2 1 2" "$TMP/ca/R1.pem" | cut -d " " -f 4)
	{
		printf '%s\n' "provider: Old" "date: 2026-11-01"
		printf '%s\t' R1 RSA 2048 "$sha256" "$sha512" \
		    2030-01-01T00:00:00Z
		printf '%s\n' retired
		printf '%s\t' E9 ECDSA 256 "${sha256//[0-7]/0}" \
		    "${sha512//[0-7]/0}" 2030-01-01T00:00:00Z
		printf '%s\n' active end
	} >"$TMP/issuers/old.tsv"
	cat "$TMP"/ca/[E][12].pem >"$TMP/issuers/demo.pem"
}

# The alias in example.com, so that our own zone is the one concerned.
test_zone() {
	ca_issue "$TMP/ca" alias ecdsa E1 mail.example.com
	certbot_issue "$TMP/le" alias "$TMP/ca/issued/alias"
	config_write "{host: mail.example.com, ports: [25]}"
	stop "$TLSA_PID"
	tlsa_serve
	stop "$ONE_PID"
	one_start 25=smtp "$TMP/le/live/alias/fullchain.pem" \
	    "$TMP/le/live/alias/privkey.pem"
	EXTRA=$WORLD zones_reload
	finds "an alias" 0 ""
	EXTRA=$WORLD DS_OF_ZONE="" zones_reload
	finds "an unsigned zone" 2 tlsa-insecure
	EXTRA=$WORLD DS_OF_ZONE="1 13 2 $(printf 'ab%.0s' {1..32})" zones_reload
	finds "a broken DS" 2 tlsa-bogus
	EXTRA=$WORLD ALIAS_RECORD="" zones_reload
	finds "no CNAME" 2 tlsa-denied
	EXTRA=$WORLD zones_reload
}

# The CNAME is that of an earlier configuration, whose alias is answered still.
test_former() {
	local deep=_25._tcp.mail.example.com.$ZONE

	echo "aliases: deep" >>"$TMP/pdns-tlsa.yaml"
	stop "$TLSA_PID"
	tlsa_serve
	wait_for 60 eval '[ -n "$(tlsa_at "$deep")" ]' ||
	    tap_bail "no deep alias"
	config_serve "{host: mail.example.com, ports: [25]}"
	EXTRA=$WORLD ALIAS_RECORD="_25._tcp.mail CNAME $deep." zones_reload
	finds "a CNAME to the former alias" 1 alias-former
	names "the record to be" \
	    "_25\._tcp\.mail\.example\.com\. CNAME $ALIAS\."
	EXTRA=$WORLD zones_reload
	finds "the CNAME is changed" 0 ""
}

# Whom we know nothing of, and what its mail servers are.
test_domain() {
	finds "a mail domain" 2 "addresses-differ tlsa-denied" example.org
	names "a mail domain: its host" '"host": "mx.example.org."'
	names "a mail domain: itself" '"domain": "example.org."'
	finds "a host of others with a wrong record" 2 served-mismatch \
	    other.example.org
	finds "a domain that is none" 2 mx-fails nosuch.example.org
	online --format json silent.example.org
	names "a domain that takes no mail" '"kind": "mx-null"'
	online --format json aliased.example.org
	names "a mail server that is an alias" '"kind": "mx-alias"'
	online --format json "$HOST"
	tap_ok "one that is none" eval '! grep -q mx-alias "$TMP/out"'
	config_write "{host: $HOST, ports: [443/udp]}"
	online --format json
	names "a server that cannot be connected to" '"kind": "not-probed"'
	config_write "{host: mail.example.com, ports: [25]}"
}

# reports WHY RECORDS STATE KINDS: of the domain of the host
reports() {
	local records=$2
	EXTRA="$WORLD
$records" zones_reload
	online --format json $HOST
	tap_is "TLS reports: $1" "$(sed -n \
	    '/"tls_reports"/,/\]/s/^ *"state": "\(.*\)".*/\1/p' "$TMP/out"
	) $(findings_kinds | grep -o 'tlsrpt-[a-z]*')" "$3 $4"
}

test_reports() {
	local good="v=TLSRPTv1; rua=mailto:tls@example.org"

	config_write
	reports "a domain that asks for none" "" missing ""
	names "with one to publish in JSON" \
	    '"publish": "_smtp._tls.example.org. 3600 IN TXT \\"v=TLSRPTv1; rua=mailto:tls-reports@example.org\\""'
	names "and whose it is" '"domain": "example.org."'
	tap_is "it is asked once of one domain" \
	    "$(grep -c '"publish"' "$TMP/out")" 1
	# as it was printed it is taken
	online $HOST
	names "the table has a note" "^note  *domain 'example.org.': has no record at _smtp._tls"
	reports "the record that it prints" \
	    "$(grep '^_smtp._tls' "$TMP/out")" ok ""
	online $HOST
	tap_is "then there is no note" "$(grep -c _smtp._tls "$TMP/out")" 0
	reports "others' records at the name" \
	    "_smtp._tls TXT \"$good\"
_smtp._tls TXT \"v=spf1 -all\"" ok ""
	reports "several" "_smtp._tls TXT \"$good\"
_smtp._tls TXT \"$good,mailto:b@example.org\"" several tlsrpt-several
	reports "a malformed one" \
	    "_smtp._tls TXT \"v=TLSRPTv1; rua=tls@example.org\"" \
	    malformed tlsrpt-malformed
	names "it says what is wrong" \
	    "'tls@example.org' is neither mailto: with an address nor https"
	reports "one whose version senders do not know" \
	    "_smtp._tls TXT \"${good/TLSRPT/tlsrpt}\"" malformed tlsrpt-malformed
	check --format json
	tap_is "offline nobody is asked" \
	    "$(grep -c '"tls_reports": \[\]' "$TMP/out")" 1
	EXTRA=$WORLD zones_reload
	config_write "{host: mail.example.com, ports: [25]}"
}

test_servfail() {
	stop "$TLSA_PID"
	finds "SERVFAIL for the TLSA" 2 tlsa-fails
	tlsa_serve
	pdns_reload
}

# Each has a certificate of its own, and both are published.
test_hosts() {
	config_serve
	both_again
	ca_issue "$TMP/ca" two ecdsa E1 $HOST
	certbot_issue "$TMP/le" two "$TMP/ca/issued/two"
	tap_ok "two hosts behind one name: both are answered" \
	    wait_for 5 tlsa_has "_25._tcp.$HOST" "$(live_rrset two)"
	stop "$TWO_PID"
	two_start 25=smtp "$TMP/le/live/two/fullchain.pem" \
	    "$TMP/le/live/two/privkey.pem"
	finds "two hosts behind one name" 0 lineages-compete
	names "two hosts behind one name: which has which" '"lineage": "two"'
	online
	names "two hosts behind one name: in words" \
	    "address '$B', ECDSA: presents lineage 'two'"
	test_third
}

# It has the second's new certificate, and the second does not yet.
test_third() {
	cp -rL "$TMP/le/live/two" "$TMP/two-before"
	ca_issue "$TMP/ca" two ecdsa E2 $HOST
	certbot_renew "$TMP/le" two "$TMP/ca/issued/two"
	tap_ok "the second is renewed" \
	    wait_for 5 tlsa_has "_25._tcp.$HOST" "$(live_rrset two)"
	deployed two "$TMP/two-before/cert.pem"
	both_stop
	server one "$A" 25=smtp "$TMP/le/live/mail/fullchain.pem" \
	    "$TMP/le/live/mail/privkey.pem"
	ONE_PID=$PID
	two_start 25=smtp "$TMP/two-before/fullchain.pem" \
	    "$TMP/two-before/privkey.pem"
	server three "$V6" 25=smtp "$TMP/le/live/two/fullchain.pem" \
	    "$TMP/le/live/two/privkey.pem"
	finds "a third, which was renewed before the second" 1 \
	    "addresses-differ lineages-compete"
	names "which of them" "'$V6' presents another certificate than '$B'"
	stop "$PID"
	both_again
}

# deployed LINEAGE CERTIFICATE: as deploy says it.
deployed() {
	local leaf
	leaf=$(openssl x509 -in "$2" -outform DER | sha256sum)

	printf '{"method":"deployed","parameters":{"lineage":"%s","leaf":"%s"%s\n' \
	    "$1" "${leaf%% *}" ',"unsure":0}}' | python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read())
s.makefile().readline()' "$TMP/control.sock"
}

# Nothing but the leaf, so that a renewal needs the new records.
test_secondary() {
	config_serve \
	    "{host: mail.example.com, ports: [25], records: [\"3 1 1\"]}"
	secondary_freeze
	finds "a secondary that has all" 1 at-risk
	tap_ok "wait for all name servers" waits --timeout 60
	ca_issue "$TMP/ca" alias ecdsa E2 mail.example.com
	certbot_renew "$TMP/le" alias "$TMP/ca/issued/alias"
	tap_ok "the renewal is served" \
	    wait_for 5 tlsa_has "$ALIAS" "$(live_rrset alias | grep ^3)"
	stop "$ONE_PID"
	one_start 25=smtp "$TMP/le/live/alias/fullchain.pem" \
	    "$TMP/le/live/alias/privkey.pem"
	online --format json
	tap_ok "a lagging secondary" grep -q '"kind": "ns-differs"' "$TMP/out"
	tap_ok "a lagging secondary: its serial" \
	    grep -q '"kind": "ns-serial"' "$TMP/out"
	names "a lagging secondary: which" \
	    "name server 'ns2.example.net.' ($OTHER) of zone '$ZONE.'"
	sleep 1
	tap_ok "wait does not ask them unless it is told" \
	    "$PDNS_TLSA" wait alias -c "$TMP/pdns-tlsa.yaml" --timeout 60
	tap_ok "wait for all name servers in vain" waits_in_vain --timeout 5
	stop "$OTHER_PID"
	online --format json
	tap_ok "a dead secondary" grep -q '"kind": "ns-silent"' "$TMP/out"
	secondary_deaf
	online --format json
	tap_ok "a secondary behind what drops TLSA" grep -q \
	    "not for the TLSA RRset at '$ALIAS" "$TMP/out"
}

waits() {
	"$PDNS_TLSA" wait alias --servers -c "$TMP/pdns-tlsa.yaml" \
	    --trust-anchor "$TMP/root.anchor" "$@"
}

waits_in_vain() {
	! waits "$@" 2>"$TMP/err" &&
	    grep -q "'ns2.example.net.' ($OTHER).*does not serve it yet" \
		"$TMP/err"
}

main "$@"
