#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libunbound calls an answer bogus when nobody could be asked.
#
# Versions: libunbound 1.17.1 (Debian 12) and 1.26.2 (Debian 13, 14).
# Expected: without any network, ub_resolve() fails, or rcode SERVFAIL with
#	bogus=0: "bogus" is for data that contradict a trust anchor.
# Seen: a machine with nothing but a loopback asks for an A record with the
#	root's trust anchor, and is told of a broken chain of trust:
#
#	status 0 rcode 2 bogus 1
#	validation failure <www.example.com. A IN>: ... DNSKEY ...
#
#	Without the trust anchor the same question has bogus 0.

. "${0%/*}/lib/finding.sh"

root trixie python3-unbound=1.26.2-0+deb13u1 libunbound8=1.26.2-0+deb13u1 \
    dns-root-data
alone <<'END'
cat >ask.py <<'EOP'
import sys, unbound
ctx = unbound.ub_ctx()
ctx.set_option("root-hints:", "/usr/share/dns/root.hints")
if sys.argv[1] == "anchor":
    ctx.add_ta_file("/usr/share/dns/root.key")
status, result = ctx.resolve("www.example.com")
print(sys.argv[1], "status", status, "rcode", result.rcode,
      "bogus", int(bool(result.bogus)))
print(result.why_bogus, file=sys.stderr)
EOP
python3 ask.py anchor
python3 ask.py none
END
cat "$TMP/errors"
holds <<'END'
anchor status 0 rcode 2 bogus 1
none status 0 rcode 2 bogus 0
END
