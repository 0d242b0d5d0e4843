# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What happens to machines in the years after they were set up.
# Source it from bash after tap.sh, release_world.sh and release_start.sh, for
# release.sh.
#
#	test_life

YAML=/etc/pdns-tlsa/pdns-tlsa.yaml

test_life() {
	test_units
	test_renewal
	test_journal
	test_readers
	test_private_store
	test_http
	test_reports
	test_alarm
	test_reboot
	test_typing_error
	test_crash
	test_never_right
	test_upgrade
	test_removal
}

# What systemd itself says of our units.
test_units() {
	local unit limit

	tap_ok "the socket is PowerDNS's" socket_right
	while read -r unit limit; do
		tap_ok "$unit is locked in: at most $limit" \
		    exposed_less "$unit" "$limit"
	done <<-END
	pdns-tlsa.service 1.5
	pdns-tlsa-deploy@mail.service 4.0
	END
	tap_is "systemd-analyze verify has nothing to say" \
	    "$(there systemd-analyze verify --man=no pdns-tlsa.service \
		pdns-tlsa.socket pdns-tlsa-http.socket \
		pdns-tlsa-deploy@mail.service 2>&1 |
		grep pdns-tlsa)" ""
	tap_ok "within that, both processes hold all their locks" \
	    wait_for 20 locks_hold
	tap_ok "reload" there systemctl reload pdns-tlsa
	tap_ok "restart" there systemctl restart pdns-tlsa
	tap_ok "the socket is PowerDNS's still" socket_right
	tap_ok "and the answer validates" wait_for 20 answers_right
	tap_ok "stop, and start by PowerDNS's next question" \
	    there systemctl stop pdns-tlsa.service
	tap_ok "the socket stays" socket_right
	tap_ok "an answer" wait_for 20 answers_right
}

locks_hold() {
	[ "$(there pdns-tlsa status |
	    grep -c '^who .* is locked in by landlock, seccomp$')" -eq 2 ]
}

socket_right() {
	[ "$(there stat -c '%U %G %a' /run/pdns-tlsa/pdns.sock)" = \
	    "root pdns 660" ]
}

exposed_less() {
	there systemd-analyze security --no-pager "$1" |
	    awk -v limit="$2" '/^→ Overall/ { seen = 1; print
		bad = !($(NF - 2) + 0 <= limit) } END { exit bad || !seen }'
}

test_renewal() {
	local before

	before=$(leaf_digest)
	tap_ok "certbot renews" world_renew
	tap_ok "to a new key" [ "$(leaf_digest)" != "$before" ]
	tap_ok "which is answered" wait_for 20 answers_right
}

# By its message id, with fields, and from within the sandbox of the unit.
test_journal() {
	tap_ok "the journal has the renewal by its id" wait_for 20 journal_has \
	    45c41385575641c5a5dcca9d354d0f91 PDNS_TLSA_LINEAGE="$HOST" \
	    PDNS_TLSA_CODE=renewed PRIORITY=5 SYSLOG_IDENTIFIER=pdns-tlsa \
	    _SYSTEMD_UNIT=pdns-tlsa.service _TRANSPORT=journal
	tap_ok "and that it is answered" journal_has \
	    263199f89f9f4844a9f9eb7d79ca4c49 _SYSTEMD_UNIT=pdns-tlsa.service
	tap_ok "the catalog explains it" catalog_has
}

# ID FIELD=VALUE...: the last entry of that id has these fields.
journal_has() {
	there journalctl MESSAGE_ID="$1" -o json -n 1 | python3 -c '
import json, sys
entry = json.loads(sys.stdin.readline())
sys.exit(any(entry.get(name) != value for name, value in
    (field.split("=", 1) for field in sys.argv[1:])))' "${@:2}"
}

catalog_has() {
	there journalctl -x MESSAGE_ID=45c41385575641c5a5dcca9d354d0f91 \
	    -n 1 --no-pager | grep -q "Certificate $HOST was renewed"
}

# In the sandbox of the unit.  The service goes on as the same process.
test_readers() {
	local main

	main=$(there systemctl show -P MainPID pdns-tlsa)
	there sh -c 'for p in /proc/[0-9]*; do
		! grep -qx "pdns-tlsa-\(ward\|read\)" $p/comm ||
			kill -KILL ${p#/proc/}
	done' 2>/dev/null
	tap_ok "who reads is killed, and who makes them: certbot renews" \
	    world_renew
	tap_ok "and that is answered" wait_for 30 answers_right
	tap_is "by the same process" \
	    "$(there systemctl show -P MainPID pdns-tlsa)" "$main"
}

# As setup prints it, and back.
test_http() {
	local conf=/etc/powerdns/pdns.d/pdns-tlsa.conf

	there cp $YAML /root/before.yaml
	there cp $conf /root/before.conf
	there sh -c "echo 'http: {listen: \"127.0.0.1:8053\"}' >>$YAML"
	there systemctl restart pdns-tlsa
	tap_ok "the unit lets the daemon make no socket of the network" \
	    wait_for 20 there sh -c "pdns-tlsa status | \
	    grep 'systemctl enable pdns-tlsa-http.socket'"
	# shellcheck disable=SC2016 # the shell there
	there sh -c 'pdns-tlsa setup --connector http >/root/http &&
	    sed -n "/^# Where the http/,/^$/p; /^# Before PowerDNS/,/^$/p" \
		/root/http | sh -x &&
	    sed -n "/^launch=/,/^END/{/^END/!p}" /root/http >'$conf' &&
	    systemctl restart pdns'
	tap_ok "by http: the answer validates" wait_for 30 answers_right
	tap_is "and no connection goes to the other socket" \
	    "$(there sh -c "ss -xH state connected | grep -c pdns.sock")" 0
	tap_ok "doctor has nothing critical" doctor_content
	tap_ok "restart" there systemctl restart pdns-tlsa
	tap_ok "the first answer validates" answers_right
	there systemctl disable -q --now pdns-tlsa-http.socket
	there systemctl restart pdns-tlsa
	tap_ok "what the README says for the page works" there \
	    sh -ec "$(grep -o 'sudo systemctl enable pdns-tlsa-http[^`]*' \
	    "$ROOT/root/pdns-tlsa/README.md")"
	# there is no curl yet
	tap_ok "and it is there" wait_for 20 there bash -c \
	    'exec 3<>/dev/tcp/127.0.0.1/8053 &&
	    printf "GET / HTTP/1.0\r\n\r\n" >&3 && grep "<article" <&3'
	there cp /root/before.yaml $YAML
	there cp /root/before.conf $conf
	there systemctl disable -q --now pdns-tlsa-http.socket
	there systemctl restart pdns-tlsa pdns
	tap_ok "and back" wait_for 20 answers_right
}

test_reboot() {
	machine stop
	tap_ok "reboot" machine boot
	tap_ok "PowerDNS is up" wait_for 60 \
	    there systemctl is-active pdns pdns-tlsa
	tap_ok "the socket is PowerDNS's" socket_right
	tap_ok "the answer validates" wait_for 20 answers_right
	tap_ok "doctor has nothing critical" doctor_content
	world_acme_start
	machine kill
	tap_ok "power failure, and boot" machine boot
	tap_ok "the answer validates" wait_for 20 answers_right
}

# As Caddy leaves it: for its user alone, and made anew each time.
test_private_store() {
	local drop_ins=/etc/systemd/system/pdns-tlsa.service.d
	local store=/srv/caddy/certificates/acme/mail.example.com

	there cp $YAML /root/before.yaml
	there sh -c "umask 077; mkdir -p $store && cat \
	    /etc/letsencrypt/live/*/fullchain.pem >$store/mail.example.com.crt"
	there sed -i 's|^sources: \[|&{type: caddy, path: /srv/caddy}, |' $YAML
	there systemctl restart pdns-tlsa
	tap_ok "a store for its user alone cannot be read" wait_for 20 there \
	    sh -c "pdns-tlsa status | grep '/srv/caddy.*ermission denied'"
	there sh -c "mkdir -p $drop_ins && \
	    cp /usr/share/pdns-tlsa/read-private-stores.conf $drop_ins/ && \
	    systemctl daemon-reload && systemctl restart pdns-tlsa"
	tap_ok "the drop-in lets the daemon read it" wait_for 20 there sh -c \
	    "pdns-tlsa status --format prometheus | \
	    grep 'lineage_problem{.*/srv/caddy.* 0'"
	# shellcheck disable=SC2016 # the shell there
	tap_is "and gives it no other right" "$(there sh -c 'sed -n \
	    "s/^CapEff:.0*//p" \
	    /proc/$(systemctl show -p MainPID --value pdns-tlsa)/status')" 4
	there rm -r $drop_ins /srv/caddy
	there cp /root/before.yaml $YAML
	there systemctl daemon-reload
	there systemctl restart pdns-tlsa
	tap_ok "the answer validates" wait_for 20 answers_right
}

# One letter too many, and everything is restarted.
test_typing_error() {
	there cp $YAML /root/right.yaml
	there sed -i 's/^services:/servicess:/' $YAML
	there systemctl restart pdns-tlsa
	tap_ok "typing error, restart: the last good answers" \
	    wait_for 20 answers_right
	tap_ok "the log names file and line" there sh -c \
	    "journalctl -u pdns-tlsa | grep '$YAML:[0-9]*:[0-9]*: .*servicess'"
	tap_ok "status says so" there sh -c \
	    "pdns-tlsa status | grep 'the last one that was right is used'"
	tap_ok "check says so" there sh -c \
	    "pdns-tlsa check --format json | grep config-fault"
	there systemctl restart pdns
	tap_ok "PowerDNS restarts, too" wait_for 20 answers_right
	tap_ok "a reload with it fails aloud" \
	    there sh -c "! systemctl reload pdns-tlsa"
	machine stop
	machine boot
	tap_ok "and after a reboot it answers" wait_for 20 answers_right
	there cp /root/right.yaml $YAML
	tap_ok "mended, and reloaded" there systemctl reload pdns-tlsa
	tap_ok "status has nothing to say" wait_for 60 there sh -c \
	    "pdns-tlsa status --format prometheus | grep 'config_problem 0'"
}

test_crash() {
	local i

	for i in 1 2 3 4 5 6 7 8; do
		there systemctl kill --signal=KILL pdns-tlsa.service
		wait_for 10 there systemctl is-active pdns-tlsa.service
	done
	tap_ok "killed 8 times: the socket is PowerDNS's" socket_right
	tap_ok "and there are answers" wait_for 20 answers_right
	there systemctl restart pdns
	tap_ok "PowerDNS starts" wait_for 20 answers_right
}

# A daemon that cannot start must not cost the socket, however often it tries.
test_never_right() {
	there systemctl stop pdns-tlsa.service 2>/dev/null
	there mv /var/lib/pdns-tlsa /root/state
	there sed -i 's/^services:/servicess:/' $YAML
	there sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
		systemctl restart pdns-tlsa; done' 2>/dev/null
	tap_ok "never a right one, 10 starts: the socket is there" socket_right
	tap_is "and listens" \
	    "$(there systemctl is-active pdns-tlsa.socket)" active
	there cp /root/right.yaml $YAML
	there systemctl stop pdns-tlsa.service 2>/dev/null
	there rm -rf /var/lib/pdns-tlsa
	there mv /root/state /var/lib/pdns-tlsa
	there systemctl restart pdns-tlsa pdns
	tap_ok "mended, it answers" wait_for 20 answers_right
}

# Ids, serials, and since when what is published.
on_record() {
	there sqlite3 -readonly /var/lib/pdns-tlsa/state.db \
	    "SELECT name, id, serial FROM zone; SELECT * FROM published"
}

# The same package with a higher version, while PowerDNS is asked without end.
test_upgrade() {
	local failures state known connections

	package_newer || tap_bail "no newer package"
	wait_for 20 answers_right
	connections=$(connections)
	state=$(there sha256sum /var/lib/pdns-tlsa/last-good.yaml)
	known=$(on_record)
	questions_start
	tap_ok "upgrade" there apt-get install -qy /root/newer.deb
	wait_for 20 answers_right
	questions_stop
	failures=$(grep -c 'status: SERVFAIL' "$ROOT/root/asked")
	tap_ok "$failures SERVFAIL among $(grep -c status: \
	    "$ROOT/root/asked") answers: at most one a connection" \
	    [ "$failures" -le "$connections" ]
	tap_ok "other answers were given all the while" \
	    [ "$(grep -c 'status: NOERROR' "$ROOT/root/asked")" -ge 5 ]
	tap_is "no answer denied it" \
	    "$(grep -c 'status: NXDOMAIN' "$ROOT/root/asked")" 0
	tap_is "state is kept" \
	    "$(there sha256sum /var/lib/pdns-tlsa/last-good.yaml)" "$state"
	tap_ok "something is on record" [ -n "$known" ]
	tap_is "and all of it as before" "$(on_record)" "$known"
	tap_ok "the socket is PowerDNS's" socket_right
	tap_is "and the new one runs" \
	    "$(there dpkg-query -W -f '${Version}' pdns-tlsa | tail -c 2)" "+1"
	tap_ok "the answer validates" wait_for 20 answers_right
}

package_newer() {
	there bash -euc '
	deb=$(ls /root/pdns-tlsa/build/pdns-tlsa_*.deb)
	rm -rf /root/newer && dpkg-deb -R "$deb" /root/newer
	sed -i "s/^Version: .*/&+1/" /root/newer/DEBIAN/control
	dpkg-deb --root-owner-group -b /root/newer /root/newer.deb' >/dev/null
}

# One question after the other, uncached, each with its own name server socket.
questions_start() {
	: >"$ROOT/root/asked"
	there sh -c 'while [ ! -e /root/enough ]; do
		pdns_control purge >/dev/null 2>&1
		dig @127.0.0.1 +tries=1 +time=5 '"$(alias_name)"' TLSA |
		    grep "status:" >>/root/asked
	done' </dev/null >/dev/null 2>&1 &
	QUESTIONS=$!
	wait_for 60 grep -q NOERROR "$ROOT/root/asked"
}

questions_stop() {
	touch "$ROOT/root/enough"
	wait "$QUESTIONS"
	rm "$ROOT/root/enough"
}

# PowerDNS's threads, and so its connections to us: 03 is a connected socket.
connections() {
	there grep -c ' 03 [0-9]* /run/pdns-tlsa/pdns.sock' /proc/net/unix
}

test_removal() {
	local said

	said=$(there apt-get remove -qy pdns-tlsa 2>&1)
	tap_ok "removal names what in pdns.conf is about us" \
	    grep -q '/etc/powerdns/.*remote' <<<"$said"
	tap_ok "and keeps state" \
	    there test -e /var/lib/pdns-tlsa/last-good.yaml
	tap_ok "purge" there apt-get purge -qy pdns-tlsa
	tap_is "removes state, and units" "$(there sh -c \
	    'ls -d /var/lib/pdns-tlsa /etc/pdns-tlsa /run/pdns-tlsa/pdns.sock \
	    /usr/lib/systemd/system/pdns-tlsa* 2>/dev/null')" ""
	tap_ok "and installed again, it starts" there apt-get install -qy \
	    /root/newer.deb
}
