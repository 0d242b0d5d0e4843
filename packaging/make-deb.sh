#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make-deb.sh VERSION: build/pdns-tlsa_VERSION_ARCH.deb, from a copy of this
# tree below build/deb, where packaging/debian becomes debian.
set -eu
cd "$(dirname "$0")/.."
version=$1
tree=build/deb/tree

rm -rf build/deb
mkdir -p "$tree"
tar -c --exclude=./build --exclude=./.git . | tar -x --no-same-owner -C "$tree"
cp -R packaging/debian "$tree/debian"

# A version that the changelog does not know: somebody's own, or a test's.
first=$(sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)
if [ "$first" != "$version" ]; then
	{
		sed -n "1s/(.*)/($version)/p" packaging/debian/changelog
		printf '\n  * Built as %s.\n\n' "$version"
		sed -n '/^ -- /{p;q}' packaging/debian/changelog
		echo
		cat packaging/debian/changelog
	} >"$tree/debian/changelog"
fi

# dpkg-buildflags decide, not what this make was told.
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL SAN \
    PREFIX SYSCONFDIR DESTDIR VERSION V 2>/dev/null || :
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign)
deb=$(ls "build/deb/pdns-tlsa_${version}"_*.deb)
mv "$deb" build/
echo "build/${deb##*/}"
