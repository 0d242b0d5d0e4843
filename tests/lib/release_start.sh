# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The README's section "Start", followed word for word.
# Source it from bash after tap.sh and release_world.sh, for release.sh.
#
#	test_start		from the bare machine to an answer that validates
#	start_blocks		print each block of commands, ended by a NUL
#	answers_right		a validated TLSA RRset of what is on disk, by delv
#	doctor_content		doctor finds nothing critical

test_start() {
	local block number=0

	printf '#!/bin/sh\nexec "$@"\n' >"$ROOT/usr/local/bin/sudo"
	chmod 755 "$ROOT/usr/local/bin/sudo"
	while IFS= read -r -d '' block; do
		number=$((number + 1))
		start_block "$number" "$block"
	done < <(start_blocks)
	tap_ok "Start has blocks to follow" [ "$number" -ge 3 ]
	tap_ok "the answer validates, and is of the certificate on disk" \
	    wait_for 20 answers_right
	tap_ok "doctor has nothing critical" doctor_content
	tap_ok "the README's example of pipe prints records" example_prints
	tap_ok "what setup prints does no harm when followed again" \
	    start_setup
	tap_ok "and the answer validates still" wait_for 20 answers_right
}

# Of the README that lies on the machine.
start_blocks() {
	awk '
	/^## / { on = ($0 == "## Start") }
	on && /^ *```sh$/ { code = 1; next }
	on && code && /^ *```$/ { code = 0; printf "%c", 0; next }
	on && code { sub(/^   /, ""); print }' "$ROOT/root/pdns-tlsa/README.md"
}

# Each line of a block is pasted; where setup prints what to do, that is done.
start_block() {
	local number=$1 block=$2

	case $block in
	*doctor*) # at its place in this test
		block=$(sed '/doctor/d' <<<"$block")
		;;
	esac
	[ -z "$block" ] || tap_ok "Start, block $number" pasted "$block"
	case $block in
	*" setup"*) tap_ok "what setup prints can be followed" start_setup ;;
	esac
}

# In the directory of the tree.  Only apt-get needs the world outside.
pasted() {
	local verb=in
	case $1 in
	*apt-get* | *"make deb"*) verb=online ;;
	esac

	machine $verb bash -euc "cd /root/pdns-tlsa; $1" 2>&1
}

# Its sections for the shell, one after the other, as root.
start_setup() {
	local section

	there pdns-tlsa setup >"$TMP/setup" || return
	while IFS= read -r -d '' section; do
		pasted "$section" || {
			echo "this part of setup failed:"
			echo "$section"
			return 1
		}
	done < <(awk '
	/^## / { if (on) printf "%c", 0; on = ($2 == "SHELL"); next }
	on && !/doctor/ { print }
	END { if (on) printf "%c", 0 }' "$TMP/setup")
}

example_prints() {
	pasted "$(grep '^printf .* pdns-tlsa pipe$' \
	    "$ROOT/root/pdns-tlsa/README.md")" | grep '"qtype":"TLSA"'
}

# Validated from the key of our zone, and equal to what openssl computes.
answers_right() {
	local out

	there sh -c "runuser -u pdns -- pdnsutil export-zone-ds $ZONE" \
	    2>/dev/null | sed -n 's/.* IN DS \([0-9]* [0-9]* 2 [^ ]*\).*/\1/p' |
	    awk '{ print "trust-anchors { \"'"$ZONE"'\" static-ds", $1, $2,
		$3, "\"" $4 "\"; };" }' >"$ROOT/root/anchor"
	out=$(there delv @127.0.0.1 -a /root/anchor "+root=$ZONE" \
	    +nosplit "$(alias_name)" TLSA 2>&1)
	echo "$out"
	grep -q '^; fully validated' <<<"$out" &&
	    grep -qi "TLSA[[:space:]]*3 1 1 $(leaf_digest)" <<<"$out"
}

# Asked for while the configuration is right, and kept.
alias_name() {
	[ -s "$TMP/alias" ] || there pdns-tlsa show --format zone $HOST |
	    awk '$4 == "TLSA" { sub(/\.$/, "", $1); print $1; exit }' \
	    >"$TMP/alias"
	cat "$TMP/alias"
}

leaf_digest() {
	there sh -c "openssl x509 -in /etc/letsencrypt/live/$HOST/cert.pem \
	    -noout -pubkey | openssl pkey -pubin -outform DER |
	    openssl dgst -sha256 -r" | cut -d ' ' -f 1
}

# Exit status 2 is "critical": with no way to the root servers from here, what
# the world sees of the zone is unknown.
doctor_content() {
	local status=0

	there pdns-tlsa doctor || status=$?
	[ "$status" -ne 2 ]
}
