#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Caddy 2.6 overwrites the files of a certificate in place, one after the other:
# whoever reads them meanwhile gets half a chain, or a chain and a key that do
# not belong together.
#
# Versions: Caddy 2.6.2, pebble 2.4.0 (Debian 12).
# Expected: as in later releases (2.11.4 was looked at) and as other ACME
#	clients do, each file is written aside and renamed into place.
# Seen: the system calls that open the files for writing, in their order, when
#	the certificate is issued, and no rename:
#
#	key O_WRONLY|O_CREAT|O_TRUNC
#	crt O_WRONLY|O_CREAT|O_TRUNC
#	json O_WRONLY|O_CREAT|O_TRUNC
#	renamed: 0
#
# A hook or a mail server that reads Caddy's store has to wait until key and
# chain match.

. "${0%/*}/lib/finding.sh"

root bookworm caddy=2.6.2-5 pebble=2.4.0+ds1-2+b4 strace curl openssl
alone <<'END'
. /root/pebble.sh
pebble_start 7776000
cat >caddy.json <<EOP
{"admin": {"disabled": true, "config": {"persist": false}},
 "storage": {"module": "file_system", "root": "$PWD/store"},
 "apps": {
  "http": {"servers": {"s": {"listen": ["127.0.0.1:8443"],
   "routes": [{"match": [{"host": ["www.example.com"]}]}],
   "tls_connection_policies": [{}]}}},
  "tls": {"automation": {"policies": [{
   "issuers": [{"module": "acme", "ca": "$ACME",
    "trusted_roots_pem_files": ["$PWD/ca.pem"]}]}]}}}}
EOP
HOME=$PWD strace -f -o calls -e trace=openat,rename,renameat,renameat2 \
    caddy run --config caddy.json >caddy.log 2>&1 &
is_there() {
	[ -s "$(find store/certificates -name www.example.com.json 2>/dev/null)" ]
}
wait_for is_there
grep 'certificates/.*/www\.example\.com\.[a-z]*", O_WRONLY' calls |
    sed 's/.*www\.example\.com\.\([a-z]*\)", \([A-Z_|]*\)|O_CLOEXEC.*/\1 \2/'
echo "renamed: $(grep -c 'rename.*certificates/.*/www\.example\.com' calls)"
END
holds <<'END'
key O_WRONLY|O_CREAT|O_TRUNC
crt O_WRONLY|O_CREAT|O_TRUNC
json O_WRONLY|O_CREAT|O_TRUNC
renamed: 0
END
