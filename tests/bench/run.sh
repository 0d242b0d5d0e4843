#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measure speed, as ratios of two things within one run: absolute figures mean
# nothing on a shared machine.  Prints what was reached and what is wanted.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/ca.sh
. tests/lib/certbot.sh
. tests/lib/pdns.sh
. tests/lib/generations.sh

OUT=${OUT:-build}
ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-1}
program_find
TMP=$(mktemp -d /tmp/pdns-tlsa-bench.XXXXXX)
PIDS=()
trap 'kill "${PIDS[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$TMP"' EXIT

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# result NAME FIGURE at-least|at-most WANTED
result() {
	awk -v name="$1" -v is="$2" -v way="$3" -v want="$4" 'BEGIN {
		good = way == "at-least" ? is >= want : is <= want
		printf "%-34s %8.2f  %s %s  %s\n", name, is, way, want,
		    good ? "reached" : "NOT REACHED" }'
}

start() { "$@" >/dev/null 2>>"$TMP/log" & PIDS+=($!); }

wait_file() { for _ in $(seq 300); do [ -S "$1" ] && return; sleep 0.05; done; }

ca_init "$TMP/ca" 2>/dev/null
ca_issue "$TMP/ca" mail ecdsa E1 mail.example.com 2>/dev/null
certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail"
http=127.0.0.1:$(port_free)
cat >"$TMP/c.yaml" <<YAML
state-directory: $TMP/state
listen: $TMP/pdns.sock
control: $TMP/control.sock
http: {listen: "$http"}
sources: [{type: certbot, path: $TMP/le}]
zones: [{name: tlsa.example.net, nameservers: [ns1.example.net]}]
services: [{host: mail.example.com}]
YAML
name=_25_tcp_mail_example_com.tlsa.example.net.
line='{"method": "lookup", "parameters": {"local": "0.0.0.0", "qname": "'$name'", "qtype": "ANY", "real-remote": "127.0.0.1/32", "remote": "127.0.0.1", "zone-id": 1073741824}}'
start "$PDNS_TLSA" serve -c "$TMP/c.yaml"
wait_file "$TMP/pdns.sock"
# What the bare responder says is what we say, once and for all: also at the
# empty non-terminals, or PowerDNS would have less to read from it.
above() {
	printf '"qname": "%s", "qtype": "ANY"\t' "$1"
	printf '{"method": "lookup", "parameters": {"qname": "%s", "qtype": "ANY"}}\n' "$1"
}
apex='{"method": "lookup", "parameters": {"qname": "tlsa.example.net.", "qtype": "'
{
	printf '"%s", "qtype": "ANY"\t' "$name"
	echo "$line"
	rest=$name
	while rest=${rest#*.} && [ "$rest" != tlsa.example.net. ]; do
		above "$rest"
	done
	printf '"qtype": "SOA"\t'
	echo "${apex}SOA\"}}"
	printf '"qname": "tlsa.example.net."\t'
	echo "${apex}ANY\"}}"
	printf 'getAllDomains\t'
	echo '{"method": "getAllDomains", "parameters": {}}'
	printf 'initialize\t'
	echo '{"method": "initialize", "parameters": {}}'
} >"$TMP/questions"
cut -f 1 "$TMP/questions" >"$TMP/parts"
cut -f 2 "$TMP/questions" | "$PDNS_TLSA" pipe -c "$TMP/c.yaml" 2>/dev/null >"$TMP/replies"
paste "$TMP/parts" "$TMP/replies" >"$TMP/rows"
start "$OUT/bench/responder" "$TMP/bare.sock" "$TMP/rows"
wait_file "$TMP/bare.sock"

echo "== replies per second over unix connections, of a bare responder's"
while read -r connections least; do
	for _ in $(seq "$ROUNDS"); do
		ours=$("$OUT/bench/asker" "$TMP/pdns.sock" $connections "$SECONDS_EACH" "$line")
		bare=$("$OUT/bench/asker" "$TMP/bare.sock" $connections "$SECONDS_EACH" "$line")
		awk -v a="$ours" -v b="$bare" 'BEGIN { print a / b }'
	done >"$TMP/ratios"
	result "replies, $connections connections" "$(median <"$TMP/ratios")" at-least "$least"
done < <(printf '%s\n' "1 0.8" "8 1.0")

echo "== through pdns_server"
# server DIRECTORY PORT LINE...: start one with these settings; it has $name.
server() {
	local dir=$1 port=$2
	shift 2
	mkdir -p "$dir"
	printf '%s\n' "$@" "socket-dir=$dir" local-address=127.0.0.1 \
	    "local-port=$port" daemon=no guardian=no write-pid=no \
	    >"$dir/pdns.conf"
	start pdns_server --config-dir="$dir"
	for _ in $(seq 200); do
		dig @127.0.0.1 -p "$port" +time=1 +tries=1 +short "$name" TLSA \
		    2>/dev/null | grep -q . && return
		sleep 0.05
	done
	echo "pdns_server does not answer: $dir" >&2
}
echo "$name TLSA" >"$TMP/queries"
# qps PORT [QUERIES]
qps() {
	dnsperf -s 127.0.0.1 -p "$1" -d "${2-$TMP/queries}" -l "$SECONDS_EACH" \
	    -c 4 2>/dev/null | awk '/Queries per second/ { print $4 }'
}
compare() {
	for _ in $(seq "$ROUNDS"); do
		awk -v a="$(qps "$1")" -v b="$(qps "$2")" 'BEGIN { print (b > 0 ? a / b : 0) }'
	done | median
}
off="cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0"
ours=$(port_free)
server "$TMP/ours-off" "$ours" launch=remote "$off" \
    "remote-connection-string=unix:path=$TMP/pdns.sock"
bare=$(port_free)
server "$TMP/bare-off" "$bare" launch=remote "$off" \
    "remote-connection-string=unix:path=$TMP/bare.sock"
result "caches off, of the bare responder" "$(compare "$ours" "$bare")" at-least 0.95
# As the first versions had it: seven look-ups a query instead of three
# (docs/protocol.md).  BEFORE=PROGRAM: by one of them, which has no other names.
mkdir "$TMP/deep"
sed -E "s#^(.*: )$TMP/(state|pdns|control)#\1$TMP/deep/\2#; /^http:/d" \
    "$TMP/c.yaml" >"$TMP/deep/c.yaml"
[ -n "${BEFORE:-}" ] || echo "aliases: deep" >>"$TMP/deep/c.yaml"
start "${BEFORE:-$PDNS_TLSA}" serve -c "$TMP/deep/c.yaml"
wait_file "$TMP/deep/pdns.sock"
deep=$(port_free)
flat_name=$name
name=_25._tcp.mail.example.com.tlsa.example.net.
echo "$name TLSA" >"$TMP/queries-deep"
server "$TMP/deep-off" "$deep" launch=remote "$off" \
    "remote-connection-string=unix:path=$TMP/deep/pdns.sock"
name=$flat_name
for _ in $(seq "$ROUNDS"); do
	awk -v a="$(qps "$ours")" -v b="$(qps "$deep" "$TMP/queries-deep")" \
	    'BEGIN { print (b > 0 ? a / b : 0) }'
done >"$TMP/ratios"
result "caches off, flat alias of a deep one" "$(median <"$TMP/ratios")" at-least 2.0
by_http=$(port_free)
server "$TMP/ours-http" "$by_http" launch=remote "$off" \
    distributor-threads=16 \
    "remote-connection-string=http:url=http://$http/,post=1,post_json=1"
result "caches off, http of unix" "$(compare "$by_http" "$ours")" at-least 0.7
cached=$(port_free)
server "$TMP/ours-on" "$cached" launch=remote \
    "remote-connection-string=unix:path=$TMP/pdns.sock"
printf '%s\n' '$ORIGIN tlsa.example.net.' \
    '@ 3600 IN SOA ns1.example.net. h.example.net. 1 900 300 9999 300' \
    '@ 3600 IN NS ns1.example.net.' >"$TMP/zone"
"$PDNS_TLSA" show -c "$TMP/c.yaml" --format zone 2>/dev/null >>"$TMP/zone"
echo "zone \"tlsa.example.net\" { type master; file \"$TMP/zone\"; };" >"$TMP/named.conf"
bind=$(port_free)
server "$TMP/bind" "$bind" launch=bind "bind-config=$TMP/named.conf"
result "default caches, of the bind backend" "$(compare "$cached" "$bind")" at-least 0.95

echo "== from the flip of a link to the answer"
generations_make "$TMP/chains"
mkdir "$TMP/flip"
certbot_issue "$TMP/flip/le" mail "$TMP/chains/a"
cat >"$TMP/flip/c.yaml" <<YAML
state-directory: $TMP/flip/state
listen: $TMP/flip/pdns.sock
control: $TMP/flip/control.sock
powerdns: {control-socket: $TMP/flip/pdns/pdns.controlsocket}
sources: [{type: certbot, path: $TMP/flip/le}]
zones: [{name: tlsa.example.net, nameservers: [ns1.example.net]}]
services: [{host: mail.example.com, retain: 0}]
YAML
start "$PDNS_TLSA" serve -c "$TMP/flip/c.yaml"
wait_file "$TMP/flip/pdns.sock"
flipped=$(port_free)
server "$TMP/flip/pdns" "$flipped" launch=remote \
    "remote-connection-string=unix:path=$TMP/flip/pdns.sock"
# flip SOCKET|PORT: milliseconds, the median of so many renewals.
flip() {
	"$OUT/bench/flip" "$TMP/flip/le" "$TMP/chains" "${RENEWALS:-100}" "$1" |
	    tee "$TMP/flips" | grep '^#' >&2
	awk '$1 == "flip-ms" { print $2 }' "$TMP/flips"
}
result "ms, at our socket" "$(flip "$TMP/flip/pdns.sock")" at-most 2
result "ms, through default caches" "$(flip "$flipped")" at-most 8

echo "== one lookup among many owner names"
"$OUT/bench/lookup" | tee "$TMP/lookup" | grep '^#'
result "in the process, 1,000,000 : 10" "$(awk '/^lookup-time/ { print $2 }' "$TMP/lookup")" at-most 1.2
ca_issue "$TMP/ca" wild ecdsa E1 "*.example.com" 2>/dev/null
mkdir "$TMP/wild"
cp "$TMP/ca/issued/wild/fullchain.pem" "$TMP/wild/wild.pem"
# services COUNT: start a daemon for so many hosts of one certificate.
services() {
	mkdir "$TMP/$1"
	cat >"$TMP/$1/c.yaml" <<-YAML
	state-directory: $TMP/$1
	listen: $TMP/$1/pdns.sock
	control: $TMP/$1/control.sock
	sources: [{type: files, path: $TMP/wild}]
	zones: [{name: tlsa.example.net, nameservers: [ns1.example.net]}]
	services:
	YAML
	seq 1 "$1" | sed 's/.*/- {host: h&.example.com}/' >>"$TMP/$1/c.yaml"
	start "$PDNS_TLSA" serve -c "$TMP/$1/c.yaml"
	wait_file "$TMP/$1/pdns.sock"
	# Some of the names, from everywhere; the first answer waits for all.
	mapfile -t "lines_$1" < <(seq 1 500 | awk -v n="$1" -v line="$line" '{
		text = line
		sub(/mail_/, "h" (1 + ($1 * 7919 * 131) % n) "_", text)
		print text
	}')
	local -n lines=lines_$1
	"$OUT/bench/asker" "$TMP/$1/pdns.sock" 1 0.1 "${lines[@]}" >/dev/null
}
services 10
services 1000000
for _ in $(seq "$ROUNDS"); do
	few=$("$OUT/bench/asker" "$TMP/10/pdns.sock" 1 "$SECONDS_EACH" "${lines_10[@]}")
	many=$("$OUT/bench/asker" "$TMP/1000000/pdns.sock" 1 "$SECONDS_EACH" "${lines_1000000[@]}")
	awk -v a="$few" -v b="$many" 'BEGIN { print a / b }'
done >"$TMP/ratios"
result "round trip, 1,000,000 : 10" "$(median <"$TMP/ratios")" at-most 1.5
# with_children PID: all of its processes
with_children() {
	local child

	echo "$1"
	for child in $(cat "/proc/$1/task"/*/children); do
		with_children "$child"
	done
}
# memory PID PAIRS AT-MOST: what each pair of lineage and service takes, in all
# of its processes; what they share counts once
memory() {
	local octets
	octets=$(for pid in $(with_children "$1"); do
		cat "/proc/$pid/smaps_rollup"
	done | awk '/^Pss:/ { sum += $2 } END { print sum * 1024 }')
	echo "# $((octets / 1024)) KiB with $2 pairs"
	result "octets per pair, beyond 10 MiB" \
	    "$(((octets - 10485760) / $2))" at-most "$3"
}
memory "${PIDS[-1]}" 1000000 512
kill "${PIDS[-1]}"

echo "== 10,000 lineages"
mkdir "$TMP/bulk"
"$OUT/bench/scan" "$TMP/bulk" "${LINEAGES:-10000}" | tee "$TMP/scan" | grep '^#'
figure() { awk -v name="$1" '$1 == name { print $2 }' "$TMP/scan"; }
result "first scan, of bare reading" "$(figure first-scan)" at-most 0.45
result "restart, of bare reading" "$(figure restart)" at-most 0.03
result "ms from the flip to the answer" "$(figure renewal-ms-"${LINEAGES:-10000}")" at-most 20
result "work of a renewal, 10,000 : 10" "$(figure renewal-work)" at-most 1.5
start "$PDNS_TLSA" serve -c "$TMP/bulk/large.yaml"
pid=$!
wait_file "$TMP/bulk/pdns.sock"
printf '%s\n' "$line" >"$TMP/one"
"$OUT/bench/asker" "$TMP/bulk/pdns.sock" 1 2 "$line" >/dev/null
memory "$pid" "${LINEAGES:-10000}" 1024
