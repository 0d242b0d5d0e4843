#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# OpenSSL's list of the signature algorithms that it has lacks those that it
# offers by default: who sets what SSL_get1_builtin_sigalgs() gives has switched
# ML-DSA off.
#
# Versions: OpenSSL 3.6.5 (Debian 14).
# Expected: the list, set with SSL_CTX_set1_sigalgs_list() or -sigalgs, is what
#	a client offers without any setting, in another order at most.
# Seen: what providers bring is left out, those of OpenSSL's own included, and a
#	server with an ML-DSA key cannot be talked to any more:
#
#	mldsa65 in the list: 0
#	without a setting: Verification
#	with the list: handshake failure
#
# A client that asks a server for one kind of key after the other has to ask the
# providers as well (the capability TLS-SIGALG), as `openssl list
# -tls-signature-algorithms` does.

. "${0%/*}/lib/finding.sh"

root forky openssl=3.6.5-1 libssl-dev=3.6.5-1 gcc libc6-dev
alone <<'END'
cat >list.c <<'EOP'
#include <openssl/ssl.h>
#include <stdio.h>

int
main(void)
{
	char *list = SSL_get1_builtin_sigalgs(NULL);

	puts(list);
	OPENSSL_free(list);
	return 0;
}
EOP
cc -o list list.c -lssl -lcrypto
openssl req -x509 -newkey mldsa65 -nodes -subj /CN=localhost -keyout key.pem \
    -out cert.pem 2>/dev/null
openssl s_server -accept 127.0.0.1:4433 -cert cert.pem -key key.pem -quiet \
    >&2 &
listens() {
	grep -q '0100007F:1151 00000000:0000 0A' /proc/net/tcp
}
wait_for listens
client() {
	openssl s_client -connect 127.0.0.1:4433 "$@" </dev/null 2>&1 |
	    grep -o -e 'handshake failure' -e 'Verification' | head -n 1
}
echo "mldsa65 in the list: $(./list | tr : '\n' | grep -c mldsa65)"
echo "without a setting: $(client)"
echo "with the list: $(client -sigalgs "$(./list)")"
END
holds <<'END'
mldsa65 in the list: 0
without a setting: Verification
with the list: handshake failure
END
