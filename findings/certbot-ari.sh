#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# certbot heeds the CA's renewal window (ARI) once, and forgets it at the next
# run: "not yet due for renewal" first, renewed moments later.
#
# Versions: certbot 5.5.0, pebble 2.10.0 (Debian 14).
# Expected: the window of the first run holds until Retry-After says to ask
#	again.
# Seen: the CA tells a window that is a day away, Retry-After is six hours.
#	Within these six hours certbot does not ask, and without an answer it
#	goes by the certificate's lifetime, of which more than half is over:
#
#	run 1: not yet due for renewal
#	run 2: renewed
#
# Nobody can conclude from the CA's window, or from a run that did nothing, when
# the key of a certificate will change.

. "${0%/*}/lib/finding.sh"

root forky certbot=5.5.0-3 pebble=2.10.0+ds1-2 openssl curl
alone <<'END'
. /root/pebble.sh
pebble_start 240
certbot() {
	command certbot --config-dir le --work-dir le --logs-dir le \
	    --no-verify-ssl --server "$ACME" --non-interactive "$@"
}
certbot certonly --standalone --agree-tos --register-unsafely-without-email \
    -d www.example.com >&2
cat >window.py <<'EOP'
import datetime, json, ssl, urllib.request
def at(hours):
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
window = {"suggestedWindow": {"start": at(24), "end": at(25)}}
with open("le/live/www.example.com/cert.pem") as file:
    body = {"certificate": file.read(), "ariResponse": json.dumps(window)}
urllib.request.urlopen("https://localhost:15000/set-renewal-info/",
                       json.dumps(body).encode(),
                       context=ssl.create_default_context(cafile="ca.pem"))
EOP
python3 window.py
sleep 130
run() {
	certbot renew --no-random-sleep-on-renew >log 2>&1
	cat log >&2
	if grep -q 'Congratulations, all renewals succeeded' log; then
		echo "$1: renewed"
	else
		echo "$1: $(grep -o 'not yet due for renewal' log | head -n 1)"
	fi
}
run "run 1"
run "run 2"
END
holds <<'END'
run 1: not yet due for renewal
run 2: renewed
END
