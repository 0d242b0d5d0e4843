#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deploy, run as root, where others can write: the place that it installs to,
# and the lineage that it reads.  And deploy that is killed after each step that
# changes anything, and gone on with; KILL_EVERY=9 for each ninth of its kind.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"
. "$lib/deploy.sh"

# What changes something, or waits; and the moment before it is opened.
STEPS="mkdirat symlinkat renameat renameat2 unlinkat fsync fchown fchmod write
flock clone clone3 vfork wait4 sendto connect"

main() {
	program_find
	tap_need openssl setpriv strace
	[ "$(id -u)" -eq 0 ] || tap_skip "only root has something to lose"
	tap_begin
	world_begin
	tlsa_serve
	test_place
	test_beside
	test_lineage
	test_changed
	test_once
	test_adopt
	test_verify
	test_record
	test_killed
	tap_end
}

world_begin() {
	chmod 755 "$TMP"
	mkdir -p "$TMP"/store/{alice,bank} "$TMP/tls"
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	issue alice E1 && issue bank E1 && issue mail E1 || tap_bail "openssl"
	cp "$TMP"/ca/issued/bank/{fullchain,privkey}.pem "$TMP/store/bank"
	chmod 600 "$TMP/store/bank/privkey.pem"
	alice_has alice
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" || tap_bail "store"
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60, propagation: 0, retain: 1h}
	sources:
	  - {type: files, path: $TMP/store}
	  - {type: certbot, path: $TMP/le}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net]}
	services:
	  - {host: alice.example.com, lineages: [alice]}
	  - {host: bank.example.com, lineages: [bank]}
	  - {host: mail.example.com, lineages: [mail]}
	END
}

as() {
	setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"
}

deploy() {
	"$PDNS_TLSA" deploy "$1" -c "$TMP/pdns-tlsa.yaml" --timeout 30 \
	    "${@:2}" >"$TMP/out" 2>"$TMP/err"
}

# ---- where it goes ----

test_place() {
	local place

	mkdir "$TMP/tls/alice" "$TMP/tls/open" "$TMP/tls/group" "$TMP/tls/drop"
	chown $ALICE "$TMP/tls/alice"
	chmod 777 "$TMP/tls/open"
	chmod 775 "$TMP/tls/group"
	chmod 1777 "$TMP/tls/drop"
	ln -s /etc "$TMP/tls/link"
	mkdir "$TMP/tls/alice/root" "$TMP/tls/open/root" "$TMP/tls/drop/root"
	tap_ok "another user's directory" refuses \
	    "$TMP/tls/alice: belongs to user $ALICE" \
	    mail --to "$TMP/tls/alice/mail"
	tap_ok "a directory below one" refuses \
	    "$TMP/tls/alice: belongs to user $ALICE" \
	    mail --to "$TMP/tls/alice/root/mail"
	for place in open group drop open/root; do
		tap_ok "others may write to $place" refuses \
		    "$TMP/tls/${place%/root}: others may write to it" \
		    mail --to "$TMP/tls/$place/mail"
	done
	tap_ok "a link on the way" refuses \
	    "$TMP/tls/link: is a symbolic link" \
	    mail --to "$TMP/tls/link/mail"
	tap_ok "no directory" refuses "No such file" mail --to "$TMP/none/mail"
	tap_is "none of them has anything" \
	    "$(find "$TMP"/tls/{alice,open,group,drop} -name '*mail*')" ""
	tap_ok "below a sticky directory one of root's own will do" \
	    deploy mail --to "$TMP/tls/drop/root/mail"
	tap_ok "and it is there" key_is mail "$TMP/tls/drop/root/mail"
	rm -rf "$TMP"/tls/*
}

key_is() {
	cmp "$TMP/ca/issued/$1/privkey.pem" "$2/privkey.pem"
}

# What lies beside the link, with a name as ours, is not ours.
test_beside() {
	mkdir "$TMP/victim" "$TMP/tls/mail.fedcba9876543210"
	touch "$TMP"/{victim,tls/mail.fedcba9876543210}/privkey.pem
	ln -s "$TMP/victim" "$TMP/tls/mail.0123456789abcdef"
	tap_ok "things with such names beside it" \
	    deploy mail --to "$TMP/tls/mail"
	renew mail E2
	tap_ok "and once more" deploy mail --to "$TMP/tls/mail"
	renew mail E1
	tap_ok "and once more" deploy mail --to "$TMP/tls/mail"
	tap_ok "are left alone" ls "$TMP/victim/privkey.pem" \
	    "$TMP/tls/mail.fedcba9876543210/privkey.pem" \
	    "$TMP/tls/mail.0123456789abcdef"
	tap_is "of our own there are two" "$(ours)" 2
	renew mail E2
	mkdir "$TMP/tls/$(generation mail)"
	touch "$TMP/tls/$(generation mail)/privkey.pem"
	tap_ok "the very name that it needs" refuses "not of our making" \
	    mail --to "$TMP/tls/mail"
	tap_ok "and again" refuses "not of our making" mail --to "$TMP/tls/mail"
	tap_ok "which stays as it is" key_is_empty
	rm -r "$TMP/tls/$(generation mail)"
	tap_ok "and is needed no more" deploy mail --to "$TMP/tls/mail"
	rm -rf "$TMP"/tls/*
}

key_is_empty() {
	[ -e "$TMP/tls/$(generation mail)/privkey.pem" ] &&
	    [ ! -s "$TMP/tls/$(generation mail)/privkey.pem" ]
}

renew() {
	issue "$1" "$2" || tap_bail "openssl failed"
	certbot_renew "$TMP/le" "$1" "$TMP/ca/issued/$1"
}

ours() {
	find "$TMP/tls" -mindepth 1 -maxdepth 1 -type d -name 'mail.*' \
	    ! -name mail.fedcba9876543210 | wc -l
}

# The name of the newest generation's directory.
generation() {
	echo "$1.$(openssl x509 -in "$TMP/ca/issued/$1/cert.pem" -outform DER |
	    sha256sum | cut -c 1-16)"
}

# ---- where it comes from ----

# What Alice may read goes to Alice, and nothing else.
test_lineage() {
	local bank=$TMP/store/bank

	tap_ok "her own key" deploy alice --to "$TMP/tls/alice" --owner $ALICE
	tap_ok "which she can read" as $ALICE cat "$TMP/tls/alice/privkey.pem"
	tap_ok "and not exchange" lacks as $ALICE \
	    ln -sf /etc/shadow "$TMP/tls/alice/privkey.pem"
	her_key ln -s ../bank/privkey.pem
	tap_ok "a link to somebody else's" refuses "privkey.pem: Permission" \
	    alice --to "$TMP/tls/bank" --owner $ALICE
	rm "$TMP/store/alice/privkey.pem"
	ln "$bank/privkey.pem" "$TMP/store/alice/privkey.pem"
	tap_ok "a hard link to it" refuses "Permission" \
	    alice --to "$TMP/tls/bank" --owner $ALICE
	chmod 644 "$bank/privkey.pem"
	tap_ok "which anybody may read" refuses \
	    "is not a file of the lineage's owner" \
	    alice --to "$TMP/tls/bank" --owner $ALICE
	chmod 600 "$bank/privkey.pem"
	rm "$TMP/store/alice/privkey.pem"
	as $ALICE mkfifo "$TMP/store/alice/privkey.pem"
	tap_ok "a pipe" refuses "is no regular file" \
	    alice --to "$TMP/tls/bank" --owner $ALICE
	her_chain ln -s ../bank/fullchain.pem
	her_key ln -s ../bank/privkey.pem
	tap_ok "chain and key by links" refuses "" \
	    alice --to "$TMP/tls/bank" --owner $ALICE
	alice_has alice
	chmod 775 "$TMP/store/alice"
	tap_ok "a directory that her group may write" refuses \
	    "$TMP/store/alice: others may write to it" \
	    alice --to "$TMP/tls/bank"
	chmod 755 "$TMP/store/alice"
	as $ALICE mkdir -m 755 "$TMP/store/alice/keys"
	chown $BOB "$TMP/store/alice/keys"
	cp "$TMP/ca/issued/alice/privkey.pem" "$TMP/store/alice/keys"
	her_key ln -s keys/privkey.pem
	tap_ok "a key that Bob keeps for her" refuses \
	    "belongs to user $BOB, and what it is a part of to user $ALICE" \
	    alice --to "$TMP/tls/bank"
	alice_has alice
	chmod 1775 "$TMP/store/alice"
	tap_ok "a sticky one, where each may exchange his own" refuses \
	    "others may write to" alice --to "$TMP/tls/bank"
	tap_ok "nothing of the bank is there" [ ! -e "$TMP/tls/bank" ]
	alice_has alice
	tap_ok "root reads root's own" deploy bank --to "$TMP/tls/bank"
	tap_ok "for the user that he names" \
	    deploy bank --to "$TMP/tls/banker" --owner $BOB
	tap_ok "who can read it" as $BOB cat "$TMP/tls/banker/privkey.pem"
	rm -rf "$TMP"/tls/*
}

her_key() {
	rm -f "$TMP/store/alice/privkey.pem"
	(cd "$TMP/store/alice" && as $ALICE "$@" privkey.pem)
}

her_chain() {
	rm -f "$TMP/store/alice/fullchain.pem"
	(cd "$TMP/store/alice" && as $ALICE "$@" fullchain.pem)
}

lacks() {
	! "$@"
}

# What is called deployed is, and stays where it is.
test_changed() {
	local told=$TMP/told

	renew mail E1
	deploy mail --to "$TMP/tls/mail"
	tap_ok "nothing to do" deploy mail --to "$TMP/tls/mail"
	tap_ok "as it says" grep -q "deployed already" "$TMP/err"
	tap_ok "but a server that was never told" \
	    deploy mail --to "$TMP/tls/mail" --reload "echo >>'$told'" --no-verify
	tap_ok "is told" [ -e "$told" ]
	deploy mail --to "$TMP/tls/mail" --reload "echo >>'$told'" --no-verify
	tap_is "once" "$(wc -l <"$told")" 1
	deploy mail --to "$TMP/tls/mail" --owner $BOB --mode 0640
	tap_is "other rights" \
	    "$(stat -Lc '%u %a' "$TMP/tls/mail/privkey.pem")" "$BOB 640"
	: >"$TMP/tls/mail/privkey.pem"
	deploy mail --to "$TMP/tls/mail"
	tap_ok "a key that was emptied" key_is mail "$TMP/tls/mail"
	rm -r "$(readlink -f "$TMP/tls/mail")"
	deploy mail --to "$TMP/tls/mail"
	tap_ok "a directory that was removed" key_is mail "$TMP/tls/mail"
	ln -sfn "$(readlink -f "$TMP/tls/mail")" "$TMP/tls/mail"
	tap_ok "a link that is written otherwise" refuses "reload failed" \
	    mail --to "$TMP/tls/mail" --mode 0600 --reload false
	tap_ok "leads where it did" key_is mail "$TMP/tls/mail"
	(trap '' CHLD && exec "$PDNS_TLSA" deploy mail -c "$TMP/pdns-tlsa.yaml" \
	    --to "$TMP/tls/mail" --mode 0644 --reload true --no-verify \
	    2>"$TMP/err")
	tap_is "who ignores his children has reloads all the same" "$?" 0
	rm -rf "$TMP"/tls/* "$TMP"/tls/.mail*
	mkdir -p "$TMP/store/mail"
	cp "$TMP"/ca/issued/alice/* "$TMP/store/mail"
	tap_ok "a lineage of the same name elsewhere" refuses \
	    "several sources" mail --to "$TMP/tls/mail"
	mv "$TMP/le/live/mail/fullchain.pem" "$TMP/aside"
	tap_ok "is not meant, while ours is away" \
	    refuses "" mail --to "$TMP/tls/mail" --timeout 0
	mv "$TMP/aside" "$TMP/le/live/mail/fullchain.pem"
	rm -r "$TMP/store/mail"
	tap_is "nothing came of it" "$(ls "$TMP/tls")" ""
}

# ---- at the same time ----

test_once() {
	local first second

	renew mail E1
	deploy mail --to "$TMP/tls/mail" --no-verify \
	    --reload "echo one >>'$TMP/order'; sleep 1; echo end >>'$TMP/order'" &
	first=$!
	wait_for 30 grep -qs one "$TMP/order"
	"$PDNS_TLSA" deploy mail -c "$TMP/pdns-tlsa.yaml" --no-verify \
	    --to "$TMP/tls/mail" --reload "echo two >>'$TMP/order'" \
	    2>"$TMP/second" &
	second=$!
	wait "$first"
	tap_is "two at a time: the first" "$?" 0
	wait "$second"
	tap_is "and the second" "$?" 0
	tap_is "has waited, and had nothing to do" \
	    "$(xargs <"$TMP/order")" "one end"
	tap_ok "as it says" grep -q "deployed already" "$TMP/second"
	rm -rf "$TMP"/tls/* "$TMP/order"
}

# ---- a directory in its place ----

test_adopt() {
	plain_make
	tap_ok "a directory is not taken away" refuses "with --adopt" \
	    mail --to "$TMP/tls/mail"
	tap_ok "unless that is wished" deploy mail --to "$TMP/tls/mail" --adopt
	tap_ok "the link is there" key_is mail "$TMP/tls/mail"
	tap_is "and the directory aside" \
	    "$(cat "$TMP/tls/mail.before-deploy/privkey.pem")" "old key"
	renew mail E2
	tap_ok "it is done once" deploy mail --to "$TMP/tls/mail" --adopt
	tap_is "what was aside is nothing of ours" \
	    "$(cat "$TMP/tls/mail.before-deploy/privkey.pem")" "old key"
	rm -rf "$TMP"/tls/mail "$TMP"/tls/.mail*
	mkdir "$TMP/tls/mail"
	tap_ok "not over what was moved aside before" refuses \
	    "is there still" mail --to "$TMP/tls/mail" --adopt
	rm -rf "$TMP"/tls/* "$TMP"/tls/.mail*
	plain_make
	tap_ok "when the reload fails" refuses "the reload failed" mail \
	    --to "$TMP/tls/mail" --adopt --reload false
	tap_is "it is what the link leads to" \
	    "$(cat "$TMP/tls/mail/privkey.pem")" "old key"
	rm -rf "$TMP"/tls/* "$TMP"/tls/.mail*
}

plain_make() {
	mkdir "$TMP/tls/mail"
	echo "old key" >"$TMP/tls/mail/privkey.pem"
}

# ---- what is seen of it ----

test_verify() {
	local flag port

	deploy mail --to "$TMP/tls/mail"
	for flag in smtp? smtp. smtp! smtp-; do
		port=$(port_free)
		renew mail E1
		spawn server python3 "$lib/mailserver.py" 127.0.0.1 \
		    "$port=$flag" "$TMP/tls/mail/fullchain.pem" \
		    "$TMP/tls/mail/privkey.pem"
		wait_for 60 is_open "$port" || tap_bail "no server"
		before=$(readlink "$TMP/tls/mail")
		tap_ok "a server without TLS ($flag)" refuses \
		    "presents no certificate" mail --to "$TMP/tls/mail" \
		    --reload true --verify "localhost:$port"
		tap_is "goes on with what it had ($flag)" \
		    "$(readlink "$TMP/tls/mail")" "$before"
		stop "$PID"
	done
	tap_ok "who does not look does not see" deploy mail \
	    --to "$TMP/tls/mail" --reload true --no-verify
	rm -rf "$TMP"/tls/* "$TMP"/tls/.mail*
}

is_open() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1")
}

test_record() {
	renew mail E1
	deploy mail --to "$TMP/tls/mail"
	renew mail E2
	echo '{"version": 9}' >"$TMP/tls/.mail.deploy"
	tap_ok "a record that nobody understands" refuses \
	    "$TMP/tls/.mail.deploy: cannot be understood" \
	    mail --to "$TMP/tls/mail"
	printf '{"version": 1, "pending": true, "made": ["../victim"], "link": "x"}' \
	    >"$TMP/tls/.mail.deploy"
	touch "$TMP/victim/cert.pem"
	tap_ok "one that names what is elsewhere" \
	    deploy mail --to "$TMP/tls/mail"
	tap_ok "removes nothing there" [ -e "$TMP/victim/cert.pem" ]
	rm "$TMP/tls/.mail.deploy"
	renew mail E1
	tap_ok "none at all" deploy mail --to "$TMP/tls/mail" --no-verify \
	    --reload "echo loaded >>'$TMP/loads'"
	tap_is "loads it" "$(cat "$TMP/loads")" loaded
	tap_is "and keeps what was linked to, and what it cannot know" \
	    "$(ours)" 3
	rm -rf "$TMP"/tls/* "$TMP"/tls/.mail*
}

# ---- killed ----

# A server loads what the link leads to, each time that it is told.
RELOAD='cat "$PDNS_TLSA_DIRECTORY/privkey.pem" >"$LOADED.new" &&
	mv "$LOADED.new" "$LOADED"'

test_killed() {
	local every=${KILL_EVERY:-1} step number count=0 lost=""

	export LOADED=$TMP/loaded
	renew mail E1
	deploy mail --to "$TMP/tls/mail" --reload "$RELOAD" --no-verify
	for step in $STEPS; do
		for ((number = 1; number < 50; number += every)); do
			renew mail E$((count % 2 + 1))
			! killed_at "$step" $number || break
			count=$((count + 1))
			is_whole || lost="$lost $step-$number:halfway"
			deploy mail --to "$TMP/tls/mail" --reload "$RELOAD" \
			    --no-verify || lost="$lost $step-$number:fails"
			is_installed || lost="$lost $step-$number:old"
		done
	done
	tap_is "killed at each of $count steps, and gone on with" "$lost" ""
	tap_is "there are as many steps as that" \
	    "$([ $((count * every)) -gt 30 ] && echo enough ||
		echo "$count")" enough
	tap_is "two generations are left, and nothing else" \
	    "$(ours) $(find "$TMP/tls" -mindepth 1 | grep -c '[.]new')" "2 0"
}

# killed_at SYSCALL NUMBER: returns true if it came to its end
killed_at() {
	# the sanitizer of leaks does not work below strace
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
	    strace -o /dev/null -e trace="$1" -e signal=none \
	    -e inject="$1:signal=KILL:when=$2" \
	    "$PDNS_TLSA" deploy mail -c "$TMP/pdns-tlsa.yaml" --timeout 30 \
	    --to "$TMP/tls/mail" --reload "$RELOAD" --no-verify \
	    >"$TMP/out" 2>"$TMP/err"
}

# A server that starts now finds a certificate with its key.
is_whole() {
	[ "$(openssl x509 -in "$TMP/tls/mail/fullchain.pem" -noout -pubkey)" = \
	    "$(openssl pkey -in "$TMP/tls/mail/privkey.pem" -pubout)" ]
}

is_installed() {
	key_is mail "$TMP/tls/mail" && cmp "$LOADED" \
	    "$TMP/ca/issued/mail/privkey.pem" >/dev/null
}

main "$@"
