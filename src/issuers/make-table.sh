#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make-table.sh STATUS-FILE DIRECTORY >TABLE: the table of a provider's CAs,
# as pdns-tlsa(8) describes it under ISSUER SETS.
#
# DIRECTORY holds the provider's CA certificates, one in each *.pem.
# STATUS-FILE says which of them count and as what: lines of "key: value",
# which are taken over, and lines of a status, a tab and the CN of a CA.  Other
# certificates are passed over; a CA without a certificate is an error.  Of
# several certificates of one key (cross-signs) the last to expire counts.
#
# The table of Let's Encrypt is made from the PEM files that the pages named
# in letsencrypt*.status offer.

set -eu
LC_ALL=C
export LC_ALL

main() {
	if [ $# -ne 2 ]; then
		echo "usage: make-table.sh STATUS-FILE DIRECTORY" >&2
		exit 2
	fi
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	# No pipe here: the failure of one of its parts would go unseen.
	for pem in "$2"/*.pem; do
		describe "$pem"
	done >"$work/unsorted"
	sort "$work/unsorted" >"$work/certificates"
	join_lists "$1" "$work/certificates" >"$work/table"
	cat "$work/table"
}

# CN, not after, algorithm, bits, SHA-256 and SHA-512 of the SPKI of one file.
describe() {
	if [ "$(grep -c '^-----BEGIN ' "$1")" -ne 1 ]; then
		fail "$1: not one certificate, but another number"
	fi
	openssl x509 -in "$1" -noout -text >"$work/text"
	openssl x509 -in "$1" -noout -pubkey |
	    openssl pkey -pubin -outform DER >"$work/spki"
	[ -s "$work/spki" ] || fail "$1: no public key"
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(cn "$1")" "$(not_after "$1")" \
	    "$(algorithm)" "$(bits)" "$(digest sha256)" "$(digest sha512)"
}

cn() {
	openssl x509 -in "$1" -noout -subject \
	    -nameopt multiline,utf8,-esc_msb,-align |
	    sed -n 's/^ *commonName = //p' | tail -n 1
}

not_after() {
	openssl x509 -in "$1" -noout -enddate -dateopt iso_8601 |
	    sed 's/^notAfter=//; s/ /T/'
}

algorithm() {
	case $(sed -n 's/^ *Public Key Algorithm: //p' "$work/text") in
	rsaEncryption | rsassaPss) echo RSA ;;
	id-ecPublicKey) echo ECDSA ;;
	*) echo other ;;
	esac
}

bits() {
	sed -n 's/^ *Public-Key: (\([0-9]*\) bit.*/\1/p' "$work/text"
}

digest() {
	openssl dgst "-$1" -r <"$work/spki" | cut -d ' ' -f 1
}

# The lines of the status file, each CA with what the certificates say; these
# are sorted, so that the last to expire of one key comes last.
join_lists() {
	awk -F '\t' -v OFS='\t' '
	FNR == NR && (NF != 6 || length($2) != 20 || $4 !~ /^[0-9]+$/ ||
	    length($5) != 64 || length($6) != 128) {
		print "openssl says something unexpected: " $0 >"/dev/stderr"
		exit 1
	}
	FNR == NR {
		if (!(($1, $5) in row))
			keys[$1] = keys[$1] SUBSEP $5
		row[$1, $5] = $3 OFS $4 OFS $5 OFS $6 OFS $2
		next
	}
	FNR == 1 {
		print "# Made by make-table.sh; see ISSUER SETS in pdns-tlsa(8)."
	}
	/^#/ || /^$/ {
		next
	}
	NF == 1 {
		print
		next
	}
	!heading++ {
		print "\n# name", "algorithm", "bits", "SHA-256 of the SPKI",
		    "SHA-512 of the SPKI", "not after", "status"
	}
	NF != 2 || !($2 in keys) {
		print FILENAME ":" FNR ": no certificate of: " $0 \
		    >"/dev/stderr"
		exit 1
	}
	{
		count = split(substr(keys[$2], 2), key, SUBSEP)
		for (i = 1; i <= count; i++)
			print $2, row[$2, key[i]], $1
	}
	END {
		print "end"
	}' "$2" "$1"
}

fail() {
	echo "make-table.sh: $1" >&2
	exit 1
}

main "$@"
