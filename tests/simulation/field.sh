#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What people's stores really look like: files of other things, odd names,
# stores that are empty, carried elsewhere or abandoned.  What show, check and
# the debugger say of them.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"

HOST=mail.example.com
OWNER=_25_tcp_${HOST//./_}.tlsa.example.net.

main() {
	# mounts of its own
	if [ -z "${FIELD_MOUNTS-}" ] && unshare --mount true 2>/dev/null; then
		FIELD_MOUNTS=1 exec unshare --mount "$0" "$@"
	fi
	program_find
	tap_need openssl
	tap_begin
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	ca_issue "$TMP/ca" old ecdsa E1 "$HOST"
	# an older one is older by a second at least
	sleep 1
	ca_issue "$TMP/ca" new ecdsa E1 "$HOST"
	NEW=$TMP/ca/issued/new
	test_names
	test_bystanders
	test_odd_name
	test_dangling
	test_abandoned
	test_volume
	test_mount
	test_emptied
	test_crowded
	tap_end
}

# config TYPE HOST...: the store is $TMP/store
config() {
	local type=$1
	shift

	rm -rf "$TMP/state" "$TMP/store"
	mkdir "$TMP/store"
	cat >"$TMP/c.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60}
	zones: [{name: tlsa.example.net, nameservers: [ns1.example.net]}]
	sources: [{type: $type, path: $TMP/store}]
	services: [$(printf '{host: %s},' "$@")]
	END
}

program() {
	"$PDNS_TLSA" -c "$TMP/c.yaml" "$@" >"$TMP/out" 2>"$TMP/err"
}

says() {
	grep -q -e "$1" "$TMP/out" "$TMP/err"
}

# asked NAME: the reply of the debugger
asked() {
	printf '{"method":"lookup","parameters":{"qtype":"ANY","qname":"%s"}}\n' \
	    "$1" | "$PDNS_TLSA" -c "$TMP/c.yaml" pipe 2>"$TMP/err"
}

published() {
	asked "$OWNER" | grep -q "$(tlsa_of "3 1 1" "$NEW/fullchain.pem" |
	    cut -d ' ' -f 4)"
}

# Each name that files finds by itself.
test_names() {
	local name

	for name in mail.pem mail.crt mail.cer MAIL.PEM mail/fullchain.pem \
	    mail/fullchain.cer mail/tls.crt mail/crt.pem mail/cert.pem \
	    mail/any.crt; do
		config files "$HOST"
		mkdir -p "$(dirname "$TMP/store/$name")"
		cp "$NEW/fullchain.pem" "$TMP/store/$name"
		tap_ok "$name" published
	done
	config files "$HOST"
	cp "$NEW/fullchain.pem" "$TMP/store/mail.chain"
	program check
	tap_ok "a source in which nothing fits says so" \
	    says "$TMP/store: no lineage of type 'files' is in it"
	sed -i 's|path: .*/store|&, match: ["*.chain"]|' "$TMP/c.yaml"
	tap_ok "what match says" published
	# what is on record would stay, for nothing takes its place
	rm -rf "$TMP/state"
	sed -i 's|path: .*/store|&, hosts: [www.example.com]|' "$TMP/c.yaml"
	tap_ok "a source that speaks for others" eval '! published'
}

# None of them keeps the answer for a host without a certificate.
test_bystanders() {
	config files "$HOST" new.example.com
	cp "$NEW/fullchain.pem" "$TMP/store/mail.pem"
	cp "$NEW/privkey.pem" "$TMP/store/secret.pem"
	cp "$NEW/chain.pem" "$TMP/store/ca.pem"
	openssl ecparam -name prime256v1 >"$TMP/store/parameters.pem"
	openssl req -new -key "$NEW/privkey.pem" -subj "/CN=$HOST" \
	    >"$TMP/store/request.pem" 2>/dev/null
	echo "no PEM" >"$TMP/store/notes.pem"
	cp "$TMP/ca/issued/old/fullchain.pem" \
	    "$TMP/store/mail (conflicted copy 2026-11-28).pem"
	tap_is "a host without a certificate has no record" \
	    "$(asked _25_tcp_new_example_com.tlsa.example.net.)" \
	    '{"result":[]}'
	tap_ok "and the other one has its own" published
	program show --format zone "$HOST"
	tap_is "but not that of the copy" "$(grep -c "3 1 1" "$TMP/out")" 1
	head -c 700 "$NEW/fullchain.pem" >"$TMP/store/half.pem"
	tap_is "of half a certificate nobody knows" \
	    "$(asked _25_tcp_new_example_com.tlsa.example.net.)" \
	    '{"result":null}'
	program check new.example.com
	tap_ok "check names the file" says "could never be read.*half.pem"
	program show new.example.com
	tap_ok "and so does show" says "cannot tell.*half.pem"
}

test_odd_name() {
	config files "$HOST"
	cp "$NEW/fullchain.pem" "$TMP/store/$(printf 'x\nTLSA OK \033[2J').pem"
	program check
	tap_ok "check: no name writes a line" eval '! grep "^TLSA OK " "$TMP/out"'
	tap_ok "but says what it is" says 'x\\x0aTLSA OK \\x1b\[2J'
	program check --format json
	tap_ok "JSON says it alike" says 'x\\\\x0aTLSA OK \\\\x1b\[2J'
	program show
	tap_ok "so does show" says "lineage 'x.x0aTLSA OK "
	tap_is "in as many octets as it takes" \
	    "$(tr -d '[:print:]\n\t' <"$TMP/out")" ""
}

# The links of a container that lead nowhere here.
test_dangling() {
	config certbot "$HOST"
	certbot_issue "$TMP/store" mail "$NEW"
	ln -sf /elsewhere/archive/fullchain1.pem \
	    "$TMP/store/live/mail/fullchain.pem"
	program show
	tap_ok "where a link leads" \
	    says "leads to /elsewhere/archive/fullchain1.pem, which does not"
}

test_abandoned() {
	config certbot "$HOST"
	certbot_issue "$TMP/store" mail "$TMP/ca/issued/old"
	certbot_issue "$TMP/store" mail-0001 "$NEW"
	program check
	tap_ok "a twin that was left behind, and its end" \
	    says "'mail': is abandoned.*'mail-0001'.*certbot delete --cert-name mail$"
	tap_ok "who may write it" says "note.*'mail-0001'.*written by root"
	program show
	tap_ok "show tells of it" says "'mail': seems to be abandoned"
	tap_ok "and where it reads" \
	    says "read from $TMP/store/live/mail-0001/fullchain.pem"
	certbot_delete "$TMP/store" mail
	program check
	tap_ok "its end ends it" eval '! says abandoned && ! says written'
}

logged() { grep -q "$1" "$TMP/pdns-tlsa.log"; }

# One that goes is deleted, all at once are not; nor are they over a restart.
test_emptied() {
	config certbot "$HOST"
	sed -i 's/ttl: 60/ttl: 60, retain: 1s, propagation: 0/' "$TMP/c.yaml"
	certbot_issue "$TMP/store" one "$TMP/ca/issued/new"
	certbot_issue "$TMP/store" two "$TMP/ca/issued/old"
	certbot_issue "$TMP/store" three "$TMP/ca/issued/old"
	tlsa_serve "$TMP/c.yaml"
	wait_for 5 serves new
	for part in live archive renewal; do
		rm -r "$TMP/store/$part/three"*
	done
	tap_ok "a lineage that goes was deleted" \
	    wait_for 10 logged "lineage 'three': was deleted"
	cp -a "$TMP/store" "$TMP/backup"
	rm -r "$TMP"/store/{live,archive,renewal}/*
	tap_ok "all that are left, at once: an alarm" \
	    wait_for 10 logged "all 2 lineages are gone at once"
	"$PDNS_TLSA" -c "$TMP/c.yaml" check >"$TMP/out" 2>&1
	tap_ok "check says so" says "all 2 lineages are gone at once"
	stop "$TLSA_PID"
	tlsa_serve "$TMP/c.yaml"
	tap_ok "and after a restart" \
	    wait_for 10 logged "all 2 lineages are gone at once"
	tap_ok "the records stay" published
	tap_ok "and nothing was deleted" eval "! logged \"'one': was deleted\""
	cp -a "$TMP"/backup/. "$TMP/store"
	tap_ok "until the store is back" wait_for 10 logged "can be read again"
	stop "$TLSA_PID"
}

# Who fills a directory is not looked at for ever; where the certificate has the
# usual name it is found all the same.
test_crowded() {
	config files "$HOST"
	mkdir "$TMP/store/mail"
	for i in {1..100}; do
		cp "$NEW/chain.pem" "$TMP/store/mail/a$i.crt"
	done
	cp "$NEW/fullchain.pem" "$TMP/store/mail/fullchain.pem"
	tap_ok "a hundred files beside the usual name" published
	for i in {1..100}; do
		cp "$NEW/fullchain.pem" "$TMP/store/mail/a$i.crt"
	done
	rm -r "$TMP/store/mail/fullchain.pem" "$TMP/state"
	tap_ok "a hundred certificates, and none of that name" published
	program check
	tap_ok "which is said" \
	    says "mail: has too many files, and only some are looked at"
}

# volume NAME GENERATION: a secret as the kubelet writes it, all at once: the
# directory with the files is behind a link, which is renamed into place
volume() {
	local at=$TMP/store/$1 next

	next=..$2.$RANDOM
	mkdir -p "$at/$next"
	cp "$TMP/ca/issued/$2/fullchain.pem" "$at/$next/tls.crt"
	cp "$TMP/ca/issued/$2/privkey.pem" "$at/$next/tls.key"
	cp "$TMP/ca/issued/$2/chain.pem" "$at/$next/ca.crt"
	ln -s "$next" "$at/..data_tmp"
	mv -T "$at/..data_tmp" "$at/..data"
	ln -sf ..data/tls.crt ..data/tls.key ..data/ca.crt "$at/"
	find "$at" -mindepth 1 -maxdepth 1 -name '..*.*' ! -name "$next" \
	    -exec rm -r {} +
}

test_volume() {
	config files "$HOST"
	volume mail old
	tlsa_serve "$TMP/c.yaml"
	tap_ok "a secret volume" wait_for 5 serves old
	volume mail new
	tap_ok "its renewal" wait_for 5 serves new
	volume mail old
	tap_ok "and back" wait_for 5 serves old
	stop "$TLSA_PID"
}

# What is mounted over a part of the store, and taken away.
test_mount() {
	if [ -z "${FIELD_MOUNTS-}" ]; then
		tap_pass_over "a mount" "no mount namespace"
		return
	fi
	config certbot "$HOST"
	certbot_issue "$TMP/store" mail "$TMP/ca/issued/old"
	certbot_issue "$TMP/other" mail "$NEW"
	tlsa_serve "$TMP/c.yaml"
	tap_ok "the store" wait_for 5 serves old
	mount --bind "$TMP/other/archive" "$TMP/store/archive"
	tap_ok "a mount over its archive is seen" wait_for 5 serves new
	umount "$TMP/store/archive"
	tap_ok "and its end" wait_for 5 serves old
	tap_is "one inotify instance does for all" "$(find \
	    "/proc/$TLSA_PID/fd" -lname '*inotify*' | wc -l)" 1
	stop "$TLSA_PID"
}

# serves GENERATION: it is the current one
serves() {
	"$PDNS_TLSA" -c "$TMP/c.yaml" status --format json |
	    grep -q "\"not_after\": \"$(expiry "$1")\""
}

# As the daemon writes dates.
expiry() {
	date -u -d "$(openssl x509 -noout -enddate \
	    -in "$TMP/ca/issued/$1/cert.pem" | cut -d = -f 2)" +%FT%TZ
}

main "$@"
