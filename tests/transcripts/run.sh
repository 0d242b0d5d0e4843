#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Transcripts: what PowerDNS says to `pdns-tlsa pipe`, and what it must hear;
# and the same through the http connector.
# Each directory here with a file "in" is a case:
#	config.yaml	@DIR@ stands for the case's own directory
#	store/		whatever config.yaml names; links lead to certificates/
#	in		lines for standard input; those that begin with # are
#			for the reader
#	out		the lines expected, compared octet for octet but for
#			SERIAL, the SOA serial
#			@mail.1 1 1@, association data: the first certificate of
#			certificates/mail.pem, selector 1, matching type 1, as
#			the openssl command computed it (make.sh)
#	log		(optional) texts that standard error must contain, one a
#			line; without this file it must contain no warning
#
#	tests/transcripts/run.sh [CASE...]

set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"

main() {
	local name

	# The program may be named relative to the directory of the caller.
	PDNS_TLSA=$(realpath -e "${PDNS_TLSA:-$here/../../build/pdns-tlsa}" \
	    2>/dev/null)
	if [ ! -x "$PDNS_TLSA" ]; then
		echo "1..0 # SKIP pdns-tlsa is not built"
		exit 0
	fi
	[ $# -gt 0 ] || set -- "$here"/*/in
	tap_begin
	cp -a "$here/certificates" "$TMP/"
	test_expected
	for name; do
		name=${name%/in}
		test_case "${name##*/}"
		test_http "${name##*/}"
	done
	tap_end
}

# The list of associations is what openssl says on this machine too.
test_expected() {
	command -v openssl >/dev/null || return
	"$here/make.sh" expected "$TMP/expected"
	tap_ok "openssl computes the same associations" \
	    diff "$here/certificates/expected" "$TMP/expected"
}

test_case() {
	local dir=$TMP/$1 status=0

	cp -a "$here/$1" "$dir"
	find "$dir/config.yaml" "$dir/store" -type f \
	    -exec sed -i "s|@DIR@|$dir|g" {} +
	sed -i '/^#/d' "$dir/in"
	fill_in <"$dir/out" >"$dir/expected"
	timeout 30 "$PDNS_TLSA" pipe -c "$dir/config.yaml" <"$dir/in" \
	    >"$dir/got.raw" 2>"$dir/got.log" || status=$?
	hide_serial <"$dir/got.raw" >"$dir/got"
	tap_ok "$1" case_passed "$dir" "$status"
}

# A daemon on a unix socket, to need no port: it is the words that are
# compared.
test_http() {
	local dir=$TMP/$1

	sed -e "s|^state-directory:.*|state-directory: $dir/http-state|" \
	    "$dir/config.yaml" >"$dir/http.yaml"
	echo "http: {listen: $dir/http.sock}" >>"$dir/http.yaml"
	spawn "http-$1" "$PDNS_TLSA" serve -c "$dir/http.yaml"
	wait_for 30 test -S "$dir/http.sock"
	timeout 60 "$here/../lib/http_lines.py" "$dir/http.sock" <"$dir/in" |
	    hide_serial >"$dir/got"
	stop "$PID"
	tap_ok "$1, by http" diff -a "$dir/expected" "$dir/got"
}

case_passed() {
	local dir=$1 status=$2 bad=0 text

	diff -a "$dir/expected" "$dir/got" || bad=1
	if [ "$status" -ne 0 ]; then
		echo "exit status $status"
		bad=1
	fi
	if [ ! -e "$dir/log" ]; then
		# the CAs are nobody's, and names are borrowed
		! grep -v -e "is not in any issuer set" \
		    -e "no current certificate names the host" \
		    "$dir/got.log" |
		    grep -e "warning:" -e "error:" -e ERROR || bad=1
		return "$bad"
	fi
	while read -r text; do
		grep -qFe "$text" "$dir/got.log" && continue
		echo "not in the log: $text"
		bad=1
	done <"$dir/log"
	[ "$bad" -eq 0 ] || cat "$dir/got.log"
	return "$bad"
}

# Leave out the reader's lines and put in the association data.
fill_in() {
	awk '
	FILENAME != "-" { data["@" $1 " " $2 " " $3 "@"] = $4; next }
	/^#/ { next }
	{
		line = ""
		while (match($0, /@[a-z0-9.-]+ [01] [012]@/)) {
			token = substr($0, RSTART, RLENGTH)
			line = line substr($0, 1, RSTART - 1) \
			    (token in data ? data[token] : token "?")
			$0 = substr($0, RSTART + RLENGTH)
		}
		print line $0
	}' "$here/certificates/expected" -
}

# The third field of a SOA record, and the member of a domaininfo.
hide_serial() {
	LC_ALL=C sed -E -e \
	    's/("content":"[^ "]+ [^ "]+ )[0-9]{10}(( [0-9]+){4}")/\1SERIAL\2/g' \
	    -e 's/"serial":[0-9]{10}/"serial":SERIAL/g'
}

main "$@"
