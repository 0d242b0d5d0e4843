#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the daemon makes of TLS reports that arrive: numbers, its page, alarms;
# and what it says when it cannot read them.  Judge of HTML: tidy; of numbers:
# promtool.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"

NOW=$(date +%s)
HOST=mail.example.com
LIBRARIES=

main() {
	program_find
	tap_need curl tidy promtool python3 openssl gzip base64
	tap_begin
	CONFIG=$TMP/pdns-tlsa.yaml
	WEB=127.0.0.1:$(port_free)
	world
	tlsa_serve
	test_absent
	test_arrives
	test_page
	test_alarm
	test_mail
	test_hostile
	test_killed
	test_reload
	tap_end
}

world() {
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	mkdir -p "$TMP/issuers" "$TMP/pem" "$TMP/told" "$TMP/broken"
	: >"$TMP/broken/libgmime-3.0.so.0"
	cat "$TMP/ca/E1.pem" >"$TMP/issuers/demo.pem"
	ca_issue "$TMP/ca" mail ecdsa E1 $HOST
	cp "$TMP/ca/issued/mail/fullchain.pem" "$TMP/pem/mail.pem"
	cat >"$TMP/program" <<-END
	#!/bin/sh
	cat >>"$TMP/letters"
	END
	chmod +x "$TMP/program"
	: >"$TMP/letters"
	configure "reports: {path: $TMP/box, since: 3d}"
}

# configure LINE
configure() {
	cat >"$CONFIG" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	http: {listen: "$WEB"}
	alarm: {command: ["$TMP/program"], after: 0}
	issuers: [$TMP/issuers]
	sources:
	  - {type: files, path: $TMP/pem, match: ["*.pem"]}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net]}
	services:
	  - {host: $HOST}
	$1
	END
}

# report SENDER RESULT [DAYS]: its JSON, of the last day or so many before
report() {
	local end=$((NOW - ${3:-0} * 86400))

	cat <<-END
	{"organization-name": "$1", "report-id": "$RANDOM$RANDOM",
	 "date-range": {"start-datetime": $((end - 86400)),
	  "end-datetime": $end},
	 "policies": [{"policy": {"policy-type": "tlsa",
	  "policy-domain": "example.com"},
	  "summary": {"total-successful-session-count": 5,
	   "total-failure-session-count": ${FAILED-3}},
	  "failure-details": [{"result-type": "$2",
	   "receiving-mx-hostname": "$HOST", "failed-session-count": ${FAILED-3}}]}]}
	END
}

# arrive NAME: a file with standard input is moved there
arrive() {
	cat - >"$TMP/arriving"
	mv "$TMP/arriving" "$TMP/box/$1"
}

fetch() {
	curl -s -m 60 -o "$TMP/body" -w '%{http_code}' "http://$WEB$1"
}

# What was gathered for a page or for /metrics a moment ago is shown again, so
# each of these is waited for.
# number NAME[LABELS] VALUE: the daemon tells it
number() {
	fetch /metrics >/dev/null
	grep -qxF "pdns_tlsa_$1 $2" "$TMP/body"
}

# shows PATH TEXT
shows() {
	[ "$(fetch "$1")" = 200 ] && grep -qF -e "$2" "$TMP/body"
}

lacks() { ! grep -qF -e "$1" "$TMP/body"; }

# member NAME: of the reports in the status
member() {
	"$PDNS_TLSA" status -c "$CONFIG" --format json | python3 -c '
import json, sys
reports = json.load(sys.stdin)["reports"]
print(reports and reports[sys.argv[1]])' "$1"
}

# Neither is a reason not to answer; it is waited for.
test_absent() {
	tap_ok "what is not there is said" \
	    wait_for 60 number reports_problem 1
	tap_ok "on the page" wait_for 60 shows /reports \
	    "reports &#39;$TMP/box&#39;: cannot be read: does not exist"
	"$PDNS_TLSA" check -c "$CONFIG" >"$TMP/out"
	tap_ok "and by check" grep -q "reports '$TMP/box': cannot be read" \
	    "$TMP/out"
	tap_ok "and by doctor, of the daemon" doctor_says \
	    "^warning *reports '$TMP/box': the daemon cannot read it: does not"
	tap_ok "and names are answered" wait_for 60 is_answered
	tap_ok "somebody is told" wait_for 90 is_told reports-closed
	mkdir "$TMP/box"
	tap_ok "until it is there" wait_for 60 number reports_problem 0
	tap_ok "without a report" wait_for 60 number reports 0
	tap_ok "which doctor notes" wait_for 60 doctor_says \
	    "^note *reports '$TMP/box': there is none of the last 3 days"
}

# doctor_says LINE: of what it says without a PowerDNS, and with what is in
# LIBRARIES instead of the machine's
doctor_says() {
	LD_LIBRARY_PATH=$LIBRARIES "$PDNS_TLSA" doctor -c "$CONFIG" \
	    --server 127.0.0.1:9 --pdns-conf /nonexistent \
	    >"$TMP/doctor"
	grep -q -e "$1" "$TMP/doctor"
}

# It has nothing against them, and looked.
doctor_is_content() {
	doctor_says "^unknown *server" && ! grep -q "reports\|GMime" "$TMP/doctor"
}

is_answered() { [ -n "$(tlsa_served $HOST)" ]; }

test_arrives() {
	report "Example Sender" tlsa-invalid | gzip | arrive 1.json.gz
	tap_ok "one arrives" wait_for 60 number reports 1
	tap_ok "doctor is content" doctor_is_content
	LIBRARIES=$TMP/broken
	tap_ok "without GMime as well, for files may be no mails" \
	    doctor_is_content
	LIBRARIES=
	tap_ok "sessions were good" \
	    number 'reports_sessions_good{policy="tlsa"}' 5
	tap_ok "and failed" wait_for 60 number \
	    'reports_sessions_failed{policy="tlsa",result="tlsa-invalid"}' 3
	tap_ok "of that time" wait_for 60 number reports_last_timestamp_seconds "$NOW"
	FAILED=2 report "Another Sender" "the moon" | arrive 2.json
	tap_ok "another one" wait_for 60 number reports 2
	tap_ok "with a result of its own" wait_for 60 number \
	    'reports_sessions_failed{policy="tlsa",result="other"}' 2
	tap_is "of a fixed number of series" \
	    "$(grep -c '^pdns_tlsa_reports_sessions' "$TMP/body")" 56
	tap_ok "as Prometheus wants them" promtool check metrics <"$TMP/body"
	report "Late Sender" tlsa-invalid 5 | arrive 3.json
	tap_ok "one of before does not count" wait_for 60 older 1
	tap_is "in the status, too" "$(member reports)" 2
	rm "$TMP/box/3.json"
}

older() { [ "$(member older)" = "$1" ]; }

test_page() {
	tap_ok "the page of reports" wait_for 60 shows /reports "Example Sender"
	tap_ok "is HTML" is_valid
	tap_ok "and no markup in its texts" lacks "&lt;/"
	tap_ok "with the worst first" sh -c '
	    [ "$(grep -o "tlsa-invalid for\|the moon for" "$1" | head -n 1)" = \
	    "tlsa-invalid for" ]' sh "$TMP/body"
	tap_ok "and what is on record" grep -q "what is on record begins" \
	    "$TMP/body"
	tap_ok "every page leads there" wait_for 60 shows / 'href="/reports"'
	tap_ok "and the service says so" wait_for 60 shows / \
	    "$HOST: tlsa-invalid for &#39;Example Sender&#39;"
	"$PDNS_TLSA" status -c "$CONFIG" >"$TMP/out"
	tap_ok "the status has it" grep -q \
	    "^TLS reports $TMP/box: 2 of 3 days, .* 10 sessions good, 5" \
	    "$TMP/out"
}

is_valid() {
	tidy -quiet -errors "$TMP/body" 2>&1 |
	    grep -v 'proprietary attribute "aria-' >"$TMP/tidy"
	[ ! -s "$TMP/tidy" ]
}

test_alarm() {
	tap_ok "somebody is told" wait_for 90 is_told '"kind":"report-dane"'
	tap_ok "of the host" is_told "$HOST: tlsa-invalid for 'Example Sender'"
}

is_told() { grep -qF -e "$1" "$TMP/letters"; }

# As reports really come: GMime is loaded behind the locks.
test_mail() {
	local loaded

	if ! ldconfig -p | grep -q libgmime-3.0.so.0; then
		tap_pass_over "mail" "GMime is not installed"
		return
	fi
	{
		cat <<-END
		From: tls@example.org
		Subject: =?iso-8859-15?Q?Report_Domain=3A_example=2Ecom?=
		MIME-Version: 1.0
		Content-Type: multipart/report; report-type=tlsrpt; boundary="=_1"

		--=_1
		Content-Type: application/tlsrpt+gzip; charset=utf-16
		Content-Disposition: attachment; filename="=?koi8-r?B?wQ==?=.json.gz"
		Content-Transfer-Encoding: base64

		END
		report "Mailing Sender" tlsa-invalid | gzip | base64
		echo "--=_1--"
	} | arrive 4.mail
	tap_ok "a mail is taken apart" wait_for 60 number reports 3
	tap_ok "by whom locks hold" is_locked
	# who answers, and who reads certificates, do not know how
	for loaded in "$TLSA_PID" "$(tlsa_reader)"; do
		tap_ok "another process does not do it" sh -c \
		    '! grep -q gmime "/proc/$1/maps"' sh "$loaded"
	done
	rm "$TMP/box/4.mail"
	tap_ok "what is gone is not counted" wait_for 60 number reports 2
}

# As who reads certificates is, whatever the kernel has.
is_locked() {
	"$PDNS_TLSA" status -c "$CONFIG" --format json | python3 -c '
import json, sys
status = json.load(sys.stdin)
sys.exit(status["reports"]["reader_confined"] != status["reader_confined"])'
}

# Texts are a stranger's, and so is what only looks like a report.
test_hostile() {
	report '<script>alert(1)</script>' '<b>' | arrive 4.json
	tap_ok "markup is a text" wait_for 60 shows /reports \
	    '&lt;script&gt;alert(1)'
	tap_ok "on the page" lacks '<script'
	shows / x
	tap_ok "and of services" lacks '<script'
	echo '{"policies": 7}' | arrive 5.json
	ln -s "$TMP/pem/mail.pem" "$TMP/box/6.pem"
	tap_ok "what cannot be read is counted" \
	    wait_for 60 number reports_unread 2
	tap_ok "and named" wait_for 60 shows /reports "5.json"
	tap_is "the others count" "$(member problem)" None
	rm "$TMP/box"/[456]*
}

# Who reads is ended: what was seen stays, and the next one reads.
test_killed() {
	local pid

	wait_for 60 number reports_unread 0
	pid=$(member reader)
	tap_ok "another process reads" test "$pid" -gt 0 -a \
	    "$pid" -ne "$(tlsa_reader)"
	kill -9 "$pid"
	tap_ok "it is made again" wait_for 60 is_other "$pid"
	tap_ok "nothing is forgotten" wait_for 60 number reports 2
	tap_is "the log says so" \
	    "$(grep -c "reports: who reads them ended" "$TMP/pdns-tlsa.log")" 1
}

is_other() {
	local pid

	pid=$(member reader)
	[ "$pid" != 0 ] && [ "$pid" != "$1" ]
}

test_reload() {
	configure "reports: {path: $TMP/mbox}"
	report Mailed tlsa-invalid >"$TMP/mbox"
	kill -HUP "$TLSA_PID"
	tap_ok "another place" wait_for 60 is_read "$TMP/mbox" 1
	LIBRARIES=$TMP/broken
	tap_ok "doctor wants GMime for an mbox" doctor_says \
	    "^unknown *GMime: is not there: .*apt-get install libgmime"
	LIBRARIES=
	configure ""
	kill -HUP "$TLSA_PID"
	tap_ok "none" wait_for 60 is_none
	tap_ok "the page says how" wait_for 60 shows /reports "reports: {path: PATH}"
	tap_ok "no number is left" wait_for 60 lacks_metric
	stop "$TLSA_PID"
	configure "reports: {path: $TMP/nowhere}"
	tap_ok "without a daemon doctor looks itself" doctor_says \
	    "^warning *reports '$TMP/nowhere': cannot be read: No such"
}

is_read() { [ "$(member path)" = "$1" ] && [ "$(member reports)" = "$2" ]; }
is_none() { [ "$(member path)" = None ]; }
lacks_metric() {
	fetch /metrics >/dev/null
	! grep -q '^pdns_tlsa_reports' "$TMP/body"
}

main
