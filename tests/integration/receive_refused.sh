#!/bin/bash
# SPDX-License-Identifier: MIT
#
# receive refuses: what a host sends that is not its own, what is no protocol,
# names that somebody has, and what who takes it over would like to do.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/faulty.sh"
. "$lib/ssh.sh"
. "$lib/via.sh"

main() {
	program_find
	sshd_need
	tap_need openssl python3 setpriv
	tap_begin
	world_begin
	deploy mail --via ssh:mx1 || tap_bail "nothing is sent"
	test_refused
	test_hostile
	test_taken_over
	test_twins
	test_local
	sshd_end
	tap_end
}

test_refused() {
	local before

	before=$(store_of mail)
	issue other E1 other.example.com
	certbot_issue "$TMP/le" other "$TMP/ca/issued/other"
	tap_ok "a host that is not the key's is refused" \
	    fails "names 'other.example.com', and this key" \
	    deploy other --via ssh:mx1
	issue wild E1 "*.example.com"
	certbot_issue "$TMP/le" wild "$TMP/ca/issued/wild"
	tap_ok "so is a wildcard that stands for others" \
	    fails "names '*.example.com'" deploy wild --via ssh:mx1
	tap_ok "a lineage of another sender is" \
	    fails "is another sender's" deploy mail --via ssh:mx2
	issue pinned E1 mail.example.com
	certbot_issue "$TMP/le" pinned "$TMP/ca/issued/pinned"
	tap_ok "and one that a service there names for its own host" \
	    fails "is named for 'pinned.example.org.'" \
	    deploy pinned --via ssh:mx1
	issue taken E1 mail.example.com
	certbot_issue "$TMP/le" taken "$TMP/ca/issued/taken"
	tap_ok "and the name of a lineage that is there itself" \
	    fails "has one of that name itself" deploy taken --via ssh:mx1
	tap_ok "whose records stay" answers \
	    "$TMP/local/live/taken/fullchain.pem" taken.example.com
	tap_is "nothing of it is kept" "$(ls "$TMP/remote")" mail
	tap_is "and mail is as it was" "$(store_of mail)" "$before"
	cp -rL "$TMP/le/live/other" "$TMP/bad name"
	tap_ok "a name that means something to a shell is not sent" \
	    fails "has a name that is not sent" deploy_at "$TMP/bad name"
	tap_ok "what ssh would take for an option is no host" \
	    fails "must be ssh:HOST" deploy mail --via ssh:-oProxyCommand=x
	tap_ok "nor behind a user" \
	    fails "must be ssh:HOST" deploy mail --via ssh:u@-oProxyCommand=x
	rm -rf "$TMP"/le/{live,archive,renewal}/{other,wild,pinned,taken}*
}

# A sender that is not ours, and has the key.
say() {
	printf '%s\n' "$1" | timeout 60 "$TMP/bin/ssh" "${2:-mx1}" \
	    >"$TMP/out" 2>"$TMP/err"
}

# says TEXT LINE
says() {
	say "$2"
	grep -qF -e "$1" "$TMP/out" || { cat "$TMP/out" "$TMP/err"; false; }
}

# offer [NAME [CHAIN [VERSION]]]
offer() {
	printf '{"pdns-tlsa":"deploy","version":%s,"ask":"safety",' "${3:-1}"
	printf '"lineage":"%s","leaf":"%064d","chain":[%s],"next":[]}' \
	    "${1:-mail}" 0 "${2:-\"AAAA\"}"
}

test_hostile() {
	local name

	for name in ../mail .mail a/b '' -x 'a\u0000b' 'a b'; do
		tap_ok "the name '$name' is refused" \
		    says '"refused"' "$(offer "$name")"
	done
	tap_ok "what is no certificate is" says '"refused"' "$(offer mail)"
	tap_ok "and a line that is too long" says 'longer than' \
	    "$(offer mail "\"$(head -c 200000 /dev/zero | tr '\0' A)\"")"
	tap_ok "and too many certificates" says '"refused"' \
	    "$(offer mail "$(printf '"AAAA",%.0s' {1..17})\"AAAA\"")"
	tap_ok "and another version of the protocol" \
	    says 'version 7 of the protocol' "$(offer mail '"AAAA"' 7)"
	tap_ok "and a report of what was never sent" says '"refused"' \
	    "{\"pdns-tlsa\":\"deploy\",\"version\":1,\"ask\":\"report\",$(
	    )\"lineage\":\"other\",\"leaf\":\"$(printf %064d 0)\"}"
	tap_ok "and what is nothing of the kind" says '"refused"' "GET / HTTP"
	tap_ok "no command but the forced one is run" \
	    command_is_forced "touch $TMP/run"
	tap_is "nothing came of any" "$(ls "$TMP/remote")" mail
	store_is_limited
}

command_is_forced() {
	"$TMP/bin/ssh" mx1 "$1" </dev/null >/dev/null 2>&1
	[ ! -e "$TMP/run" ]
}

# As if he had sent so many.
store_is_limited() {
	local i

	for i in {1..63}; do
		mkdir "$TMP/remote/filler$i"
		echo mx1 >"$TMP/remote/filler$i/sender"
	done
	issue more E1 mail.more.example.com
	certbot_issue "$TMP/le" more "$TMP/ca/issued/more"
	tap_ok "one sender has no more than so many" \
	    fails "has 64 lineages of this sender" deploy more --via ssh:mx1
	tap_ok "which hinders no other" deploy more --via ssh:mx2
	rm -rf "$TMP"/remote/filler*
}

# What decodes does what the sender wants: it is at that when it opens a lineage
# of this name, as tests/preload/faulty.c has it.
test_taken_over() {
	tap_ok "who waits is locked in" receiver_is_locked
	if ! faulty_is_there; then
		tap_pass_over "who is taken over" "no library is before it here"
		return
	fi
	mkdir "$TMP/elsewhere"
	echo keys >"$TMP/elsewhere/secret"
	chmod 644 "$TMP/elsewhere/secret"
	chmod 777 "$TMP/elsewhere"
	issue deadly.pem E1 mail.example.com
	certbot_issue "$TMP/le" deadly.pem "$TMP/ca/issued/deadly.pem"
	taken_over_key
	tap_ok "who is taken over is served like others" \
	    deploy deadly.pem --via ssh:taken
	tap_ok "but opens no file elsewhere" grep -q \
	    "taken over, secret: Permission denied" "$TMP/err"
	tap_ok "and makes none" [ ! -e "$TMP/elsewhere/made" ]
	taken_over_key "$OLD_KERNEL" both
	tap_ok "a kernel without locks changes nothing else" \
	    deploy deadly.pem --via ssh:taken
	tap_ok "there both are done" grep -q "taken over, made: open" \
	    "$TMP/err"
	test_narrowed
	rm -rf "$TMP"/le/{live,archive,renewal}/{deadly.pem,later}* \
	    "$TMP"/remote/{deadly.pem,later,elsewhere}
}

# What other senders have there is open to him until it is known whose his is.
test_narrowed() {
	issue later E1 mail.example.com
	certbot_issue "$TMP/le" later "$TMP/ca/issued/later"
	mv "$TMP/elsewhere" "$TMP/remote"
	BELOW=$TMP/remote/elsewhere taken_over_key
	tap_ok "before it is known whose lineage it is" \
	    deploy deadly.pem --via ssh:taken
	tap_ok "the store is open" grep -q "taken over, secret: open" "$TMP/err"
	rm -f "$TMP/remote/elsewhere/made"
	BELOW=$TMP/remote/elsewhere FAULTY_AT=.fullchain.pem.new taken_over_key
	tap_ok "when its chain is written" deploy later --via ssh:taken
	tap_ok "no other one is to be changed" grep -q \
	    "taken over, made: Permission denied" "$TMP/err"
	tap_ok "and none is" [ ! -e "$TMP/remote/elsewhere/made" ]
}

faulty_is_there() {
	case ${OUT:-build} in
	*/thread*) return 1 ;;
	esac
	# where it was built who receives may have no access
	OLD_KERNEL=$TMP/old_kernel FAULTY=$TMP/faulty.so
	cp "${OUT:-build}"/tools/{old_kernel,faulty.so} "$TMP/" || return
	head -c 4096 /dev/zero >"$TMP/page"
	chmod 666 "$TMP/page"
	faulty_set 0 0 -2
}

# taken_over_key [COMMAND...]: the forced command, by that one
taken_over_key() {
	ssh_key taken "env FAULTY_PAGE=$TMP/page $(
	    )FAULTY_BELOW=${BELOW:-$TMP/elsewhere} $(
	    )FAULTY_AT=${FAULTY_AT:-deadly.pem} $(
	    )ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$FAULTY $* $(
	    receive mx1 'mail.*')"
}

# The kernel says so (proc_pid_status(5)).
receiver_is_locked() {
	local ssh pid lock

	coproc "$TMP/bin/ssh" mx1 2>/dev/null
	ssh=$COPROC_PID
	read -r -u "${COPROC[0]}" && pid=$(receiver_pid)
	lock=$(sed -n 's/^\(Seccomp\|NoNewPrivs\):[[:space:]]*//p' \
	    "/proc/$pid/status" | paste -sd ' ')
	kill "$ssh"
	wait "$ssh"
	[ "$lock" = "1 2" ] || { echo "'$lock'"; false; }
}

receiver_pid() {
	pgrep -f "^$TMP/receiver "
}

# Two hosts whose keys have one --as, and whose lineages have one name.
test_twins() {
	local before

	before=$(store_of mail)
	cp "$TMP/le/live/mail/fullchain.pem" "$TMP/first.pem"
	issue twin E1 mail.twin.example.com
	certbot_issue "$TMP/twin" mail "$TMP/ca/issued/twin"
	tap_ok "a second host under one --as is refused" \
	    fails "is one for 'mail.example.com' there, sent by 'mx1'" \
	    deploy_at "$TMP/twin/live/mail"
	tap_is "and changes nothing" "$(store_of mail)" "$before"
	tap_ok "the first one's records stay" answers "$TMP/first.pem"
	renew E2
	tap_ok "which renews as ever" deploy mail --via ssh:mx1
	cp "$TMP/le/live/mail/fullchain.pem" "$TMP/second.pem"
	rm "$TMP/remote/mail/sender"
	tap_ok "who takes its place does so by what was said" \
	    deploy_at "$TMP/twin/live/mail"
	tap_ok "what was served before is retained" answers "$TMP/second.pem"
	rm "$TMP/remote/mail/sender"
	deploy mail --via ssh:mx1
}

# Issued on the receiving host when the other one had the name already.
test_local() {
	local before

	before=$(store_of mail)
	issue local E1 local.example.com
	certbot_issue "$TMP/local" mail "$TMP/ca/issued/local"
	tap_ok "a lineage there gets the name later" wait_for 30 \
	    answers "$TMP/local/live/mail/fullchain.pem" local.example.com
	renew E1
	tap_ok "then a renewal is refused, and it is said where that is" \
	    fails "has one of that name itself, in '$TMP/local'" \
	    deploy mail --via ssh:mx1 --timeout 10
	tap_is "the one before stays" "$(store_of mail)" "$before"
	tap_ok "and its records" answers "$TMP/second.pem"
	rm -r "$TMP"/local/{live,archive}/mail "$TMP/local/renewal/mail.conf"
	wait_for 30 grep -q "lineage 'mail': was deleted" "$TMP/pdns-tlsa.log"
	tap_ok "when that is deleted, it is taken" deploy mail --via ssh:mx1
	tap_ok "and answered" answers "$TMP/le/live/mail/fullchain.pem"
}

main "$@"
