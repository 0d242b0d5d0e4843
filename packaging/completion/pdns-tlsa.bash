# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For bash; what there is to complete, the program itself knows.
_pdns_tlsa() {
	local prefix=${COMP_WORDS[COMP_CWORD]} word
	local -a words=()

	# bash splits --format=json into three words
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[ "$word" = = ] || words+=("$word")
	done
	[ "$prefix" != = ] || prefix=
	COMPREPLY=()
	while IFS=$'\t' read -r word _; do
		case $word in
		@file)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$prefix")
			;;
		@directory)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -d -- "$prefix")
			;;
		@user) mapfile -t COMPREPLY < <(compgen -u -- "$prefix") ;;
		@group) mapfile -t COMPREPLY < <(compgen -g -- "$prefix") ;;
		@none) ;;
		"$prefix"*) COMPREPLY+=("$word") ;;
		esac
	done < <(@PREFIX@/share/pdns-tlsa/complete "${words[@]}" "$prefix")
}
complete -F _pdns_tlsa pdns-tlsa
