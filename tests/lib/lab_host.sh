# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Hosts of their own: network namespaces, each linked with this one.  They end
# with the process that holds them, which lab_end stops.
# Source it from bash after tap.sh, where ip and nsenter are.
#
#	host_begin NAME ADDRESS HERE	the host, and the address it reaches us
#					at; NAME has at most 11 letters
#	there NAME COMMAND...		run it at that host
#	host_net NAME			print the file of its namespace

declare -A HOST

# A process holds its namespace; what runs in it is found by that.
host_begin() {
	spawn "host$1" unshare --net sleep infinity
	HOST[$1]=$PID
	wait_for 10 _host_is_apart "$1" || return
	ip link add "veth$1" type veth peer name eth0 netns "$PID" &&
	    ip address add "$3/24" dev "veth$1" noprefixroute &&
	    ip link set "veth$1" up &&
	    ip route add "$2/32" dev "veth$1" src "$3" &&
	    there "$1" ip link set lo up &&
	    there "$1" ip address add "$2/24" dev eth0 &&
	    there "$1" ip link set eth0 up
}

host_net() {
	echo "/proc/${HOST[$1]}/ns/net"
}

_host_is_apart() {
	[ "$(readlink "$(host_net "$1")")" != \
	    "$(readlink /proc/self/ns/net)" ]
}

there() {
	local host=$1
	shift

	nsenter --net="$(host_net "$host")" "$@"
}
