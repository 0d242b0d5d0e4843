#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How tests/fuzz/seeds/control/ was made: an octet that says what is asked (even:
# a list, odd: the status), and what the daemon says, right and wrong.
#	tests/fuzz/make-control.sh
set -eu
cd "$(dirname "$0")"
seeds=$PWD/seeds/control
mkdir -p "$seeds"

# say NAME OCTET LINE...
say() {
	local seed=$seeds/$1
	# shellcheck disable=SC2059 # the format is the octet
	printf "$2" >"$seed"
	shift 2
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$seed"
}

# page EDITION TOTAL FROM ITEM
page() {
	echo '{"result":{"edition":'"$1"',"total":'"$2"',"from":'"$3"',"list":['"$4"']}}'
}

STATUS='{"result":{"version":"0.1.0","started":1795435200,"ready":true,
"config":"/etc/pdns-tlsa/pdns-tlsa.yaml","config_error":null,"lineages":3,
"services":2,"zones":1,"errors":[{"when":1795435200,"text":"lineage"}],
"counters":{"answers":7,"publications":1,"reloads":0}}}'

say status '\001' "$(tr -d '\n' <<<"$STATUS")"
# service BARS MARKS: a status that has one, drawn
service() {
	echo '{"result":{"services":[{"host":"a.example.","port":25,
	"timeline":{"now":1795435200,"from":1791547200,"to":1803211200,
	"bars":['"$1"'],"marks":['"$2"']}}]}}' | tr -d '\n\t'
}
BAR='{"data":"3 1 1 0123456789","why":"leaf","class":"served",
"since":1795000000,"hold":1795086400,"until":null}'
say drawn '\001' "$(service "$BAR,$BAR" '{"event":"expiry","when":1800000000}')"
say drawn-not '\001' "$(service '{"class":"served"}' '7')"
say list '\000' "$(page 1 2 0 '{"host":"a.example."}')" \
    "$(page 1 2 1 '{"host":"b.example."}')"
say list-empty '\000' "$(page 1 0 0 '')"
say list-short '\000' "$(page 1 9 0 '{}')" "$(page 1 9 1 '')"
say list-reloaded '\000' "$(page 1 2 0 '{}')" "$(page 2 2 0 '{}')" \
    "$(page 2 2 0 '{}')" "$(page 2 2 1 '{}')"
say list-reloads '\000' "$(page 1 2 0 '1')" "$(page 2 2 0 '1')" \
    "$(page 3 2 0 '1')" "$(page 4 2 0 '1')" "$(page 5 2 0 '1')" \
    "$(page 6 2 0 '1')" "$(page 7 2 0 '1')" "$(page 8 2 0 '1')"
say list-of-what '\000' '{"result":{"edition":"x","total":[],"list":{}}}'
say unknown '\001' '{"result":null}'
say no-result '\001' '{}'
say array '\001' '[1,2]'
say number '\001' '{"result":7}'
say types '\001' '{"result":{"version":7,"started":"x","counters":[],"errors":{}}}'
say twice '\001' '{"result":1}{"result":2}'
say not-json '\001' 'hello'
say cut '\001'
printf '\001{"result":{"version"' >"$seeds/cut"
say nul '\001'
printf '\001{"result":"a\0b"}\n' >"$seeds/nul"
say two-questions '\003' '{"result":true}' "$(tr -d '\n' <<<"$STATUS")"
say nothing '\000'
