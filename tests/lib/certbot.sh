# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What certbot does to its directories, file operation by file operation and
# in its order (certbot 2.1, traced with strace; storage.py).  The order is
# the point: a first issue makes dangling links and writes through them, a
# renewal exchanges four links one after the other, a deletion removes the
# renewal configuration first.  Nothing is atomic but one rename.
# Source it from bash.  STORE is an absolute path; FILES is a directory with
# privkey.pem, cert.pem, chain.pem and fullchain.pem (ca_issue makes one).
#
#	certbot_issue STORE NAME FILES
#	certbot_renew STORE NAME FILES
#	certbot_delete STORE NAME
#	certbot_newest STORE NAME
#
# If CERTBOT_STEP is set, its words are run as a command after each operation
# on the lineage, followed by a short name of the operation: so a test can
# look at the world between any two of them.

CERTBOT_STEP=${CERTBOT_STEP:-}

# The order in which certbot handles the four files wherever it has a choice.
_CERTBOT_KINDS="cert privkey chain fullchain"

certbot_issue() {
	local store=$1 name=$2 files=$3 kind
	local live=$1/live/$2 archive=$1/archive/$2 conf=$1/renewal/$2.conf

	_certbot_begin "$store" "$files" || return
	[ -d "$store/archive" ] || mkdir -m 700 "$store/archive" || return
	[ -d "$store/live" ] || mkdir -m 700 "$store/live" || return
	_certbot_create 022 "$conf" </dev/null || return
	_certbot_step "create empty $name.conf"
	echo "This directory contains your keys and certificates." \
	    >"$store/live/README"
	mkdir "$archive" "$live" || return
	_certbot_step "make directories"
	for kind in $_CERTBOT_KINDS; do
		ln -s "../../archive/$name/${kind}1.pem" "$live/$kind.pem"
		_certbot_step "dangling link $kind.pem"
	done
	cat "$files/cert.pem" >"$live/cert.pem"
	_certbot_step "write cert1.pem"
	_certbot_create 077 "$archive/privkey1.pem" <"$files/privkey.pem"
	_certbot_step "write privkey1.pem"
	cat "$files/chain.pem" >"$live/chain.pem"
	_certbot_step "write chain1.pem"
	cat "$files/fullchain.pem" >"$live/fullchain.pem"
	_certbot_step "write fullchain1.pem"
	echo "This directory contains your keys and certificates." \
	    >"$live/README"
	_certbot_write_conf "$store" "$name" "$conf"
	_certbot_step "write $name.conf"
	rm "$store/.certbot.lock"
}

certbot_renew() {
	local store=$1 name=$2 files=$3 kind number
	local live=$1/live/$2 archive=$1/archive/$2 conf=$1/renewal/$2.conf

	number=$(($(certbot_newest "$store" "$name") + 1))
	_certbot_begin "$store" "$files" || return
	_certbot_create 077 "$archive/privkey$number.pem" \
	    <"$files/privkey.pem" || return
	chgrp --reference="$archive/privkey1.pem" "$archive/privkey$number.pem"
	chmod 600 "$archive/privkey$number.pem"
	_certbot_step "write privkey$number.pem"
	for kind in cert chain fullchain; do
		cat "$files/$kind.pem" >"$archive/$kind$number.pem"
		_certbot_step "write $kind$number.pem"
	done
	_certbot_write_conf "$store" "$name" "$conf.new"
	mv -f "$conf.new" "$conf"
	_certbot_step "rename $name.conf"
	# the way back if certbot dies half-way: absolute, unlike the others
	for kind in $_CERTBOT_KINDS; do
		ln -s "$archive/$kind$((number - 1)).pem" \
		    "$live/previous_$kind.pem"
	done
	_certbot_step "make previous_ links"
	for kind in $_CERTBOT_KINDS; do
		rm "$live/$kind.pem"
		_certbot_step "unlink $kind.pem"
		ln -s "../../archive/$name/$kind$number.pem" "$live/$kind.pem"
		_certbot_step "link $kind.pem"
	done
	for kind in $_CERTBOT_KINDS; do
		rm "$live/previous_$kind.pem"
	done
	_certbot_step "unlink previous_ links"
	rm "$store/.certbot.lock"
}

certbot_delete() {
	local store=$1 name=$2 kind

	_certbot_create 077 "$store/.certbot.lock" </dev/null || return
	rm "$store/renewal/$name.conf"
	_certbot_step "unlink $name.conf"
	for kind in $_CERTBOT_KINDS; do
		rm "$store/live/$name/$kind.pem"
		_certbot_step "unlink $kind.pem"
	done
	rm "$store/live/$name/README"
	rmdir "$store/live/$name"
	_certbot_step "remove live/$name"
	rm -r "$store/archive/$name"
	_certbot_step "remove archive/$name"
	rm "$store/.certbot.lock"
}

# Print the number of the newest generation in the archive; 0 if none.
certbot_newest() {
	local file number newest=0

	for file in "$1/archive/$2"/privkey*.pem; do
		number=${file##*/privkey}
		number=${number%.pem}
		case $number in
		*[!0-9]*) ;;
		*) [ "$number" -le "$newest" ] || newest=$number ;;
		esac
	done
	echo "$newest"
}

# What precedes every issue: the lock, the directories that are not ours to
# look at, the key and the request that certbot keeps beside the lineages.
_certbot_begin() {
	local store=$1 files=$2 dir number=0 serial

	mkdir -p "$store" || return
	_certbot_create 077 "$store/.certbot.lock" </dev/null || return
	for dir in pre deploy post; do
		mkdir -p "$store/renewal-hooks/$dir"
	done
	mkdir -p "$store/renewal" "$store/csr"
	[ -d "$store/keys" ] || mkdir -m 700 "$store/keys"
	while printf -v serial '%04d' "$number" &&
	    [ -e "$store/keys/${serial}_key-certbot.pem" ]; do
		number=$((number + 1))
	done
	_certbot_create 077 "$store/keys/${serial}_key-certbot.pem" \
	    <"$files/privkey.pem"
	_certbot_request "$files/privkey.pem" |
	    _certbot_create 022 "$store/csr/${serial}_csr-certbot.pem"
}

_certbot_request() {
	openssl req -new -key "$1" -subj / 2>/dev/null \
	    -config <(printf '%s\n' "[req]" "distinguished_name = dn" "[dn]")
}

# Copy standard input to the new file $2 (O_EXCL) under the umask $1.
_certbot_create() {
	(umask "$1" && set -o noclobber && cat >"$2")
}

# ConfigObj writes twice: an append that creates, then the whole file.
_certbot_write_conf() {
	local store=$1 name=$2 file=$3

	: >>"$file"
	chmod 644 "$file"
	_certbot_conf "$store" "$name" >"$file"
}

_certbot_conf() {
	local store=$1 name=$2 kind key_type=ecdsa

	! openssl x509 -in "$store/archive/$name/cert$(
	    certbot_newest "$store" "$name").pem" -noout -text 2>/dev/null |
	    grep -q "Public Key Algorithm: rsaEncryption" || key_type=rsa
	echo "# renew_before_expiry = 30 days"
	echo "version = 2.1.0"
	echo "archive_dir = $store/archive/$name"
	for kind in $_CERTBOT_KINDS; do
		echo "$kind = $store/live/$name/$kind.pem"
	done
	cat <<-END

	# Options used in the renewal process
	[renewalparams]
	account = 0123456789abcdef0123456789abcdef
	authenticator = standalone
	server = https://acme.demo.example/directory
	key_type = $key_type
	END
}

_certbot_step() {
	[ -z "$CERTBOT_STEP" ] || $CERTBOT_STEP "$1"
}
