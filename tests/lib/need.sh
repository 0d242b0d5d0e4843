#!/bin/sh
# SPDX-License-Identifier: MIT
#
# need.sh TARGET: are the Debian packages for it there?  Root gets the missing
# ones installed; anybody else is told the one command that installs them (exit
# status 1).
#
# Lists of packages are split on purpose: their names hold no spaces.
# shellcheck disable=SC2086

set -eu

BUILD="gcc libc6-dev pkg-config libjansson-dev libssl-dev libyaml-dev
    libsqlite3-dev libsystemd-dev libunbound-dev libldns-dev libseccomp-dev
    libmicrohttpd-dev zlib1g-dev libgmime-3.0-dev"
PDNS="openssl pdns-server pdns-backend-remote pdns-backend-bind
    bind9-dnsutils iproute2"
# the lab: every kind of database, validators, secondaries, load
LAB="pdns-backend-sqlite3 pdns-backend-lmdb pdns-backend-mysql
    pdns-backend-pgsql sqlite3 mariadb-server postgresql unbound knot nsd
    bind9 ldnsutils bind9-utils dnsperf util-linux systemd"
# ACME clients, their CA, and who watches them
CLIENTS="certbot dehydrated lego uacme acmetool acme-tiny caddy apache2-bin
    pebble curl strace python3 python3-yaml"
# who judges what the daemon shows
PAGES="tidy prometheus"
# what they look like; Debian's npm goes with no other nodejs
LOOK="openssl chromium python3 curl $(command -v npm >/dev/null || echo npm)"
# what deploy --via goes through
SSH="openssh-server openssh-client"
# the mail lab: MTAs, a CA, and everybody who knows DANE
MAIL="pdns-backend-sqlite3 sqlite3 unbound ldnsutils util-linux certbot pebble
    curl postfix gnutls-bin hash-slinger dns-root-data systemd knot nsd"
EXIM=build/exim4
LINT="libcmocka-dev clang clang-format clang-tidy libclang-rt-dev cppcheck
    codespell mandoc git"
# whose completion is tested
SHELLS="zsh fish"
# as Build-Depends of packaging/debian/control, and what every build has
DEB="$BUILD build-essential debhelper pkgconf"
# to make machines of other releases, and what runs in them
RELEASES="debootstrap debian-archive-keyring util-linux procps iproute2 git"
RELEASE="$PDNS pdns-backend-sqlite3 pdns-backend-lmdb sqlite3 unbound ldnsutils
    bind9 bind9-utils util-linux certbot pebble curl python3"
POLICY=/usr/sbin/policy-rc.d

main() {
	case ${1-} in
	build) wanted=$BUILD ;;
	check) wanted="$BUILD $PDNS $LAB libcmocka-dev $CLIENTS $SHELLS $SSH
	    $PAGES" ;;
	mail) wanted="$BUILD $PDNS $MAIL $SSH" ;;
	demo) wanted="$BUILD $PDNS" ;;
	look) wanted="$BUILD $LOOK" ;;
	lint) wanted="$BUILD $LINT" ;;
	bench) wanted="$BUILD $PDNS libcmocka-dev dnsperf sqlite3
	    pdns-backend-sqlite3 pdns-backend-lmdb" ;;
	deb) wanted=$DEB ;;
	release) wanted=$RELEASE ;;
	releases) wanted=$RELEASES ;;
	*)
		echo "usage: need.sh build|check|mail|demo|look|lint|bench" \
		    "|deb|release|releases" >&2
		exit 2
		;;
	esac
	# elsewhere the compiler will say what it misses
	command -v dpkg-query >/dev/null || exit 0
	need "$1" $wanted
	[ "$1" != mail ] || need_exim
}

# need TARGET PACKAGE...
need() {
	target=$1
	shift
	missing=$(list_missing "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "sudo apt-get install $missing"
		exit 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	case $target in
	check | demo | bench | release) forbid_services ;;
	mail)
		forbid_services
		# no question, and no configuration of the machine's own
		echo "postfix postfix/main_mailer_type select No configuration" |
		    debconf-set-selections
		;;
	esac
	install_packages $missing
}

# It cannot be installed beside Postfix: it is unpacked, and the libraries that
# its package names are installed.  Without it the lab does less.
need_exim() {
	unpack_exim || return 0
	# shellcheck disable=SC2046 # a list of names
	need mail $(dpkg-deb -f $EXIM/packages/exim4-daemon-light_*.deb Depends |
	    tr ',' '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p')
}

unpack_exim() {
	[ ! -x $EXIM/usr/sbin/exim4 ] || return 0
	mkdir -p $EXIM/packages
	(cd $EXIM/packages && apt-get download -q exim4-base \
	    exim4-daemon-light >&2) || return
	for package in $EXIM/packages/*.deb; do
		dpkg-deb --fsys-tarfile "$package" |
		    tar -x -C $EXIM --wildcards './usr/sbin/exim*'
	done
}

# One line, in the order given.
list_missing() {
	separator=
	for package; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$package" \
		    2>/dev/null || :) in
		installed) ;;
		*) printf '%s%s' "$separator" "$package" && separator=" " ;;
		esac
	done
}

install_packages() {
	apt-get update -q </dev/null >&2
	apt-get install -qy --no-install-recommends "$@" </dev/null >&2
	[ ! -d /run/systemd/system ] || tell_services "$@"
}

# invoke-rc.d asks this program before it starts a service: 101 is "no".  The
# administrator's own policy stays; ours goes as soon as we are done.
forbid_services() {
	if [ -e "$POLICY" ] || [ -L "$POLICY" ]; then
		return
	fi
	trap 'rm -f "$POLICY"' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$POLICY"
	chmod 755 "$POLICY"
}

tell_services() {
	services=
	for package; do
		case $package in
		pdns-server) services="$services pdns" ;;
		bind9) services="$services named" ;;
		mariadb-server) services="$services mariadb" ;;
		openssh-server) services="$services ssh" ;;
		unbound | knot | nsd | postgresql | postfix)
			services="$services $package"
			;;
		esac
	done
	[ -z "$services" ] || echo "note: new services were not started, but" \
	    "will be at the next boot unless: systemctl disable$services" >&2
}

main "$@"
