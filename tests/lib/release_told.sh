# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the daemon hears of senders and tells people of, within the sandbox of
# its unit.  Source it from bash after tap.sh and release_life.sh, for
# release.sh.
#
#	test_reports
#	test_alarm

# A file, and a mail, which GMime takes apart behind the locks.
test_reports() {
	local box=/var/mail/tls-reports

	there cp $YAML /root/before.yaml
	there mkdir -p $box
	there sh -c "sed s/2026-11-28/$(date -u -d yesterday +%F)/g \
	    /root/pdns-tlsa/tests/fuzz/seeds/tlsrpt/tlsa >$box/1.json"
	there sh -c "echo 'reports: {path: $box, since: 7d}' >>$YAML"
	there systemctl reload pdns-tlsa
	tap_ok "a TLS report is read" wait_for 60 reports_are 1
	there sh -c "{ printf '%s\n' 'From: tls@example.org' \
	    'MIME-Version: 1.0' 'Content-Type: application/tlsrpt+gzip' \
	    'Content-Transfer-Encoding: base64' '' &&
	    sed 's/1+example/2+example/' $box/1.json | gzip | base64; } \
	    >$box/mail"
	tap_ok "and a mail, as it comes" wait_for 60 reports_are 2
	tap_is "by a process that is locked in" "$(there pdns-tlsa status \
	    --format json | python3 -c 'import json, sys
print(*json.load(sys.stdin)["reports"]["reader_confined"])')" \
	    "landlock seccomp"
	there rm -r $box
	there cp /root/before.yaml $YAML
	there systemctl reload pdns-tlsa
}

reports_are() {
	there pdns-tlsa status --format prometheus |
	    grep -qx "pdns_tlsa_reports $1"
}

# Its program has the journal, and with the drop-in a network.
test_alarm() {
	local drop_ins=/etc/systemd/system/pdns-tlsa.service.d
	local chain=/etc/letsencrypt/live/$HOST/fullchain.pem

	there cp $YAML /root/before.yaml
	there sh -c "mkdir -p $drop_ins && \
	    cp /usr/share/pdns-tlsa/alarm-network.conf $drop_ins/ && \
	    systemctl daemon-reload"
	# shellcheck disable=SC2016 # the shell there
	there sh -c 'cat >/usr/local/bin/tell && chmod 755 /usr/local/bin/tell' \
	    <<'END'
#!/bin/sh
cat >&2
exec python3 -c 'import socket
socket.create_connection(("127.0.0.1", 8054)).sendall(b"told")'
END
	there systemd-run -q --unit hear python3 -uc 'import socket
server = socket.create_server(("127.0.0.1", 8054))
while True: print(server.accept()[0].recv(9))'
	there sh -c "printf '%s\n' 'alarm:' '  command: [/usr/local/bin/tell]' \
	    '  after: 1s' >>$YAML && systemctl restart pdns-tlsa"
	wait_for 20 answers_right
	there sh -c "cp $chain /root/chain.pem && : >$chain"
	tap_ok "a fault: the alarm's program runs" wait_for 120 \
	    told '"kind":"lineage-problem"'
	tap_ok "the drop-in gives it a network" wait_for 20 there sh -c \
	    "journalctl -u hear | grep told"
	tap_ok "the answers stay" answers_right
	there sh -c "cat /root/chain.pem >$chain"
	tap_ok "and again at its end" wait_for 120 \
	    told '"kind":"lineage-problem".*"until":'
	there systemctl stop hear
	there rm -r $drop_ins /usr/local/bin/tell
	there cp /root/before.yaml $YAML
	there systemctl daemon-reload
	there systemctl restart pdns-tlsa
	tap_ok "the answer validates" wait_for 20 answers_right
}

# PATTERN: what the program was told has a line such as this.
told() {
	there journalctl -u pdns-tlsa -o cat | grep -q -e "$1"
}
