# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# MariaDB and PostgreSQL in the lab, with data in memory, reached over their
# usual sockets by the user that PowerDNS runs as.  Source it after lab_pdns.sh.
#
#	lab_mysql_database SCHEMA	the server, an empty database "pdns"
#	lab_pgsql_database SCHEMA

MYSQL_PID=
PGSQL_PID=

lab_mysql_database() {
	[ -n "$MYSQL_PID" ] || _lab_mysql_start || return
	mysql -e "drop database if exists pdns; create database pdns;
	    create user if not exists pdns@localhost
	    identified via unix_socket;
	    grant all on pdns.* to pdns@localhost" &&
	    _lab_as pdns mysql pdns <"$1"
}

_lab_mysql_start() {
	install -d -o mysql "$LAB/mysql" /run/mysqld
	mariadb-install-db --no-defaults --user=mysql --datadir="$LAB/mysql" \
	    --skip-test-db >"$TMP/mysql-install.log" 2>&1 || return
	spawn mysql mariadbd --no-defaults --user=mysql --datadir="$LAB/mysql" \
	    --socket=/run/mysqld/mysqld.sock --skip-networking
	MYSQL_PID=$PID
	wait_for 60 mysql -e "select 1"
}

lab_pgsql_database() {
	[ -n "$PGSQL_PID" ] || _lab_pgsql_start || return
	_lab_pgsql dropdb --if-exists pdns 2>/dev/null &&
	    _lab_pgsql createdb -O pdns pdns &&
	    _lab_as pdns psql -q -v ON_ERROR_STOP=1 -f "$1" pdns
}

_lab_pgsql() {
	_lab_as postgres "$(_lab_pgsql_program "$1")" "${@:2}"
}

# Not in the search path, for there may be several versions.
_lab_pgsql_program() {
	local directories=(/usr/lib/postgresql/*/bin)

	echo "${directories[-1]}/$1"
}

_lab_pgsql_start() {
	install -d -o postgres "$LAB/pgsql" /run/postgresql
	_lab_pgsql initdb -D "$LAB/pgsql" -A peer -N \
	    >"$TMP/pgsql-install.log" 2>&1 || return
	spawn pgsql setpriv --reuid=postgres --regid=postgres --init-groups \
	    "$(_lab_pgsql_program postgres)" -D "$LAB/pgsql" \
	    -k /run/postgresql -c listen_addresses= -c fsync=off
	PGSQL_PID=$PID
	wait_for 60 _lab_pgsql psql -c "select 1" &&
	    _lab_pgsql createuser pdns
}
