#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS: the remote backend's http connector waits a millisecond before each
# request on a connection that it keeps (it looks whether something unasked has
# come, and gives that its time). A server that closes after each reply is
# asked again sooner, by a new connection.
#
# Versions: PowerDNS 4.9.18 (Debian 13).
# Expected: "keep-alive is faster", or at least that no time passes without work:
#	the unix connector has no such wait.
# Seen: the shortest pause between a reply and the next request, of ten answers
#	that take several requests each, by one thread, without caches:
#
#	kept: a millisecond or more
#	closed: less
#
# So an uncached answer costs a millisecond for each request, whatever the
# backend does: a name five labels below its zone's apex, six. The time is spent
# waiting, not working: more distributor-threads make up for it, up to a point.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-remote=$V python3 bind9-dnsutils
alone <<'END'
cat >web.py <<'EOP'
import json, os, selectors, socket, sys, time
sys.path.insert(0, "/root")
import remote
closes = sys.argv[1] == "closed"
listener = socket.create_server(("127.0.0.1", 8053))
loop = selectors.DefaultSelector()
loop.register(listener, selectors.EVENT_READ)
replied, shortest = {}, 1e9
HEAD = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s"

def serve(peer):
    """One request, which comes at once and whole."""
    global shortest
    head, _, body = peer.recv(65536).partition(b"\r\n\r\n")
    now = time.monotonic()
    if not head:
        loop.unregister(peer)
        peer.close()
        return
    # of this connection, or of any
    if os.path.exists("measure"):
        shortest = min(shortest, now - replied.get(not closes and peer, 0))
    call = json.loads(body)
    reply = json.dumps({"result": remote.answer(
        call["method"], call.get("parameters", {}))})
    text = HEAD % (len(reply), "close" if closes else "keep-alive", reply)
    # before: PowerDNS may have it, and wait, before we go on
    replied[not closes and peer] = time.monotonic()
    peer.sendall(text.encode())
    if closes:
        loop.unregister(peer)
        peer.close()
    with open("shortest", "w") as file:
        file.write("%.6f" % shortest)

while True:
    for key, _ in loop.select():
        if key.fileobj is listener:
            loop.register(listener.accept()[0], selectors.EVENT_READ)
        else:
            serve(key.fileobj)
EOP
echo "the text" >text
cat >pdns.conf <<-EOC
launch=remote
remote-connection-string=http:url=http://127.0.0.1:8053/,post=1,post_json=1
local-address=127.0.0.1
socket-dir=$PWD
receiver-threads=1
distributor-threads=1
zone-cache-refresh-interval=0
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
EOC
answered() { dig +tries=1 +time=5 @127.0.0.1 example.com TXT | grep -q text; }
try() {
	python3 web.py "$1" &
	web=$!
	pdns_server --config-dir=. --daemon=no --guardian=no >&2 &
	pdns=$!
	wait_for answered
	touch measure
	for _ in $(seq 10); do
		dig +tries=1 +time=5 @127.0.0.1 a.b.c.d.example.com TXT >&2
	done
	rm measure
	kill $pdns $web
	wait $pdns $web || :
	awk -v how="$1" '{ print how ": " \
	    ($1 >= 0.001 ? "a millisecond or more" : "less") }' shortest
}
try kept
try closed
END
holds <<'END'
kept: a millisecond or more
closed: less
END
