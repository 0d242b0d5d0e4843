#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Who reads and who answers are locked in: what a file that takes the reader
# over gets, and that nothing is missed where stores move, come later or are
# mounted over.  Kernels that lack a lock.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"
. "$lib/faulty.sh"
. "$lib/asker.sh"

HOST=mail.example.com

main() {
	# mounts of its own
	if [ -z "${CONFINE_MOUNTS-}" ] && unshare --mount true 2>/dev/null; then
		CONFINE_MOUNTS=1 exec unshare --mount "$0" "$@"
	fi
	program_find
	tap_need openssl python3
	tool_find old_kernel
	OLD_KERNEL=$(realpath "$TOOL")
	faulty_begin
	tap_begin
	world_begin
	if [ "$(confined)" = "landlock seccomp landlock seccomp" ]; then
		test_locks
		test_taken_over
		test_refused
		test_moved
		test_later
		test_mounted
		test_reload
	else
		tap_pass_over "locks" "this kernel lacks one"
	fi
	stop "$TLSA_PID"
	test_old landlock "seccomp seccomp"
	test_old seccomp "landlock landlock"
	test_old both ""
	tap_end
}

# Two stores right beside the record, and one further away.
world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	mkdir -p "$TMP/store" "$TMP/away/deep" "$TMP/state"
	echo keys >"$TMP/state/secret"
	chmod 600 "$TMP/state/secret"
	renew "$TMP/store/mail.pem"
	config "$TMP/store" "$TMP/late"
	faulty_serve
	wait_for 30 has "$NEW" || tap_bail "nothing is served"
}

# config SOURCE...
config() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60, retain: 0}
	zones: [{name: $ZONE, nameservers: [ns1.example.net]}]
	services: [{host: $HOST, lineages: [mail]}]
	sources: [$(printf '{type: files, path: %s},' "$@")]
	END
}

# renew FILE: another chain in it
renew() {
	ca_issue "$TMP/ca" mail ecdsa E1 "$HOST" 2>/dev/null ||
	    tap_bail "no renewal"
	cp "$TMP/ca/issued/mail/fullchain.pem" "$1.new" && mv "$1.new" "$1"
	NEW=$(tlsa_of "3 1 1" "$TMP/ca/issued/mail/cert.pem")
}

has() { tlsa_served "$HOST" | grep -qx "$1"; }

status() {
	"$PDNS_TLSA" status -c "$TMP/pdns-tlsa.yaml" "$@"
}

# The locks of who answers, and of who reads.
confined() {
	status --format json | python3 -c 'import json, sys
status = json.load(sys.stdin)
print(*status["confined"], *status["reader_confined"])'
}

log_has() { grep -q -e "$1" "$TMP/pdns-tlsa.log"; }

log_lacks() { ! grep -e "$1" "$TMP/pdns-tlsa.log"; }

# of PID NAME: what the kernel says (proc_pid_status(5))
kernel_says() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }

test_locks() {
	local pid

	for pid in "$TLSA_PID" "$(tlsa_reader)"; do
		tap_is "process $(<"/proc/$pid/comm"): filtered" \
		    "$(kernel_says "$pid" Seccomp) $(kernel_says "$pid" \
		    NoNewPrivs)" "2 1"
	done
	tap_is "keys get into no core dump" \
	    "$((16#$(<"/proc/$TLSA_PID/coredump_filter")))" 0
	tap_ok "status says it" grep -q \
	    "who reads is locked in by landlock, seccomp" <(status)
	tap_ok "and the log says nothing of it" log_lacks "missing a lock"
}

# What decodes does what somebody else wants.
test_taken_over() {
	faulty_set 0 0 -2
	cp "$TMP/store/mail.pem" "$TMP/store/deadly.pem"
	tap_ok "who is taken over cannot open the record" wait_for 30 \
	    log_has "taken over, secret: Permission denied"
	tap_ok "nor make a file" wait_for 30 log_has "taken over, made: F"
	tap_ok "there is none" [ ! -e "$TMP/state/made" ]
	faulty_set 0
	rm "$TMP/store/deadly.pem"
}

# A link to the record is refused, and for that nobody is made anew.
test_refused() {
	local pid

	pid=$(tlsa_reader)
	ln -s "$TMP/state/secret" "$TMP/store/thief.pem"
	tap_ok "a link to the record is a problem" wait_for 30 \
	    eval 'status | grep -q "thief.pem: permission denied, though its mode"'
	tap_is "of the same reader" "$(tlsa_reader)" "$pid"
	rm "$TMP/store/thief.pem"
}

# seen DESCRIPTION TIMES: the renewal is answered, and nothing else is said
seen() {
	tap_ok "$1: the renewal is answered" wait_for 30 has "$NEW"
	tap_ok "$1: by $2 other readers" [ "$(grep -c \
	    'another one reads' "$TMP/pdns-tlsa.log")" -le "$2" ]
	tap_ok "$1: and nothing is called wrong" log_lacks \
	    "mail.*permission denied\|reader: ended\|left alone"
}

test_moved() {
	asker_start "$HOST" "$NEW"
	cp -r "$TMP/store" "$TMP/next"
	renew "$TMP/next/mail.pem"
	mv "$TMP/store" "$TMP/old" && mv "$TMP/next" "$TMP/store"
	asker_end
	seen "the store is exchanged" 1
	rm -rf "$TMP/store"
	mkdir "$TMP/store"
	renew "$TMP/store/mail.pem"
	seen "it is made anew" 2
	mkdir "$TMP/away/deep/er"
	renew "$TMP/away/deep/er/chain.pem"
	ln -s ../away/deep/er/chain.pem "$TMP/store/mail.pem.new"
	mv "$TMP/store/mail.pem.new" "$TMP/store/mail.pem"
	seen "it becomes a link to what came later, elsewhere" 2
	mkdir "$TMP/fresh"
	renew "$TMP/fresh/chain.pem"
	ln -s ../fresh/chain.pem "$TMP/store/mail.pem.new"
	mv "$TMP/store/mail.pem.new" "$TMP/store/mail.pem"
	seen "or to what came right beside the record" 3
}

test_later() {
	rm "$TMP/store/mail.pem"
	mkdir "$TMP/late"
	renew "$TMP/late/mail.pem"
	seen "a source comes later" 4
}

test_mounted() {
	if ! mount -t tmpfs none "$TMP/late" 2>/dev/null; then
		tap_pass_over "mounts" "not allowed here"
		return
	fi
	renew "$TMP/late/mail.pem"
	seen "a mount over it" 5
	umount "$TMP/late"
	mount -t tmpfs none "$TMP/late"
	renew "$TMP/late/mail.pem"
	seen "and another one, with the same numbers" 7
	umount "$TMP/late"
}

# A source that nobody knew when who answers was locked in.
test_reload() {
	config "$TMP/away/deep"
	renew "$TMP/away/deep/mail.pem"
	kill -HUP "$TLSA_PID"
	tap_ok "a reload names another source" wait_for 30 has "$NEW"
	tap_ok "the configuration is kept" wait_for 30 grep -q "away/deep" \
	    "$TMP/state/last-good.yaml"
}

# test_old LOCK REST: on a kernel without it
test_old() {
	local program=$PDNS_TLSA

	rm -rf "$TMP/state"
	mkdir "$TMP/state"
	renew "$TMP/away/deep/mail.pem"
	config "$TMP/away/deep"
	printf '#!/bin/sh\nexec "%s" "%s" "%s" "$@"\n' "$OLD_KERNEL" "$1" \
	    "$(realpath "$PDNS_TLSA")" >"$TMP/old-$1"
	chmod 755 "$TMP/old-$1"
	PDNS_TLSA=$TMP/old-$1
	: >"$TMP/pdns-tlsa.log"
	tlsa_serve
	PDNS_TLSA=$program
	tap_ok "without $1: it is answered" wait_for 30 has "$NEW"
	tap_is "what is left holds" "$(confined)" "$2"
	tap_is "and the log says it once for each" "$(grep -c \
	    "is missing a lock: " "$TMP/pdns-tlsa.log")" 2
	renew "$TMP/away/deep/mail.pem"
	tap_ok "a renewal is answered" wait_for 30 has "$NEW"
	stop "$TLSA_PID"
}

main "$@"
