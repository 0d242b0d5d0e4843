#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A program is told of what begins and what ends, once, over restarts, and
# whatever the program does; the ready-made ones send it on.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"
. "$lib/generations.sh"
ALARM=$(realpath "$lib/../../packaging/alarm")
LIB=$(realpath "$lib")

main() {
	program_find
	tap_need openssl python3 curl
	tool_find peer
	tap_begin
	unset JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS LISTEN_PID STATE_DIRECTORY
	CONFIG=$TMP/pdns-tlsa.yaml
	SOCKET=$TMP/pdns.sock
	LOG=$TMP/pdns-tlsa.log
	generations_make "$TMP/chains"
	certbot_issue "$TMP/le" mail "$TMP/chains/a"
	program_make
	configure
	test_missing
	test_begin
	test_restart
	test_end
	test_fails
	test_hangs
	test_killed
	test_storm
	test_reload
	test_nobody_runs
	test_mail
	test_webhook
	test_pipe
	tap_end
}

# What it reads is kept, unless the file "mode" says otherwise.
program_make() {
	mkdir "$TMP/told"
	echo keep >"$TMP/mode"
	cat >"$TMP/program.sh" <<-END
	#!/bin/sh
	echo begun >>"$TMP/runs"
	case \$(cat "$TMP/mode") in
	fail) exit 3 ;;
	hang) sleep 1000 & echo \$! >"$TMP/sleeper" && wait ;;
	esac
	cat >"$TMP/letter" && exec mv "$TMP/letter" \
	    "$TMP/told/\$(ls "$TMP/told" | wc -l)"
	END
	chmod +x "$TMP/program.sh"
}

# [SERVICE...]: nobody has a certificate for the others.
configure() {
	tlsa_config "$CONFIG" "mail.example.com" "$@"
	cat >>"$CONFIG" <<-END
	alarm:
	  command: [$TMP/program, keep]
	  after: 1
	  timeout: 2
	END
}

serve() {
	tlsa_serve "$CONFIG"
}

told() {
	python3 "$LIB/alarm_told.py" "$TMP/told"
}

# Whatever this certificate's store has against it from the beginning.
news() {
	told | sed 's/^[0-9]* //' | grep -v "^+at-risk" || :
}

has() {
	news | grep -qx -e "$1"
}

# The process that runs the program.
runner() {
	local pid

	for pid in $(<"/proc/$TLSA_PID/task/$TLSA_PID/children"); do
		grep -qx pdns-tlsa-alarm "/proc/$pid/comm" && echo "$pid"
	done
}

answers() {
	echo '{"method": "lookup", "parameters": {"qname": "'"$ALIAS."'",' \
	    '"qtype": "ANY", "zone-id": -1}}' | "$TOOL" ask "$SOCKET" 2>&1 |
	    grep -q '"content":"3 1 1'
}

logged() {
	grep -q "$1" "$LOG"
}

# WORD SUBJECT: how often the log says so of a finding.
noticed() {
	grep -c "^pdns-tlsa: $2.*: alarm $1, warning: " "$LOG" || :
}

# A lineage that cannot be read, and can again.
spoil() {
	echo nothing >"$TMP/le/archive/mail/broken.pem"
	ln -sf ../../archive/mail/broken.pem "$TMP/le/live/mail/fullchain.pem"
}

mend() {
	ln -sf ../../archive/mail/fullchain1.pem \
	    "$TMP/le/live/mail/fullchain.pem"
}

test_missing() {
	local line

	line=$(grep -n "command:" "$CONFIG" | cut -d : -f 1)
	tap_ok "a program that is missing: config check names the line" \
	    eval '! "$PDNS_TLSA" config check -c "$CONFIG" 2>"$TMP/said" &&
	    grep "$CONFIG:'"$line"': .*cannot be run: No such file.*install" \
	    "$TMP/said"'
	serve
	tap_ok "and so does the log" wait_for 60 \
	    logged "$CONFIG:$line: .*cannot be run"
	tap_ok "but the daemon answers" wait_for 60 answers
	mv "$TMP/program.sh" "$TMP/program"
}

test_begin() {
	spoil
	tap_ok "what begins is told" wait_for 120 \
	    has "+lineage-problem lineage 'mail'"
	tap_ok "and is in the log, once the program has it" wait_for 60 \
	    logged "lineage 'mail': alarm begun, warning: .* no certificate"
}

# The next that is told is the next that happens.
test_restart() {
	stop "$TLSA_PID"
	serve
	wait_for 60 answers
	configure other.example.com
	kill -HUP "$TLSA_PID"
	tap_ok "after a restart what begins is told" wait_for 120 \
	    has "+service-nothing service 'other.example.com. 25/tcp'"
	tap_is "and what stands is not told again, and has not ended" \
	    "$(news)" "+lineage-problem lineage 'mail'
+service-nothing service 'other.example.com. 25/tcp'"
}

# While the daemon is off, and while it runs.
test_end() {
	stop "$TLSA_PID"
	mend
	serve
	tap_ok "what ended while the daemon was off is told" wait_for 120 \
	    has "-lineage-problem lineage 'mail'"
	configure
	kill -HUP "$TLSA_PID"
	tap_ok "what ends is told" wait_for 120 \
	    has "-service-nothing service 'other.example.com. 25/tcp'"
	tap_is "each once" "$(news | sort | uniq -d)" ""
	tap_is "four words" "$(news | wc -l)" 4
	wait_for 60 logged "other.example.com. .*alarm ended, warning: "
	tap_is "and four lines" "$(noticed "[a-z]*" \
	    "[a-z]* '\(mail'\|other\.\)")" 4
}

test_fails() {
	echo fail >"$TMP/mode"
	rm -rf "$TMP/told" && mkdir "$TMP/told"
	spoil
	tap_ok "a program that fails is in the log" wait_for 120 \
	    logged "error: alarm: the program ended with status 3; .* 1 s"
	tap_ok "and is run again, later each time" wait_for 120 \
	    logged "ended with status 3; .* 2 s"
	tap_is "what it was not told of has no line" \
	    "$(noticed begun "lineage 'mail'")" 1
	echo keep >"$TMP/mode"
	tap_ok "until it goes well" wait_for 120 \
	    has "+lineage-problem lineage 'mail'"
	tap_is "and then once" "$(news | wc -l)" 1
	tap_ok "and has one" wait_for 60 eval \
	    '[ "$(noticed begun "lineage '"'mail'"'")" = 2 ]'
}

test_hangs() {
	echo hang >"$TMP/mode"
	mend
	wait_for 120 [ -s "$TMP/sleeper" ]
	tap_ok "a program that hangs: answers go on" answers
	tap_ok "it is ended" wait_for 120 logged "took longer than 'timeout'"
	tap_ok "with what it began" wait_for 60 is_gone "$(<"$TMP/sleeper")"
	echo keep >"$TMP/mode"
	tap_ok "and run again" wait_for 120 \
	    has "-lineage-problem lineage 'mail'"
	rm "$TMP/sleeper"
}

# In the midst of a run nobody knows how far it came.
test_killed() {
	echo hang >"$TMP/mode"
	spoil
	wait_for 120 [ -s "$TMP/sleeper" ]
	stop -KILL "$TLSA_PID"
	tap_ok "kill -9: the run ends, too" wait_for 60 \
	    is_gone "$(<"$TMP/sleeper")"
	echo keep >"$TMP/mode"
	serve
	tap_ok "and is made again" wait_for 120 eval \
	    '[ "$(news | tail -n 1)" = "+lineage-problem lineage '"'mail'"'" ]'
	mend
	wait_for 120 eval \
	    '[ "$(news | tail -n 1)" = "-lineage-problem lineage '"'mail'"'" ]'
}

test_storm() {
	rm -rf "$TMP/told" && mkdir "$TMP/told"
	# shellcheck disable=SC2046 # names without spaces
	configure $(seq -f "h%g.example.com" 300)
	kill -HUP "$TLSA_PID"
	tap_ok "three hundred at once" wait_for 120 eval \
	    '[ "$(news | wc -l)" = 300 ]'
	tap_is "are told by one run" "$(find "$TMP/told" -type f | wc -l)" 1
	tap_ok "and the log counts them" wait_for 60 logged \
	    "alarm: told of 300 findings"
	tap_is "without a line for each" \
	    "$(noticed begun "service 'h[0-9]*\.example")" 0
}

test_reload() {
	rm -rf "$TMP/told" && mkdir "$TMP/told"
	configure
	sed -i "s|program, keep|other|" "$CONFIG"
	kill -HUP "$TLSA_PID"
	tap_ok "another program takes a restart, which the log says" \
	    wait_for 60 logged "'alarm: command' changed; that takes a restart"
	tap_ok "until then the old one is told" wait_for 120 eval \
	    '[ "$(news | grep -c "^-service-nothing")" = 300 ]'
	sed -i "/^alarm:/,\$d" "$CONFIG"
	kill -HUP "$TLSA_PID"
	wait_for 60 eval '[ "$(grep -c "read again" "$LOG")" -ge 5 ]'
	spoil
	wait_for 60 eval '"$PDNS_TLSA" status -c "$CONFIG" | grep problem'
	mend
	tap_is "without 'alarm' nothing is told" \
	    "$(news | grep -c lineage-problem)" 0
}

# The next start makes another one.
test_nobody_runs() {
	kill -KILL "$(runner)"
	tap_ok "who runs it is killed: the log says that nobody does, and no more" \
	    wait_for 60 logged "has nobody who runs it.*; restart pdns-tlsa$"
	tap_ok "and the daemon answers" answers
	stop "$TLSA_PID"
}

test_mail() {
	local port mail=$TMP/mail

	port=$(port_free)
	spawn smtp python3 "$LIB/sink.py" smtp "$port" "$mail"
	configure
	sed -i "s|command: .*|command: [$ALARM/mail, admin@example.com, \
	    'smtp://127.0.0.1:$port', tlsa@example.com]|" "$CONFIG"
	spoil
	serve
	tap_ok "the ready-made program sends a mail" \
	    wait_for 120 grep -q lineage-problem "$mail" -e "BEGUN"
	tap_ok "from and to whom it should" eval \
	    'grep "^MAIL FROM:<tlsa@example.com>" "$mail" &&
	    grep "^RCPT TO:<admin@example.com>" "$mail"'
	tap_ok "with a subject" grep "^Subject: TLSA: $(uname -n): [a-z]*: " \
	    "$mail"
	tap_ok "and what it is about" grep \
	    "^warning: lineage 'mail': .*fullchain.pem" "$mail"
	tap_ok "in lines for people" grep "^  what to do: mend the file" "$mail"
	tap_ok "that end as mail's do" eval '! grep -v "$(printf "\r")$" "$mail"'
	stop "$TLSA_PID" "$PID"
	mail_alone
}

# Quotation marks, backslashes and UTF-8 come out as they were.
mail_alone() {
	local port mail=$TMP/mail2

	port=$(port_free)
	spawn smtp python3 "$LIB/sink.py" smtp "$port" "$mail"
	wait_for 60 grep -qs "$(printf ':%04X 00000000:0000 0A' "$port")" \
	    /proc/net/tcp
	cat >"$TMP/letter" <<-'END'
	{"schema":1,
	"summary":"h: critical: a \"b\": c\\d",
	"host":"h","time":"2026-01-01T00:00:00Z","standing":0,"more":0,
	"begun":[
	{"severity":"critical","kind":"expired","subject":"a \"b\"","what":"c\\d \",\"why\":\"","why":"ü","mend":"do","since":"2026-01-01T00:00:00Z"}],
	"ended":[]}
	END
	setpriv --no-new-privs "$ALARM/mail" x@example.com \
	    "smtp://127.0.0.1:$port" <"$TMP/letter"
	tap_is "texts come out as they were" \
	    "$(tr -d '\r' <"$mail" | grep -A 1 '^critical: ')" \
	    'critical: a "b": c\d ","why":"
  why: ü'
	tap_ok "also those of the subject" \
	    grep '^Subject: TLSA: h: critical: a "b": c\\d' "$mail"
	stop "$PID"
	tap_ok "without a server it fails" eval '! setpriv --no-new-privs \
	    "$ALARM/mail" x@example.com "smtp://127.0.0.1:'"$port"'" \
	    <"$TMP/letter"'
}

test_webhook() {
	local port post=$TMP/post

	port=$(port_free)
	spawn http python3 "$LIB/sink.py" http "$port" "$post"
	wait_for 60 grep -qs "$(printf ':%04X 00000000:0000 0A' "$port")" \
	    /proc/net/tcp
	tap_ok "the other ready-made program posts" "$ALARM/webhook" \
	    "http://127.0.0.1:$port/hook" "X-Token: a b" <"$TMP/letter"
	tap_ok "what it was told" eval \
	    'tail -c "$(wc -c <"$TMP/letter")" "$post" | cmp - "$TMP/letter"'
	tap_ok "with the header" grep "^X-Token: a b" "$post"
	tap_ok "as JSON" grep -i "^content-type: application/json" "$post"
	stop "$PID"
	tap_ok "without a server it fails" eval \
	    '! "$ALARM/webhook" "http://127.0.0.1:'"$port"'/" <"$TMP/letter"'
}

test_pipe() {
	configure
	tap_ok "the pipe connector says that it tells nothing" eval \
	    '"$PDNS_TLSA" -c "$CONFIG" pipe 2>&1 </dev/null |
	    grep "'"'alarm' is for 'serve' alone"'"'
}

main "$@"
