# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Generations of the lineage "mail" for the tools of tests/tools, and the
# tools themselves.  Source it from bash after tap.sh and ca.sh.
#
#	generations_make DIR	a, b (other key, other issuer) and c (the key
#				of a, the issuer of b) below DIR, each with its
#				RRset as the openssl command computes it
#	tool_find NAME		the tool's path, in $TOOL; else skip the file

generations_make() {
	local dir=$1 letter CA_START

	ca_init "$dir/ca" 2>/dev/null || tap_bail "openssl failed"
	# shellcheck disable=SC2034 # for ca_issue
	CA_START=$(date +%s)
	_generations_issue "$dir"
	for letter in a b c; do
		mv "$dir/ca/issued/$letter" "$dir/$letter"
		tlsa_of_chain "$dir/$letter/fullchain.pem" | LC_ALL=C sort \
		    >"$dir/$letter/rrset"
	done
}

# Valid from the same second, for the tools go back and forth between them,
# and to go back to an older certificate is another matter.
_generations_issue() {
	local letter key ca

	for letter in a b c; do
		key=ecdsa ca=E2
		[ "$letter" != a ] || ca=E1
		[ "$letter" != c ] || key=$1/ca/issued/a/privkey.pem
		ca_issue "$1/ca" "$letter" "$key" "$ca" mail.example.com \
		    2>/dev/null || tap_bail "openssl failed"
	done
}

tool_find() {
	TOOL=$(dirname "${BASH_SOURCE[0]}")/../../${OUT:-build}/tools/$1
	if [ ! -x "$TOOL" ]; then
		echo "1..0 # SKIP ${OUT:-build}/tools/$1 is not built"
		exit 0
	fi
}
