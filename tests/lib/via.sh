# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A host that publishes, with a key for each of two that send to it, mx1 and mx2;
# what one of them does.  Source it from bash after tap.sh, ca.sh, certbot.sh,
# pdns.sh and ssh.sh.

HOLD=2
STRANGER=54321

world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	issue mail E1 mail.example.com
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" || tap_bail "store"
	issue taken E1 taken.example.com
	certbot_issue "$TMP/local" taken "$TMP/ca/issued/taken"
	mkdir "$TMP/remote" "$TMP/tls"
	config_write
	receiver_make
	tlsa_serve
	ssh_key mx1 "$(receive mx1 'mail.*')"
	ssh_key mx2 "$(receive mx2 'mail.*,web.example.com')"
	sshd_start
	ssh_wrap
}

# As root, one who owns the store and is in the daemon's group, no more.
receiver_make() {
	RECEIVER=$TMP/receiver
	cp "$PDNS_TLSA" "$RECEIVER" || tap_bail "no copy of the program"
	[ "$(id -u)" -eq 0 ] || return
	chmod 711 "$TMP"
	chmod 644 "$TMP/pdns-tlsa.yaml"
	chown $STRANGER:$STRANGER "$TMP/remote"
	RECEIVER="setpriv --reuid $STRANGER --regid $STRANGER --groups $(
	    id -g) $RECEIVER"
}

receive() {
	echo "$RECEIVER -c $TMP/pdns-tlsa.yaml receive --as $1 --hosts '$2'"
}

# Of the host that publishes.  Nobody there could be asked for name servers.
config_write() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults:
	  ttl: 1
	  records: ["3 1 1", "2 1 1"]
	  propagation: {hold: ${1:-$HOLD}, see: nothing}
	  retain: ${2:-7d}
	sources:
	  - {type: remote, path: $TMP/remote}
	  - {type: certbot, path: $TMP/local}
	zones: [{name: $ZONE, nameservers: [ns1.example.net]}]
	discover: {hosts: ["*.example.com"]}
	services:
	  - {host: pinned.example.org, lineages: [pinned]}
	END
}

config_is() {
	config_write "$@"
	kill -HUP "$TLSA_PID"
}

issue() {
	local name=$1 issuer=$2
	shift 2

	ca_issue "$TMP/ca" "$name" ecdsa "$issuer" "$@" 2>/dev/null ||
	    tap_bail "openssl failed"
}

renew() {
	issue mail "$1" mail.example.com
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
}

# The host that serves has no configuration at all.
deploy() {
	local lineage=$1
	shift

	"$PDNS_TLSA" deploy "$TMP/le/live/$lineage" --to "$TMP/tls/$lineage" \
	    --reload "echo \$PDNS_TLSA_LINEAGE >>$TMP/reloads" "$@" \
	    >"$TMP/out" 2>"$TMP/err"
}

deploy_at() {
	"$PDNS_TLSA" deploy "$1" --to "$TMP/tls/other" --via ssh:mx1 \
	    >"$TMP/out" 2>"$TMP/err"
}

# fails TEXT COMMAND...
fails() {
	local text=$1
	shift

	! "$@" || { echo "it worked"; return 1; }
	grep -qF -e "$text" "$TMP/err" || { cat "$TMP/err"; false; }
}

serves() {
	cmp "$TMP/tls/mail/fullchain.pem" "$1"
}

answers() {
	[ -z "$(lines_missing "$(tlsa_of_chain "$1")" "$(tlsa_served \
	    "${2:-mail.example.com}")")" ]
}

lines_missing() {
	comm -23 <(sort -u <<<"$1") <(sort -u <<<"$2")
}

status_of() {
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" status --format json |
	    python3 -c '
import json, sys
for lineage in json.load(sys.stdin)["lineages"]:
    if lineage["name"] == sys.argv[1]:
        print(lineage[sys.argv[2]])' "$1" "$2"
}

# What is there of it, whatever was renewed or put in its place since.
store_of() {
	(cd "$TMP/remote" && ls "$1" && cksum "$1"/*.pem)
}
