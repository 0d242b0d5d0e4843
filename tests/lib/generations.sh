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
	local dir=$1 letter key

	ca_init "$dir/ca" 2>/dev/null || tap_bail "openssl failed"
	for letter in a b c; do
		key=ecdsa
		[ "$letter" != c ] || key=$dir/a/privkey.pem
		ca_issue "$dir/ca" "$letter" "$key" \
		    "$([ "$letter" = a ] && echo E1 || echo E2)" \
		    mail.example.com 2>/dev/null || tap_bail "openssl failed"
		mv "$dir/ca/issued/$letter" "$dir/$letter"
		tlsa_of_chain "$dir/$letter/fullchain.pem" | LC_ALL=C sort \
		    >"$dir/$letter/rrset"
	done
}

tool_find() {
	TOOL=$(dirname "${BASH_SOURCE[0]}")/../../${OUT:-build}/tools/$1
	if [ ! -x "$TOOL" ]; then
		echo "1..0 # SKIP ${OUT:-build}/tools/$1 is not built"
		exit 0
	fi
}
