# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The checks that every way of connecting PowerDNS to pdns-tlsa must pass.
# Source it from bash after ca.sh, certbot.sh, tap.sh and pdns.sh.
#
#	world_make			authority, store with the lineage "mail"
#	check_zone LABEL RRSET		what the own zone answers
#	check_alias LABEL RRSET		the CNAME in an ordinary zone
#	check_transfer LABEL RRSET	AXFR
#	check_renewal LABEL		certbot renews; prints no plan
#	check_cannot_tell LABEL		a lineage that never was readable

BROKEN=_25_tcp_broken_example_com.$ZONE

# The authority stays for the whole script, the store is made anew.
world_make() {
	[ -d "$TMP/ca" ] || ca_init "$TMP/ca" || tap_bail "openssl failed"
	rm -rf "$TMP/le" "$TMP/state"
	mkdir -p "$TMP/state"
	ca_issue "$TMP/ca" mail ecdsa E1 mail.example.com
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" ||
	    tap_bail "no store"
}

# A lineage whose PEM files were garbage from the beginning.
world_break() {
	local file

	mkdir -p "$TMP/garbage"
	for file in privkey cert chain fullchain; do
		echo "this is not PEM" >"$TMP/garbage/$file.pem"
	done
	certbot_issue "$TMP/le" broken "$TMP/garbage"
}

live_rrset() {
	tlsa_of_chain "$TMP/le/live/$1/fullchain.pem"
}

check_zone() {
	local label=$1 name

	tap_is "$label: TLSA is what openssl computes" "$(dns_tlsa "$ALIAS")" \
	    "$2"
	tap_ok "$label: the answer is authoritative" answer_is_authoritative
	tap_is "$label: TLSA with mixed case" \
	    "$(dns_tlsa "_25_TcP_mAIl_eXAmple_COM.${ZONE^^}")" "$2"
	tap_is "$label: SOA of the zone" \
	    "$(dns_ask "$ZONE" SOA +short | cut -d ' ' -f 1,2)" \
	    "ns1.example.net. hostmaster.example.net."
	tap_is "$label: NS of the zone" \
	    "$(dns_ask "$ZONE" NS +short | sort | xargs)" \
	    "ns1.example.net. ns2.example.net."
	tap_is "$label: no address at the TLSA name" \
	    "$(dns_outcome "$ALIAS" A)" "NOERROR 0"
	for name in nosuch com _26_tcp_mail_example_com \
	    _25._tcp.mail.example.com x.$ALIAS; do
		name=${name%".$ZONE"}
		tap_is "$label: no name $name" \
		    "$(dns_outcome "$name.$ZONE" TLSA)" "NXDOMAIN 0"
	done
	tap_ok "$label: a denial carries the SOA" denial_has_soa
}

dns_outcome() {
	echo "$(dns_rcode "$@") $(dns_count "$@")"
}

answer_is_authoritative() {
	dns_ask "$ALIAS" TLSA | grep "flags:.* aa[ ;]"
}

denial_has_soa() {
	dns_ask "nosuch.$ZONE" TLSA +noall +authority |
	    grep "^$ZONE\..*SOA"
}

check_alias() {
	local name=_25._tcp.mail.example.com

	tap_is "$1: the alias is a CNAME" "$(dns_ask "$name" CNAME +short)" \
	    "$ALIAS."
	tap_is "$1: TLSA through the alias" "$(dns_tlsa "$name")" "$2"
	tap_is "$1: the zones of the other backend still answer" \
	    "$(dns_ask mail.example.com A +short)" "192.0.2.25"
}

check_transfer() {
	local records types
	records=$(dns_ask "$ZONE" AXFR +noall +answer)

	types=$(awk '{ print $4 }' <<<"$records")
	tap_is "$1: AXFR begins and ends with the SOA" \
	    "$(sed -n '1p;$p' <<<"$types" | xargs)" "SOA SOA"
	tap_is "$1: AXFR has all names" \
	    "$(awk '{ print tolower($1) }' <<<"$records" | sort -u | xargs)" \
	    "$ALIAS. $ZONE."
	tap_is "$1: AXFR has the same TLSA" \
	    "$(dns_tlsa_lines <<<"$records")" "$2"
}

# A new key and another intermediate.  Whoever watches the answer meanwhile
# sees the old association set whole, or the new one, never less.  Old
# associations may stay: policy, not correctness.
check_renewal() {
	local label=$1 old new
	old=$(live_rrset mail)

	ca_issue "$TMP/ca" mail ecdsa E2 mail.example.com
	new=$(tlsa_of_chain "$TMP/ca/issued/mail/fullchain.pem")
	: >"$TMP/bad-steps"
	CERTBOT_STEP=note_bad_step OLD=$old NEW=$new \
	    certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	tap_is "$label: whole answers between the steps of a renewal" \
	    "$(cat "$TMP/bad-steps")" ""
	tap_ok "$label: the answer follows the renewal" \
	    wait_for 5 tlsa_has "$ALIAS" "$new"
	tap_is "$label: nothing but new and old associations" \
	    "$(lines_missing "$(dns_tlsa "$ALIAS")" \
	    "$(printf '%s\n' "$old" "$new" | sort -u)")" ""
}

note_bad_step() {
	tlsa_has "$ALIAS" "$OLD" || tlsa_has "$ALIAS" "$NEW" ||
	    echo "after '$1': $(dns_tlsa "$ALIAS")" >>"$TMP/bad-steps"
}

# "Cannot tell" must not look like "nothing there": PowerDNS would sign that.
# Asked often enough for every thread of PowerDNS to have met it.
check_cannot_tell() {
	local label=$1 expected outcomes mail
	mail=$(live_rrset mail)

	outcomes=$(for _ in {1..8}; do
		dns_outcome "$BROKEN" TLSA
		tlsa_is "$ALIAS" "$mail" && echo "mail is right"
	done | sort | uniq -c | xargs)
	tap_is "$label: SERVFAIL for what nobody can tell, others go on" \
	    "$outcomes" "8 SERVFAIL 0 8 mail is right"
	tap_ok "$label: no transfer that leaves the name out" \
	    transfer_is_whole_or_none
	ca_issue "$TMP/ca" broken rsa R1 broken.example.com
	certbot_renew "$TMP/le" broken "$TMP/ca/issued/broken"
	expected=$(live_rrset broken)
	tap_ok "$label: the repaired lineage is answered" \
	    wait_for 5 tlsa_is "$BROKEN" "$expected"
}

transfer_is_whole_or_none() {
	local records
	records=$(dns_ask "$ZONE" AXFR +noall +answer)

	! grep -q "TLSA" <<<"$records" || grep -q "^$BROKEN" <<<"$records"
}
