#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Everything that reads the sources without running them.  Fails on any finding.
set -u
bad=0
sources=$(git ls-files 'src/*.c' 'backend/*.c')
flags="-Iinclude -Ibackend -D_GNU_SOURCE -DVERSION=\"lint\" -std=c17 $(pkg-config \
    --cflags jansson libcrypto yaml-0.1 ldns libseccomp sqlite3 libmicrohttpd \
    zlib libsystemd) $(pkg-config --cflags gmime-3.0 | sed 's/-I/-isystem /g')"

step() {
	echo "lint: $1"
	shift
	"$@" || { echo "lint: FAILED: $1"; bad=1; }
}

# each N COMMAND: for so many sources at a time, on all processors; @ stands
# for the flags
each() {
	# shellcheck disable=SC2086
	echo $sources | xargs -n "$1" -P "$(nproc)" sh -c \
	    "${2//@ /$(printf '%s' "$flags" | sed 's/"/\\"/g') }" sh
}

analyze() {
	each 1 'gcc @ -O2 -Wall -Wextra -Werror -fanalyzer -c -o /dev/null "$@"'
}

tidy() {
	each 4 'clang-tidy --quiet "$@" -- @ 2>/dev/null'
}

step "layers" tests/check-layers.sh
# shellcheck disable=SC2086
step "clang-format" clang-format --dry-run -Werror $(git ls-files 'src/*.[ch]' \
    'include/*.h' 'backend/*.[ch]' 'tests/*.[ch]' | grep -v 'tests/lib/unit.h')
step "gcc -fanalyzer" analyze
step "clang-tidy" tidy
# shellcheck disable=SC2086
step "cppcheck" cppcheck --quiet -j "$(nproc)" --std=c11 --error-exitcode=1 --inline-suppr \
    --enable=warning,performance,portability --suppress=missingIncludeSystem \
    -Iinclude -Ibackend -D_GNU_SOURCE '-DVERSION="lint"' src backend
step "codespell" codespell -q 3 -L nd src backend include docs README.md CONTRIBUTING.md tests/*.sh
step "mandoc" mandoc -T lint -W warning docs/pdns-tlsa.8 docs/pdns-tlsa.yaml.5
[ "$bad" -eq 0 ] && echo "lint: clean"
exit "$bad"
