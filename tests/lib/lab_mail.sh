# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The mail lab: a composition with all of its servers, and the table of what
# was expected and seen.  Source it from bash after the other parts of the lab.
#
#	mail_host NAME NUMBER LINEAGES DIRECTORIES [SETTINGS]
#					a host of recv, and its service unless
#					it has no settings
#	mail_begin COMPOSITION		directories, hooks, addresses
#	mail_start DEFAULTS		the daemon, the DNS, a CA, both MTAs
#	mail_rrset NAME			the host's TLSA, if it is secure
#	mail_warm NAME...		the resolver holds what is published
#	mail_presents NAME FILE		the host serves this certificate
#	scenario NAME WHAT EXPECTED FUNCTION
#					FUNCTION sets SEEN
#
# $MAIL_ROWS is the file for the table; $SCENARIOS, if not empty, names those
# that shall run.

COMPOSITION=
COPIES=$LAB/copies
FIXED=/etc/pdns-tlsa/fixed
MAIL_SERVICES=
SEEN=
SCENARIOS=
MAIL_ROWS=${MAIL_ROWS:-/dev/null}

mail_host() {
	mta_host "$1" "192.0.2.$2" "$4"
	ip address add "192.0.2.$2/32" dev lo
	[ -z "${5:-}" ] ||
	    MAIL_SERVICES="$MAIL_SERVICES  - {host: mx-$1.example.com,\
 lineages: [$3], $5}"$'\n'
}

mail_begin() {
	COMPOSITION=$1
	ca_init "$TMP/ca" 2>/dev/null && world_begin && unit_begin &&
	    mkdir -p "$COPIES" "$FIXED" || return
	_mail_reload_hook
}

# A server that reads live/ is told at once, as most people do it.
_mail_reload_hook() {
	local hook="$LAB_STORE/renewal-hooks/deploy/reload"

	cat >"$hook" <<-END
	#!/bin/sh
	[ ! -e "/etc/pdns-tlsa/deploy/\${RENEWED_LINEAGE##*/}" ] || exit 0
	exec postfix -c $RECV/etc reload
	END
	chmod +x "$hook"
}

# $LAB_RECORDS has what the test wants in example.com besides.
mail_start() {
	_mail_configure "$1" >"$LAB_YAML"
	LAB_RECORDS=$LAB_RECORDS$'\n'$(mta_records && _mail_aliases)
	lab_tlsa_start && world_start "$COMPOSITION" && mta_recv_start &&
	    mta_send_start
}

_mail_configure() {
	printf '%s\n' "listen-group: pdns" "powerdns:" \
	    "  control-socket: /run/pdns/pdns.controlsocket" \
	    "  address: $NS1" "$1" "sources:" \
	    "  - {type: certbot, path: $LAB_STORE}" \
	    "  - {type: files, path: $FIXED}"
	case $COMPOSITION in
	overlay) echo "overlay: [example.com]" ;;
	own) printf '%s\n' "zones:" "  - name: $ZONE" \
	    "    nameservers: [ns1.example.net]" ;;
	alone) printf '%s\n' "zones:" "  - name: $ZONE" \
	    "    nameservers: [ns1.example.net]" "    dnssec: self" ;;
	esac
	printf '%s\n' "services:" "$MAIL_SERVICES"
}

# The hosts' aliases, in the compositions that have any.
_mail_aliases() {
	local name port

	[ "$COMPOSITION" != overlay ] || return 0
	while read -r name; do
		for port in 25 465; do
			echo "_$port._tcp.$name CNAME" \
			    "_${port}_tcp_${name}_example_com.$ZONE."
		done
	done < <(grep -o "mx-[a-z]*" <<<"$MAIL_SERVICES")
}

# The TLSA RRset of a host as the resolver has it, secure or not at all.
mail_rrset() {
	lab_secure unbound "_25._tcp.mx-$1.example.com"
}

# Ask the resolver anew; afterwards it holds what is published now.
mail_warm() {
	local name

	for name; do
		mail_flush "$name"
		mail_rrset "$name" >/dev/null
	done
	mta_forget
}

mail_flush() {
	lab_forget "_25._tcp.mx-$1.example.com"
	lab_forget "_25_tcp_mx-${1}_example_com.$ZONE"
}

# An old process of a server may take a few connections more.
mail_presents() {
	local _

	for _ in 1 2 3; do
		[ "$(_mail_served "$1")" = "$(openssl x509 -in "$2" \
		    -noout -fingerprint)" ] || return
	done
}

_mail_served() {
	openssl s_client -connect "mx-$1.example.com:25" -starttls smtp \
	    </dev/null 2>/dev/null | openssl x509 -noout -fingerprint
}

scenario() {
	local begin seconds

	[[ -z $SCENARIOS || " $SCENARIOS " == *" $1 "* ]] || return 0
	begin=$(now_us)

	SEEN=
	"$4"
	seconds=$((($(now_us) - begin) / 100000))
	tap_is "$COMPOSITION, $1: $2" "$SEEN" "$3"
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$COMPOSITION" "$3" \
	    "${SEEN:-nothing}" "$((seconds / 10)).$((seconds % 10))" \
	    >>"$MAIL_ROWS"
}
