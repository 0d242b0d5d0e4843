#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deploy, run as root, for lineages whose owners turn them while it looks, and
# for places that are wanted twice, held, or filled by others.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"
. "$lib/deploy.sh"

main() {
	program_find
	tap_need openssl python3 setpriv strace flock unshare script
	[ "$(id -u)" -eq 0 ] || tap_skip "only root has something to lose"
	tap_begin
	world_begin
	tlsa_serve
	test_staged
	test_renewal
	test_opened
	test_group
	test_twin
	test_rivals
	test_lock
	test_rights
	test_parameters
	test_filled
	test_linked
	test_adopt
	test_reload
	test_terminal
	test_hooks
	tap_end
}

world_begin() {
	local name

	chmod 755 "$TMP"
	mkdir -p "$TMP"/store/alice "$TMP/other" "$TMP/tls"
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	for name in alice bank mail; do
		issue $name E1 || tap_bail "openssl"
	done
	for name in bank mail; do
		certbot_issue "$TMP/le" $name "$TMP/ca/issued/$name" ||
		    tap_bail "store"
	done
	chmod 755 "$TMP/le/live" "$TMP/le/archive"
	renew bank E2
	alice_has alice
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60, propagation: 0, retain: 1h}
	sources:
	  - {type: files, path: $TMP/store}
	  - {type: files, path: $TMP/other}
	  - {type: certbot, path: $TMP/le}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net]}
	services:
	  - {host: alice.example.com, lineages: [alice]}
	  - {host: bank.example.com, lineages: [bank, turned]}
	  - {host: mail.example.com, lineages: [mail]}
	END
}

renew() {
	issue "$1" "$2" || tap_bail "openssl failed"
	certbot_renew "$TMP/le" "$1" "$TMP/ca/issued/$1"
}

# A deploy that hangs is one that fails.
deploy() {
	timeout 60 "$PDNS_TLSA" deploy "$1" -c "$TMP/pdns-tlsa.yaml" \
	    --timeout 10 "${@:2}" >"$TMP/out" 2>"$TMP/err"
}

key_is() {
	cmp "$TMP/ca/issued/$1/privkey.pem" "$2/privkey.pem"
}

places_clear() {
	rm -rf "$TMP"/tls/* "$TMP"/tls/.[!.]*
}

# ---- where it comes from ----

# A link to an old generation of somebody else's makes the next one staged.
test_staged() {
	mkdir -m 755 "$TMP/le/live/turned"
	ln -s ../../archive/bank/fullchain1.pem \
	    "$TMP/le/live/turned/fullchain.pem"
	chown -h $ALICE "$TMP/le/live/turned" "$TMP/le/live/turned/"*
	tap_ok "a staged generation of somebody else's" refuses \
	    "ermission denied" turned --to "$TMP/tls/turned" --owner $ALICE
	tap_ok "is not handed out" [ ! -e "$TMP/tls/turned" ]
	rm -r "$TMP/le/live/turned"
	places_clear
}

# Who writes certbot's renewal file says where a lineage lies.
test_renewal() {
	local conf=$TMP/le/renewal/turned.conf

	cat >"$conf" <<-END
	fullchain = $TMP/le/archive/bank/fullchain2.pem
	END
	chown $ALICE "$conf"
	tap_ok "a renewal file of hers that names it" refuses \
	    "ermission denied" turned --to "$TMP/tls/turned" --owner $ALICE
	tap_ok "hands nothing out" [ ! -e "$TMP/tls/turned" ]
	chown 0:$ALICE "$conf"
	chmod 664 "$conf"
	tap_ok "one that her group may write" refuses \
	    "$conf: others may write to it" turned --to "$TMP/tls/turned"
	chmod 644 "$conf"
	chown 0:0 "$conf"
	tap_ok "root's own will do" deploy turned --to "$TMP/tls/turned"
	tap_ok "and says so" key_is bank "$TMP/tls/turned"
	rm "$conf"
	places_clear
}

# What root must not even open: a device may act on that.
test_opened() {
	local kind

	mkdir -m 700 "$TMP/secret"
	mkfifo "$TMP/secret/pipe"
	mknod "$TMP/secret/device" c 1 3
	cp "$TMP/ca/issued/alice/fullchain.pem" "$TMP/secret/file"
	chmod 600 "$TMP/secret"/*
	for kind in pipe device file; do
		rm "$TMP/store/alice/fullchain.pem"
		ln -s "$TMP/secret/$kind" "$TMP/store/alice/fullchain.pem"
		chown -h $ALICE "$TMP/store/alice/fullchain.pem"
		traced alice --to "$TMP/tls/alice"
		tap_is "her link to a $kind of root's leads nowhere" \
		    "$(opened "$kind")" ""
	done
	rm -r "$TMP/secret"
	alice_has alice
	mkfifo "$TMP/store/alice/pipe"
	mv "$TMP/store/alice/pipe" "$TMP/store/alice/fullchain.pem"
	chown $ALICE "$TMP/store/alice/fullchain.pem"
	traced alice --to "$TMP/tls/alice"
	tap_is "nor is a pipe of her own opened" "$(opened fullchain.pem)" ""
	rm "$TMP/store/alice/fullchain.pem"
	alice_has alice
	places_clear
}

traced() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
	    timeout 60 strace -f -yy -o "$TMP/trace" -e trace=open,openat \
	    "$PDNS_TLSA" deploy "$1" -c "$TMP/pdns-tlsa.yaml" --timeout 0 \
	    "${@:2}" >"$TMP/out" 2>"$TMP/err"
}

# opened NAME: what was opened of it, for more than to look what it is.
opened() {
	grep -v O_PATH "$TMP/trace" | grep -E "= [0-9]+<[^>]*/$1(<.*)?>"
}

# Debian's users have a group each, and the umask 002.
test_group() {
	chmod 775 "$TMP/store/alice"
	cp /etc/passwd "$TMP/passwd"
	cp /etc/group "$TMP/group"
	echo "alice_t:x:$ALICE:$ALICE::/:/bin/false" >>"$TMP/passwd"
	echo "alice_t:x:$ALICE:" >>"$TMP/group"
	tap_ok "her own group may write" among deploy alice \
	    --to "$TMP/tls/alice"
	sed -i "s/^alice_t:.*/&bob_t/" "$TMP/group"
	tap_ok "but nobody else's" among refuses "others may write to it" \
	    alice --to "$TMP/tls/alice"
	sed -i "s/bob_t$//" "$TMP/group"
	echo "bob_t:x:$BOB:$ALICE::/:/bin/false" >>"$TMP/passwd"
	tap_ok "nor one that is another's first" among refuses \
	    "others may write to it" alice --to "$TMP/tls/alice"
	sed -i '/^bob_t/d' "$TMP/passwd"
	if acl_set; then
		tap_ok "nor who is in an access control list" among refuses \
		    "others may write to it" alice --to "$TMP/tls/alice"
	else
		tap_pass_over "an access control list" "there are none"
	fi
	mkdir -m 777 "$TMP/other/mail"
	tap_ok "a directory that has the name by chance hinders nobody" \
	    deploy mail --to "$TMP/tls/mail"
	rmdir "$TMP/other/mail"
	alice_has alice
	places_clear
}

# user::rwx user:BOB:rwx group::--- mask::rwx other::r-x
acl_set() {
	python3 - "$TMP/store/alice" $BOB <<-'END'
	import os, struct, sys
	none = 0xffffffff
	entries = [(1, 7, none), (2, 7, int(sys.argv[2])), (4, 0, none),
	    (16, 7, none), (32, 5, none)]
	os.setxattr(sys.argv[1], "system.posix_acl_access", struct.pack("<I", 2)
	    + b"".join(struct.pack("<HHI", *entry) for entry in entries))
	END
}

# Run a function with these users, in a mount namespace of its own.
among() {
	export -f deploy refuses
	export TMP PDNS_TLSA
	unshare -m --propagation private bash -c '
	    mount --bind "$TMP/passwd" /etc/passwd &&
	    mount --bind "$TMP/group" /etc/group && "$@"' bash "$@"
}

# Ours is absent for a moment, and one of the same name elsewhere is not.
test_twin() {
	local twin=$TMP/other/alice

	mkdir -p "$twin" "$TMP/other/bystander"
	cp "$TMP/ca/issued/bank"/{fullchain,privkey}.pem "$twin"
	tap_ok "two of one name" refuses "several sources" alice \
	    --to "$TMP/tls/alice"
	mv "$TMP/store/alice/fullchain.pem" "$TMP/aside"
	tap_ok "and while one is away" refuses "the daemon has one of that" \
	    alice --to "$TMP/tls/alice" --timeout 0
	tap_ok "nothing is deployed" [ ! -e "$TMP/tls/alice" ]
	mv "$TMP/aside" "$TMP/store/alice/fullchain.pem"
	rm -r "$twin"
	tap_ok "one that was removed hinders nobody" deploy alice \
	    --to "$TMP/tls/alice"
	places_clear
}

# ---- where it goes ----

test_rivals() {
	deploy mail --to "$TMP/tls/mail"
	tap_ok "another lineage for the same place" refuses \
	    "lineage 'mail'" bank --to "$TMP/tls/mail"
	tap_ok "with what to do" grep -qF -- "--instead-of mail" "$TMP/err"
	tap_ok "gets it not" key_is mail "$TMP/tls/mail"
	tap_ok "nor instead of a third one" refuses "lineage 'mail'" bank \
	    --to "$TMP/tls/mail" --instead-of alice
	tap_ok "but instead of the first" deploy bank --to "$TMP/tls/mail" \
	    --instead-of mail
	tap_ok "which is replaced" key_is bank "$TMP/tls/mail"
	tap_ok "and refused from then on" refuses "lineage 'bank'" mail \
	    --to "$TMP/tls/mail"
	tap_ok "while the other goes on" deploy bank --to "$TMP/tls/mail" \
	    --instead-of mail
	deploy mail --to "$TMP/tls/own" --reload false --no-verify
	tap_ok "a failure leaves the place to nobody" deploy bank \
	    --to "$TMP/tls/own"
	places_clear
}

test_lock() {
	deploy mail --to "$TMP/tls/mail"
	exec 9<>"$TMP/tls/.mail.lock"
	flock 9
	renew mail E1
	tap_ok "a lock that is held is not waited for for ever" refuses \
	    "another" mail --to "$TMP/tls/mail" --timeout 1
	tap_ok "nor at all" refuses "another" mail --to "$TMP/tls/mail" \
	    --timeout 0
	rm "$TMP/tls/.mail.lock"
	tap_ok "one that was removed is none" deploy mail --to "$TMP/tls/mail"
	exec 9<&-
	places_clear
}

# Whatever rights the key has, others do not write to what a server reads.
test_rights() {
	chmod 666 "$TMP/store/alice/privkey.pem"
	deploy alice --to "$TMP/tls/alice"
	tap_is "a key that others may write" "$(find "$TMP/tls/alice/" \
	    -type f -perm /022)" ""
	tap_ok "is not asked for" refuses "must not let others write" alice \
	    --to "$TMP/tls/alice" --mode 0666
	chmod 600 "$TMP/store/alice/privkey.pem"
	places_clear
}

# openssl ecparam -genkey writes them before the key, and people copy them.
test_parameters() {
	{
		openssl ecparam -name prime256v1
		cat "$TMP/ca/issued/alice/fullchain.pem"
	} >"$TMP/store/alice/fullchain.pem"
	tap_ok "parameters before the leaf" deploy alice --to "$TMP/tls/alice"
	tap_is "the leaf is apart" "$(openssl x509 -noout -fingerprint \
	    -in "$TMP/tls/alice/cert.pem")" "$(openssl x509 -noout \
	    -fingerprint -in "$TMP/ca/issued/alice/cert.pem")"
	tap_is "from its chain" "$(grep -c BEGIN "$TMP/tls/alice/chain.pem")" \
	    "$(grep -c BEGIN "$TMP/ca/issued/alice/chain.pem")"
	alice_has alice
	places_clear
}

# A reload that puts something beside the files, as haproxy needs it.
test_filled() {
	local reload='cat "$PDNS_TLSA_DIRECTORY"/[fp]*.pem >"$PDNS_TLSA_DIRECTORY/all.pem"'

	deploy mail --to "$TMP/tls/mail" --reload "$reload" --no-verify
	renew mail E2
	tap_ok "a reload that fails behind that" refuses "reload failed" mail \
	    --to "$TMP/tls/mail" --reload "$reload; false" --no-verify
	tap_ok "is tried again" deploy mail --to "$TMP/tls/mail" \
	    --reload "$reload" --no-verify
	tap_ok "and installs it" key_is mail "$TMP/tls/mail"
	places_clear
}

# A link that is written otherwise leads to what is ours all the same.
test_linked() {
	local before

	deploy mail --to "$TMP/tls/mail"
	before=$(readlink -f "$TMP/tls/mail")
	ln -sfn "$before" "$TMP/tls/mail"
	renew mail E1
	deploy mail --to "$TMP/tls/mail"
	tap_ok "the one before is kept, however it was linked to" \
	    [ -e "$before/privkey.pem" ]
	places_clear
}

# The store itself is no place for a link.
test_adopt() {
	tap_ok "a lineage's own directory" refuses "itself lies" mail \
	    --to "$TMP/le/live/mail" --adopt
	tap_ok "stays one" [ ! -L "$TMP/le/live/mail" ]
}

test_reload() {
	deploy mail --to "$TMP/tls/mail" --reload ""
	tap_is "an empty reload is a mistake" "$?" 2
	places_clear
	(exec 0<&- 1>&- 2>&-
	traced_closed)
	tap_is "without standard files nothing is written to others" \
	    "$(grep -E '^[0-9]* *write\(2<(socket|UNIX|/.*tls)' "$TMP/trace")" ""
	places_clear
}

traced_closed() {
	timeout 60 strace -f -yy -o "$TMP/trace" -e trace=write \
	    "$PDNS_TLSA" deploy mail -c "$TMP/pdns-tlsa.yaml" --timeout 10 \
	    --to "$TMP/tls/mail"
}

# What a daemon says, and it says what others wrote, reaches no terminal as it
# is.
test_terminal() {
	sed "s|^control:.*|control: $TMP/fake.sock|" "$TMP/pdns-tlsa.yaml" \
	    >"$TMP/fake.yaml"
	spawn fake python3 -c '
import json, socket, sys
answer = {"result": [{"source": sys.argv[2], "problem": "\x1b]0;evil\x07"}]}
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
while True:
    connection = listener.accept()[0].makefile("rw")
    for line in connection:
        print(json.dumps(answer), file=connection, flush=True)
' "$TMP/fake.sock" "$TMP/store"
	wait_for 60 [ -S "$TMP/fake.sock" ] || tap_bail "no daemon"
	script -qec "$PDNS_TLSA wait alice -c $TMP/fake.yaml --timeout 1" \
	    /dev/null >"$TMP/out" </dev/null
	tap_ok "a daemon tells" grep -q "evil" "$TMP/out"
	tap_ok "and controls no terminal" lacks grep -q $'\e]0' "$TMP/out"
	stop "$PID"
}

lacks() {
	! "$@"
}

# Root's hook writes beside keys that others keep.
test_hooks() {
	local packaging=$lib/../../packaging key=$TMP/ca/issued/bank/privkey.pem
	local at=$TMP/hooks

	mkdir "$at"
	cp "$key" "$at/privkey.roll.pem"
	cp "$key" "$at/mail.key.next"
	echo victim >"$TMP/victim"
	ln -s "$TMP/victim" "$at/pubkey.roll.pem.new"
	ln -s "$TMP/victim" "$at/pubkey.next.pem.new"
	"$packaging/dehydrated/pdns-tlsa-hook" deploy_cert mail.example.com \
	    "$at/privkey.pem" "$at/cert.pem" "$at/fullchain.pem" "$at/chain.pem" 0
	CERT_KEY_PATH="$at/mail.key" "$packaging/acme.sh/pdns-tlsa-hook"
	tap_is "a hook writes through no link" "$(cat "$TMP/victim")" victim
	tap_is "and publishes the next key" \
	    "$(cat "$at/pubkey.roll.pem" "$at/pubkey.next.pem")" \
	    "$(openssl pkey -in "$key" -pubout && openssl pkey -in "$key" -pubout)"
}

main "$@"
