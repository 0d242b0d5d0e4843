# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A daemon with tests/preload/faulty.c in it, and what that lets go wrong.
# Source it after pdns.sh and generations.sh.
#
#	faulty_begin			before the daemon is started
#	faulty_serve			start it
#	faulty_set CLOCK [WRITE [DEADLY]]
#					seconds ahead; errno of all that writes;
#					signal of a file ...deadly.pem (-1: who
#					opens it never ends; -2: is taken over,
#					and tries what is in $TMP/state)

faulty_begin() {
	tool_find faulty.so
	case ${OUT:-build} in
	*/thread*) tap_skip "the sanitizer wants no library before it" ;;
	esac
}

faulty_serve() {
	[ -e "$TMP/page" ] || head -c 4096 /dev/zero >"$TMP/page"
	FAULTY_PAGE=$TMP/page FAULTY_BELOW=$TMP/state \
	    ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-} \
	    LD_PRELOAD=$(realpath "$TOOL") tlsa_serve
}

faulty_set() {
	python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as page:
    page.write(struct.pack("@q9i", int(sys.argv[2]), 0, 0, 0, 0,
                           int(sys.argv[3]), 0, 0, 100, int(sys.argv[4])))' \
	    "$TMP/page" "$1" "${2:-0}" "${3:-0}"
}
