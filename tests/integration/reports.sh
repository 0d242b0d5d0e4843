#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `pdns-tlsa reports` makes of mail that senders sent: Maildir, mbox and
# saved files, what is no report, and what was published at that time.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"

NOW=$(date +%s)
YESTERDAY=$((NOW - 86400))
OLD=$((NOW - 90 * 86400))
HOST=mail.example.com

main() {
	program_find
	tap_need openssl gzip base64
	tap_begin
	mkdir "$TMP/good" "$TMP/bad"
	test_bare
	test_plain
	test_mail
	test_unread
	test_usage
	world_begin
	test_history
	tap_end
}

# report SENDER ID BEGIN END [RESULT HOST SEEN]: its JSON; without a RESULT all
# went well
report() {
	local good=5 failed=0 details=

	if [ $# -gt 4 ]; then
		good=0 failed=3
		details="\"result-type\": \"$5\", \"receiving-mx-hostname\":
		    \"$6\", \"failed-session-count\": 3"
	fi
	cat <<-END
	{"organization-name": "$1", "report-id": "$2", "contact-info": null,
	 "date-range": {"start-datetime": "$(date_of "$3")",
	  "end-datetime": "$(date_of "$4")"},
	 "policies": [{"policy": {"policy-type": "tlsa",
	  "policy-string": ["${7-}"], "policy-domain": "example.com"},
	  "summary": {"total-successful-session-count": $good,
	   "total-failure-session-count": $failed},
	  "failure-details": [${details:+{$details\}}]}]}
	END
}

date_of() {
	date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ
}

# The mail that it comes by, from the JSON.
mail() {
	cat <<-END
	From: tls@example.org
	Subject: Report Domain: example.com Submitter: example.org Report-ID: <1+2>
	MIME-Version: 1.0
	Content-Type: multipart/report; report-type=tlsrpt; boundary="=_1"

	--=_1
	Content-Type: text/plain

	An aggregate TLS report.

	--=_1
	Content-Type: application/tlsrpt+gzip
	Content-Disposition: attachment; filename="a!b!1!2!001.json.gz"
	Content-Transfer-Encoding: base64

	$(gzip -c | base64)
	--=_1--
	END
}

reports() {
	"$PDNS_TLSA" reports "$@" >"$TMP/out" 2>"$TMP/err"
	STATUS=$?
}

# said WHY STATUS TEXT...: the last run ended so, and said all of it
said() {
	local why=$1 status=$2 text
	shift 2

	tap_is "$why" "$STATUS" "$status"
	for text; do
		tap_ok "$why: $text" grep -qF -e "$text" "$TMP/out"
	done
}

silent() {
	# shellcheck disable=SC2016 # for the other sh
	tap_ok "$1: no $2" sh -c '! grep -qF -e "$1" "$2"' sh "$2" "$TMP/out"
}

# Saved files, and no configuration.
test_bare() {
	report "Example Sender" 1 $YESTERDAY "$NOW" >"$TMP/good/1.json"
	report "Another Sender" 1 $YESTERDAY "$NOW" | gzip \
	    >"$TMP/good/2.json.gz"
	report "Another Sender" 9 $OLD $((OLD + 1)) tlsa-invalid $HOST \
	    >"$TMP/good/3"
	reports --since 7d "$TMP/good" -c "$TMP/none.yaml"
	said "all is well" 0 "TLSRPT OK: 2 reports: 10 sessions good, 0 failed" \
	    "| reports=2 good=10 failed=0 unread=0" "Example Sender  "
	reports "$TMP/good" -c "$TMP/none.yaml"
	said "an old failure counts, unless it is left out" 2 \
	    "tlsa-invalid for 'Another Sender'" \
	    "pdns-tlsa check --online $HOST" "$TMP/none.yaml: cannot be used"
	(cd "$TMP" && "$PDNS_TLSA" reports --since 7d good/1.json good/1.json) \
	    >"$TMP/out" 2>"$TMP/err"
	STATUS=$?
	said "named twice, and not from the root" 0 "TLSRPT OK: 1 report"
}

# A terminal obeys some characters, and turns round at others.
test_plain() {
	local csi=$'\xc2\x9b31m' turned=$'\xe2\x80\xae' format

	report "Ex${csi}a" 1 $YESTERDAY "$NOW" "tlsa$turned" "mx$csi" |
	    sed "s/example.com/${csi}example.com/" >"$TMP/plain.json"
	for format in table json; do
		reports --format $format -c "$TMP/none.yaml" "$TMP/plain.json"
		said "$format: what a terminal obeys" 2 'x9b31m' 'tlsa\'
		silent "$format: what a terminal obeys" "$csi"
		silent "$format: what a terminal obeys" "$turned"
	done
}

test_mail() {
	mkdir -p "$TMP/maildir/new" "$TMP/maildir/cur" "$TMP/maildir/tmp"
	report One 1 $YESTERDAY "$NOW" | mail >"$TMP/maildir/new/1.host"
	report Two 1 $YESTERDAY "$NOW" | mail | sed 's/$/\r/' \
	    >"$TMP/maildir/cur/2.host:2,S"
	report Three 1 $YESTERDAY "$NOW" | mail >"$TMP/maildir/tmp/3.host"
	printf 'Subject: hello\n\nHello.\n' >"$TMP/maildir/cur/4.host:2,S"
	if ! ldconfig -p | grep -q libgmime-3.0.so.0; then
		reports "$TMP/maildir"
		said "without GMime" 3 "GMime: is not there"
		return
	fi
	reports --format json "$TMP/maildir"
	said "a Maildir" 0 '"reports": 2' '"mails_without": 1' \
	    '"organization": "One"' '"organization": "Two"'
	for name in One Two Four; do
		echo "From tls@example.org Sat Nov 28 00:00:00 2026"
		report "$name" 1 $YESTERDAY "$NOW" | mail
		echo
	done >"$TMP/mbox"
	reports --format json "$TMP/mbox" "$TMP/maildir"
	said "an mbox beside it: each report once" 0 '"reports": 3' \
	    '"duplicates": 2' '"organization": "Four"'
}

# They are named, and do the others no harm.
test_unread() {
	cp "$TMP/good/1.json" "$TMP/bad"
	head -c 60 "$TMP/good/2.json.gz" >"$TMP/bad/cut.json.gz"
	echo '{"policies": 7}' >"$TMP/bad/none.json"
	head -c 20000000 /dev/zero | gzip >"$TMP/bad/bomb.json.gz"
	report "A Clock" 1 $((NOW + 864000)) $((NOW + 950400)) tlsa-invalid \
	    $HOST >"$TMP/bad/late.json"
	reports "$TMP/bad" "$TMP/absent"
	said "what cannot be read" 1 "1 report: 5 sessions good" \
	    "$TMP/bad/cut.json.gz: is damaged" \
	    "$TMP/bad/none.json: has no 'policies'" \
	    "$TMP/bad/bomb.json.gz: has more than" \
	    "$TMP/bad/late.json: is of days that are still to come" \
	    "$TMP/absent: does not exist" "unread=5"
	reports "$TMP/bad/none.json"
	said "and nothing else" 3 "TLSRPT UNKNOWN"
}

test_usage() {
	reports
	said "no path" 3
	reports --since soon "$TMP/good"
	said "no duration" 3
	reports --online "$TMP/good"
	said "no such option" 3
}

# A renewal while the daemon runs.
world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	ca_issue "$TMP/ca" mail ecdsa E1 $HOST
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" ||
	    tap_bail "no store"
	tlsa_config "$TMP/pdns-tlsa.yaml"
	sed -i 's/^  ttl: 60/&\n  propagation: 1/; s/"2 1 1"/&, "3 0 0"/' \
	    "$TMP/pdns-tlsa.yaml"
	tlsa_serve
	FIRST=$(tlsa_of "3 1 1" "$TMP/le/live/mail/cert.pem")
	wait_for 60 is_served "$FIRST" || tap_bail "the first is not served"
	ca_issue "$TMP/ca" mail ecdsa E1 $HOST
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	SECOND=$(tlsa_of "3 1 1" "$TMP/le/live/mail/cert.pem")
	wait_for 60 is_served "$SECOND" || tap_bail "no renewal"
	stop "$TLSA_PID"
}

is_served() {
	tlsa_served $HOST | grep -qF "$1"
}

# The record that is the certificate itself, as dig shows it: in pieces.
whole_of() {
	printf '3 0 0'
	openssl x509 -in "$TMP/le/live/mail/cert.pem" -outform DER |
	    od -An -v -tx1 -w28 | tr -d ' ' |
	    while read -r piece; do printf ' %s' "$piece"; done
}

# history_of FROM TO HOST SEEN
history_of() {
	report "Example Sender" 1 "$1" "$2" tlsa-invalid "$3" "$4" \
	    >"$TMP/fault.json"
	reports -c "$TMP/pdns-tlsa.yaml" "$TMP/fault.json"
}

test_history() {
	local later=$((NOW + 7200))

	history_of $YESTERDAY $((NOW + 3600)) $HOST "${FIRST^^}"
	said "a renewal in that time" 2 "lineage 'mail' was renewed at" \
	    "the sender went by '${FIRST:0:14}...', which has been published" \
	    "'${SECOND:0:14}...'" "in the midst of that time"
	history_of $later $((later + 60)) $HOST "3 1 1 $(printf 'ab%.0s' {1..32})"
	said "nothing in that time" 2 "nothing that is published now, and" \
	    "'3 1 1 abababab...', which is not published now" \
	    "the sender does not name '${SECOND:0:14}...'"
	silent "nothing in that time" "was renewed"
	history_of $later $((later + 60)) $HOST "$(whole_of)"
	said "all of a certificate" 2 "', which has been published since"
	silent "all of a certificate" "which is not published now"
	history_of $OLD $((OLD + 60)) $HOST "$FIRST"
	said "before the record" 2 "what is on record begins at" \
	    "cannot be told"
	history_of $YESTERDAY "$NOW" other.example.com "$FIRST"
	said "not ours" 2 "'other.example.com' has no service of port 25 here"
	history_of $YESTERDAY "$NOW" '$(id).example.com' "$FIRST"
	said "a host that is a command" 2 "pdns-tlsa check --online HOST"
	silent "a host that is a command" '--online $(id)'
}

main
