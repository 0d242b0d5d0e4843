#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make demo: a certbot store, pdns-tlsa, a real PowerDNS and delv, on this
# machine only (127.0.0.1), in the directory build/demo.  Shows a TLSA answer
# that validates, renews the certificate as certbot does, shows the answer
# again, and compares both with what the openssl command computes.  Exit status
# 0: they agree, and both validate.
#
#	KEEP=1			leave pdns-tlsa and PowerDNS running at the end
#	STORE=/etc/letsencrypt	show the answers for a real store, read only
#	PORT=5300		where PowerDNS listens
#	DEMO_DIR=build/demo	where everything is put (made anew)

set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"
. "$here/lib/ca.sh"
. "$here/lib/certbot.sh"
. "$here/lib/pdns.sh"

KEEP=${KEEP:-}
STORE=${STORE:-}
PORT=${PORT:-5300}
DEMO_DIR=${DEMO_DIR:-$here/../build/demo}
PDNS_TLSA=${PDNS_TLSA:-$here/../build/pdns-tlsa}
HOST=mail.example.com
DEMO_ZONE=_tcp.$HOST
WRONG=0
SHORT=

main() {
	prepare
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	if [ -n "$STORE" ]; then
		demo_store
	else
		demo_renewal
	fi
	finish
}

demo_renewal() {
	local elapsed begin

	heading "A certificate, as certbot keeps it"
	text "A certificate authority is made up for this demo, and certbot's" \
	    "first issue for $HOST is imitated, file by file."
	ca_init "$TMP/ca" || fail "openssl could not make a CA"
	ca_issue "$TMP/ca" mail ecdsa E1 "$HOST"
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail"
	show_command ls -l "$TMP/le/live/mail"

	heading "pdns-tlsa watches the store"
	write_config "$TMP/le" "$HOST mail"
	start_tlsa
	heading "PowerDNS asks pdns-tlsa"
	text "PowerDNS has no other backend here: the zone $DEMO_ZONE and its" \
	    "DNSSEC key are pdns-tlsa's.  (Other ways to put both together:" \
	    "docs/pdns-tlsa.8.)"
	start_pdns
	text "The zone above would get these records, once.  The DS record is" \
	    "all that this demo trusts:"
	write_anchor

	heading "The question that a sending mail server asks"
	show_answer "_25._tcp.$HOST"
	text "3 1 1 is the digest of the server's own key, 2 1 1 of the key" \
	    "of the CA certificate that signed it.  The openssl command says" \
	    "of the files in live/mail:"
	compare_answer "_25._tcp.$HOST" "$TMP/le/live/mail/fullchain.pem"

	heading "certbot renews: a new key, signed by another intermediate"
	note_known "$TMP/le/live/mail/fullchain.pem" "replaced, still published"
	ca_issue "$TMP/ca" mail ecdsa E2 "$HOST"
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	begin=$(now_us)
	wait_for 10 tlsa_has "_25._tcp.$HOST" \
	    "$(tlsa_of_chain "$TMP/le/live/mail/fullchain.pem")"
	elapsed=$((($(now_us) - begin) / 1000))
	show_command ls -l "$TMP/le/live/mail"
	text "Nobody edits a zone, nobody reloads anything.  The same question:"
	show_answer "_25._tcp.$HOST"
	compare_answer "_25._tcp.$HOST" "$TMP/le/live/mail/fullchain.pem"
	text "The new answer was seen $elapsed ms after certbot's last step" \
	    "(PowerDNS's own caches are off here; with a control socket" \
	    "pdns-tlsa purges them)."
}

demo_store() {
	local services name host alias

	heading "The lineages in $STORE"
	ls "$STORE/live/" >/dev/null || fail \
	    "cannot read the store; perhaps: sudo make demo STORE=$STORE"
	services=$(list_services)
	[ -n "$services" ] || fail "no lineage in $STORE has a certificate"
	while read -r host name; do
		text "$name: taken for the mail server $host, port 25"
	done <<<"$services"
	text "The store is only read.  Nothing is renewed."

	heading "pdns-tlsa watches the store"
	mapfile -t services <<<"$services"
	DEMO_ZONE=$ZONE
	write_config "$STORE" "${services[@]}"
	start_tlsa
	heading "PowerDNS asks pdns-tlsa"
	start_pdns
	write_anchor

	for name in "${services[@]}"; do
		read -r host name <<<"$name"
		heading "TLSA of $host, from the lineage $name"
		alias=$(alias_of "$host")
		show_answer "$alias"
		compare_answer "$alias" "$STORE/live/$name/fullchain.pem"
	done
}

# Print "HOST LINEAGE" for the first DNS name of each leaf that can be the
# name of a mail server.  A host that two lineages have is shown once.
list_services() {
	local file name host

	for file in "$STORE"/live/*/fullchain.pem; do
		[ -r "$file" ] || continue
		name=$(basename "$(dirname "$file")")
		# a test certificate is not published unless it is allowed to
		openssl x509 -in "$file" -noout -issuer | grep -q STAGING &&
		    continue
		host=$(openssl x509 -in "$file" -noout -ext subjectAltName |
		    grep -o 'DNS:[^, ]*' | sed 's/^DNS://;s/^\*\./mail./;q')
		[ -z "$host" ] || echo "${host,,} $name"
	done | sort -u -k 1,1
}

# A place for sockets whose path is short enough, ports that are free, no demo
# that still runs.
prepare() {
	local program

	for program in openssl dig delv pdns_server; do
		command -v "$program" >/dev/null || fail \
		    "no $program; tests/lib/need.sh demo says what is missing"
	done
	[ -x "$PDNS_TLSA" ] || fail "$PDNS_TLSA is not built: run make"
	PDNS_TLSA=$(realpath "$PDNS_TLSA")
	[ -z "$STORE" ] || STORE=$(realpath "$STORE") || exit 1
	DEMO_DIR=$(realpath -m "$DEMO_DIR")
	! earlier_runs || fail \
	    "an earlier demo still runs; end it: kill $(cat "$DEMO_DIR/pids")"
	port_is_free "$PORT" || fail \
	    "port $PORT is taken; choose another: make demo PORT=5301"
	prepare_directory
	: >"$TMP/known"
}

# Only what an earlier demo made is removed, whatever DEMO_DIR says.
prepare_directory() {
	if [ -e "$DEMO_DIR" ]; then
		[ -e "$DEMO_DIR/known" ] || rmdir "$DEMO_DIR" ||
		    fail "$DEMO_DIR holds something else than a demo"
		rm -rf "$DEMO_DIR"
	fi
	TMP=$DEMO_DIR
	# 107 octets is all that a unix socket's path may have; PowerDNS cuts
	# its connection string at commas
	if [ ${#TMP} -gt 75 ] || [[ $TMP == *[,[:space:]]* ]]; then
		SHORT=$(mktemp -d /tmp/tlsa-demo.XXXXXX) || exit 1
		TMP=$SHORT
		text "The path $DEMO_DIR is no good for a unix socket:" \
		    "this demo is in $TMP instead."
	fi
	mkdir -p "$TMP/state" || exit 1
}

earlier_runs() {
	local pids pid

	[ -r "$DEMO_DIR/pids" ] && read -ra pids <"$DEMO_DIR/pids" || return
	for pid in "${pids[@]}"; do
		grep -qsF "$DEMO_DIR/" "/proc/$pid/cmdline" && return
	done
	return 1
}

# write_config STORE "HOST LINEAGE"...
write_config() {
	local store=$1 service host lineage
	shift

	{
		cat <<-END
		state-directory: $TMP/state
		listen: $TMP/pdns.sock
		control: $TMP/control.sock
		defaults:
		  ttl: 60
		  records: ["3 1 1", "2 1 1"]
		sources:
		  - {type: certbot, path: "$store"}
		zones:
		  - name: $DEMO_ZONE
		    nameservers: [ns1.example.net, ns2.example.net]
		    dnssec: self
		services:
		END
		for service; do
			read -r host lineage <<<"$service"
			echo "  - host: $host"
			echo "    ports: [25]"
			echo "    lineages: [\"$lineage\"]"
		done
	} >"$TMP/pdns-tlsa.yaml"
	text "Its configuration, $TMP/pdns-tlsa.yaml:"
	show <"$TMP/pdns-tlsa.yaml"
}

start_tlsa() {
	echo "  \$ pdns-tlsa serve -c $TMP/pdns-tlsa.yaml &"
	spawn pdns-tlsa "$PDNS_TLSA" serve -c "$TMP/pdns-tlsa.yaml"
	TLSA_PID=$PID
	wait_for 10 tlsa_listens || fail_with_log pdns-tlsa
}

start_pdns() {
	mkdir -p "$TMP/pdns"
	{
		"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" setup |
		    grep -E '^(launch|remote-[a-z-]*)='
		printf '%s\n' local-address=127.0.0.1 "local-port=$PORT" \
		    "socket-dir=$TMP/pdns" cache-ttl=0 query-cache-ttl=0 \
		    negquery-cache-ttl=0 security-poll-suffix= daemon=no \
		    guardian=no write-pid=no
	} >"$TMP/pdns/pdns.conf"
	text "What pdns-tlsa setup says of pdns.conf:"
	grep -E '^(launch|remote-[a-z-]*)=' "$TMP/pdns/pdns.conf" | show
	echo "  \$ pdns_server --config-dir=$TMP/pdns &"
	spawn pdns pdns_server --config-dir="$TMP/pdns"
	PDNS_PID=$PID
	wait_for 10 demo_answers || fail_with_log pdns
}

# Any reply will do, as long as it comes from the process we started.
demo_answers() {
	kill -0 "$PDNS_PID" && dns_ask "$DEMO_ZONE" SOA | grep -q "status:"
}

# The zone's own key is the trust anchor; there is no chain to it here.
write_anchor() {
	local records

	echo "  \$ pdns-tlsa setup -c $TMP/pdns-tlsa.yaml"
	records=$("$PDNS_TLSA" setup -c "$TMP/pdns-tlsa.yaml" |
	    grep "^$DEMO_ZONE\. 3600 IN ")
	show <<<"$records"
	awk '$4 == "DS" { printf "trust-anchors { \"%s\" static-ds " \
	    "%s %s %s \"%s\"; };\n", $1, $5, $6, $7, $8 }' \
	    <<<"$records" >"$TMP/anchor"
	[ -s "$TMP/anchor" ] || fail "pdns-tlsa setup names no DS record"
}

# Where the host's own zone would point to, as setup prints it.
alias_of() {
	"$PDNS_TLSA" setup -c "$TMP/pdns-tlsa.yaml" |
	    awk -v name="_25._tcp.$1." '$1 == name && $4 == "CNAME" { print $5 }'
}

# delv asks as a validating resolver does, and says what it thinks of it.
show_answer() {
	local answer

	echo "  \$ delv @127.0.0.1 -p $PORT -a anchor +root=$DEMO_ZONE $1 TLSA"
	answer=$(delv @127.0.0.1 -p "$PORT" -a "$TMP/anchor" \
	    +root="$DEMO_ZONE" +nosplit "$1" TLSA 2>&1)
	sed 's/\(RRSIG.*\) [^ ]*$/\1 .../' <<<"$answer" | show
	if [ "${answer%%$'\n'*}" != "; fully validated" ]; then
		echo "    This does NOT validate."
		WRONG=1
	fi
}

# Each association of the chain must be in the answer, and each association in
# the answer must be known: from this chain or from one noted before.
compare_answer() {
	local name=$1 file=$2 answer line label
	answer=$(dns_tlsa "$name")

	note_known "$file" ""
	while read -r line; do
		label=$(label_of "$line")
		if grep -qxF "$line" <<<"$answer"; then
			verdict "$line" "$label" "in the answer"
		else
			verdict "$line" "$label" "MISSING in the answer"
			WRONG=1
		fi
	done <<<"$(tlsa_of_chain "$file")"
	while read -r line; do
		label=$(label_of "$line")
		if [ -n "$label" ]; then
			verdict "$line" "$label" "also in the answer"
		else
			verdict "$line" "no certificate here" "in the answer"
			# a real store has a past that we don't know
			[ -n "$STORE" ] || WRONG=1
		fi
	done < <(lines_missing "$answer" "$(tlsa_of_chain "$file")" | grep .)
	echo
}

verdict() {
	printf '    %s\n      %s: %s\n' "$1" "$2" "$3"
}

# Remember whose associations these are; the latest remark counts.
note_known() {
	local file=$1 remark=$2 dir count i type subject
	dir=$(mktemp -d)
	count=$(chain_split "$file" "$dir")

	for ((i = 1; i <= count; i++)); do
		subject=$(openssl x509 -in "$dir/$i.pem" -noout -subject \
		    -nameopt RFC2253)
		[ "$i" -gt 1 ] && type="2 1 1" || type="3 1 1"
		printf '%s\t%s\n' "$(tlsa_of "$type" "$dir/$i.pem")" \
		    "${subject#subject=}${remark:+ ($remark)}"
	done >>"$TMP/known"
	rm -r "$dir"
}

label_of() {
	awk -F '\t' -v line="$1" '$1 == line { label = $2 }
	    END { print label }' "$TMP/known"
}

finish() {
	if [ "$WRONG" -ne 0 ]; then
		heading "WRONG: not what openssl computes, or not validated"
		exit 1
	fi
	heading "Right: the answers validate, and are what openssl computes"
	if [ -n "$KEEP" ]; then
		text "Still running: pdns-tlsa ($TLSA_PID) and pdns_server" \
		    "($PDNS_PID), logs in $TMP/*.log.  Ask them yourself:"
		echo "  dig @127.0.0.1 -p $PORT $DEMO_ZONE AXFR"
		text "" "To stop them:"
		echo "  kill $PDNS_PID $TLSA_PID"
		echo "$PDNS_PID $TLSA_PID" >"$TMP/pids"
		SPAWNED=
		SHORT=
	else
		text "Nothing is left running."
		[ -n "$SHORT" ] ||
		    text "Configuration, logs, certificates: $TMP"
	fi
}

# Never $TMP itself: it is there to be looked at.
clean_up() {
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$SPAWNED" ] || stop $SPAWNED
	[ -z "$SHORT" ] || rm -rf "$SHORT"
}

port_is_free() {
	local hex
	hex=$(printf '%04X' "$1")

	! grep -qs ":$hex 0*:0000 " /proc/net/tcp{,6} /proc/net/udp{,6}
}

heading() {
	printf '\n== %s\n\n' "$*"
}

text() {
	fmt -w 76 <<<"$*"
}

show() {
	sed 's/^/    /'
	echo
}

show_command() {
	echo "  \$ $*"
	"$@" 2>&1 | show
}

fail() {
	echo "demo: $*" >&2
	exit 1
}

fail_with_log() {
	tail -n 20 "$TMP/$1.log" >&2
	fail "$1 did not start, see above"
}

main
