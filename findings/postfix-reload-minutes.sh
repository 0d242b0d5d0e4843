#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A message that Postfix is just delivering when it is reloaded, and that is
# deferred then, is not tried again for a minute, and where no new mail comes in
# for up to five, whatever the times between attempts are configured to be.
#
# Versions: Postfix 3.7.11 (Debian 12).
# Expected: minimal_backoff_time=2s, maximal_backoff_time=3s and
#	queue_run_delay=1s, as postconf(5) explains them: the next attempt is a
#	few seconds after the first one, with or without a reload.
# Seen: between the answer that defers it and the next attempt, a server that
#	takes its time and then says 451 waits
#
#	without a reload: less than 15 s
#	with a reload meanwhile: more than 90 s (294 s were seen)
#
#	since the new queue manager finds the file locked by the delivery that
#	goes on, and puts it aside for 60 s, into the incoming queue
#	(qmgr_active_feed).  That one is looked at when new mail comes in, and
#	else when master(8) wakes the queue manager: each 300 s in the
#	master.cf that Debian installs; queue_run_delay is for the deferred one.
#
# A hook that reloads Postfix after each renewal does that to what is on its way.

. "${0%/*}/lib/finding.sh"

root bookworm postfix=3.7.11-0+deb12u1 python3-minimal
alone <<'END'
cat >server.py <<'EOP'
import socket, sys, time
listener = socket.create_server(("127.0.0.1", 2525))
known = set()
while True:
    peer, _ = listener.accept()
    stream = peer.makefile("rwb")
    def say(text):
        stream.write(text + b"\r\n")
        stream.flush()
    say(b"220 server")
    for line in stream:
        word = line.split(b" ")[0].strip().upper()
        if word == b"RCPT":
            print("asked", time.monotonic(), flush=True)
            if line not in known:
                known.add(line)
                time.sleep(6)
                print("told", time.monotonic(), flush=True)
                say(b"451 later")
            else:
                say(b"250 fine")
        elif word == b"DATA":
            say(b"354 go on")
            while stream.readline().strip() != b".":
                pass
            say(b"250 sent")
        elif word == b"QUIT":
            say(b"221 bye")
            break
        else:
            say(b"250 fine")
    peer.close()
EOP
python3 server.py >>times &
cat >/etc/postfix/main.cf <<EOP
compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = sender.example.com
mydestination =
relayhost = [127.0.0.1]:2525
smtp_host_lookup = native
maillog_file = /var/log/mail.log
minimal_backoff_time = 2s
maximal_backoff_time = 3s
queue_run_delay = 1s
transport_retry_time = 1s
smtp_destination_concurrency_failed_cohort_limit = 0
EOP
postfix start >/dev/null 2>&1
asked() { [ "$(grep -c asked times)" -ge "$1" ]; }
# gap: seconds between the first answer and the second question
gap() {
	python3 - <<EOP
rows = [line.split() for line in open("times")]
told = next(float(t) for word, t in rows if word == "told")
print(int(next(float(t) for word, t in rows if word == "asked" and float(t) > told) - told))
EOP
}
: >times
echo text | sendmail -f a@example.com b@example.org
wait_for asked 2
[ "$(gap)" -ge 15 ] || echo "without a reload: less than 15 s"
wait_for grep -q status=sent /var/log/mail.log
: >times
echo text | sendmail -f a@example.com c@example.org
wait_for asked 1
postfix reload >/dev/null 2>&1
# longer than wait_for would
for _ in {1..4200}; do
	! asked 2 || break
	sleep 0.1
done
[ "$(gap)" -le 90 ] || echo "with a reload meanwhile: more than 90 s"
postfix stop >/dev/null 2>&1
END
holds <<'END'
without a reload: less than 15 s
with a reload meanwhile: more than 90 s
END
