#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How tests/fuzz/seeds/dane/ was made: an octet that says how it is asked, lines
# of RDATA as the openssl command computes them, an empty line, and a chain of
# throw-away certificates.  The keys are not kept.
#	tests/fuzz/make-dane.sh
set -eu
cd "$(dirname "$0")"
. ../lib/ca.sh
seeds=$PWD/seeds/dane
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$seeds"
cd "$tmp"

# cert NAME ISSUER OPTION...: NAME.pem and NAME.key
cert() {
	local name=$1 issuer=$2
	shift 2
	openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
	openssl req -new -key "$name.key" -subj "/CN=$name" "$@" -out request
	if [ "$issuer" = "$name" ]; then
		openssl x509 -req -in request -signkey "$name.key" \
		    -copy_extensions copyall -days 9000 -out "$name.pem"
	else
		openssl x509 -req -in request -CA "$issuer.pem" \
		    -CAkey "$issuer.key" -copy_extensions copyall -days 9000 \
		    -out "$name.pem"
	fi 2>/dev/null
}

ca=(-addext basicConstraints=critical,CA:TRUE)
cert root root "${ca[@]}"
cert mid root "${ca[@]}"
cert leaf mid -addext subjectAltName=DNS:a.example
cert other mid -addext subjectAltName=DNS:b.example

# save NAME OCTET "TYPE CERTIFICATE,..." CERTIFICATE...
save() {
	local seed=$seeds/$1 octet=$2 record records cert
	IFS=, read -ra records <<<"$3"
	shift 3
	{
		# shellcheck disable=SC2059 # the format is the octet
		printf "$octet"
		for record in "${records[@]}"; do
			tlsa_of "${record% *}" "${record##* }.pem"
		done
		echo
		for cert; do
			cat "$cert.pem"
		done
	} >"$seed"
}

save ee '\0' "3 1 1 leaf" leaf
save ee-whole '\0' "3 0 0 leaf" leaf
save ee-512 '\0' "3 1 2 leaf,3 1 1 other" leaf mid
save ee-of-another '\0' "3 1 1 other" leaf mid
save ta '\0' "2 1 1 mid" leaf mid
save ta-root '\0' "2 0 1 root,2 1 1 root" leaf mid root
save ta-not-sent '\0' "2 1 1 root" leaf mid
save ta-other-name '\0' "2 1 1 mid" other mid
save ta-expired '\020' "2 1 1 mid" leaf mid
save both '\0' "2 1 1 mid,3 1 1 leaf" leaf mid
save of-usage-2 '\002' "2 1 1 mid,3 1 1 leaf" leaf mid
save pkix '\001' "1 1 1 leaf,0 1 1 mid" leaf mid
save domain '\010' "2 1 1 mid" leaf mid
save whole-ta '\0' "2 0 0 mid,2 1 0 root" leaf mid
{ printf '\0'; printf '%s\n' "3" "3 1 1" "3 1 1 " "3 1 1 abc" "3 1 1 zz" \
    "9 1 1 abab" "3 9 1 abab" "3 1 9 abab" ""; cat leaf.pem; } >"$seeds/bad-records"
printf '\0\n' >"$seeds/nothing"
