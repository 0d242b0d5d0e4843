# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# `pdns-tlsa doctor` in an Internet of its own, with a certificate of several
# names.  Source it from bash after tap.sh, ca.sh, certbot.sh, pdns.sh,
# answers.sh, internet.sh and findings.sh.
#
#	doctor_certificate NAMES	the lineage "mail" with these names
#	doctor [OPTION...]		run it; $STATUS, $TMP/out, $TMP/err
#	finds WHY STATUS KINDS [OPTION...]
#					exactly these, but for the note that
#					the zone cache is on
#	names WHY PIECE			the last run says so in words

doctor_certificate() {
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	# shellcheck disable=SC2086 # a list
	ca_issue "$TMP/ca" mail ecdsa E1 $1
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" ||
	    tap_bail "no store"
}

doctor() {
	"$PDNS_TLSA" doctor -c "$TMP/pdns-tlsa.yaml" \
	    --trust-anchor "$TMP/root.anchor" "$@" >"$TMP/out" 2>"$TMP/err"
	STATUS=$?
}

finds() {
	FINDINGS_IGNORED=zone-cache findings_are "$1" "$2" "$3" \
	    doctor --format json "${@:4}"
}

names() {
	tap_ok "$1" grep -qF -e "$2" "$TMP/out"
}
