#compdef pdns-tlsa
# SPDX-License-Identifier: MIT
# For zsh; what there is to complete, the program itself knows.
local line
local -a found

for line in ${(f)"$(@PREFIX@/share/pdns-tlsa/complete \
    "${(@)words[2,CURRENT-1]}" "$PREFIX")"}; do
	case $line in
	@file) _files ;;
	@directory) _files -/ ;;
	@user) _users ;;
	@group) _groups ;;
	@none) ;;
	*) found+=("${line/$'\t'/:}") ;;
	esac
done
(( ! $#found )) || _describe pdns-tlsa found
