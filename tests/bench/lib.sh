# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the parts of `make bench` have in common: rows, servers, questions.
# Source it from bash after tap.sh, ca.sh, certbot.sh and pdns.sh.
#
#	bench_begin, bench_end		make $TMP and the table; end all of it
#	part_begin TITLE, part_end	a heading; ends what the part started
#	result NAME FIGURE at-least|at-most WANTED [BEFORE]
#	info NAME FIGURE [BEFORE]	a row of which nothing is wanted
#	note TEXT...			beside the rows, not in the table
#	median, quotient A B		of numbers; "-" if one was not measured
#	median_of FILE COLUMN, median_quotient FILE COLUMN COLUMN
#	before_of, before_quotient	the same, if there is a build before
#	start COMMAND...		in the background; id in $!
#	tlsa_start PROGRAM DIRECTORY	a daemon by its c.yaml; id in $!
#	server DIRECTORY PORT LINE...	pdns_server with these settings, which has
#					$name; id in $!
#	qps PORT [QUERIES [OPTION...]]	queries per second, if all were answered
#	warm PORT QUERIES		each is asked once
#	first_answer SOCKET OWNER	wait for it
#	wildcard_need			one certificate in $TMP/wild, and ...
#	hosts_start PROGRAM DIRECTORY COUNT	... a daemon with so many services of it
#	replies SOCKET CONNECTIONS LINE...
#	lookup_of OWNER			PowerDNS's question
#	has_before			there is an older build to compare with
#	memory PID			KiB in all of its processes
#	world_make, world_start		a daemon, and BEFORE, with one record: $name,
#					$line; $name_before, $line_before
#	bare_start [PORT]		the responder that says the same; at $TMP/bare.sock
#
# A figure that could not be measured is "-", and so is what is made of it.

ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-1}
BENCH_APEX=tlsa.example.net.
PIDS=()
# No cache holds an answer: each question reaches the backend.
# shellcheck disable=SC2034 # for the parts
OFF="cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0"

bench_begin() {
	TMP=$(mktemp -d /tmp/pdns-tlsa-bench.XXXXXX) || exit 1
	trap 'part_end; rm -rf "$TMP"' EXIT
	trap 'exit 130' INT TERM HUP
	NOT_REACHED=0
	[ -z "${TABLE:-}" ] || bench_table >"$TABLE" || exit 1
}

bench_table() {
	printf '%s\n' "| what | this build | before | wanted | |" \
	    "|---|---:|---:|---|---|"
}

bench_end() {
	echo "rows not reached or not measured: $NOT_REACHED"
}

part_begin() {
	echo "== $1"
	[ -z "${TABLE:-}" ] || echo "| **$1** | | | | |" >>"$TABLE"
}

# Only processes that were started here, each by its id.
part_end() {
	[ ${#PIDS[@]} -eq 0 ] || kill "${PIDS[@]}"
	wait
	PIDS=()
} 2>/dev/null

note() { echo "# $*" >&2; }

is_number() { [[ $1 =~ ^-?[0-9]+(\.[0-9]+)?$ ]]; }

result() {
	local verdict="NOT MEASURED"

	if is_number "$2"; then
		verdict=$(awk -v is="$2" -v way="$3" -v want="$4" 'BEGIN {
			good = way == "at-least" ? is >= want : is <= want
			print good ? "reached" : "NOT REACHED" }')
	fi
	[ "$verdict" = reached ] || NOT_REACHED=$((NOT_REACHED + 1))
	row "$1" "$2" "${5-}" "$3 $4" "$verdict"
}

info() {
	local verdict=

	if ! is_number "$2"; then
		verdict="NOT MEASURED"
		NOT_REACHED=$((NOT_REACHED + 1))
	fi
	row "$1" "$2" "${3-}" "" "$verdict"
}

# row NAME FIGURE BEFORE WANTED VERDICT
row() {
	local is before

	is=$(figure "$2") before=$(figure "${3:-}")
	[ -n "$3" ] || before=
	printf '%-46s %9s %9s  %-14s %s\n' "$1" "$is" "$before" "$4" "$5"
	[ -z "${TABLE:-}" ] || echo "| $1 | $is | $before | $4 | $5 |" >>"$TABLE"
}

figure() {
	if is_number "$1"; then
		awk -v n="$1" 'BEGIN { printf (n >= 1000 ? "%.0f" : "%.2f"), n }'
	else
		echo "-"
	fi
}

median() {
	sort -n | awk '!/^-?[0-9.]+$/ { bad = 1 }
		{ v[NR] = $1 }
		END { print NR && !bad ? v[int((NR + 1) / 2)] : "-" }'
}

median_of() { cut -d ' ' -f "$2" "$1" | median; }

# Of each round, so that both had the same neighbours.
median_quotient() {
	local numbers

	while read -ra numbers; do
		quotient "${numbers[$2 - 1]-}" "${numbers[$3 - 1]-}"
	done <"$1" | median
}

# Nothing where there is no build before.
before_of() { ! has_before || median_of "$@"; }
before_quotient() { ! has_before || median_quotient "$@"; }

quotient() {
	if is_number "$1" && is_number "$2"; then
		awk -v a="$1" -v b="$2" 'BEGIN {
			if (a > 0 && b > 0) printf "%.4f\n", a / b; else print "-" }'
	else
		echo "-"
	fi
}

start() { "$@" >/dev/null 2>>"$TMP/log" </dev/null & PIDS+=($!); }

# It may not know what its configuration says: then there is no socket.
tlsa_start() {
	rm -f "$2/pdns.sock"
	start "$1" serve -c "$2/c.yaml"
	for _ in $(seq 1200); do
		[ ! -S "$2/pdns.sock" ] || return 0
		kill -0 $! 2>/dev/null || break
		sleep 0.05
	done
	note "${1##*/} does not listen in $2: $(tail -n 1 "$TMP/log")"
	return 1
}

# The zone file of what a configuration has: zone_of FILE
zone_of() {
	printf '%s\n' "\$ORIGIN $BENCH_APEX" \
	    '@ 3600 IN SOA ns1.example.net. h.example.net. 1 900 300 9999 300' \
	    '@ 3600 IN NS ns1.example.net.'
	"$PDNS_TLSA" show -c "$1" --format zone 2>>"$TMP/log"
}

# pdns_server behind a daemon: remote_lines SOCKET
remote_lines() {
	printf '%s\n' launch=remote "remote-connection-string=unix:path=$1"
}

server() {
	local dir=$1 port=$2
	shift 2

	mkdir -p "$dir"
	printf '%s\n' "$@" "socket-dir=$dir" local-address=127.0.0.1 \
	    "local-port=$port" daemon=no guardian=no write-pid=no \
	    security-poll-suffix= >"$dir/pdns.conf"
	start pdns_server --config-dir="$dir"
	for _ in $(seq "${SERVER_TURNS:-200}"); do
		dig @127.0.0.1 -p "$port" +time=1 +tries=1 +short "$name" TLSA \
		    2>/dev/null | grep -q . && return
		kill -0 $! 2>/dev/null || break
		sleep 0.05
	done
	note "pdns_server does not answer: $dir"
	return 1
}

# A first look at a million services may take longer than the tool waits.
first_answer() {
	for _ in 1 2 3; do
		"$OUT/bench/storm" "$1" "$2" 0.001 >/dev/null 2>>"$TMP/log" &&
		    return
	done
	note "no answer at $1"
	return 1
}

hosts_start() {
	tlsa_yaml "$2" "type: files, path: $TMP/wild" ""
	seq 1 "$3" | sed 's/.*/- {host: h&.example.com}/' >>"$2/c.yaml"
	tlsa_start "$1" "$2"
}

wildcard_need() {
	[ -d "$TMP/wild" ] && return
	ca_issue "$TMP/ca" wild ecdsa E1 "*.example.com" 2>/dev/null
	mkdir "$TMP/wild"
	cp "$TMP/ca/issued/wild/fullchain.pem" "$TMP/wild/wild.pem"
}

# An answer that is none, or a question without one, is no speed.
qps() {
	dnsperf -s 127.0.0.1 -p "$1" -d "${2-$TMP/queries}" -c 4 \
	    -l "$SECONDS_EACH" "${@:3}" 2>/dev/null | awk '
		/Queries per second/ { n = $4 }
		/Response codes:/ { good = /NOERROR [0-9]+ \(100\.00%\)/ }
		/Queries lost:/ { lost = $3 }
		END { print (good && lost == 0 && n > 0 ? n : "-") }'
}

warm() {
	dnsperf -s 127.0.0.1 -p "$1" -d "$2" -c 4 -n 1 >/dev/null 2>&1
}

replies() {
	local socket=$1 connections=$2
	shift 2

	"$OUT/bench/asker" "$socket" "$connections" "$SECONDS_EACH" "$@" \
	    2>>"$TMP/log" || echo "-"
}

lookup_of() {
	printf '{"method": "lookup", "parameters": {"local": "0.0.0.0", "qname": "%s", "qtype": "ANY", "real-remote": "127.0.0.1/32", "remote": "127.0.0.1", "zone-id": 1073741824}}\n' "$1"
}

has_before() { [ -n "${BEFORE:-}" ]; }

# The first versions had no flat aliases: the program is asked what it calls
# the first record of this configuration.
owner_of() {
	"$1" show -c "$2" --format zone 2>>"$TMP/log" |
	    awk '/TLSA/ { print $1; exit }'
}

# The same record for BEFORE, if it is given: the first versions knew no http.
world_make() {
	ca_init "$TMP/ca" 2>/dev/null
	ca_issue "$TMP/ca" mail ecdsa E1 mail.example.com 2>/dev/null
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail"
	tlsa_yaml "$TMP/world" "type: certbot, path: $TMP/le" \
	    "- {host: mail.example.com}"
	tlsa_yaml "$TMP/world-before" "type: certbot, path: $TMP/le" \
	    "- {host: mail.example.com}"
	name=$(owner_of "$PDNS_TLSA" "$TMP/world/c.yaml")
	line=$(lookup_of "$name")
	echo "$name TLSA" >"$TMP/queries"
	! has_before || world_before_make
}

world_before_make() {
	name_before=$(owner_of "$BEFORE" "$TMP/world-before/c.yaml")
	# shellcheck disable=SC2034 # for the parts
	line_before=$(lookup_of "$name_before")
	echo "$name_before TLSA" >"$TMP/queries-before"
}

# tlsa_yaml DIRECTORY SOURCE SERVICES [LINE...]: everything lies in the
# directory, and so does c.yaml
tlsa_yaml() {
	local dir=$1 source=$2 services=$3
	shift 3

	mkdir -p "$dir"
	printf '%s\n' "state-directory: $dir/state" "listen: $dir/pdns.sock" \
	    "control: $dir/control.sock" "sources: [{$source}]" \
	    "zones: [{name: ${BENCH_APEX%.}, nameservers: [ns1.example.net]}]" \
	    "$@" services: "$services" >"$dir/c.yaml"
}

# world_start [LINE...]: more of the configuration
world_start() {
	tlsa_yaml "$TMP/world" "type: certbot, path: $TMP/le" \
	    "- {host: mail.example.com}" "$@"
	tlsa_start "$PDNS_TLSA" "$TMP/world" || return
	! has_before || tlsa_start "$BEFORE" "$TMP/world-before"
}

# What the bare responder says is what we say, once and for all: also at the
# apex, or PowerDNS would have less to read from it.
bare_start() {
	local row
	local apex='{"method": "lookup", "parameters": {"qname": "'$BENCH_APEX'", "qtype": "'

	while IFS=$'\t' read -r part row; do
		printf '%s\t' "$part"
		echo "$row" | "$PDNS_TLSA" pipe -c "$TMP/world/c.yaml" \
		    2>>"$TMP/log"
	done >"$TMP/rows" <<-END
	"$name", "qtype": "ANY"	$line
	"qtype": "SOA"	${apex}SOA"}}
	"qname": "$BENCH_APEX"	${apex}ANY"}}
	getAllDomains	{"method": "getAllDomains", "parameters": {}}
	initialize	{"method": "initialize", "parameters": {}}
	END
	rm -f "$TMP/bare.sock"
	start "$OUT/bench/responder" "${1:-$TMP/bare.sock}" "$TMP/rows"
	if [ $# -gt 0 ]; then
		wait_for 15 eval ": <>'/dev/tcp/127.0.0.1/$1'"
	else
		wait_for 15 test -S "$TMP/bare.sock"
	fi
}

# with_children PID: all of its processes
with_children() {
	local child

	echo "$1"
	# shellcheck disable=SC2013 # numbers
	for child in $(cat "/proc/$1/task"/*/children 2>/dev/null); do
		with_children "$child"
	done
}

# What they share counts once.
memory() {
	for pid in $(with_children "$1"); do
		cat "/proc/$pid/smaps_rollup"
	done 2>/dev/null | awk '/^Pss:/ { sum += $2 }
		END { print (sum > 0 ? sum : "-") }'
}
