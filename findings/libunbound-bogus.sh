#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libunbound calls an answer bogus when nobody could be asked for the keys.
#
# Versions: libunbound 1.26.2 (Debian 13, 14); 1.17.1 does the same.
# Expected: "bogus" is for data that contradict a trust anchor; a machine that
#	is cut off gets rcode SERVFAIL and bogus=0, as for any other timeout.
# Seen: the zone's own server is at hand (a stub zone, as a monitor that looks
#	at its own server has it) and the root's servers are out of reach:
#
#	anchor: rcode 0, bogus 1
#	no anchor: rcode 0, bogus 0
#
#	and why_bogus says "validation failure".
#
# Before anybody is told "your zone is broken", ask for the DNSKEY of the anchor
# itself, and for each DS on the way down.

. "${0%/*}/lib/finding.sh"

root trixie python3-unbound=1.26.2-0+deb13u1 libunbound8=1.26.2-0+deb13u1 \
    python3-dnspython dns-root-data
alone <<'END'
echo 'www.example.com. A 127.0.0.1' >records
python3 /root/answers.py records &
there() { grep -q '350200C0:0035' /proc/net/udp; }
wait_for there
cat >stub.conf <<EOC
server:
	root-hints: /usr/share/dns/root.hints
stub-zone:
	name: example.com
	stub-addr: 192.0.2.53
EOC
cat >ask.py <<'EOP'
import sys, unbound
ctx = unbound.ub_ctx()
ctx.config("stub.conf")
if sys.argv[1] == "anchor":
    ctx.add_ta_file("/usr/share/dns/root.key")
status, result = ctx.resolve("www.example.com")
print("%s: rcode %d, bogus %d" % (sys.argv[1], result.rcode, result.bogus))
print(result.why_bogus, file=sys.stderr)
EOP
python3 ask.py anchor
python3 ask.py "no anchor"
END
holds <<'END'
anchor: rcode 0, bogus 1
no anchor: rcode 0, bogus 0
END
