# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Secondaries of the own zone in the lab: Knot at NS2, NSD at NS3.  They get
# the zone signed, over AXFR, and Knot refuses one that is not valid.
# Source it from bash after lab.sh.
#
#	lab_knot_start, lab_nsd_start
#	lab_secondaries_later OFFSET	both end, and begin with what they have, on
#					machines whose clock is that far ahead
#	lab_secondaries_stop

KNOT_PID=
NSD_PID=

lab_knot_start() {
	rm -rf "$LAB/knot"
	mkdir "$LAB/knot"
	cat >"$LAB/knot.conf" <<-END
	server:
	    listen: $NS2
	    rundir: $LAB/knot
	database:
	    storage: $LAB/knot
	log:
	  - target: stderr
	    any: info
	remote:
	  - id: primary
	    address: $NS1
	    via: $NS2
	acl:
	  - id: notify
	    address: $NS1
	    action: notify
	  - id: look
	    address: $NS2
	    action: transfer
	zone:
	  - domain: $ZONE
	    storage: $LAB/knot
	    master: primary
	    acl: [notify, look]
	    dnssec-validation: on
	END
	_lab_knot_run
}

# _lab_knot_run [COMMAND...]: by that command.
_lab_knot_run() {
	spawn knot "$@" knotd -c "$LAB/knot.conf"
	KNOT_PID=$PID
}

lab_nsd_start() {
	rm -rf "$LAB/nsd"
	mkdir "$LAB/nsd"
	cat >"$LAB/nsd.conf" <<-END
	server:
	    ip-address: $NS3
	    username: root
	    server-count: 1
	    zonesdir: "$LAB/nsd"
	    database: ""
	    pidfile: ""
	    xfrdfile: "$LAB/nsd/xfrd.state"
	    xfrdir: "$LAB/nsd"
	    zonelistfile: "$LAB/nsd/zones"
	    zonefiles-write: 1
	remote-control:
	    control-enable: no
	zone:
	    name: $ZONE
	    zonefile: zone
	    request-xfr: AXFR $NS1 NOKEY
	    allow-notify: $NS1 NOKEY
	    outgoing-interface: $NS3
	    provide-xfr: $NS3 NOKEY
	END
	_lab_nsd_run
}

_lab_nsd_run() {
	spawn nsd "$@" nsd -d -c "$LAB/nsd.conf"
	NSD_PID=$PID
}

lab_secondaries_later() {
	# faketime(1) itself stays in front of what it starts
	local clock=("FAKETIME=$1"
	    "LD_PRELOAD=$(faketime -f +0 printenv LD_PRELOAD)")

	lab_secondaries_stop
	_lab_knot_run env "${clock[@]}"
	_lab_nsd_run env "${clock[@]}"
}

lab_secondaries_stop() {
	[ -z "$KNOT_PID" ] || stop "$KNOT_PID"
	[ -z "$NSD_PID" ] || stop "$NSD_PID"
	KNOT_PID=
	NSD_PID=
}
