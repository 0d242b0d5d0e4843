# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For tests of `deploy` by root: lineages of users that nobody has to make.  Who
# sources it has a deploy() that leaves its output in $TMP/out and $TMP/err.

ALICE=54321
BOB=54322

issue() {
	ca_issue "$TMP/ca" "$1" ecdsa "$2" "$1.example.com" 2>/dev/null
}

# What was issued as NAME is what Alice's lineage has.
alice_has() {
	rm -rf "$TMP/store/alice"
	mkdir -m 755 "$TMP/store/alice"
	cp "$TMP/ca/issued/$1"/{fullchain,privkey}.pem "$TMP/store/alice"
	chmod 600 "$TMP/store/alice/privkey.pem"
	chown -R $ALICE:$ALICE "$TMP/store/alice"
}

# refuses PIECE LINEAGE OPTION...
refuses() {
	local piece=$1
	shift

	! deploy "$@" && grep -qF -e "$piece" "$TMP/err" ||
	    { cat "$TMP/err"; false; }
}
