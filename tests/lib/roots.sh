# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The addresses of the root servers, for a namespace where they are ours.
# Source it from bash.
#
#	roots_add			give them to the loopback

# All of the root hints, for a resolver tries them at random.
ROOTS="198.41.0.4 170.247.170.2 199.9.14.201 192.33.4.12 199.7.91.13
    192.203.230.10 192.5.5.241 192.112.36.4 198.97.190.53 192.36.148.17
    192.58.128.30 193.0.14.129 199.7.83.42 202.12.27.33"

roots_add() {
	local address

	# shellcheck disable=SC2086 # a list
	for address in $ROOTS; do
		ip address add "$address/32" dev lo || return
	done
}
