# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A throw-away certificate authority made with the openssl command, and the
# TLSA data that the same command computes from its certificates.  Tests take
# what they expect from here, never from the program under test.
# Source it from bash.
#
#	ca_init DIR
#	ca_issue DIR NAME KEYTYPE INTERMEDIATE DNSNAME...
#	tlsa_of TYPE FILE
#	tlsa_of_chain FULLCHAIN [TYPE...]
#	chain_split FULLCHAIN DIR

# Make a root in DIR with the intermediates R1 and R2 (RSA 2048), E1 and E2
# (ECDSA P-256).  Their names say that they are invented.
ca_init() {
	local dir=$1 name

	mkdir -p "$dir" && _ca_config >"$dir/openssl.cnf" || return
	_ca_key ecdsa "$dir/root.key" || return
	openssl req -x509 -new -config "$dir/openssl.cnf" -extensions root \
	    -key "$dir/root.key" -subj "/O=Demo CA/CN=Demo Root" -days 7300 \
	    -out "$dir/root.pem" || return
	for name in R1 R2 E1 E2; do
		case $name in
		R*) _ca_key rsa "$dir/$name.key" ;;
		E*) _ca_key ecdsa "$dir/$name.key" ;;
		esac || return
		openssl req -x509 -new -config "$dir/openssl.cnf" \
		    -extensions intermediate -key "$dir/$name.key" \
		    -subj "/O=Demo CA/CN=Demo $name" -days 1000 \
		    -CA "$dir/root.pem" -CAkey "$dir/root.key" \
		    -out "$dir/$name.pem" || return
	done
}

# Issue a certificate for the DNSNAMEs, signed by INTERMEDIATE (R1, R2, E1 or
# E2) of the authority in DIR.  KEYTYPE is "rsa", "ecdsa", or the file of a
# private key that is used again.  Leaves privkey.pem, cert.pem, chain.pem and
# fullchain.pem in DIR/issued/NAME, replacing an earlier issue of that name.
# With CA_START, in seconds since 1970, DIR is an absolute path, and the
# certificate valid from then.
ca_issue() {
	local dir=$1 out=$1/issued/$2 keytype=$3 issuer=$4 san
	shift 4

	mkdir -p "$out" || return
	case $keytype in
	rsa | ecdsa) _ca_key "$keytype" "$out/privkey.pem" ;;
	*) [ "$keytype" -ef "$out/privkey.pem" ] ||
	    install -m 600 "$keytype" "$out/privkey.pem" ;;
	esac || return
	san=$(printf ',DNS:%s' "$@")
	_ca_sign "$dir" "$issuer" "$out" -config "$dir/openssl.cnf" \
	    -addext "subjectAltName=${san#,}" -key "$out/privkey.pem" \
	    -subj "/CN=$1" || return
	cat "$dir/$issuer.pem" >"$out/chain.pem" &&
	    cat "$out/cert.pem" "$out/chain.pem" >"$out/fullchain.pem"
}

# _ca_sign DIR ISSUER OUT OPTION...: of openssl req.  Only openssl ca lets one
# choose from when a certificate is valid, before OpenSSL 3.4.
_ca_sign() {
	local dir=$1 issuer=$1/$2 out=$3
	shift 3

	if [ -z "${CA_START:-}" ]; then
		openssl req -x509 -new "$@" -extensions leaf -days 90 \
		    -CA "$issuer.pem" -CAkey "$issuer.key" -out "$out/cert.pem"
		return
	fi
	: >"$dir/index.txt"
	openssl req -new "$@" -out "$out/request.pem" &&
	    (cd "$dir" && openssl ca -batch -notext \
	    -config openssl.cnf -name signer -extensions leaf \
	    -cert "$issuer.pem" -keyfile "$issuer.key" -outdir "$dir" \
	    -startdate "$(date -u -d "@$CA_START" +%Y%m%d%H%M%SZ)" \
	    -enddate "$(date -u -d "@$((CA_START + 7776000))" +%Y%m%d%H%M%SZ)" \
	    -in "$out/request.pem" -out "$out/cert.pem") || return
	rm "$out/request.pem"
}

# Print TYPE ("3 1 1") and the association data in lower case for the first
# certificate in FILE, as a zone file has them.
tlsa_of() {
	local usage selector matching data
	read -r usage selector matching <<<"$1"

	read -r data _ < <(_ca_selected "$selector" "$2" |
	    _ca_matched "$matching")
	echo "$usage $selector $matching $data"
}

# Print, sorted, every association that belongs to a chain as it is served:
# for each TYPE (default: 3 1 1 and 2 1 1) of usage 3 the leaf's, of usage 2
# one per CA certificate.
tlsa_of_chain() {
	local file=$1 type dir count i
	shift
	[ $# -gt 0 ] || set -- "3 1 1" "2 1 1"

	dir=$(mktemp -d) || return
	count=$(chain_split "$file" "$dir")
	for type; do
		case $type in
		3*) tlsa_of "$type" "$dir/1.pem" ;;
		2*) for ((i = 2; i <= count; i++)); do
			tlsa_of "$type" "$dir/$i.pem"
		done ;;
		esac
	done | sort
	rm -r "$dir"
}

# Write the certificates of FULLCHAIN to DIR/1.pem, 2.pem, ...; print how many.
chain_split() {
	awk -v dir="$2" '
		/-----BEGIN CERTIFICATE-----/ { n++ }
		n { print > (dir "/" n ".pem") }
		END { print n + 0 }' "$1"
}

# The certificate (selector 0) or its SubjectPublicKeyInfo (1), DER.
_ca_selected() {
	if [ "$1" = 0 ]; then
		openssl x509 -in "$2" -outform DER
	else
		openssl x509 -in "$2" -noout -pubkey |
		    openssl pkey -pubin -outform DER
	fi
}

# Standard input itself (0), its SHA-256 (1) or SHA-512 (2), as the first word.
_ca_matched() {
	case $1 in
	0) od -An -v -tx1 | tr -d ' \n' && echo ;;
	1) sha256sum ;;
	2) sha512sum ;;
	esac
}

_ca_key() {
	local options=(-algorithm RSA -pkeyopt rsa_keygen_bits:2048)

	[ "$1" = rsa ] ||
	    options=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)
	# -quiet came with OpenSSL 3.1: the dots are thrown away by hand
	(umask 077 && openssl genpkey "${options[@]}" -out "$2" 2>/dev/null)
}

# Our own file: nothing depends on the machine's openssl.cnf.
_ca_config() {
	cat <<-'END'
	[req]
	distinguished_name = dn
	prompt = no
	[dn]
	[root]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[intermediate]
	basicConstraints = critical, CA:TRUE, pathlen:0
	keyUsage = critical, digitalSignature, keyCertSign, cRLSign
	extendedKeyUsage = serverAuth, clientAuth
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	[leaf]
	basicConstraints = critical, CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	[signer]
	database = index.txt
	default_md = sha256
	rand_serial = yes
	policy = subject
	unique_subject = no
	copy_extensions = copy
	[subject]
	commonName = supplied
	END
}
