# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Hosts in the lab: each has a network of its own behind a cable to the one that
# the test runs in, which forwards between them, and mounts of its own.
# Source it from bash after tap.sh, inside of lab_enter.
#
#	host_begin NAME ADDRESS [HERE]	a new host, which reaches us at $HUB, or
#					HERE; NAME has at most 10 letters
#	host_mount NAME DIRECTORY PATH	what it has at this path, for itself
#	host_enter NAME			words to start a program there, in
#					$ENTER: the process is the program's
#	there NAME COMMAND...		run a command there
#	host_crash NAME			all that runs there is killed, its cable
#					is out
#	host_connect NAME		it has a network again

HUB=198.51.100.1 # of the test's own end of a cable
ENTER=()
# ids of the processes that hold the namespaces; and where we are reached
declare -A HOSTS HUBS

host_begin() {
	local hub=${3:-$HUB}

	HUBS[$1]=$hub
	ip address replace "$hub/32" dev lo &&
	    echo 1 >/proc/sys/net/ipv4/ip_forward || return
	spawn "host-$1" unshare --net --mount sleep infinity
	HOSTS[$1]=$PID
	wait_for 10 _host_is_apart "$1" || return
	ip link add "veth-$1" type veth peer name eth0 netns "$PID" &&
	    ip link set "veth-$1" up &&
	    ip route add "$2/32" dev "veth-$1" src "$hub" &&
	    there "$1" ip link set lo up &&
	    there "$1" ip address add "$2/32" dev eth0 &&
	    host_connect "$1"
}

_host_is_apart() {
	[ "$(_host_network "${HOSTS[$1]}")" != "$(_host_network self)" ]
}

_host_network() {
	readlink "/proc/$1/ns/net"
}

host_connect() {
	there "$1" ip link set eth0 up &&
	    there "$1" ip route add "${HUBS[$1]}" dev eth0 &&
	    there "$1" ip route add default via "${HUBS[$1]}"
}

host_mount() {
	mkdir -p "$2" "$3" && there "$1" mount --bind "$2" "$3"
}

host_enter() {
	local holder=/proc/${HOSTS[$1]}/ns

	ENTER=(nsenter "--net=$holder/net" "--mount=$holder/mnt")
}

there() {
	local ENTER
	host_enter "$1"
	shift

	"${ENTER[@]}" "$@"
}

# As when the power is cut: nothing says good-bye.
host_crash() {
	local network pid
	network=$(_host_network "${HOSTS[$1]}")

	there "$1" ip link set eth0 down
	for pid in /proc/[0-9]*; do
		pid=${pid#/proc/}
		[ "$pid" -eq "${HOSTS[$1]}" ] ||
		    [ "$(_host_network "$pid")" != "$network" ] ||
		    kill -KILL "$pid"
	done
} 2>/dev/null
