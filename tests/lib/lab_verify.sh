# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What independent programs say of a host of the mail lab: all of them look
# records up, connect, and decide by themselves.
# Source it from bash after lab_ask.sh, lab_acme.sh and lab_mta.sh.
#
#	verify_all NAME			"all good", "all bad", or who says what
#					of mx-NAME.example.com
#	verifiers_of_chains		those of $VERIFIERS that can judge 2 1 1

VERIFIERS="posttls_finger openssl danetool gnutls_cli tlsa ldns_dane check"

verify_all() {
	local verifier status good='' bad='' unsure=''

	for verifier in $VERIFIERS; do
		"_verify_$verifier" "mx-$1.example.com" \
		    >"$TMP/verify-$1-$verifier.log" 2>&1 </dev/null
		status=$?
		case $status in
		0) good="$good $verifier" ;;
		78) unsure="$unsure $verifier" ;;
		*) bad="$bad $verifier" ;;
		esac
	done
	if [ -z "$bad$unsure" ]; then
		echo "all good"
	elif [ -z "$good$unsure" ]; then
		echo "all bad"
	else
		echo "good:$good; bad:$bad; cannot tell:$unsure"
	fi
}

_verify_posttls_finger() {
	MAIL_CONFIG=$SEND/etc posttls-finger -c -l dane-only "[$1]" |&
	    grep "Verified TLS connection established"
}

# The records as they are secure by the resolver.
_verify_openssl() {
	local record options=()

	while read -r record; do
		[[ $record == [0-9]* ]] &&
		    options+=(-dane_tlsa_rrdata "$record")
	done < <(lab_secure unbound "_25._tcp.$1")
	openssl s_client -connect "$1:25" -starttls smtp -verify 9 \
	    -verify_return_error -dane_tlsa_domain "$1" "${options[@]}"
}

# It leaves a file behind where it runs.
_verify_danetool() {
	(cd "$TMP" && danetool --check "$1" --port 25 --starttls-proto smtp \
	    --local-dns)
}

# It wants the chain to be right in the old way too.
_verify_gnutls_cli() {
	_verify_roots
	gnutls-cli --dane --local-dns --x509cafile "$TMP/roots.pem" \
	    --starttls-proto=smtp --port 25 "$1"
}

_verify_roots() {
	acme_root | cat - "$TMP/ca/root.pem" >"$TMP/roots.pem"
}

# Its exit status is what it says of the last record, whichever that is; one
# that matches is enough.  Release 3.5 crashes where the chain is not right in
# the old way.
_verify_tlsa() {
	local output

	_verify_roots
	output=$(tlsa --verify --port 25 --starttls smtp \
	    --rootkey "$LAB/anchors" --ca-cert "$TMP/roots.pem" \
	    --resolvconf /etc/resolv.conf "$1" 2>&1)
	echo "$output"
	grep -q "^SUCCESS" <<<"$output"
}

# Release 3.5 of tlsa, which has left M2Crypto, sees only the leaf of a chain.
verifiers_of_chains() {
	if grep -q M2Crypto "$(command -v tlsa)"; then
		echo "$VERIFIERS"
	else
		echo "${VERIFIERS/ tlsa/}"
	fi
}

# It knows no STARTTLS.
_verify_ldns_dane() {
	ldns-dane -T -r "$RESOLVER" verify "$1" 465
}

# Ours.  Of a good host it may warn of the next renewal.
_verify_check() {
	local status

	/usr/sbin/pdns-tlsa check --online "$1"
	status=$?
	case $status in
	1) return 0 ;;
	0 | 2) return $status ;;
	*) return 78 ;;
	esac
}
