#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Tables of issuers: made from certificates, compared with what the openssl
# command says of them, and read by the program; and the one of Let's Encrypt
# against digests that were published elsewhere.

set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
. "$here/../lib/ca.sh"
. "$here/../lib/pdns.sh"

TABLES=$here/../../src/issuers
# 2 1 1 and 2 1 2 of YR1
YR1_SHA256=2e8307068b6db620e4a39d068b5dee5d6ef5788cbb2c0b6d23ead84fcc17178c
YR1_SHA512=a90d0606d641b94aff27371f57e0be2764db4f656353be12550eadf86e8ea133\
4752b2c7863613a775a25ed942686480557bacb97477dc1d74f22800a0eee6a3

main() {
	program_find
	tap_need openssl
	tap_begin
	test_letsencrypt
	certificates_make || tap_bail "no certificates"
	test_table
	test_status_file
	test_program
	test_broken
	test_usage
	tap_end
}

test_letsencrypt() {
	local row

	row=$(printf 'YR1\tRSA\t2048\t%s\t%s\t2028-09-02T23:59:59Z\tactive' \
	    "$YR1_SHA256" "$YR1_SHA512")
	tap_is "the row of YR1" "$(grep "^YR1" "$TABLES/letsencrypt.tsv")" \
	    "$row"
	tap_is "the active CAs" "$(cas_of active letsencrypt)" "YE1 YE2 YR1 YR2"
	tap_is "the backup CAs" "$(cas_of backup letsencrypt)" "YE3 YR3"
	tap_is "no staging CA is active" \
	    "$(cas_of active letsencrypt-staging)" ""
}

# Five CAs; of E1 an older certificate as well, and of R2 a younger one that
# lives less long.
certificates_make() {
	local ca=$TMP/ca

	ca_init "$ca" && mkdir "$TMP/pem" && cp "$ca"/*.pem "$TMP/pem" || return
	cross_sign E1 20 && cross_sign R2 5000 || return
	printf '%s\t%s\n' active "Demo R1" backup "Demo E1" active "Demo R2" \
	    root "Demo Root" >"$TMP/rows"
	{
		printf '# a comment\nprovider: Demo\ndate: 2026-11-01\n'
		printf 'server: https://acme.example/directory\n\n'
		cat "$TMP/rows"
	} >"$TMP/demo.status"
}

# cross_sign NAME DAYS: another certificate of its key.
cross_sign() {
	openssl req -x509 -new -config "$TMP/ca/openssl.cnf" \
	    -extensions intermediate -key "$TMP/ca/$1.key" \
	    -subj "/O=Demo CA/CN=Demo $1" -days "$2" -CA "$TMP/ca/root.pem" \
	    -CAkey "$TMP/ca/root.key" -out "$TMP/pem/a-$1.pem"
}

test_table() {
	mkdir "$TMP/issuers"
	tap_ok "make-table.sh" make_table demo "$TMP/issuers/demo.tsv"
	tap_is "makes the rows of the status file in its order" \
	    "$(sed '1,/^# name/d; /^end$/d' "$TMP/issuers/demo.tsv")" \
	    "$(row "Demo R1" RSA 2048 R1 active
	    row "Demo E1" ECDSA 256 E1 backup
	    row "Demo R2" RSA 2048 a-R2 active
	    row "Demo Root" ECDSA 256 root root)"
	tap_is "behind its keys" "$(sed -n 2,5p "$TMP/issuers/demo.tsv")" \
	    "$(printf '%s\n' "provider: Demo" "date: 2026-11-01" \
	    "server: https://acme.example/directory" "")"
	tap_ok "a second time" make_table demo "$TMP/again"
	tap_ok "gives the same" cmp "$TMP/issuers/demo.tsv" "$TMP/again"
}

test_status_file() {
	{ cat "$TMP/demo.status" && printf 'active\tDemo R3\n'; } \
	    >"$TMP/more.status"
	tap_ok "a CA without a certificate is an error" \
	    make_table_fails more "more.status:10: no certificate"
	cat "$TMP/ca/R1.pem" "$TMP/ca/R2.pem" >"$TMP/pem/two.pem"
	tap_ok "so are two certificates in a file" \
	    make_table_fails demo "two.pem: not one certificate"
	rm "$TMP/pem/two.pem"
	echo nonsense >"$TMP/pem/none.pem"
	tap_ok "and none" make_table_fails demo "none.pem: not one certificate"
	sed 's/M/N/; s/II/JJ/' "$TMP/ca/R1.pem" >"$TMP/pem/none.pem"
	tap_ok "and a damaged one" make_table_fails demo ""
	rm "$TMP/pem/none.pem"
}

test_program() {
	printf 'sources: [{type: files, path: %s}]\nissuers: [%s]\n' "$TMP" \
	    "$TMP/issuers" >"$TMP/pdns-tlsa.yaml"
	tap_ok "issuers --format json" list --format json
	tap_ok "has the digests" list_has "\"$(digest "2 1 1" R1)\"" \
	    "\"$(digest "2 1 2" E1)\"" "\"$YR1_SHA256\"" "\"$YR1_SHA512\""
	tap_ok "and the server" list_has '"https://acme.example/directory"'
	tap_ok "issuers" list
	tap_ok "has a line for each" list_has \
	    "^  Demo E1    backup   ECDSA  256  .* $(digest "2 1 1" E1)\$" \
	    "^  Demo Root  root     ECDSA  256  .* $(digest "2 1 1" root)\$" \
	    "^  YR1           active   RSA   2048  2028-09-02  $YR1_SHA256\$"
	tap_is "and no complaint" "$(cat "$TMP/err")" ""
	sed -i 's/^date: .*/date: 2020-02-02/' "$TMP/issuers/demo.tsv"
	tap_ok "issuers of an old table" list
	tap_ok "says so" list_has "'demo' is as of 2020-02-02, more than a year"
}

test_broken() {
	sed -i 3s/:// "$TMP/issuers/demo.tsv"
	cp "$TMP/issuers/demo.tsv" "$TMP/issuers/letsencrypt.tsv"
	cp "$TMP/ca/R1.pem" "$TMP/issuers/own.pem"
	tap_ok "issuers with a broken file" list
	tap_ok "names file and line" grep -q \
	    "$TMP/issuers/demo.tsv:3: .*; the file is left out" "$TMP/err"
	tap_ok "and what is used instead" grep -q \
	    "letsencrypt.tsv:3: .*; letsencrypt.tsv in the program is used" \
	    "$TMP/err"
	tap_ok "the other files count" list_has "$YR1_SHA256" \
	    "  Demo R1  active   RSA   2048  .* $(digest "2 1 1" R1)\$"
	: >"$TMP/issuers/letsencrypt.tsv"
	tap_ok "issuers with an empty file" list
	tap_ok "lacks that set" list_lacks "$YR1_SHA256"
}

test_usage() {
	tap_is "no zone format" "$(status_of -c "$TMP/pdns-tlsa.yaml" issuers \
	    --format zone)" 2
	tap_is "no operand" "$(status_of issuers letsencrypt)" 2
	tap_is "no such configuration" "$(status_of -c "$TMP/no" issuers)" 1
	echo "isuers: []" >>"$TMP/pdns-tlsa.yaml"
	tap_is "a bad configuration" \
	    "$(status_of -c "$TMP/pdns-tlsa.yaml" issuers)" 1
	[ -e /etc/pdns-tlsa/pdns-tlsa.yaml ] ||
	    tap_is "none at all" "$(status_of issuers)" 0
}

# cas_of STATUS TABLE
cas_of() {
	awk -F '\t' -v status="$1" \
	    '!/^#/ && $7 == status { printf "%s%s", n++ ? " " : "", $1 }' \
	    "$TABLES/$2.tsv"
}

# make_table STATUS-FILE TABLE
make_table() {
	"$TABLES/make-table.sh" "$TMP/$1.status" "$TMP/pem" >"$2"
}

# make_table_fails STATUS-FILE MESSAGE: without a table
make_table_fails() {
	! make_table "$1" "$TMP/table" 2>"$TMP/err" &&
	    [ ! -s "$TMP/table" ] && grep -q "$2" "$TMP/err"
}

# row NAME ALGORITHM BITS FILE STATUS: what openssl says, as a row
row() {
	local pem=$TMP/pem/$4.pem

	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" \
	    "$(digest "2 1 1" "$4")" "$(digest "2 1 2" "$4")" \
	    "$(date -u +%Y-%m-%dT%H:%M:%SZ -d \
	    "$(openssl x509 -in "$pem" -noout -enddate | cut -d = -f 2)")" \
	    "$5"
}

# digest TYPE NAME
digest() {
	tlsa_of "$1" "$TMP/pem/$2.pem" | cut -d ' ' -f 4
}

list() {
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" issuers "$@" >"$TMP/list" \
	    2>"$TMP/err"
}

list_has() {
	local pattern

	for pattern; do
		grep -q -e "$pattern" "$TMP/list" || return
	done
}

list_lacks() {
	! grep -q -e "$1" "$TMP/list"
}

status_of() {
	"$PDNS_TLSA" "$@" >/dev/null 2>&1
	echo $?
}

main
