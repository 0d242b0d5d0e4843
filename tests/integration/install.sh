#!/bin/bash
# SPDX-License-Identifier: MIT
#
# `make install' after `make': it compiles one file, everything is where it
# belongs, and the shells complete what the program knows.  And what the
# package says twice agrees.

set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/lib/tap.sh"

main() {
	local built=${PDNS_TLSA:-$here/build/pdns-tlsa}

	tap_need make gcc zsh fish
	[ -x "$built" ] || tap_skip "pdns-tlsa is not built"
	built=$(cd "$(dirname "$built")" && pwd)
	tap_begin
	PROGRAM=$TMP/usr/sbin/pdns-tlsa
	COMPLETE=$TMP/usr/share
	copy_build "$built"
	test_install
	test_hardened
	test_files
	test_completion
	test_package
	tap_end
}

# Others use this build meanwhile.
copy_build() {
	mkdir -p "$TMP/build/obj" &&
	cp -a "$1"/pdns-tlsa "$1"/issuers_builtin.c "$TMP/build/" &&
	cp -a "$1"/obj/{src,backend,installed,issuers_builtin.o} \
	    "$TMP/build/obj/" || tap_bail "no build to copy"
	find "$TMP/build/obj" -name "*.d" \
	    -exec sed -i "s|^[^ ]*/obj/|$TMP/build/obj/|" {} +
}

# Of another make, only what it was told by name is wanted: it is in the
# environment.
install_in() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$here" \
	    --no-print-directory OUT="$TMP/build" V= install "$@"
}

test_install() {
	local places="PREFIX=$TMP/usr SYSCONFDIR=$TMP/etc"

	# what make deb leaves is no list of dependencies
	mkdir -p "$TMP/build/deb/tree/tmpfiles.d"

	# shellcheck disable=SC2086 # no blanks in it
	install_in $places >"$TMP/first.log" 2>&1 || tap_bail "make install"
	tap_is "install with another PREFIX compiles one file" \
	    "$(grep '^  [A-Z]' "$TMP/first.log")" \
	    "  CC    src/base/installed.c
  LD    $TMP/build/pdns-tlsa"
	# shellcheck disable=SC2086
	install_in $places >"$TMP/second.log" 2>&1 || tap_bail "make install"
	tap_is "and nothing when it is done again" \
	    "$(grep '^  [A-Z]' "$TMP/second.log")" ""
	install_in PREFIX=/usr DESTDIR="$TMP/root" >"$TMP/third.log" 2>&1
	tap_ok "DESTDIR" test -x "$TMP/root/usr/sbin/pdns-tlsa"
	printf 'sources:\n- {type: files, path: /}\n' >"$TMP/t.yaml"
	tap_is "where it looks for issuers" \
	    "$("$PROGRAM" -c "$TMP/t.yaml" config show | grep ^issuers)" \
	    "issuers: [$TMP/usr/share/pdns-tlsa/issuers, $TMP/etc/pdns-tlsa/issuers]"
	tap_is "the version of the Makefile" "$("$PROGRAM" --version)" \
	    "pdns-tlsa $(version)"
}

# What `hardening-check' of Debian's devscripts looks for.
test_hardened() {
	tap_ok "position independent" elf_has -h "Type: *DYN"
	tap_ok "bound at the start" elf_has -d "BIND_NOW\|Flags: NOW"
	tap_ok "read-only from then on" elf_has -l GNU_RELRO
	tap_ok "with canaries" elf_has -s __stack_chk_fail
	tap_ok "with checked functions" elf_has -s "__[a-z]*_chk@"
}

elf_has() {
	readelf --wide "$1" "$PROGRAM" | grep -q -e "$2"
}

version() {
	sed -n 's/^VERSION *:= *//p' "$here/Makefile"
}

test_files() {
	local file

	for file in lib/sysusers.d/pdns-tlsa.conf lib/tmpfiles.d/pdns-tlsa.conf \
	    lib/systemd/catalog/pdns-tlsa.catalog \
	    lib/systemd/system/pdns-tlsa.socket \
	    lib/systemd/system/pdns-tlsa-http.socket \
	    lib/systemd/system/pdns-tlsa.service \
	    lib/systemd/system/pdns-tlsa-deploy@.service \
	    share/man/man8/pdns-tlsa.8 share/man/man5/pdns-tlsa.yaml.5 \
	    share/pdns-tlsa/issuers/letsencrypt.tsv \
	    share/doc/pdns-tlsa/certbot/pdns-tlsa-deploy \
	    share/doc/pdns-tlsa/pdns-config/own-bind.conf \
	    share/doc/pdns-tlsa/pdns-tlsa.yaml; do
		tap_ok "$file" test -s "$TMP/usr/$file"
	done
	tap_is "no place is left out" "$(grep -rIl '@[A-Z]*@' "$TMP/usr")" ""
	tap_is "units start what is installed" \
	    "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' \
		"$TMP"/usr/lib/systemd/system/*.service | sort -u)" "$PROGRAM"
	tap_ok "hooks can be executed" \
	    test -x "$TMP/usr/share/doc/pdns-tlsa/dehydrated/pdns-tlsa-hook"
}

test_completion() {
	local shell command commands expected

	commands=$("$PROGRAM" --help |
	    sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
	[ "$(echo "$commands" | wc -l)" -gt 5 ] || tap_bail "no commands"
	all_options >"$TMP/options"
	[ "$(wc -l <"$TMP/options")" -gt 10 ] || tap_bail "no options"
	for shell in bash zsh fish; do
		tap_is "$shell: commands" "$("complete_$shell" "")" \
		    "$(echo "$commands" | sort)"
		tap_is "$shell: the beginning of one" "$("complete_$shell" doc)" \
		    doctor
	done
	for command in $commands; do
		tap_is "options of $command" \
		    "$(complete "$command" --)" "$(options_of "$command" | sort)"
	done
	for shell in bash zsh fish; do
		tap_is "$shell: options" "$("complete_$shell" check --)" \
		    "$(complete check --)"
	done
	test_values
}

# Each with a value, if it wants one.
all_options() {
	local option value

	"$PROGRAM" --help | sed -n 's/^  \(--[a-z-]*\) .*/\1/p' |
	    while read -r option; do
		value=$(LC_ALL=C "$PROGRAM" show a b c "$option" 2>&1 |
		    sed -n "s/.*'$option' requires an argument.*/=json/p")
		echo "$option$value"
	done
}

# By the program itself, which looks at options before it counts operands.
options_of() {
	local option

	while read -r option; do
		"$PROGRAM" "$1" a b c "$option" 2>&1 |
		    grep -q "has no option" || echo "${option%=*}"
	done <"$TMP/options"
	printf '%s\n' --config --help --verbose --version
}

# One that has a value, and one that has none, by what the program says.
test_values() {
	local option expected shell

	: >"$TMP/a-file"
	mkdir "$TMP/a-directory"
	while read -r option; do
		case $option in
		*=*) expected= ;;
		*) expected=serve ;;
		esac
		# behind a flag the command follows
		tap_is "what follows $option" "$(complete "${option%=*}" "" |
		    grep '^serve$')" "$expected"
	done <"$TMP/options"
	for shell in bash zsh fish; do
		tap_is "$shell: a value" \
		    "$("complete_$shell" setup --composition o)" "overlay
own"
		tap_is "$shell: a flag has none" \
		    "$("complete_$shell" --online ch)" check
		tap_is "$shell: a user" \
		    "$("complete_$shell" deploy --owner roo)" root
	done
	tap_is "bash: behind =" "$(complete_bash show --format = zo)" zone
	tap_is "bash: a file" "$(cd "$TMP" && complete_bash doctor -c a-f)" a-file
	tap_is "bash: files, one behind the other" \
	    "$(cd "$TMP" && complete_bash reports a-file a-f)" a-file
	tap_is "bash: a directory" \
	    "$(cd "$TMP" && complete_bash deploy x --to a-d)" a-directory
	tap_is "bash: nothing known" "$(complete_bash check --warning 2)" ""
	tap_is "bash: of config" "$(complete_bash config "")" "check
show"
	tap_is "bash: no more" "$(complete_bash config check "")" ""
	printf 'services:\n- {host: mail.example.com}\noverlay: [example.com]\n' \
	    >>"$TMP/t.yaml"
	tap_is "bash: a host of the configuration" \
	    "$(complete_bash -c "$TMP/t.yaml" show m)" mail.example.com
}

# What all three ask.
complete() {
	"$COMPLETE/pdns-tlsa/complete" "$@" | cut -f 1 | grep -v '^-.$' | sort
}

# complete_SHELL WORD... PREFIX: what the shell offers, sorted.
complete_bash() {
	bash -c '. "$0"
	COMP_WORDS=(pdns-tlsa "$@") COMP_CWORD=$#
	_pdns_tlsa
	printf "%s\n" "${COMPREPLY[@]}"' \
	    "$COMPLETE/bash-completion/completions/pdns-tlsa" "$@" |
	    grep . | grep -v '^-.$' | sort
}

# The functions of its completion system, as far as they matter here.
complete_zsh() {
	zsh -f -c 'file=$0 words=(pdns-tlsa "$@") CURRENT=$#words
	PREFIX=${@[-1]}
	_describe() { printf "%s\n" ${(M)${(P)2%%:*}:#$PREFIX*} }
	_users() { print -l ${(M)$(getent passwd | cut -d: -f1):#$PREFIX*} }
	complete() { . $file }
	complete' "$COMPLETE/zsh/site-functions/_pdns-tlsa" "$@" |
	    cut -d : -f 1 | grep . | grep -v '^-.$' | sort
}

complete_fish() {
	HOME=$TMP fish -c 'source $argv[1]
	complete -C "pdns-tlsa $argv[2..-1]"' \
	    "$COMPLETE/fish/vendor_completions.d/pdns-tlsa.fish" "$@" \
	    2>"$TMP/fish.err" | cut -f 1 | grep . | grep -v '^-.$' | sort
}

test_package() {
	local debian=$here/packaging/debian package

	tap_is "the changelog has the version of the Makefile" \
	    "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$debian/changelog")" "$(version)"
	for package in $(sed -n '/^BUILD=/,/"$/p' "$here/tests/lib/need.sh" |
	    grep -o '[a-z0-9.-]*-dev'); do
		# of build-essential
		[ "$package" != libc6-dev ] || continue
		tap_ok "Build-Depends has $package" \
		    grep -q "^ $package,\?\$" "$debian/control"
	done
}

main "$@"
