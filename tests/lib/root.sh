#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A Debian of some release in a directory: a machine of its own, as far as a
# test is concerned.  Needs root and debootstrap.
#
#	root.sh make SUITE DIR		a minimal one, from this machine's mirror
#	root.sh enter DIR COMMAND...	run in it, with this machine's network
#	root.sh boot DIR		start its systemd, with only a loopback;
#					waits until it is up
#	root.sh in DIR COMMAND...	run in the booted one
#	root.sh online DIR COMMAND...	the same with this machine's network,
#					for apt-get; its services see nothing of it
#	root.sh stop DIR		shut it down; boot may follow
#	root.sh kill DIR		like a power failure
#
# DIR.pid holds the id of its first process while it is booted, DIR.log what
# systemd says.

set -eu
self=$(realpath "$0")

main() {
	local verb=${1-}

	case $verb in
	make | enter | boot | in | online | stop | kill)
		shift
		"verb_$verb" "$@"
		;;
	.*) # in new namespaces, from verb_enter and verb_boot
		shift
		"inner_${verb#.}" "$@"
		;;
	*)
		sed -n '4,/^$/s/^# \{0,1\}//p' "$self" >&2
		exit 2
		;;
	esac
}

# With PATH and locale as on a new machine, and nothing of ours.
clean() {
	exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive \
	    ${SMOKE:+SMOKE="$SMOKE"} "$@"
}

# ---- make ----

# The archive that this machine itself is installed from.
mirror() {
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' \
	    'Created-By: Packages' | awk '$2 == "Debian" && !/security/ {
		print $1; exit }'
}

verb_make() {
	local suite=$1 dir=$2

	mkdir -p "$dir/etc/dpkg/dpkg.cfg.d"
	# a root that is thrown away need not survive a power failure
	echo force-unsafe-io >"$dir/etc/dpkg/dpkg.cfg.d/unsafe-io"
	# one script does for all; a new release has no name of its own for it
	debootstrap --variant=minbase \
	    --include=make,ca-certificates,systemd-sysv,dbus,iproute2 \
	    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
	    "$suite" "$dir" "$(mirror)" /usr/share/debootstrap/scripts/sid
	cp /etc/resolv.conf "$dir/etc/"
	echo "127.0.0.1 localhost" >"$dir/etc/hosts"
	# how packages are fetched here: a proxy and its certificate, say
	cp -n /etc/apt/apt.conf.d/* "$dir/etc/apt/apt.conf.d/" || :
	cp /etc/ssl/certs/ca-certificates.crt "$dir/etc/ssl/certs/"
}

# ---- enter ----

# Make DIR the root of this mount namespace, with what every Linux has.
root_mounts() {
	local dir=$1 node

	mount --make-rprivate /
	mount --bind "$dir" "$dir"
	mount -t proc proc "$dir/proc"
	mount -t tmpfs -o mode=755 dev "$dir/dev"
	for node in null zero full random urandom tty; do
		touch "$dir/dev/$node"
		mount --bind "/dev/$node" "$dir/dev/$node"
	done
	mkdir "$dir/dev/pts" "$dir/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts \
	    "$dir/dev/pts"
	mount -t tmpfs -o mode=1777 shm "$dir/dev/shm"
	ln -s pts/ptmx "$dir/dev/ptmx"
	ln -s /proc/self/fd "$dir/dev/fd"
	ln -s /proc/self/fd/0 "$dir/dev/stdin"
	ln -s /proc/self/fd/1 "$dir/dev/stdout"
	ln -s /proc/self/fd/2 "$dir/dev/stderr"
}

root_change() {
	mkdir -p "$1/.old"
	cd "$1"
	pivot_root . .old
	cd /
	umount -l /.old
}

verb_enter() {
	exec unshare --mount --pid --fork --kill-child --uts --ipc "$self" \
	    .enter "$@"
}

inner_enter() {
	local dir
	dir=$(realpath "$1")
	shift
	root_mounts "$dir"
	mount --rbind /sys "$dir/sys"
	mount --make-rprivate "$dir/sys"
	root_change "$dir"
	cd /root
	clean "$@"
}

# ---- boot ----

cgroup_top() {
	awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts
}

verb_boot() {
	local dir group
	dir=$(realpath "$1")
	group=$(cgroup_top)/root-${dir##*/}-$$

	mkdir -p "$group/init"
	(
		echo $BASHPID >"$group/cgroup.procs"
		exec setsid unshare --cgroup --mount --pid --fork --uts --ipc \
		    --net "$self" .boot "$dir"
	) </dev/null >>"$dir.log" 2>&1 &
	echo "$group" >"$dir.cgroup"
	until_up "$dir" $!
}

# A busy machine may be slow to boot.
until_up() {
	local dir=$1 outer=$2 pid

	for _ in $(seq 1200); do
		pid=$(pgrep -P "$outer" -n) && echo "$pid" >"$dir.pid"
		[ ! -s "$dir.pid" ] ||
		    case $("$self" in "$dir" systemctl is-system-running \
			2>/dev/null) in
			running | degraded) return 0 ;;
			esac
		sleep 0.1
	done
	tail -n 20 "$dir.log" >&2
	return 1
}

inner_boot() {
	local dir=$1

	hostname "${dir##*/}"
	ip link set lo up
	root_mounts "$dir"
	mount -t sysfs -o ro sysfs "$dir/sys"
	# where the kernel has cgroup v1 as well
	mount -t tmpfs -o mode=755 cgroup "$dir/sys/fs/cgroup" 2>/dev/null || :
	mount -t cgroup2 cgroup2 "$dir/sys/fs/cgroup"
	mount -t tmpfs -o mode=755 run "$dir/run"
	root_change "$dir"
	exec env -i PATH=/usr/sbin:/usr/bin container=root /lib/systemd/systemd \
	    --system --unit=multi-user.target --log-target=console
}

# DIR OPTION COMMAND...: nsenter's --wd means a directory of the outside.
booted() {
	local dir=$1 option=$2
	shift 2
	# shellcheck disable=SC2016 # for the shell inside
	clean nsenter -t "$(cat "$dir.pid")" --mount --pid --uts --ipc \
	    --cgroup "$option" sh -c 'cd && exec "$@"' sh "$@"
}

verb_in() {
	local dir=$1
	shift
	booted "$dir" --net "$@"
}

verb_online() {
	local dir=$1
	shift
	booted "$dir" --cgroup "$@"
}

verb_stop() {
	# systemd(1): a clean shutdown, as from poweroff
	end_with RTMIN+4 "$1" 60
}

verb_kill() {
	end_with KILL "$1" 60
}

end_with() {
	local signal=$1 dir=$2 seconds=$3 pid
	[ -s "$dir.pid" ] || return 0
	pid=$(cat "$dir.pid")

	kill -s "$signal" "$pid" 2>/dev/null || :
	for _ in $(seq $((seconds * 10))); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -s KILL "$pid" 2>/dev/null || :
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
	rm -f "$dir.pid"
	find "$(cat "$dir.cgroup")" -depth -type d -exec rmdir {} + \
	    2>/dev/null || :
}

main "$@"
