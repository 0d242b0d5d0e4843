# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Two Postfix instances in the lab: "send" delivers with DANE or not at all,
# "recv" takes mail for NAME.example.com as mx-NAME.example.com, each host with
# an address and a certificate of its own.
# Source it from bash after tap.sh and lab.sh.
#
#	mta_send_start
#	mta_recv_start [COMMAND...]	by that command
#	mta_host NAME ADDRESS DIRECTORIES
#					one more host of recv: privkey.pem and
#					fullchain.pem are in each directory
#	mta_records			their MX and address records
#	mta_forget			send's processes forget TLSA records
#	mail_send TAG NAME		a message to TAG@NAME.example.com
#	mail_is TAG STATUS		it was tried; its last status
#	mail_was TAG STATUS		it once had that status
#	mail_first TAG			its first status
#	mail_why TAG			what was said when it was deferred
#	mail_verified NAME		connections to it that were verified
#	stream_start TAG NAME...	a message every 0.2 s, in turn
#	stream_end TAG			"none deferred", or what was
#	exim_have			Exim can be used
#	exim_send NAME			a message by Exim: "sent" or "deferred"

EXIM=$(realpath -m "$(dirname "${BASH_SOURCE[0]}")/../../build/exim4")
SEND=$LAB/send
RECV=$LAB/recv
MTA_HOSTS=
MTA_DOMAINS=
# Seconds after which a message that can be sent must have been tried again: one
# that was under delivery while Postfix reloaded waits 60, whatever its backoff
# times are (qmgr_active_feed in qmgr_active.c), and then for the next look at
# the incoming queue, which is at new mail or at master's wakeup of qmgr.
MTA_LATEST=120

mta_host() {
	MTA_HOSTS="$MTA_HOSTS$1 $2 $3"$'\n'
	[[ "$MTA_DOMAINS " == *" $1.example.com "* ]] ||
	    MTA_DOMAINS="$MTA_DOMAINS $1.example.com"
}

mta_records() {
	local name address

	while read -r name address _; do
		[ -n "$name" ] || continue
		echo "$name MX 10 mx-$name"
		echo "mx-$name A $address"
	done <<<"$MTA_HOSTS" | sort -u
}

# A message that is to be tried again within a second is sometimes forgotten:
# "skipped, still being delivered".
mta_send_start() {
	_mta_make "$SEND" sender.example.com || return
	cat >>"$SEND/etc/main.cf" <<-END
	mynetworks = 127.0.0.0/8
	smtpd_relay_restrictions = permit_mynetworks reject
	smtp_dns_support_level = dnssec
	smtp_host_lookup = dns
	smtp_tls_security_level = dane-only
	smtp_tls_loglevel = 1
	minimal_backoff_time = 2s
	maximal_backoff_time = 3s
	queue_run_delay = 1s
	transport_retry_time = 1s
	smtp_destination_concurrency_failed_cohort_limit = 0
	END
	_mta_start "$SEND"
}

mta_recv_start() {
	local name address directories

	_mta_make "$RECV" recv.example.com || return
	cat >>"$RECV/etc/main.cf" <<-END
	smtpd_relay_restrictions = reject_unauth_destination
	virtual_mailbox_domains =$MTA_DOMAINS
	virtual_mailbox_maps = static:inbox/
	virtual_transport = discard
	smtpd_tls_security_level = may
	smtpd_tls_loglevel = 1
	END
	while read -r name address directories; do
		[ -n "$name" ] || continue
		_mta_service "$address:25" "$name" "$directories"
		_mta_service "$address:465" "$name" "$directories" \
		    "-o smtpd_tls_wrappermode=yes"
	done <<<"$MTA_HOSTS" >>"$RECV/etc/master.cf"
	_mta_start "$RECV" "$@"
}

_mta_service() {
	local directory files=

	for directory in $3; do
		files="$files,$directory/privkey.pem,$directory/fullchain.pem"
	done
	echo "$1 inet n - n - - smtpd -o myhostname=mx-$2.example.com" \
	    "-o smtpd_tls_chain_files=${files#,} ${4:-}"
}

# Everything of an instance is in its directory.
_mta_make() {
	local service

	mkdir -p "$1/etc" "$1/spool" "$1/data" || return
	chown postfix "$1/data"
	cat >"$1/etc/main.cf" <<-END
	compatibility_level = 3.6
	queue_directory = $1/spool
	data_directory = $1/data
	maillog_file = $1/mail.log
	maillog_file_prefixes = $LAB
	mail_owner = postfix
	myhostname = $2
	inet_interfaces = 127.0.0.1
	inet_protocols = ipv4
	alias_maps =
	alias_database =
	mydestination =
	smtpd_peername_lookup = no
	END
	cat >"$1/etc/master.cf" <<-END
	pickup unix n - n 60 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 5 1 qmgr
	tlsmgr unix - - n 1000? 1 tlsmgr
	rewrite unix - - n - - trivial-rewrite
	proxymap unix - - n - - proxymap
	proxywrite unix - - n - 1 proxymap
	smtp unix - - n - - smtp
	showq unix n - n - - showq
	error unix - - n - - error
	retry unix - - n - - error
	discard unix - - n - - discard
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	postlog unix-dgram n - n - 1 postlogd
	END
	for service in bounce defer trace; do
		echo "$service unix - - n - 0 bounce"
	done >>"$1/etc/master.cf"
	: >"$1/mail.log"
	ln -sf "$1/mail.log" "$TMP/${1##*/}.log"
}

# Its errors go to a terminal alone, if not asked to go elsewhere.
_mta_start() {
	"${@:2}" postfix -c "$1/etc" start >>"$TMP/postfix.log" 2>&1 &&
	    wait_for 60 grep -q "daemon started" "$1/mail.log"
}

mta_forget() {
	postfix -c "$SEND/etc" reload >>"$TMP/postfix.log" 2>&1
}

mail_send() {
	printf '%s\n' "Subject: $1" "" "text" |
	    sendmail -C "$SEND/etc" -f sender@example.com "$1@$2.example.com"
}

_mail_lines() {
	grep "to=<$1@" "$SEND/mail.log"
}

mail_is() {
	_mail_lines "$1" | tail -n 1 | grep -q "status=$2"
}

mail_first() {
	_mail_lines "$1" | sed -n 's/.*status=\([a-z]*\).*/\1/p;q'
}

mail_was() {
	_mail_lines "$1" | grep -q "status=$2"
}

mail_why() {
	_mail_lines "$1" | sed -n '/status=deferred/{s/.*status=deferred //p;q}'
}

mail_verified() {
	grep -c "Verified TLS connection established to mx-$1\." \
	    "$SEND/mail.log"
}

stream_start() {
	rm -f "$LAB/$1.stop" "$LAB/$1.sent"
	spawn "stream-$1" _stream "$@"
	STREAM_PID=$PID
}

_stream() {
	local tag=$1 count=0
	shift

	while [ ! -e "$LAB/$tag.stop" ]; do
		mail_send "$tag$count" "$1" && echo "$tag$count"
		count=$((count + 1))
		set -- "${@:2}" "$1"
		sleep 0.2
	done >"$LAB/$tag.sent"
}

stream_end() {
	local sent deferred

	touch "$LAB/$1.stop"
	wait_for 60 is_gone "$STREAM_PID"
	stop "$STREAM_PID"
	sent=$(wc -l <"$LAB/$1.sent")
	wait_for "$MTA_LATEST" _stream_arrived "$1" "$sent" ||
	    echo "$(_stream_count "$1" sent) of $sent arrived"
	deferred=$(grep -c "to=<$1[0-9]*@.*status=\(deferred\|bounced\)" \
	    "$SEND/mail.log")
	if [ "$sent" -lt 5 ]; then
		echo "only $sent messages"
	elif [ "$deferred" -eq 0 ]; then
		echo "none deferred"
	else
		echo "$deferred deferred"
	fi
}

_stream_arrived() {
	[ "$(_stream_count "$1" sent)" -ge "$2" ]
}

_stream_count() {
	grep "to=<$1[0-9]*@.*status=$2" "$SEND/mail.log" |
	    grep -o "to=<[^>]*>" | sort -u | wc -l
}

# Exim is laid over the machine's programs; it cannot be installed with Postfix.
exim_have() {
	[ -x "$EXIM/usr/sbin/exim4" ] || return
	[ ! -e /etc/exim4/exim4.conf ] || return 0
	# a copy: it gives up root, executes itself again, and then may have
	# no access to where it was unpacked
	install "$EXIM/usr/sbin/exim4" /usr/sbin/exim4 || return
	mkdir -p /etc/exim4 "$LAB/exim/spool" "$LAB/exim/log" || return
	grep -q ^Debian-exim: /etc/passwd || {
		echo "Debian-exim:x:60001:60001::/nonexistent:/bin/false" \
		    >>/etc/passwd
		echo "Debian-exim:x:60001:" >>/etc/group
	}
	chown -R Debian-exim: "$LAB/exim"
	_exim_config >/etc/exim4/exim4.conf
}

_exim_config() {
	cat <<-END
	primary_hostname = exim.example.com
	spool_directory = $LAB/exim/spool
	log_file_path = $LAB/exim/log/%slog
	log_selector = +tls_certificate_verified +tls_cipher
	keep_environment =
	dns_dnssec_ok = 1
	never_users =
	begin routers
	r:
	  driver = dnslookup
	  transport = t
	  dnssec_request_domains = *
	  self = send
	begin transports
	t:
	  driver = smtp
	  allow_localhost
	  dnssec_request_domains = *
	  hosts_require_dane = *
	begin retry
	* * F,1h,1m
	END
}

# "sent" only if it was verified by DANE.
exim_send() {
	local log="$LAB/exim/log/mainlog" to=exim@$1.example.com

	printf '%s\n' "Subject: exim" "" "text" |
	    /usr/sbin/exim4 -odf -oi -f sender@example.com "$to" \
	    >>"$TMP/exim.log" 2>&1
	cat "$log" >>"$TMP/exim.log"
	if grep -q "=> $to .*CV=dane" "$log"; then
		echo "sent"
	elif grep -q "== $to .*\(DANE\|TLS\)" "$log"; then
		echo "deferred"
	else
		echo "nothing"
	fi
}
