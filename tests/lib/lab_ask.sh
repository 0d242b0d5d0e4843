# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Questions in the lab, through two validators, and what must come back: unbound,
# and BIND's, as delv for a few names and as named for many.
# Source it from bash after lab.sh.
#
#	lab_dig NAME TYPE [OPTION...]	PowerDNS itself
#	lab_ask VALIDATOR NAME TYPE	"answer secure", "nodata insecure", ...
#	lab_secure VALIDATOR NAME	the TLSA RRset, if it is secure
#	lab_denial_of ZONE		how it denies: nsec, nsec3 or narrow
#	lab_named_start, lab_named_stop	a second resolver that validates
#	lab_forget NAME			unbound forgets this TLSA RRset alone
#	lab_wrong VALIDATOR <QUESTIONS	print what is not as it must be
#	check_tlsa LABEL RRSET NAME...	secure and equal, by both validators
#	check_denials LABEL QUESTIONS	all right, by both validators
#	check_after LABEL RRSET NAME...	TLSA when its neighbours are denied
#	check_renewed LABEL RRSET NAME...
#					certbot renews
#	check_cell LABEL QUESTIONS NAME...
#					all four of them
#
# QUESTIONS are lines "OUTCOME NAME TYPE"; OUTCOME is answer, nodata or
# nxdomain, all of which must be secure.

LAB_NAMED_PORT=5300

lab_dig() {
	dig "@${SERVER:-$NS1}" +norecurse +nosplit +tries=1 +time=15 "$@"
}

lab_ask() {
	"_lab_$1" <<<"$2 $3" 2>&1 | "_lab_outcomes_$1"
}

# _lab_VALIDATOR <QUESTIONS: what it says to each, behind a line as dig begins
# with, that ends with the type.  _lab_outcomes_VALIDATOR: a line for each.

_lab_unbound() {
	_lab_resolver "$RESOLVER"
}

_lab_named() {
	_lab_resolver "$RESOLVER" -p $LAB_NAMED_PORT
}

# Asked again if it stalls: what it answers is the question, not how fast.
_lab_resolver() {
	dig "@$@" +dnssec +nosplit +tries=3 +time=15 -f /dev/stdin
}

_lab_outcomes_named() {
	_lab_outcomes_unbound
}

_lab_outcomes_unbound() {
	awk '
		function tell() {
			if (status == "NOERROR")
				status = found ? "answer" : "nodata"
			print status ? tolower(status) : "nothing",
			    secure ? "secure" : "insecure"
		}
		/^; <<>> / {
			if (type)
				tell()
			type = $NF
			status = ""
			secure = found = 0
		}
		/^;; ->>HEADER/ { sub(/,/, "", $6); status = $6 }
		/^;; flags:/ { secure = /flags:[^;]* ad[ ;]/ }
		/^[^;]/ && $4 == type { found = 1 }
		END { tell() }'
}

# delv knows one trust anchor at a time: that of the zone asked about.
_lab_delv() {
	local anchor name type

	while read -r name type; do
		echo "; <<>> delv <<>> $name $type"
		for anchor in $LAB_ANCHORS; do
			case $name in
			*."$anchor" | "$anchor") break ;;
			esac
		done
		delv "@${SERVER:-$NS1}" -a "$LAB/anchors.delv" \
		    "+root=$anchor" +nosplit "$name" "$type" </dev/null
	done
}

# delv says what it found only in its comments.
_lab_outcomes_delv() {
	awk '
		function tell() {
			print status ? status : "nothing",
			    secure && !insecure ? "secure" : "insecure"
		}
		/^; <<>> / {
			if (type)
				tell()
			type = $NF
			status = ""
			secure = insecure = 0
		}
		/^; .*fully validated/ { secure = 1 }
		/resolution failed: ncache nxdomain/ { status = "nxdomain" }
		/resolution failed: ncache nxrrset/ { status = "nodata" }
		/resolution failed/ && !status { status = $NF }
		/^[^;]/ && $4 == type { status = "answer" }
		/^; (unsigned|answer|authoritative|pending|glue)/ {
			insecure = 1
		}
		END { tell() }'
}

# Sorted, in the spelling of tlsa_of; the outcome in its place if not secure.
lab_secure() {
	local answer outcome
	answer=$("_lab_$1" <<<"$2 TLSA" 2>&1)

	outcome=$("_lab_outcomes_$1" <<<"$answer")
	if [ "$outcome" = "answer secure" ]; then
		dns_tlsa_lines <<<"$answer"
	else
		echo "$outcome"
	fi
}

# Narrow: the hashes on both sides of the one that was asked about.
lab_denial_of() {
	lab_dig "z.$1" TLSA +dnssec +noall +authority | awk '
		$4 == "NSEC" { kind = "nsec" }
		$4 == "NSEC3" && !kind { kind = "nsec3" }
		$4 == "NSEC3" { next_hash = tolower(substr($9, 1, 30)) }
		$4 == "NSEC3" && index($1, next_hash) { kind = "narrow" }
		END { print kind }'
}

# With the anchors of unbound's start.  What delv finds, in one process for all
# questions: it neither denies from what it has cached, nor asks for less of a
# name than it was asked.
lab_named_start() {
	local directory=$LAB/named zone

	mkdir -p "$directory"
	{
		cat <<-END
		options {
			directory "$directory";
			listen-on port $LAB_NAMED_PORT { $RESOLVER; };
			listen-on-v6 { none; };
			pid-file none;
			dnssec-validation yes;
			synth-from-dnssec no;
			qname-minimization off;
			empty-zones-enable no;
		};
		controls { };
		END
		cat "$LAB/anchors.delv"
		for zone in $LAB_ANCHORS; do
			printf 'zone "%s" { type static-stub; %s };\n' \
			    "$zone" "server-addresses { ${SERVER:-$NS1}; };"
		done
	} >"$directory/named.conf"
	spawn named named -g -n 1 -c "$directory/named.conf"
	LAB_NAMED_PID=$PID
	wait_for 60 _lab_named_answers
}

_lab_named_answers() {
	is_gone "$LAB_NAMED_PID" || dig "@$RESOLVER" -p $LAB_NAMED_PORT \
	    +tries=1 "${LAB_ANCHORS%% *}" SOA
}

lab_named_stop() {
	stop "$LAB_NAMED_PID"
}

lab_forget() {
	unbound-control -c "$LAB/unbound.conf" flush_type "$1" TLSA >/dev/null
}

# All of them at once: what takes time is to make processes.
lab_wrong() {
	local questions expected name type got
	questions=$(cat)

	while read -r expected name type got; do
		[ "$got" = "$expected secure" ] ||
		    echo "$name $type: $got, not $expected secure"
	done < <(paste -d ' ' <(echo "$questions") \
	    <(cut -d ' ' -f 2- <<<"$questions" | "_lab_$1" 2>&1 |
		"_lab_outcomes_$1"))
}

# delv cannot follow a CNAME from one trust anchor to another: of a name that
# begins with "alias:" it is asked the CNAME alone.
check_tlsa() {
	local label=$1 rrset=$2 name
	shift 2

	for name; do
		tap_is "$label: ${name#alias:} is secure by unbound" \
		    "$(lab_secure unbound "${name#alias:}")" "$rrset"
		if [[ $name == alias:* ]]; then
			tap_is "$label: ${name#alias:} is an alias by delv" \
			    "$(lab_ask delv "${name#alias:}" CNAME)" \
			    "answer secure"
		else
			tap_is "$label: $name is secure by delv" \
			    "$(lab_secure delv "$name")" "$rrset"
		fi
	done
}

check_denials() {
	tap_is "$1: every denial is right by unbound" \
	    "$(lab_wrong unbound <<<"$2")" ""
	lab_try "$1: named starts" lab_named_start || return
	tap_is "$1: every denial is right by named" \
	    "$(lab_wrong named <<<"$2")" ""
	lab_named_stop
}

# What unbound has seen denied it may use to deny more: never our names.
check_after() {
	local label=$1 rrset=$2 name
	shift 2

	for name; do
		name=${name#alias:}
		lab_forget "$name"
		tap_is "$label: $name is secure after the denials around it" \
		    "$(lab_secure unbound "$name")" "$rrset"
	done
}

# Old associations stay for a time (retain).
check_renewed() {
	local label=$1 before=$2 name both
	shift 2

	lab_renew
	both=$(printf '%s\n' "$before" "$(lab_rrset)" | sort -u)
	tap_ok "$label: the answer follows the renewal" \
	    wait_for 5 _lab_answers_are "$both" "${1#alias:}"
	for name; do
		lab_forget "${name#alias:}"
	done
	check_tlsa "$label renewed" "$both" "$@"
}

# A renewal comes last: it changes what must be expected.
check_cell() {
	local label=$1 questions=$2 rrset
	shift 2

	rrset=$(lab_rrset)
	check_tlsa "$label" "$rrset" "$@"
	check_denials "$label" "$questions"
	check_after "$label" "$rrset" "$@"
	check_renewed "$label" "$rrset" "$@"
}

_lab_answers_are() {
	local answer
	answer=$(lab_dig "$2" TLSA +noall +answer | dns_tlsa_lines)

	[ "$answer" = "$1" ]
}
