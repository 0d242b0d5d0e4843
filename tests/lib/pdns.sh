# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A real PowerDNS with pdns-tlsa behind it, and questions to it.  Everything
# lies in the directory $TMP and listens on 127.0.0.1.
# Source it from bash after tap.sh.
#
#	port_free			print a port that nobody uses
#	program_find			the program under test, in $PDNS_TLSA
#	pdns_need			skip the file without a usable PowerDNS
#	tlsa_config FILE [SERVICE...]	configuration for the store $TMP/le
#	tlsa_serve [FILE]		start the daemon, wait; id in $TLSA_PID
#	tlsa_reader			print the id of the process that reads
#	pdns_start LAUNCH CONNECTION	start pdns_server, wait; id in $PDNS_PID
#	dns_ask NAME TYPE [OPTION...]	dig's whole answer
#	dns_rcode NAME TYPE, dns_count NAME TYPE, dns_tlsa NAME, dns_serial
#	tlsa_at NAME			the RRset that the daemon has there, asked at
#					its socket, sorted
#	tlsa_served HOST		the one for port 25 of the host
#	tlsa_is NAME RRSET		the answer is exactly these lines
#	tlsa_has NAME RRSET		the answer has these lines, perhaps more

ZONE=tlsa.example.net
ALIAS=_25_tcp_mail_example_com.$ZONE
PORT=${PORT:-}

# Below the ephemeral range, so that no outgoing connection takes it; each of
# the tests that tests/run.sh runs beside each other has ports of its own.
port_free() {
	local port hex slot=$((${TEST_SLOT:-RANDOM} % 20))

	while :; do
		port=$((20000 + slot * 500 + RANDOM % 500))
		hex=$(printf '%04X' "$port")
		grep -qs ":$hex [0-9A-F]*:[0-9A-F]* " /proc/net/tcp{,6} \
		    /proc/net/udp{,6} || break
	done
	echo "$port"
}

# The program may be named relative to the directory of the caller.
program_find() {
	local default
	default=$(dirname "${BASH_SOURCE[0]}")/../../build/pdns-tlsa

	PDNS_TLSA=$(realpath -e "${PDNS_TLSA:-$default}" 2>/dev/null)
	[ -x "$PDNS_TLSA" ] || tap_bail "pdns-tlsa is not built"
}

pdns_need() {
	local backend

	tap_need openssl dig pdns_server pdnsutil
	for backend in bind remote; do
		pdns_server --no-config --launch="$backend" --help 2>&1 |
		    grep -q -e "--$backend-" ||
		    tap_skip "pdns_server lacks the $backend backend"
	done
}

# Each SERVICE is "HOST" or "HOST LINEAGE"; default mail.example.com.
tlsa_config() {
	local file=$1 service host lineage
	shift
	[ $# -gt 0 ] || set -- mail.example.com

	cat >"$file" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults:
	  ttl: 60
	  records: ["3 1 1", "2 1 1"]
	sources:
	  - {type: certbot, path: $TMP/le}
	zones:
	  - name: $ZONE
	    nameservers: [ns1.example.net, ns2.example.net]
	    hostmaster: hostmaster.example.net
	services:
	END
	for service; do
		read -r host lineage <<<"$service"
		echo "  - host: $host"
		echo "    ports: [25]"
		[ -z "$lineage" ] || echo "    lineages: [$lineage]"
	done >>"$file"
}

tlsa_serve() {
	mkdir -p "$TMP/state"
	spawn pdns-tlsa "$PDNS_TLSA" serve -c "${1:-$TMP/pdns-tlsa.yaml}"
	TLSA_PID=$PID
	# an old socket may lie there: only an answer counts
	wait_for 60 tlsa_listens || tap_bail "pdns-tlsa does not listen"
}

# The child of its child (proc_tid_children(5)).
tlsa_reader() {
	local pid=$TLSA_PID

	for _ in 1 2; do
		read -r pid _ <<<"$(<"/proc/$pid/task/$pid/children")"
	done
	echo "$pid"
} 2>/dev/null

# In /proc/net/unix the flag 00010000 marks a listening socket.
tlsa_listens() {
	kill -0 "$TLSA_PID" && grep -q " 00010000 .* $TMP/pdns.sock$" \
	    /proc/net/unix
}

# LAUNCH is "remote" or "bind,remote"; with bind, two ordinary zones: the
# parent of our zone, and example.com with the alias of its mail host.
pdns_start() {
	local launch=$1 connection=$2

	PORT=$(port_free)
	mkdir -p "$TMP/pdns"
	pdns_config "$launch" "$connection" >"$TMP/pdns/pdns.conf"
	pdns_zones "$TMP/pdns"
	pdns_metadata || tap_bail "pdnsutil failed"
	spawn pdns pdns_server --config-dir="$TMP/pdns"
	PDNS_PID=$PID
	wait_for 60 pdns_answers || tap_bail "pdns_server does not answer"
}

# Any reply will do, as long as it comes from the process we started.
pdns_answers() {
	kill -0 "$PDNS_PID" && dns_ask "$ZONE" SOA | grep -q "status:"
}

# All caches off: each question must reach the backend.
pdns_config() {
	cat <<-END
	launch=$1
	remote-connection-string=$2
	remote-dnssec=no
	local-address=127.0.0.1
	local-port=$PORT
	socket-dir=$TMP/pdns
	cache-ttl=0
	query-cache-ttl=0
	negquery-cache-ttl=0
	zone-metadata-cache-ttl=0
	security-poll-suffix=
	daemon=no
	guardian=no
	write-pid=no
	END
	case $1 in
	*bind*)
		echo "bind-config=$TMP/pdns/named.conf"
		echo "bind-dnssec-db=$TMP/pdns/dnssec.db"
		;;
	esac
}

# Without this database the bind backend has no metadata for any zone, so that
# PowerDNS asks the remote backend, and the bind backend's own zones die with
# the daemon as soon as the metadata cache (60 s) runs out.
pdns_metadata() {
	mkdir -p "$TMP/pdns/util"
	# the pdnsutil of PowerDNS 5.1 cannot load the bind backend
	echo launch= >"$TMP/pdns/util/pdns.conf"
	rm -f "$TMP/pdns/dnssec.db"
	pdnsutil --config-dir="$TMP/pdns/util" create-bind-db \
	    "$TMP/pdns/dnssec.db" >"$TMP/pdnsutil.log" 2>&1
}

pdns_zones() {
	local name

	for name in example.com example.net; do
		echo "zone \"$name\" { type native; file \"$1/$name.zone\"; };"
	done >"$1/named.conf"
	cat >"$1/example.com.zone" <<-END
	\$ORIGIN example.com.
	\$TTL 300
	@ SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 60
	@ NS ns1.example.net.
	@ MX 10 mail
	mail A 192.0.2.25
	_25._tcp.mail CNAME $ALIAS.
	END
	cat >"$1/example.net.zone" <<-END
	\$ORIGIN example.net.
	\$TTL 300
	@ SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 60
	@ NS ns1
	ns1 A 192.0.2.53
	ns2 A 192.0.2.54
	tlsa NS ns1
	tlsa NS ns2
	END
}

dns_ask() {
	dig @127.0.0.1 -p "$PORT" +norecurse +nosplit +tries=1 +time=15 "$@"
}

dns_rcode() {
	dns_ask "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p'
}

# How many records the answer section has.
dns_count() {
	dns_ask "$@" | sed -n 's/.* ANSWER: \([0-9]*\),.*/\1/p'
}

# The TLSA RRset, sorted, in the spelling of tlsa_of.  dig prints the digest
# in capitals.
dns_tlsa() {
	dns_ask "$1" TLSA +noall +answer | dns_tlsa_lines
}

tlsa_at() {
	printf '{"method":"lookup","parameters":{"qtype":"TLSA","qname":"%s"}}\n' \
	    "$1" | python3 -c 'import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read())
for row in json.loads(s.makefile().readline())["result"] or []:
    print(row["content"])' "$TMP/pdns.sock" | sort
}

tlsa_served() {
	tlsa_at "_25_tcp_${1//./_}.$ZONE"
}

tlsa_is() {
	[ "$(dns_tlsa "$1")" = "$2" ]
}

tlsa_has() {
	[ -z "$(lines_missing "$2" "$(dns_tlsa "$1")")" ]
}

# Print the lines of the sorted text $1 that the sorted text $2 lacks.
lines_missing() {
	comm -23 <(echo "$1") <(echo "$2")
}

dns_tlsa_lines() {
	awk '$4 == "TLSA" { print $5, $6, $7, tolower($8) }' | sort
}

dns_serial() {
	dns_ask "$ZONE" SOA +noall +answer | awk '$4 == "SOA" { print $7 }'
}
