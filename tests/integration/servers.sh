#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs that keep a store of their own: the real Caddy, Apache with mod_md
# and acmetool issue and renew from pebble, and what is answered follows; so it
# does for acme-tiny, which prints the chain.  And certbot in what a container
# is: at another path than the one it is read at.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/pebble.sh"

MODULES=/usr/lib/apache2/modules

main() {
	program_find
	tap_need pebble caddy acmetool acme-tiny apache2 certbot python3 unshare
	tap_begin
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	pebble_start
	mkdir "$TMP/"{caddy,md,acmetool,tiny,volume,www}
	servers_config >"$TMP/pdns-tlsa.yaml"
	tlsa_serve
	check_acmetool
	check_acme_tiny
	check_caddy
	check_mod_md
	check_volume
	tap_end
}

servers_config() {
	cat <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60, retain: 0, propagation: 1}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net]}
	sources:
	  - {type: caddy, path: $TMP/caddy}
	  - {type: mod_md, path: $TMP/md}
	  - {type: acmetool, path: $TMP/acmetool}
	  - {type: files, path: $TMP/tiny}
	  - {type: certbot, path: $TMP/volume}
	services:
	  - {host: caddy.example.com}
	  - {host: md.example.com}
	  - {host: acmetool.example.com}
	  - {host: tiny.example.com}
	  - {host: volume.example.com}
	END
}

# answers HOST FILE: exactly what openssl computes of the chain
answers() {
	[ -s "$2" ] && [ "$(tlsa_served "$1.example.com")" = "$(tlsa_of_chain "$2" | sort)" ]
}

# has HOST FILE: that, and perhaps more
has() {
	[ -s "$2" ] &&
	    [ -z "$(lines_missing "$(tlsa_of_chain "$2" | sort)" \
	    "$(tlsa_served "$1.example.com")")" ]
}

# changed FILE BEFORE: another certificate is there
changed() {
	[ -s "$1" ] && [ "$(leaf "$1")" != "$2" ]
}

leaf() {
	openssl x509 -in "$1" -noout -fingerprint -sha256
}

run_acmetool() {
	SSL_CERT_FILE=$TMP/ca/root.pem acmetool --state="$TMP/acmetool" \
	    --hooks="$TMP/nohooks" --batch \
	    --response-file="$TMP/acmetool/conf/responses" "$@"
}

check_acmetool() {
	local live=$TMP/acmetool/live/acmetool.example.com/fullchain first

	mkdir -p "$TMP/acmetool/conf" "$TMP/nohooks"
	cat >"$TMP/acmetool/conf/target" <<-END
	request:
	  provider: $DIRECTORY
	  challenge:
	    webroot-paths: [$TMP/www]
	    http-self-test: false
	END
	cat >"$TMP/acmetool/conf/responses" <<-END
	"acme-enter-email": "hostmaster@example.com"
	"acme-agreement:data:text/plain,Do%20what%20thou%20wilt": true
	END
	tap_ok "acmetool issues" run_acmetool want acmetool.example.com
	tap_ok "that is answered" wait_for 5 answers acmetool "$live"
	first=$(leaf "$live")
	# a renewal would wait two months; another name makes another one
	tap_ok "acmetool issues anew" run_acmetool want acmetool.example.com \
	    more.example.com
	tap_ok "to another one" changed "$live" "$first"
	tap_ok "that is answered" wait_for 5 answers acmetool "$live"
}

# As its manual has it: the shell makes the file, which is empty meanwhile.
run_acme_tiny() {
	SSL_CERT_FILE=$TMP/ca/root.pem acme-tiny --disable-check --quiet \
	    --account-key "$TMP/tiny.account" --csr "$TMP/tiny/tiny.csr" \
	    --acme-dir "$TMP/www" --directory-url "$DIRECTORY" \
	    >"$TMP/tiny/tiny.crt"
}

# tiny_request KEY: a new key, and its request
tiny_request() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$TMP/tiny/$1" -out "$TMP/tiny/tiny.csr" -subj / \
	    -addext subjectAltName=DNS:tiny.example.com 2>/dev/null
}

check_acme_tiny() {
	local file=$TMP/tiny/tiny.crt first i

	openssl genrsa -out "$TMP/tiny.account" 2048 2>/dev/null
	tiny_request tiny.key
	tap_ok "acme-tiny issues" run_acme_tiny
	tap_ok "that is answered" wait_for 5 answers tiny "$file"
	for i in 1 2; do
		first=$(leaf "$file")
		tap_ok "acme-tiny renews" run_acme_tiny
		tap_ok "to another one" changed "$file" "$first"
		tap_ok "that is answered" wait_for 5 answers tiny "$file"
		tiny_request tiny.key
	done
}

check_caddy() {
	local store file first

	cat >"$TMP/caddy.json" <<-END
	{"admin": {"disabled": true, "config": {"persist": false}},
	 "storage": {"module": "file_system", "root": "$TMP/caddy"},
	 "apps": {
	  "http": {"http_port": $(port_free), "https_port": $(port_free),
	   "servers": {"s": {"listen": ["127.0.0.1:$(port_free)"],
	    "routes": [{"match": [{"host": ["caddy.example.com"]}]}],
	    "tls_connection_policies": [{}]}}},
	  "tls": {"automation": {"renew_interval": "1s", "policies": [{
	   "renewal_window_ratio": 0.999999,
	   "issuers": [{"module": "acme", "ca": "$DIRECTORY",
	    "trusted_roots_pem_files": ["$TMP/ca/root.pem"]}]}]}}}}
	END
	# due a millionth of ninety days after the issue: 8 s
	HOME=$TMP spawn caddy caddy run --config "$TMP/caddy.json"
	tap_ok "Caddy issues" wait_for 60 caddy_file
	file=$(caddy_file)
	tap_ok "that is answered" wait_for 10 has caddy "$file"
	first=$(leaf "$file")
	tap_ok "Caddy renews" wait_for 60 changed "$file" "$first"
	kill "$PID" && wait "$PID" 2>/dev/null
	tap_ok "that is answered" wait_for 10 has caddy "$file"
}

caddy_file() {
	find "$TMP/caddy/certificates" -name caddy.example.com.crt 2>/dev/null |
	    grep .
}

run_apache() {
	apache2 -f "$TMP/apache.conf" "$@"
}

check_mod_md() {
	local file=$TMP/md/domains/md.example.com/pubcert.secp256r1.pem
	local staged=$TMP/md/staging/md.example.com/pubcert.secp256r1.pem
	local first next port

	port=$(port_free)
	cat >"$TMP/apache.conf" <<-END
	LoadModule mpm_event_module $MODULES/mod_mpm_event.so
	LoadModule authz_core_module $MODULES/mod_authz_core.so
	LoadModule ssl_module $MODULES/mod_ssl.so
	LoadModule md_module $MODULES/mod_md.so
	ServerRoot $TMP
	PidFile $TMP/apache.pid
	ErrorLog $TMP/apache.log
	LogLevel warn md:info
	User nobody
	Group nogroup
	Listen 127.0.0.1:$port https
	ServerName md.example.com
	MDStoreDir $TMP/md
	MDCertificateAuthority $DIRECTORY
	MDCACertificateFile $TMP/ca/root.pem
	MDCertificateAgreement accepted
	MDContactEmail hostmaster@example.com
	MDPrivateKeys secp256r1
	MDPortMap https:$port
	MDCAChallenges http-01
	MDRenewWindow 1d
	MDomain md.example.com
	<VirtualHost *:$port>
	ServerName md.example.com
	SSLEngine on
	</VirtualHost>
	END
	chmod 755 "$TMP"
	rmdir "$TMP/md"
	spawn apache apache2 -f "$TMP/apache.conf" -D FOREGROUND
	tap_ok "Apache gets a certificate" wait_for 60 test -s "$staged"
	tap_ok "and activates it" wait_for 30 apache_reload "$file"
	tap_ok "that is answered" wait_for 10 has md "$file"
	first=$(tlsa_of "3 1 1" "$file")
	# due some seconds after the issue, which it sees when it begins anew
	sed -i "s/^MDRenewWindow .*/MDRenewWindow $(($(lifetime "$file") - 5))s/" \
	    "$TMP/apache.conf"
	wait_for 60 is_aged "$file"
	run_apache -k graceful
	tap_ok "Apache renews" wait_for 60 test -s "$staged"
	next=$(tlsa_of "3 1 1" "$staged")
	tap_ok "what waits for the reload is answered before" \
	    wait_for 10 has md "$staged"
	tap_ok "and is another key" [ "$first" != "$next" ]
	tap_ok "a reload activates it" wait_for 30 apache_activated "$next" \
	    "$file"
	tap_ok "that is answered" wait_for 10 has md "$file"
	kill "$PID" && wait "$PID" 2>/dev/null
}

# lifetime FILE: in seconds
lifetime() {
	local dates

	dates=$(openssl x509 -in "$1" -noout -startdate -enddate | cut -d = -f 2)
	echo $(($(date -d "${dates#*$'\n'}" +%s) - $(date -d "${dates%$'\n'*}" +%s)))
}

# is_aged FILE: it was issued ten seconds ago
is_aged() {
	[ $(($(date +%s) - $(stat -c %Y "$1"))) -ge 10 ]
}

# apache_reload FILE: reload until there is one
apache_reload() {
	[ -s "$1" ] || { run_apache -k graceful && false; }
}

apache_activated() {
	[ "$(tlsa_of "3 1 1" "$2")" = "$1" ] ||
	    { run_apache -k graceful && false; }
}

# In the container the volume is at $TMP/named; here another store is.
run_contained() {
	local namespace=(--mount)

	[ "$(id -u)" -eq 0 ] || namespace+=(--map-root-user)
	REQUESTS_CA_BUNDLE=$TMP/ca/root.pem unshare "${namespace[@]}" sh -c '
		mount --bind "$1" "$2" && shift 2 && exec certbot "$@"' sh \
	    "$TMP/volume" "$TMP/named" "$@" --non-interactive \
	    --server "$DIRECTORY" --config-dir "$TMP/named" \
	    --work-dir "$TMP/work" --logs-dir "$TMP/logs"
}

check_volume() {
	local live=$TMP/volume/live/volume.example.com/fullchain.pem i old

	ca_issue "$TMP/ca" abandoned ecdsa E1 volume.example.com
	mkdir -p "$TMP/named/live/volume.example.com"
	cp "$TMP/ca/issued/abandoned/"*.pem \
	    "$TMP/named/live/volume.example.com/"
	if ! unshare --mount true 2>/dev/null; then
		tap_pass_over "a container" "no mount namespace"
		return
	fi
	tap_ok "certbot issues in a container" run_contained certonly \
	    --domain volume.example.com --webroot --webroot-path "$TMP/www" \
	    --agree-tos --register-unsafely-without-email
	tap_ok "that is answered, not what is at the path it names" \
	    wait_for 5 answers volume "$live"
	tap_ok "one warning tells both paths" [ "$(grep -c \
	    "warning: lineage 'volume.example.com'.*$TMP/named/live.*$live" \
	    "$TMP/pdns-tlsa.log")" -eq 1 ]
	for i in 1 2 3; do
		old=$(leaf "$live")
		tap_ok "renewal $i" run_contained renew --force-renewal \
		    --no-random-sleep-on-renew
		tap_ok "renewal $i is another one" changed "$live" "$old"
		tap_ok "renewal $i is answered" \
		    wait_for 5 answers volume "$live"
	done
	tap_ok "show says where it reads" eval '"$PDNS_TLSA" show \
	    -c "$TMP/pdns-tlsa.yaml" volume.example.com 2>/dev/null |
	    grep -q "read from $TMP/volume/live"'
}

main
