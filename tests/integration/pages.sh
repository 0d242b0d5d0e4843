#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the daemon shows by http: pages for people, numbers and JSON for
# programs.  Judges: tidy for HTML, promtool for metrics, the status command
# for JSON.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"

MANY=10000 # services

main() {
	program_find
	tap_need curl tidy promtool python3 openssl
	tap_begin
	CONFIG=$TMP/pdns-tlsa.yaml
	WEB=127.0.0.1:$(port_free)
	world
	test_none
	test_forty
	test_programs
	test_rules
	test_dashboard
	test_guards
	test_viewers
	test_hostile
	test_many
	tap_end
}

world() {
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	mkdir -p "$TMP/issuers" "$TMP/pem" "$TMP/none"
	cat "$TMP/ca/E1.pem" "$TMP/ca/E2.pem" >"$TMP/issuers/demo.pem"
	ca_issue "$TMP/ca" mail ecdsa E1 '*.example.com'
	cp "$TMP/ca/issued/mail/fullchain.pem" "$TMP/pem/mail.pem"
	CA_START=$(date -d '120 days ago' +%s) \
	    ca_issue "$TMP/ca" old ecdsa E1 old.example.org
	cp "$TMP/ca/issued/old/fullchain.pem" "$TMP/pem/old.pem"
}

# config SOURCE: its services come on standard input
config() {
	cat - >"$TMP/services"
	cat >"$CONFIG" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	http: {listen: "$WEB"}
	issuers: [$TMP/issuers]
	sources:
	  - {type: files, path: $1, match: ["*.pem"]}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net],
	     hostmaster: hostmaster.example.net}
	END
	cat "$TMP/services" >>"$CONFIG"
}

begin() {
	tlsa_serve
	wait_for 60 healthy || tap_bail "it does not get ready"
}

# fetch PATH [CURL'S OPTIONS...]: the status; its body in $TMP/body.
fetch() {
	local path=$1
	shift

	: >"$TMP/body"
	curl -s -m 60 -o "$TMP/body" -w '%{http_code}' "$@" "http://$WEB$path"
}

healthy() { [ "$(fetch /healthz)" = 200 ]; }

# A page, of which the validator says nothing (it does not know all of ARIA).
page_ok() {
	[ "$(fetch "$1")" = 200 ] || return
	tidy -quiet -errors "$TMP/body" 2>&1 |
	    grep -v 'proprietary attribute "aria-' >"$TMP/tidy"
	[ ! -s "$TMP/tidy" ]
}

has() { grep -qF -- "$1" "$TMP/body"; }
lacks() { [ -s "$TMP/body" ] && ! has "$1"; }
articles() { grep -c '<article' "$TMP/body"; }

# The hosts in the order of the page.
hosts() {
	sed -n 's/^<article class="\([a-z]*\)".*<\/span> \([^ ]*\)\. .*/\1 \2/p' \
	    "$TMP/body"
}

test_none() {
	config "$TMP/none" <<-END
	discover: {hosts: ["*.example.com"], ports: [25]}
	END
	begin
	tap_ok "no service: the page is right" page_ok /
	tap_ok "and says what to do" has "list hosts in 'services'"
	for path in /lineages /issuers /zones; do
		tap_ok "and $path" page_ok "$path"
	done
	stop "$TLSA_PID"
}

test_forty() {
	config "$TMP/pem" < <(
		echo "services:"
		for i in $(seq 38); do
			echo "- {host: h$i.example.com, ports: [25]}"
		done
		echo "- {host: lost.example.net, ports: [25]}"
		echo "- {host: old.example.org, ports: [25]}"
	)
	begin
	tap_ok "forty services: the page is right" page_ok /
	tap_is "the worst come first" "$(hosts | head -n 3)" \
	    "critical old.example.org
warning lost.example.net
ok h1.example.com"
	tap_ok "one is critical" has "1 critical"
	tap_ok "one is to be looked after" has "1 to look after"
	tap_ok "the others are fine" has "38 fine"
	tap_ok "it says why" has "its certificate expired at"
	tap_ok "and what to do" has "To do: see why it was not renewed"
	tap_ok "the RRset is drawn" has '<rect class="bar served"'
	tap_ok "and listed" has "$(tlsa_of "3 1 1" \
	    "$TMP/ca/issued/mail/cert.pem")"
	tap_is "a page has 25 of them" "$(articles)" 25
	tap_ok "the next one is right" page_ok "/?page=2"
	tap_is "and has the rest" "$(articles)" 15
	tap_ok "behind the last one comes none" page_ok "/?page=99"
	tap_is "but the last one again" "$(hosts | tail -n 1)" \
	    "ok h38.example.com"
	tap_ok "no number is the first" page_ok "/?page=x"
	tap_is "which is that" "$(hosts | head -n 1)" \
	    "critical old.example.org"
	tap_ok "certificates: the page is right" page_ok /lineages
	tap_is "it has both" "$(articles)" 2
	tap_ok "issuers: the page is right" page_ok /issuers
	tap_ok "it has the CAs" has "Demo E2"
	tap_ok "zones: the page is right" page_ok /zones
	tap_ok "it has the zone" has "$ZONE."
	tap_ok "whose name servers nobody asked" has "not asked yet"
	test_servers
}

# What `wait` and `deploy` tell of a look at all name servers.
tell_servers() {
	python3 - "$TMP/control.sock" "$ZONE." <<-'END'
	import json, socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	list = [{"name": "a.example.", "address": "192.0.2.1", "serial": 1},
	    {"name": "<b>.example.", "address": "2001:db8::1"}]
	s.sendall((json.dumps({"method": "servers", "parameters":
	    {"zone": sys.argv[2], "list": list}}) + "\n").encode())
	sys.exit(json.loads(s.makefile().readline()) != {"result": True})
	END
}

metric() { fetch /metrics >/dev/null && has "pdns_tlsa_$1"; }

test_servers() {
	fetch /metrics >/dev/null
	tap_ok "no number counts them" lacks "pdns_tlsa_zone_servers_behind{"
	tap_ok "what somebody saw is told" tell_servers
	tap_ok "then the page is right" page_ok /zones
	tap_ok "it has one that lags behind" has "a.example. (192.0.2.1): behind, 1"
	tap_ok "and a silent one" has \
	    "&lt;b&gt;.example. (2001:db8::1): silent"
	# Numbers may be a moment old.
	tap_ok "both are counted" wait_for 60 metric \
	    "zone_servers_behind{zone=\"$ZONE.\"} 2"
	tap_ok "with the time" has \
	    "pdns_tlsa_zone_servers_asked_timestamp_seconds{zone=\"$ZONE.\"} 1"
}

# What the socket of our commands says is said here, too.
same_json() {
	fetch /status.json >/dev/null
	"$PDNS_TLSA" status -c "$CONFIG" --format json >"$TMP/status"
	python3 - "$TMP/body" "$TMP/status" <<-'END'
	import json, sys
	a, b = (json.load(open(path)) for path in sys.argv[1:])
	for one in a, b:
	    one.pop("now")
	    for lineage in one["lineages"]:
	        lineage.pop("remaining")
	sys.exit(a != b or len(a["services"]) != 40)
	END
}

same_metrics() {
	fetch /metrics >/dev/null
	"$PDNS_TLSA" status -c "$CONFIG" --format prometheus |
	    diff <(grep -v remaining "$TMP/body") <(grep -v remaining -)
}

test_programs() {
	tap_is "/metrics" "$(fetch /metrics)" 200
	tap_ok "promtool has nothing to say of it" \
	    promtool check metrics <"$TMP/body"
	tap_ok "each service is there" \
	    has 'service_protected{host="h38.example.com.",port="25/tcp"} 1'
	tap_ok "it is what status says" same_metrics
	tap_ok "/status.json is, too" same_json
	tap_is "/healthz" "$(fetch /healthz)" 200
	tap_is "a question of PowerDNS's is answered still" "$(fetch / \
	    -d '{"method":"initialize","parameters":{}}')" 200
	tap_is "what is no page is refused" "$(fetch /lookup/x/SOA)" 405
	tap_is "but a browser's icon is no fault" "$(fetch /favicon.ico)" 404
	tap_ok "which nobody is told of" [ "$(grep -c "asks for something" \
	    "$TMP/pdns-tlsa.log")" = 1 ]
}

test_rules() {
	cp "$lib/../../packaging/prometheus/pdns-tlsa.rules.yml" \
	    "$lib/rules_test.yml" "$TMP" || tap_bail "no rules"
	tap_ok "the alert rules are right" \
	    promtool check rules "$TMP/pdns-tlsa.rules.yml"
	tap_ok "and speak when they should" \
	    promtool test rules "$TMP/rules_test.yml"
	# what they speak of is there
	fetch /metrics >/dev/null
	grep -o 'pdns_tlsa_[a-z_]*' "$TMP/pdns-tlsa.rules.yml" | sort -u \
	    >"$TMP/spoken"
	sed -n 's/^# TYPE \(pdns_tlsa_[a-z_]*\) .*/\1/p' "$TMP/body" |
	    sort -u >"$TMP/told"
	tap_is "of numbers that there are" \
	    "$(comm -23 "$TMP/spoken" "$TMP/told")" ""
}

# The dashboard: each question is one that Prometheus understands, of numbers
# that there are, and each panel has a place of its own.
test_dashboard() {
	local dashboard=$lib/../../packaging/grafana/pdns-tlsa.json

	tap_ok "the dashboard: panels are apart" \
	    python3 "$lib/dashboard.py" places "$dashboard"
	python3 "$lib/dashboard.py" rules "$dashboard" >"$TMP/dashboard.yml"
	tap_ok "and ask what Prometheus understands" \
	    promtool check rules --lint=none "$TMP/dashboard.yml"
	grep -o 'pdns_tlsa_[a-z_]*' "$dashboard" | sort -u >"$TMP/spoken"
	tap_is "of numbers that there are" \
	    "$(comm -23 "$TMP/spoken" "$TMP/told")" ""
	tap_is "and all of those of reports and name servers are drawn" \
	    "$(python3 "$lib/dashboard.py" lacks "$dashboard" \
	    pdns_tlsa_reports pdns_tlsa_zone_servers <"$TMP/told" 2>&1)" ""
}

# header NAME of the page
header() {
	curl -s -I "http://$WEB/" | tr -d '\r' | sed -n "s/^$1: //Ip"
}

test_guards() {
	tap_ok "nothing is loaded from elsewhere" grep -q "default-src 'none'" \
	    <<<"$(header Content-Security-Policy)"
	tap_ok "no page holds it" grep -q "frame-ancestors 'none'" \
	    <<<"$(header Content-Security-Policy)"
	tap_is "nobody guesses" "$(header X-Content-Type-Options)" nosniff
	tap_is "nothing is kept" "$(header Cache-Control)" no-store
	fetch / >/dev/null
	tap_ok "it has no script" lacks "<script"
	tap_ok "and no style of its own" lacks "style="
	tap_is "a stranger's name is refused" \
	    "$(fetch / -H 'Host: rebound.example.net')" 421
	tap_ok "and sees nothing" lacks "old.example.org"
	tap_is "for JSON, too" \
	    "$(fetch /status.json -H 'Host: rebound.example.net:80')" 421
	tap_is "but not for numbers" \
	    "$(fetch /metrics -H 'Host: ns1.example.net:80')" 200
	tap_is "localhost is ours" "$(fetch / -H 'Host: localhost:80')" 200
	tap_is "so is an address" "$(fetch / -H 'Host: [2001:db8::1]:80')" 200
	tap_is "a page may not have it" \
	    "$(fetch / -H 'Origin: http://example.com')" 403
	tap_is "nothing is changed" "$(fetch / -X DELETE)" 405
	stop "$TLSA_PID"
}

# Whoever asks may have keys; who only looks need not.
test_viewers() {
	local question='{"method":"initialize","parameters":{}}'

	echo "services: [{host: h.example.com, ports: [25]}]" |
	    config "$TMP/pem"
	sed -i "s|^http: .*|http: {listen: \"$WEB\", allow: [127.0.0.1], \
viewers: [127.0.0.2]}|" "$CONFIG"
	begin
	tap_is "who may ask asks" "$(fetch / -d "$question")" 200
	tap_is "and looks" "$(fetch /)" 200
	tap_is "who may look looks" "$(fetch / --interface 127.0.0.2)" 200
	tap_is "and does not ask" \
	    "$(fetch / --interface 127.0.0.2 -d "$question")" 403
	tap_ok "which the log says" grep -q "127.0.0.2: may look, but not ask" \
	    "$TMP/pdns-tlsa.log"
	tap_is "who is neither does neither" \
	    "$(fetch / --interface 127.0.0.3)" 000
	stop "$TLSA_PID"
}

# Names of files and of certificates are other people's.
test_hostile() {
	local name='<i>"&'\''x' turned=$'\xe2\x80\xae'

	mkdir -p "$TMP/hostile"
	openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	    -nodes -keyout "$TMP/key" -out "$TMP/hostile/$name.pem" -utf8 \
	    -subj "/CN=<script>alert(1)<\/script>$turned\"" \
	    -addext subjectAltName=DNS:h.example.com 2>/dev/null ||
	    tap_bail "openssl failed"
	config "$TMP/hostile" <<-END
	services: [{host: h.example.com, ports: [25]}]
	END
	begin
	for path in / /lineages; do
		tap_ok "$path with names of others is right" page_ok "$path"
		tap_ok "its text is text" has "&lt;script&gt;"
		tap_ok "no script of theirs" lacks "<script"
		tap_ok "no element of theirs" lacks "<i>"
		tap_ok "nothing is turned round" lacks "$turned"
	done
	fetch /metrics >/dev/null
	tap_ok "metrics are right" promtool check metrics <"$TMP/body"
	tap_ok "JSON is" same_hostile
	stop "$TLSA_PID"
}

same_hostile() {
	fetch /status.json >/dev/null
	python3 -c 'import json, sys; json.load(sys.stdin)' <"$TMP/body"
}

test_many() {
	local i half

	config "$TMP/pem" < <(
		echo "defaults: {propagation: 0}"
		echo "services:"
		for i in $(seq $MANY); do
			echo "- {host: h$i.example.com, ports: [25]}"
		done
	)
	begin
	tap_ok "$MANY services: the page is right" page_ok /
	tap_ok "it counts them" has "$MANY fine"
	tap_ok "the last page is, too" page_ok "/?page=$((MANY / 25))"
	tap_is "and ends with the last" "$(hosts | tail -n 1)" \
	    "ok h$MANY.example.com"
	tap_is "metrics" "$(fetch /metrics)" 200
	tap_is "have all" "$(grep -c '^pdns_tlsa_service_records{' \
	    "$TMP/body")" $MANY
	test_parts
	# in the middle of it half of them leave, and come again
	cp "$CONFIG" "$TMP/all.yaml"
	head -n $((MANY / 2)) "$CONFIG" >"$TMP/half.yaml"
	half=$(grep -c '^- {host' "$TMP/half.yaml")
	spawn asker bash -c 'for i in $(seq 20); do
		curl -s -m 600 "http://$1/status.json" |
		    python3 -c "import json, sys
print(len(json.load(sys.stdin)[\"services\"]))"
	done' - "$WEB"
	for i in $(seq 8); do
		case $i in
		*[13579]) cp "$TMP/half.yaml" "$CONFIG" ;;
		*) cp "$TMP/all.yaml" "$CONFIG" ;;
		esac
		kill -HUP "$TLSA_PID"
		wait_for 60 reloaded "$i" || break
	done
	wait "$PID"
	tap_is "reloads cut no answer" "$(wc -l <"$TMP/asker.log")" 20
	tap_is "nor is any of two editions" \
	    "$(grep -cvx -e $MANY -e "$half" "$TMP/asker.log")" 0
	spawn leaving curl -s -m 60 -o "$TMP/left" "http://$WEB/status.json"
	stop "$TLSA_PID"
	tap_is "who asks while it ends does not hold it up" "$?" 0
	wait "$PID"
}

# What the daemon answers on its control socket: control METHOD PARAMETERS
control() {
	python3 - "$TMP/control.sock" "$@" <<-'END'
	import json, socket, sys

	with socket.socket(socket.AF_UNIX) as asker:
	    asker.connect(sys.argv[1])
	    asker.sendall((json.dumps({
	        "method": sys.argv[2],
	        "parameters": json.loads(sys.argv[3])}) + "\n").encode())
	    print(asker.makefile().readline())
	END
}

# What JSON on standard input says of its first lineage: verdict SERVICES
verdict() {
	python3 -c '
import json, sys
lineages = json.load(sys.stdin)
for member in sys.argv[1:]:
    lineages = lineages[member]
lineage = lineages[0]
services = lineage["services"]
print(lineage["safe"], lineage.get("next"),
      services if isinstance(services, int) else len(services))' "$@"
}

# Nobody waits until a lineage is judged for all of its services.
test_parts() {
	local asked='"from": 0, "lineage": "mail"'

	tap_is "status has a lineage of them whole" \
	    "$("$PDNS_TLSA" status -c "$CONFIG" --format json |
	        verdict lineages)" "True None $MANY"
	tap_is "as a program is told" "$(fetch /status.json) $(verdict lineages \
	    <"$TMP/body")" "200 True None $MANY"
	tap_is "one answer judges a part" \
	    "$(control lineages "{$asked, \"parts\": 1}" |
	        verdict result list)" "True 250 250"
	tap_is "and not for who was started before there were parts" \
	    "$(control lineages "{$asked}" | verdict result list)" \
	    "True None $MANY"
	tap_is "of who waits as well" \
	    "$(control safety "{$asked, \"parts\": 1, \"service\": 500}" |
	        verdict result)" "True 750 50"
	tap_is "in one answer if he knows of none" \
	    "$(control safety "{$asked}" | verdict result)" "True None 50"
	tap_ok "who waits hears of all" timeout 60 "$PDNS_TLSA" wait \
	    -c "$CONFIG" mail
}

reloaded() {
	[ "$(grep -c "read again" "$TMP/pdns-tlsa.log")" -ge "$1" ]
}

main "$@"
