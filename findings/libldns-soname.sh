#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libldns.so.3 of ldns 1.9 is not the libldns.so.3 of ldns 1.8: for a program
# made with the one, "an IPv4 address" means something else in the other.
#
# Versions: a program made with ldns 1.8.3 (Debian 12), run there and with ldns
#	1.9.2 (Debian 14).
# Expected: one soname, one interface.
# Seen: the same binary makes addresses from texts:
#
#	ldns 1.8.3: A 192.0.2.1 taken, AAAA 2001:db8::1 taken, AAAA 192.0.2.1 refused
#	ldns 1.9.2: A 192.0.2.1 refused, AAAA 2001:db8::1 refused, AAAA 192.0.2.1 taken
#
#	1.9 has LDNS_RDF_TYPE_INT64 in the *middle* of enum ldns_enum_rdf_type,
#	before LDNS_RDF_TYPE_A, so all later numbers are others.
#
# No loader and no package manager can say so, and no address of a server can be
# given any more, so nothing can be asked. Build anew for each release.

. "${0%/*}/lib/finding.sh"

look() {
	alone <<-END
	echo "ldns $1: \$(/root/look)"
	END
}
root bookworm libldns-dev=1.8.3-1+b1 libldns3=1.8.3-1+b1 gcc libc6-dev
cat >"$ROOT/root/look.c" <<'END'
#include <stdio.h>
#include <ldns/ldns.h>

static void
look(ldns_rdf_type type, const char *name, const char *text,
    const char *end)
{
	ldns_rdf *rdf = ldns_rdf_new_frm_str(type, text);

	printf("%s %s %s%s", name, text, rdf ? "taken" : "refused", end);
	ldns_rdf_deep_free(rdf);
}

int
main(void)
{
	look(LDNS_RDF_TYPE_A, "A", "192.0.2.1", ", ");
	look(LDNS_RDF_TYPE_AAAA, "AAAA", "2001:db8::1", ", ");
	look(LDNS_RDF_TYPE_AAAA, "AAAA", "192.0.2.1", "\n");
	return 0;
}
END
"$root_sh" enter "$ROOT" gcc -o look look.c -lldns 2>"$TMP/errors" ||
    fail "gcc" "$TMP/errors"
look 1.8.3
cp "$ROOT/root/look" "$TMP/"
root forky libldns3t64=1.9.2-1+b1
cp "$TMP/look" "$ROOT/root/"
look 1.9.2
holds <<'END'
ldns 1.8.3: A 192.0.2.1 taken, AAAA 2001:db8::1 taken, AAAA 192.0.2.1 refused
ldns 1.9.2: A 192.0.2.1 refused, AAAA 2001:db8::1 refused, AAAA 192.0.2.1 taken
END
