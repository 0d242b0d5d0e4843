#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# ldns-dane refuses a certificate that a "3 1 1" record names, for its host name.
#
# Versions: ldns 1.9.2 (Debian 14); 1.8.3 and 1.8.4 do the same.
# Expected: with DANE-EE(3) the name in the certificate is not looked at
#	(RFC 7671, 5.1), nor its dates: Postfix, Exim and OpenSSL do so.
# Seen: the right digest, and a certificate for another name:
#
#	openssl: Verification: OK
#	ldns-dane: hostname mismatch
#	ldns-dane -n: dane-validated successfully
#
# A mail server that is right for every sender is wrong for this tool; give it
# -n for services with "3 x x" records.

. "${0%/*}/lib/finding.sh"

root forky ldnsutils=1.9.2-1+b1 libldns3t64=1.9.2-1+b1 python3-dnspython openssl
alone <<'END'
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem \
    -subj /CN=other.example.net -addext subjectAltName=DNS:other.example.net \
    2>/dev/null
digest=$(openssl x509 -in cert.pem -noout -pubkey |
    openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
cat >records <<EOR
www.example.com. A 127.0.0.1
_443._tcp.www.example.com. TLSA 3 1 1 $digest
EOR
echo 'nameserver 192.0.2.53' >/etc/resolv.conf
python3 /root/answers.py records &
openssl s_server -accept 127.0.0.1:443 -cert cert.pem -key key.pem -quiet &
there() {
	grep -q '350200C0:0035' /proc/net/udp &&
	    grep -q '0100007F:01BB 00000000:0000 0A' /proc/net/tcp
}
wait_for there
echo "openssl: $(openssl s_client -connect 127.0.0.1:443 -brief \
    -dane_tlsa_domain www.example.com -dane_tlsa_rrdata "3 1 1 $digest" \
    </dev/null 2>&1 | grep '^Verification')"
dane() {
	ldns-dane -4 -d "$@" verify www.example.com 443 >log 2>&1 || :
	cat log >&2
	grep -o 'hostname mismatch\|dane-validated successfully' log
}
echo "ldns-dane: $(dane)"
echo "ldns-dane -n: $(dane -n)"
END
cat "$TMP/errors"
holds <<'END'
openssl: Verification: OK
ldns-dane: hostname mismatch
ldns-dane -n: dane-validated successfully
END
