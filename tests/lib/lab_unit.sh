# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A stand-in for systemctl in the lab: it runs what the template unit
# pdns-tlsa-deploy@.service of packaging/ runs, with the environment file and
# the rules for variables that systemd.exec(5) tells, and again after a failure.
# As with systemd, to start what runs already does nothing (late merge).
# Source it from bash after tap.sh and lab.sh.
#
#	unit_begin			put it into $LAB/bin; the certbot hook
#	unit_check			what systemd itself says of the unit
#	unit_settings LINEAGE TO RELOAD [LINE...]
#					what deploy shall do
#	unit_ended LINEAGE TIMES	it has ended so often
#	unit_results LINEAGE		the exit statuses of all its runs

PACKAGING=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../packaging")

UNIT_SETTINGS=/etc/pdns-tlsa/deploy

unit_begin() {
	mkdir -p "$LAB/bin" "$LAB/unit" "$UNIT_SETTINGS" \
	    "$LAB_STORE/renewal-hooks/deploy" || return
	sed 's|@PREFIX@|/usr|' \
	    "$PACKAGING/systemd/pdns-tlsa-deploy@.service" \
	    >"$LAB/unit/pdns-tlsa-deploy@.service" || return
	_unit_systemctl >"$LAB/bin/systemctl" && chmod +x "$LAB/bin/systemctl" &&
	    install "$PACKAGING/certbot/pdns-tlsa-deploy" \
	    "$LAB_STORE/renewal-hooks/deploy/"
}

unit_check() {
	local unit=$LAB/unit/pdns-tlsa-deploy@mail.example.com.service

	cp "$LAB/unit/pdns-tlsa-deploy@.service" "$unit" &&
	    systemd-analyze verify --man=no "$unit" 2>&1
}

unit_settings() {
	local settings=("TO=$2" "RELOAD=\"$3\"" 'OPTIONS="--timeout 60"')

	printf '%s\n' "${settings[@]}" "${@:4}" >"$UNIT_SETTINGS/$1"
}

unit_ended() {
	[ "$(unit_results "$1" | wc -w)" -ge "$2" ]
}

unit_results() {
	xargs <"$LAB/unit/$1.results"
}

# Only what the hooks say: start --no-block pdns-tlsa-deploy@NAME.service.
_unit_systemctl() {
	cat <<-'END'
	#!/bin/bash
	set -u
	[[ "$*" =~ ^start\ --no-block\ pdns-tlsa-deploy@(.*)\.service$ ]] ||
	    exit 1
	name=${BASH_REMATCH[1]}
	unit=/run/lab/unit/pdns-tlsa-deploy@.service
	value() { sed -n "s|%i|$name|g; s|^$1=||p" "$unit"; }
	[ -e "$(value ConditionPathExists)" ] || exit 0
	run() {
		local words=() word
		for word in $(value Environment); do
			declare -gx "$word"
		done
		while IFS='=' read -r key rest; do
			rest=${rest#\"}
			declare -gx "$key=${rest%\"}"
		done <"$(value EnvironmentFile)"
		for word in $(value ExecStart); do
			case $word in
			'${'*'}') word=${word#??} word=${word%?}
				words+=("${!word-}") ;;
			'$'*) word=${word#?}
				words+=(${!word-}) ;;
			*) words+=("$word") ;;
			esac
		done
		until once "${words[@]}"; do
			sleep "$(value RestartSec)"
		done
	}
	once() {
		local status=0
		"$@" 9>&- || status=$?
		echo $status >>"/run/lab/unit/$name.results"
		[ $status -eq 0 ] ||
		    [ $status -eq "$(value RestartPreventExitStatus)" ]
	}
	exec 9>"/run/lab/unit/$name.lock" && flock -n 9 || exit 0
	run </dev/null >>"/run/lab/unit/$name.log" 2>&1 &
	END
}
