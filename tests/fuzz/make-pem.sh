#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How tests/fuzz/seeds/pem/ was made: throw-away certificates, and files that
# hold them in right and wrong ways.  The keys are not kept.
#	tests/fuzz/make-pem.sh
set -eu
cd "$(dirname "$0")"
seeds=$PWD/seeds/pem
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$seeds"
cd "$tmp"

# cert NAME ISSUER ALGORITHM EXTENSION...: NAME.pem and NAME.key; a name with
# a dash is another certificate of the name and key before it
cert() {
	local name=$1 issuer=$2 algorithm=$3 extensions=() key=${1%%-*}
	shift 3
	for extension; do
		extensions+=(-addext "$extension")
	done
	[ -e "$key.key" ] || case $algorithm in
	ec) openssl ecparam -name prime256v1 -genkey -noout -out "$key.key" ;;
	rsa) openssl genrsa -out "$key.key" 2048 2>/dev/null ;;
	*) openssl genpkey -algorithm "$algorithm" -out "$key.key" ;;
	esac
	openssl req -new -key "$key.key" -subj "/CN=$key" "${extensions[@]}" \
	    -out "$name.csr"
	if [ "$issuer" = "$key" ]; then
		openssl x509 -req -in "$name.csr" -signkey "$key.key" \
		    -copy_extensions copyall -days 9000 -out "$name.pem"
	else
		openssl x509 -req -in "$name.csr" -CA "$issuer.pem" \
		    -CAkey "$issuer.key" -copy_extensions copyall -days 9000 \
		    -out "$name.pem"
	fi 2>/dev/null
}

ca=("basicConstraints=critical,CA:TRUE" "keyUsage=critical,keyCertSign,cRLSign")
names="subjectAltName=DNS:mail.example.org,DNS:*.example.net"
cert root root ec "${ca[@]}"
cert other other rsa "${ca[@]}"
cert root-cross other ec "${ca[@]}"
cert mid root ec "${ca[@]}"
cert leaf mid ec "$names"
cert rsaleaf mid rsa "$names"
cert edleaf mid ed25519 "$names"
cert self self ec "$names" "basicConstraints=CA:TRUE"
cert cn.example.org mid ec
cert odd mid ec "subjectAltName=IP:192.0.2.1,email:a@example.org,DNS:A..b,DNS:*"

# block LABEL: a PEM block of what is on the standard input
block() {
	echo "-----BEGIN $1-----"
	base64 -w 64
	echo "-----END $1-----"
}
save() {
	cat >"$seeds/$1"
}
first() {
	head -c "$1" | save "$2"
}

save leaf <leaf.pem
cat leaf.pem mid.pem | save chain
cat leaf.pem mid.pem root.pem | save chain-root
cat leaf.pem mid.pem root-cross.pem other.pem | save cross-signed
cat leaf.pem mid.pem root-cross.pem root.pem | save cross-signed-and-root
cat leaf.pem root.pem mid.pem | save swapped-cas
cat mid.pem leaf.pem | save swapped-leaf
cat rsaleaf.pem mid.pem | save rsa
cat edleaf.pem mid.pem | save ed25519
save self-signed <self.pem
cat cn.example.org.pem mid.pem | save common-name
cat odd.pem mid.pem | save odd-names
cat leaf.pem other.pem | save unrelated
cat leaf.pem leaf.pem mid.pem | save leaf-twice
cat leaf.pem mid.pem mid.pem | save ca-twice
save ca-alone <mid.pem
printf 'not a key' | block 'PRIVATE KEY' | cat leaf.pem mid.pem - | save key
printf 'not a key' | block 'EC PRIVATE KEY' | cat - leaf.pem | save key-first
openssl x509 -in leaf.pem -trustout -addtrust serverAuth | save trusted
printf 'no DER at all' | block CERTIFICATE | save garbage
printf 'no DER at all' | block CERTIFICATE | cat leaf.pem - | save garbage-ca
openssl x509 -in leaf.pem -outform DER | cat - <(printf x) |
    block CERTIFICATE | save overlong
openssl x509 -in leaf.pem -outform DER | save der
{ cat leaf.pem; for _ in {1..16}; do cat mid.pem; done; } | save seventeen
sed 's/$/\r/' leaf.pem mid.pem | save crlf
{ openssl x509 -in leaf.pem -text; echo "-- a line"; cat mid.pem; } | save text
printf -- '----------\n' | cat leaf.pem - mid.pem | save dashes
printf %s "$(cat leaf.pem mid.pem)" | save no-final-newline
sed 's/CERTIFICATE/X509 CERTIFICATE/' leaf.pem | save old-label
sed '2i Proc-Type: 4,ENCRYPTED' leaf.pem | save encrypted
cat leaf.pem mid.pem | first $(($(stat -c %s leaf.pem) + 12)) cut-begin
cat leaf.pem mid.pem | first $(($(stat -c %s leaf.pem) + 28)) cut-behind-begin
cat leaf.pem mid.pem | first $(($(stat -c %s leaf.pem) + 300)) cut-block
cat leaf.pem mid.pem root.pem | first "$(cat leaf.pem mid.pem | wc -c)" cut-between
head -n -1 leaf.pem | cat - <(printf %s "-----END CERTIF") | save cut-end
: | save empty
