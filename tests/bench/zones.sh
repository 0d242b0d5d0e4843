# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# Ten thousand zones: PowerDNS reads the list of them when it starts, and ends
# if that takes longer than its time-out.

ZONES=10000
TIME_OUT_MS=2000 # of the remote backend, by default

part_zones() {
	local name=${name/.$BENCH_APEX/.z1.example.net.}

	part_begin "$ZONES zones"
	zones_yaml "$TMP/zones" "$TMP/world"
	zones_measure "$PDNS_TLSA" "$TMP/zones" "$name" >"$TMP/starts"
	if has_before; then
		zones_yaml "$TMP/zones-before" "$TMP/world-before"
		zones_measure "$BEFORE" "$TMP/zones-before" \
		    "${name_before/.$BENCH_APEX/.z1.example.net.}" \
		    >"$TMP/starts-before"
	fi
	result "start of PowerDNS, of its time-out" \
	    "$(median_of "$TMP/starts" 2)" at-most 1.0 \
	    "$(before_of "$TMP/starts-before" 2)"
	info "start of the daemon, ms until it answers" \
	    "$(median_of "$TMP/starts" 1)" "$(before_of "$TMP/starts-before" 1)"
	part_end
}

# zones_yaml DIRECTORY LIKE
zones_yaml() {
	mkdir -p "$1"
	{
		grep -v '^zones:' "$2/c.yaml" | sed "s#$2/#$1/#"
		echo zones:
		seq 1 "$ZONES" | sed 's/.*/- {name: z&.example.net, nameservers: [ns1.example.net]}/'
	} >"$1/c.yaml"
}

# zones_measure PROGRAM DIRECTORY OWNER: milliseconds until the daemon answers,
# and of PowerDNS's time-out until that does, a line a round.  Ends both.
zones_measure() {
	local round begin daemon name=$3

	for ((round = 0; round < ROUNDS; round++)); do
		begin=$(now_us)
		if ! tlsa_start "$1" "$2" || ! first_answer "$2/pdns.sock" "$name"
		then
			echo "- -"
		else
			daemon=$(awk -v us=$(($(now_us) - begin)) \
			    'BEGIN { print us / 1000 }')
			begin=$(now_us)
			if server "$2/pdns" "$(port_free)" \
			    "launch=remote" "$OFF" \
			    "remote-connection-string=unix:path=$2/pdns.sock"
			then
				echo "$daemon $(quotient \
				    $(($(now_us) - begin)) \
				    $((TIME_OUT_MS * 1000)))"
			else
				echo "$daemon -"
			fi
		fi
		part_end
	done
}
