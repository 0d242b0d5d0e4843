#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Who may write one lineage and makes it as dear as he can: a chain of which
# many signatures are to be tried, written again and again.  He has a quarter of
# the processor at most, and others are answered and renewed meanwhile.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/asker.sh"

HOST=mail.example.com
OTHER=dear.example.com

main() {
	program_find
	tap_need openssl python3
	case ${OUT:-build} in
	*/address* | */thread*) tap_skip "it would measure the sanitizer" ;;
	esac
	tap_begin
	world_begin
	test_dear
	tap_end
}

world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	mkdir -p "$TMP/store/mail" "$TMP/store/dear"
	renew E1
	dear_make || tap_bail "openssl failed"
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60, retain: 0, propagation: 0}
	zones: [{name: $ZONE, nameservers: [ns1.example.net]}]
	sources: [{type: files, path: $TMP/store}]
	services: [{host: $HOST}, {host: $OTHER}]
	END
	tlsa_serve
	wait_for 30 answers || tap_bail "nothing is served"
}

renew() {
	ca_issue "$TMP/ca" mail ecdsa "$1" "$HOST" 2>/dev/null &&
	    cp "$TMP/ca/issued/mail/fullchain.pem" "$TMP/store/mail/new" &&
	    mv "$TMP/store/mail/new" "$TMP/store/mail/fullchain.pem"
}

# A leaf by "Dear", in front of as many CAs of that name as are tried, each with
# a key of 8,192 bits that nobody has, and the one that did sign it.
dear_make() {
	local i

	# of five primes, for that is quick to make (RFC 8017 s3.1)
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:8192 \
	    -pkeyopt rsa_keygen_primes:5 -out "$TMP/dear.key" &&
	    openssl req -x509 -key "$TMP/dear.key" -subj "/CN=Dear" -days 30 \
		-out "$TMP/dear.pem" &&
	    openssl req -newkey rsa:2048 -nodes -keyout "$TMP/leaf.key" \
		-subj "/CN=$OTHER" -out "$TMP/leaf.csr" &&
	    openssl req -new -key "$TMP/leaf.key" -subj "/CN=Dear" \
		-out "$TMP/ca.csr" || return
	printf 'basicConstraints=critical,CA:TRUE\n' >"$TMP/ca.ext"
	# it does not say by which key
	printf '%s\n' "subjectAltName=DNS:$OTHER" subjectKeyIdentifier=none \
	    authorityKeyIdentifier=none >"$TMP/leaf.ext"
	for i in {1..13}; do
		key_make "$TMP/public.pem" &&
		    openssl x509 -req -in "$TMP/ca.csr" -days 30 \
			-extfile "$TMP/ca.ext" -CA "$TMP/dear.pem" \
			-CAkey "$TMP/dear.key" -set_serial "1000$i" \
			-force_pubkey "$TMP/public.pem" >>"$TMP/others.pem" ||
		    return
	done
	# more than are remembered of those that are wrong (LIMIT_FAILED)
	for i in {1..400}; do
		openssl x509 -req -in "$TMP/leaf.csr" -extfile "$TMP/leaf.ext" \
		    -CA "$TMP/dear.pem" -CAkey "$TMP/dear.key" -days 30 \
		    -set_serial "$i" |
		    cat - "$TMP/others.pem" "$TMP/dear.pem" >"$TMP/dear.$i"
	done
} 2>/dev/null

# key_make FILE: a public key by any odd number (RFC 8017 A.1.1)
key_make() {
	local modulus

	modulus=F$(openssl rand -hex 1023)1
	cat >"$TMP/key.conf" <<-END
	asn1=SEQUENCE:info
	[info]
	algorithm=SEQUENCE:algorithm
	key=BITWRAP,SEQUENCE:rsa
	[algorithm]
	oid=OID:rsaEncryption
	none=NULL
	[rsa]
	modulus=INTEGER:0x$modulus
	exponent=INTEGER:0x010001
	END
	openssl asn1parse -genconf "$TMP/key.conf" -noout -out "$TMP/key.der" &&
	    openssl pkey -pubin -inform DER -in "$TMP/key.der" -out "$1"
}

answers() {
	tlsa_served "$HOST" |
	    grep -qx "$(tlsa_of "3 1 1" "$TMP/ca/issued/mail/cert.pem")"
}

looked_at() { grep -q "lineage 'dear': new" "$TMP/pdns-tlsa.log"; }

# Milliseconds of processor time that both processes have had, and of time.
times() {
	python3 -c 'import os, sys, time
ticks = 0
for pid in sys.argv[1:]:
    fields = open(f"/proc/{pid}/stat").read().rsplit(") ")[1].split()
    ticks += int(fields[11]) + int(fields[12])
print(ticks * 1000 // os.sysconf("SC_CLK_TCK"), int(time.monotonic() * 1000))' \
	    "$TLSA_PID" "$(tlsa_reader)"
}

test_dear() {
	local before after

	# not faster: what changes all the time is looked at when it is quiet
	cat >"$TMP/writer.py" <<-'END'
	import os, sys, time
	texts = [open(path).read() for path in sys.argv[3:]]
	count = 0
	while True:
	    with open(sys.argv[1] + ".new", "w") as file:
	        file.write(texts[count % len(texts)])
	    os.rename(sys.argv[1] + ".new", sys.argv[2] + "/fullchain.pem")
	    count += 1
	    time.sleep(0.008)
	END
	spawn writer python3 "$TMP/writer.py" "$TMP/next" "$TMP/store/dear" \
	    "$TMP"/dear.[0-9]*
	WRITER=$PID
	wait_for 60 looked_at || tap_bail "he is not looked at"
	asker_start "$HOST" \
	    "$(tlsa_of "3 1 1" "$TMP/ca/issued/mail/cert.pem")"
	read -r -a before <<<"$(times)"
	sleep 10
	read -r -a after <<<"$(times)"
	asker_end
	SPENT=$((after[0] - before[0])) TIME=$((after[1] - before[1]))
	tap_ok "he has a quarter of the processor: $SPENT of $TIME ms" \
	    [ "$SPENT" -lt $((TIME * 2 / 5)) ]
	tap_ok "of $ASKED answers none was wrong, the longest $LONGEST ms" \
	    [ "$ASKED" -gt 100 -a "$WRONG" -eq 0 ]
	renew E2
	tap_ok "a renewal beside him is followed" wait_for 20 answers
	stop "$WRITER"
	stop "$TLSA_PID"
}

main
