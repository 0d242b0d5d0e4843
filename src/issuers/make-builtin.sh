#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make-builtin.sh TABLE...: the tables as C, for issuer_builtins[] of
# issuers/load.h.  As octets, for a C string need not hold more than 4095.

set -eu

echo '/* Made by make-builtin.sh: do not edit. */'
echo '#include "issuers/load.h"'
number=0
for table; do
	printf '\nstatic const uint8_t table%d[] = {\n' "$number"
	od -A n -v -t u1 "$table" | sed 's/\([0-9]\)  */\1, /g; s/$/,/'
	echo '};'
	number=$((number + 1))
done
printf '\nconst struct issuer_builtin issuer_builtins[] = {\n'
number=0
for table; do
	printf '\t{ "%s", table%d, sizeof(table%d) },\n' "${table##*/}" \
	    "$number" "$number"
	number=$((number + 1))
done
printf '\t{ NULL, NULL, 0 },\n};\n'
