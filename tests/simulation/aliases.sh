#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Aliases that get another name: by an upgrade, by a reload, by a restart.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"
. "$lib/generations.sh"

main() {
	program_find
	tap_need openssl curl
	tool_find peer
	tap_begin
	unset JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS LISTEN_PID STATE_DIRECTORY
	CONFIG=$TMP/pdns-tlsa.yaml
	SOCKET=$TMP/pdns.sock
	LOG=$TMP/pdns-tlsa.log
	DEEP=_25._tcp.mail.example.com.$ZONE
	generations_make "$TMP/chains"
	certbot_issue "$TMP/le" mail "$TMP/chains/a"
	tlsa_config "$TMP/bare.yaml"
	sed -i "s/^  ttl:.*/  ttl: 3\n  propagation: 1\n  retain: 0/" \
	    "$TMP/bare.yaml"
	WEB=127.0.0.1:$(port_free)
	echo "http: {listen: \"$WEB\"}" >>"$TMP/bare.yaml"
	test_upgrade
	test_blind
	test_said
	test_reload
	tap_end
}

# [flat|deep]: what the configuration says.
aliases() {
	cp "$TMP/bare.yaml" "$CONFIG"
	[ $# -eq 0 ] || echo "aliases: $1" >>"$CONFIG"
}

serve() {
	: >"$LOG"
	tlsa_serve "$CONFIG"
}

reload() {
	: >"$LOG"
	kill -HUP "$TLSA_PID"
	wait_for 20 grep -q "ready: " "$LOG"
}

rrset() {
	echo '{"method": "lookup", "parameters": {"qname": "'"$1"'",' \
	    '"qtype": "ANY", "zone-id": -1}}' | "$TOOL" ask "$SOCKET" 2>&1 |
	    grep -o '"content":"[^"]*"' | cut -d '"' -f 4 | LC_ALL=C sort
}

# NAME [GENERATION]
answers() {
	[ "$(rrset "$1.")" = "$(cat "$TMP/chains/${2-a}/rrset")" ]
}

denies() {
	[ -z "$(rrset "$1.")" ]
}

# KEY: what show has of the one service.
shown() {
	"$PDNS_TLSA" -c "$CONFIG" show --format json 2>/dev/null |
	    grep -o "\"$1\": [^,]*" | cut -d ' ' -f 2
}

# NAME: the page has it as that of before.
page_has() {
	curl -s -m 60 "http://$WEB/" | grep -qF "And at $1., as before"
}

both() {
	answers "$ALIAS" "${1-a}" && answers "$DEEP" "${1-a}"
}

# A record with deep aliases, and a configuration that says nothing of them.
test_upgrade() {
	aliases deep
	serve
	tap_ok "deep: the name of before" answers "$DEEP"
	tap_ok "and not the flat one" denies "$ALIAS"
	stop "$TLSA_PID"
	aliases
	serve
	tap_ok "upgraded: both" both
	tap_ok "the log says so" grep -q \
	    "1 aliases are answered under .*'aliases: flat'" "$LOG"
	tap_is "setup prints the CNAME to be" \
	    "$("$PDNS_TLSA" -c "$CONFIG" setup 2>/dev/null | grep CNAME)" \
	    "_25._tcp.mail.example.com. 3600 IN CNAME $ALIAS."
	tap_ok "and that there are others" \
	    grep -q "aliases of before" \
	    <("$PDNS_TLSA" -c "$CONFIG" setup 2>/dev/null)
	tap_is "show has the name" "$(shown owner)" "\"$ALIAS.\""
	tap_is "and that of before" "$(shown former)" "\"$DEEP.\""
	tap_ok "so has the page" page_has "$DEEP"
	# Longer than the TTL; what had an end has it at the next publication.
	sleep 4
	certbot_renew "$TMP/le" mail "$TMP/chains/b"
	tap_ok "a renewal after that is at both: without end" wait_for 20 both b
	stop "$TLSA_PID"
	serve
	tap_ok "and over a restart" both b
}

# A record that cannot be read at the start does not say what there was.
test_blind() {
	stop "$TLSA_PID"
	mkdir "$TMP/aside"
	mv "$TMP"/state/state.db* "$TMP/aside"
	mkdir "$TMP/state/state.db"
	serve
	# It listens before it looks at the record: the first answer is behind it.
	tap_ok "both, as it may have been" both b
	tap_ok "no record can be read" grep -q "is not known until" "$LOG"
	rmdir "$TMP/state/state.db"
	mv "$TMP"/aside/* "$TMP/state"
	tap_ok "it can be read" wait_for 60 grep -q "can be read now" "$LOG"
	tap_ok "both, as it was" both b
}

# The TTL is over some seconds after it is said.
test_said() {
	aliases flat
	tap_ok "said: a reload" reload
	tap_ok "both at first" both b
	tap_ok "then one" wait_for 20 denies "$DEEP"
	tap_ok "which goes on" answers "$ALIAS" b
	tap_is "show has no other" "$(shown former)" null
	tap_ok "nor has the page" wait_for 20 eval '! page_has "$DEEP"'
	stop "$TLSA_PID"
	serve
	tap_ok "and over a restart" answers "$ALIAS" b
	tap_ok "one alone" denies "$DEEP"
}

test_reload() {
	aliases deep
	tap_ok "deep again: a reload" reload
	tap_ok "both at first" both b
	tap_ok "the log says how long" \
	    grep -q "1 aliases are answered under .* for 3 seconds" "$LOG"
	tap_ok "then one" wait_for 20 denies "$ALIAS"
	tap_ok "which goes on" answers "$DEEP" b
	stop "$TLSA_PID"
	aliases flat
	serve
	tap_ok "flat by a restart: both at first" both b
	tap_ok "then one" wait_for 20 denies "$DEEP"
	tap_ok "which goes on" answers "$ALIAS" b
}

main "$@"
