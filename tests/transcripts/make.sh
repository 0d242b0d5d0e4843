#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Make the certificates of the transcripts anew, and with the openssl command
# what belongs into a TLSA record of each.  They hold for 30 years and nobody
# needs their keys, so this is run by hand, if ever.
#	certificates/NAME.pem	leaf first, then what a server would send
#	certificates/expected	"NAME.N SELECTOR MATCHING DATA", N counting in
#				the file from 1
#	tests/transcripts/make.sh
#	tests/transcripts/make.sh expected FILE		that list alone

set -eu
cd "$(dirname "$0")"
here=$PWD
. ../lib/ca.sh
DAYS=10950

main() {
	if [ "${1-}" = expected ]; then
		expected >"$2"
		return
	fi
	work=$(mktemp -d)
	trap 'rm -r "$work"' EXIT
	cd "$work"
	_ca_config >openssl.cnf
	authority root ecdsa
	authority E1 ecdsa root
	authority E2 ecdsa root
	authority R1 rsa root
	leaf mail ecdsa E1 mail.example.com
	leaf next ecdsa E2 mail.example.com
	leaf rsa rsa R1 mail.example.com
	leaf wild ecdsa E2 example.com "*.example.com"
	leaf web ecdsa E1 www.example.org Upper.Example.Org
	cat mail.leaf E1.pem >mail.pem
	cat mail.leaf E1.pem root.pem >root-sent.pem
	cat mail.leaf root.pem E1.pem >disordered.pem
	cat mail.leaf >alone.pem
	cat mail.leaf E2.pem >mismatched.pem
	cat next.leaf E2.pem >next.pem
	cat rsa.leaf R1.pem >rsa.pem
	cat wild.leaf E2.pem >wild.pem
	cat web.leaf E1.pem >web.pem
	mkdir -p "$here/certificates"
	install -m 644 {mail,root-sent,disordered,alone,mismatched,next,rsa,wild,web}.pem \
	    "$here/certificates/"
	cd "$here"
	expected >certificates/expected
}

# authority NAME KEYTYPE [ISSUER]
authority() {
	_ca_key "$2" "$1.key"
	openssl req -x509 -new -config openssl.cnf -days "$DAYS" \
	    -extensions "$([ $# -gt 2 ] && echo intermediate || echo root)" -key "$1.key" \
	    -subj "/O=Transcript CA/CN=Transcript $1" \
	    ${3:+-CA "$3.pem" -CAkey "$3.key"} -out "$1.pem"
}

# leaf NAME KEYTYPE ISSUER DNSNAME...
leaf() {
	local name=$1 keytype=$2 issuer=$3 san
	shift 3

	_ca_key "$keytype" "$name.key"
	san=$(printf ',DNS:%s' "$@")
	openssl req -x509 -new -config openssl.cnf -days "$DAYS" \
	    -extensions leaf -addext "subjectAltName=${san#,}" \
	    -key "$name.key" -subj "/CN=$1" -CA "$issuer.pem" \
	    -CAkey "$issuer.key" -out "$name.leaf"
}

# Whole certificates and keys (matching type 0) of two files are enough.
expected() {
	local file name types count i type parts
	parts=$(mktemp -d)

	for file in certificates/*.pem; do
		name=$(basename "$file" .pem)
		types=("0 1" "0 2" "1 1" "1 2")
		case $name in
		mail | rsa) types+=("0 0" "1 0") ;;
		esac
		count=$(chain_split "$file" "$parts")
		for ((i = 1; i <= count; i++)); do
			for type in "${types[@]}"; do
				echo "$name.$i $(tlsa_of "3 $type" \
				    "$parts/$i.pem" | cut -c 3-)"
			done
		done
	done
	rm -r "$parts"
}

main "$@"
