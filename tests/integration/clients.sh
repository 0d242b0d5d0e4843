#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The real dehydrated, lego and uacme, with pebble for their CA, and acme.sh by
# the order in which it writes, change what dig gets.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/pebble.sh"

HOOKS=$(realpath "$lib/../../packaging")
BUNDLE=/etc/ssl/certs/ca-certificates.crt

main() {
	program_find
	pdns_need
	tap_need pebble dehydrated curl lego uacme strace
	tap_begin
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	pebble_start
	clients_config >"$TMP/pdns-tlsa.yaml"
	tlsa_serve
	pdns_start bind,remote "unix:path=$TMP/pdns.sock,timeout=2000"

	check_dehydrated
	check_lego
	check_uacme
	check_acmesh
	check_keys
	check_rights
	tap_end
}

# All stores are read when there is no record of them, and none of the keys in
# them.  Sanitizers object to strace in the exit status.
check_keys() {
	sed '/^state-directory:/s/$/.empty/' "$TMP/pdns-tlsa.yaml" \
	    >"$TMP/only.yaml"
	strace -f -e trace=open,openat -o "$TMP/opened" "$PDNS_TLSA" show \
	    -c "$TMP/only.yaml" >/dev/null 2>&1
	tap_is "all chains are opened" "$(grep -o \
	    -e '/fullchain\.[a-z]*' -e '/lego.example.com[^/"]*' \
	    -e '/cert.pem' "$TMP/opened" | sort -u | xargs)" \
	    "/cert.pem /fullchain.cer /fullchain.pem \
/lego.example.com.crt /lego.example.com.issuer.crt"
	tap_is "and no key" "$(grep -e '/[^/"]*key[^/"]*"' "$TMP/opened" |
	    grep -v -e '/pubkey\.[a-z]*\.pem"')" ""
}

# What the manual asks for is enough for a daemon that may read nothing else,
# and is still there after a renewal.
check_rights() {
	local type lego=$TMP/lego/certificates

	if [ "$(id -u)" -ne 0 ]; then
		tap_pass_over "somebody without rights" "needs root's rights"
		return
	fi
	chmod 711 "$TMP"
	install "$PDNS_TLSA" "$TMP/program"
	for type in dehydrated lego uacme acme.sh; do
		tap_ok "$type: a key is not for all" closed "$TMP/$type"
	done
	give "$TMP/dehydrated/certs" "$TMP/dehydrated/certs/"* "$TMP/lego" "$lego"
	give "$lego"/*.crt
	cat >"$TMP/hook" <<-'END'
	#!/bin/sh
	[ "$1" != sync_cert ] || { chgrp nogroup "$4" && chmod 640 "$4"; }
	END
	chmod 755 "$TMP/hook"
	tap_ok "all renew" eval 'run_dehydrated --cron --force \
	    --domain dehydrated.example.com --hook "$TMP/hook" &&
	    run_lego renew --days 9999 --no-random-sleep && acmesh_write &&
	    { [ ! -d "$TMP/uacme" ] || run_uacme --force issue uacme.example.com; }'
	shows dehydrated "$TMP/dehydrated/certs/dehydrated.example.com/fullchain.pem"
	shows lego "$lego/lego.example.com.crt"
	[ ! -d "$TMP/uacme" ] ||
	    shows uacme "$TMP/uacme/uacme.example.com/cert.pem"
	shows acme.sh "$TMP/acme.sh/acme.sh.example.com_ecc/fullchain.cer"
}

give() {
	chgrp nogroup "$@" && chmod g+rX,o-rwx "$@"
}

closed() {
	[ -n "$(find "$1" -name '*key*' -type f ! -perm /044)" ]
}

# shows CLIENT FILE: nobody gets from the store what openssl computes
shows() {
	tap_is "$1: nobody sees its leaf" "$(setpriv --reuid=nobody \
	    --regid=nogroup --clear-groups "$TMP/program" show \
	    -c "$TMP/only.yaml" --format zone "$1.example.com" 2>&1 |
	    grep -o '3 1 1 [0-9a-f]*' | head -n 1)" "$(tlsa_of "3 1 1" "$2")"
}

# A source, and a service of the same name with a lineage, for each.
clients_config() {
	local type

	cat <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60, retain: 0, propagation: 0}
	zones:
	  - name: $ZONE
	    nameservers: [ns1.example.net]
	sources:
	END
	for type in dehydrated lego uacme acme.sh; do
		echo "  - {type: $type, path: $TMP/$type}"
	done
	echo "services:"
	for type in dehydrated lego uacme acme.sh; do
		echo "  - {host: $type.example.com}"
	done
}

# answers CLIENT FILE...: exactly what openssl computes of the chain in the
# FILEs and, where the last one is a public key, of that
answers() {
	local owner=_25_tcp_${1//./_}_example_com.$ZONE
	shift

	wait_for 5 tlsa_is "$owner" "$(expected "$@")"
}

expected() {
	cat "$@" 2>/dev/null >"$TMP/expected.pem"
	{
		tlsa_of_chain "$TMP/expected.pem"
		for file; do
			! grep -qs "PUBLIC KEY" "$file" || public_of "$file"
		done
	} | sort
}

# The association of a key without a certificate.
public_of() {
	printf '3 1 1 '
	openssl pkey -pubin -in "$1" -outform DER | openssl dgst -sha256 -r |
	    cut -d ' ' -f 1
}

# deployed CLIENT LINEAGE FILE...: a server gets the chain in the FILEs, and
# the key that belongs to it
deployed() {
	local client=$1 lineage=$2 to=$TMP/$1.server
	shift 2

	"$PDNS_TLSA" deploy -c "$TMP/pdns-tlsa.yaml" "$lineage" --to "$to" &&
	    [ "$(tlsa_of_chain "$to/fullchain.pem")" = \
	    "$(cat "$@" | tlsa_of_chain /dev/stdin)" ] &&
	    [ "$(openssl pkey -in "$to/privkey.pem" -pubout)" = \
	    "$(openssl x509 -in "$to/cert.pem" -noout -pubkey)" ]
}

# renewed CLIENT COUNT: the daemon has seen as many renewals
renewed() {
	[ "$(grep -c "lineage '$1.example.com': renewed" \
	    "$TMP/pdns-tlsa.log")" -eq "$2" ]
}

verdict() {
	"$PDNS_TLSA" show -c "$TMP/only.yaml" "$1.example.com" 2>/dev/null |
	    sed -n 's/^  \(protected\|at risk\)/\1/p'
}

# With usage 3 alone the verdict is about the key.
tell_plan() {
	sed 's/^defaults: {/&records: ["3 1 1"], /' "$TMP/pdns-tlsa.yaml" \
	    >"$TMP/only.yaml"
	tap_is "what the next renewal will do" "$(verdict "$1")" "$2"
}

run_dehydrated() {
	dehydrated --config "$TMP/dehydrated/config" "$@"
}

check_dehydrated() {
	local live=$TMP/dehydrated/certs/dehydrated.example.com next

	mkdir -p "$TMP/dehydrated/www"
	cat >"$TMP/dehydrated/config" <<-END
	CA="$DIRECTORY"
	CURL_OPTS="--cacert $TMP/ca/root.pem"
	WELLKNOWN="$TMP/dehydrated/www"
	KEYSIZE=2048
	KEY_ALGO=prime256v1
	PRIVATE_KEY_ROLLOVER="yes"
	HOOK="$HOOKS/dehydrated/pdns-tlsa-hook"
	END
	tap_ok "dehydrated registers" run_dehydrated --register --accept-terms
	tap_ok "dehydrated issues" run_dehydrated --cron \
	    --domain dehydrated.example.com
	tap_ok "that is answered, with the key that comes next" \
	    answers dehydrated "$live/fullchain.pem" "$live/pubkey.roll.pem"
	tell_plan dehydrated "protected: the staged next key is published"
	next=$(public_of "$live/pubkey.roll.pem")
	# the names of its files are seconds
	sleep 1
	tap_ok "dehydrated renews" run_dehydrated --cron --force \
	    --domain dehydrated.example.com
	tap_ok "that is answered, and the key after it" \
	    answers dehydrated "$live/fullchain.pem" "$live/pubkey.roll.pem"
	tap_is "the key is the one that was to come" \
	    "$(tlsa_of "3 1 1" "$live/fullchain.pem")" "$next"
	tap_ok "dehydrated's is deployed" deployed dehydrated \
	    dehydrated.example.com "$live/fullchain.pem"
}

run_lego() {
	LEGO_CA_CERTIFICATES=$TMP/ca/root.pem lego --server "$DIRECTORY" \
	    --path "$TMP/lego" --email test@example.com --accept-tos \
	    --domains lego.example.com --http \
	    --http.port "127.0.0.1:$(port_free)" "$@"
}

check_lego() {
	local file=$TMP/lego/certificates/lego.example.com

	tap_ok "lego runs" run_lego run
	tap_ok "that is answered" answers lego "$file.crt"
	tap_ok "lego renews" run_lego renew --days 9999 --no-random-sleep
	tap_ok "that is answered" answers lego "$file.crt"
	tap_ok "lego renews, leaf and chain apart" run_lego renew --days 9999 \
	    --no-random-sleep --no-bundle
	tap_is "lego's chain has one certificate" \
	    "$(grep -c BEGIN "$file.crt")" 1
	tap_ok "both are answered" answers lego "$file.crt" "$file.issuer.crt"
	tap_ok "after two renewals" wait_for 5 renewed lego 2
	tap_ok "lego's is deployed" deployed lego lego.example.com \
	    "$file.crt" "$file.issuer.crt"
	tell_plan lego "at risk: only 3 1 1 is published and the key may \
change at every renewal"
}

# uacme trusts what the system trusts, so that it gets a system of its own.
run_uacme() {
	unshare "${NAMESPACE[@]}" sh -c \
	    'mount --bind "$1" "$2" && shift 2 && exec uacme "$@"' sh \
	    "$TMP/ca/root.pem" "$BUNDLE" --acme-url "$DIRECTORY" \
	    --confdir "$TMP/uacme" --type EC --hook /bin/true "$@"
}

check_uacme() {
	local live=$TMP/uacme/uacme.example.com first
	NAMESPACE=(--mount)
	[ "$(id -u)" -eq 0 ] || NAMESPACE+=(--map-root-user)

	if ! unshare "${NAMESPACE[@]}" mount --bind "$TMP/ca/root.pem" \
	    "$BUNDLE" 2>/dev/null; then
		tap_ok "uacme # SKIP no mount namespace" true
		return
	fi
	mkdir "$TMP/uacme"
	tap_ok "uacme makes an account" run_uacme --yes new
	tap_ok "uacme issues" run_uacme issue uacme.example.com
	tap_ok "that is answered" answers uacme "$live/cert.pem"
	first=$(tlsa_of "3 1 1" "$live/cert.pem")
	tap_ok "uacme renews" run_uacme --force issue uacme.example.com
	tap_ok "that is seen" wait_for 5 renewed uacme 1
	tap_ok "and answered" answers uacme "$live/cert.pem"
	tap_is "uacme keeps the key" "$(tlsa_of "3 1 1" "$live/cert.pem")" \
	    "$first"
	tap_ok "uacme's is deployed" deployed uacme uacme.example.com \
	    "$live/cert.pem"
	tell_plan uacme "protected: the key is reused (reuse_key)"
	uacme --help 2>&1 | grep -q -e --rotate-key || return
	# since 1.8
	tap_ok "uacme renews with another key" run_uacme --rotate-key --force \
	    issue uacme.example.com
	tap_ok "that is deployed" deployed uacme uacme.example.com \
	    "$live/cert.pem"
	tap_ok "and answered alone" answers uacme "$live/cert.pem"
	tell_plan uacme "at risk: only 3 1 1 is published and the key \
changes at every renewal"
}

# acmesh_write KEYTYPE: what acme.sh 3 does when a certificate was issued, with
# a new key each time, and then the hook
acmesh_write() {
	local dir=$TMP/acme.sh/acme.sh.example.com_ecc
	local name=$dir/acme.sh.example.com issued=$TMP/ca/issued/acme.sh
	local next=$dir/acme.sh.example.com.key.next key=ecdsa

	mkdir -p "$dir"
	: >>"$TMP/acme.sh/account.conf"
	if [ -s "$next" ]; then
		cat "$next" >"$name.key"
		echo >"$next"
		key=$name.key
	fi
	ca_issue "$TMP/ca" acme.sh "$key" E1 acme.sh.example.com || return
	cat "$issued/privkey.pem" >"$name.key"
	(umask 077 && openssl ecparam -name prime256v1 -genkey >"$next")
	echo "Le_Domain='acme.sh.example.com'" >"$name.conf"
	cat "$issued/fullchain.pem" >"$name.cer"
	cat "$issued/fullchain.pem" >"$dir/fullchain.cer"
	cat "$issued/cert.pem" >"$name.cer"
	cat "$issued/chain.pem" >"$dir/ca.cer"
	cat >>"$name.conf" <<-END
	Le_API='https://acme.demo.example/directory'
	Le_Keylength='ec-256'
	Le_ForceNewDomainKey='1'
	Le_NextRenewTime='1800534930'
	END
	(cd "$dir" && CERT_KEY_PATH=$name.key Le_Next_Domain_Key=$next \
	    "$HOOKS/acme.sh/pdns-tlsa-hook")
}

check_acmesh() {
	local live=$TMP/acme.sh/acme.sh.example.com_ecc next

	tap_ok "acme.sh issues" acmesh_write
	tap_ok "that is answered, with the key that comes next" \
	    answers acme.sh "$live/fullchain.cer" "$live/pubkey.next.pem"
	next=$(public_of "$live/pubkey.next.pem")
	tap_ok "acme.sh renews" acmesh_write
	tap_ok "that is answered, and the key after it" \
	    answers acme.sh "$live/fullchain.cer" "$live/pubkey.next.pem"
	tap_is "the key is the one that was to come" \
	    "$(tlsa_of "3 1 1" "$live/fullchain.cer")" "$next"
	tap_ok "acme.sh's is deployed" deployed acme.sh \
	    acme.sh.example.com_ecc "$live/fullchain.cer"
}

main
