#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What compose.yaml says, in plain commands; from this directory.  CONTAINER is
# podman or docker.
set -eu
CONTAINER=${CONTAINER:-podman}

$CONTAINER build -t pdns-tlsa:0.1.0 -f Containerfile ../..
$CONTAINER build -t powerdns:4.9 -f Containerfile.powerdns ../..
$CONTAINER network create --subnet 10.89.53.0/24 dns
for volume in certificates state socket control; do
	$CONTAINER volume create "$volume"
done

# once; the second lets group 953 search, and read no key
$CONTAINER run --rm -it -p 80:80 -v certificates:/etc/letsencrypt \
    certbot/certbot certonly --standalone --cert-name mail -d mail.example.com
$CONTAINER run --rm -v certificates:/etc/letsencrypt --entrypoint sh \
    certbot/certbot -c 'cd /etc/letsencrypt && chgrp 953 live archive &&
    chmod 750 live archive'

$CONTAINER run -d --name pdns-tlsa --network dns --restart always \
    --read-only --cap-drop ALL --security-opt no-new-privileges \
    -v "$PWD/pdns-tlsa.yaml:/etc/pdns-tlsa/pdns-tlsa.yaml:ro" \
    -v "$PWD/pdns.conf:/etc/powerdns/pdns.conf:ro" \
    -v certificates:/etc/letsencrypt:ro -v state:/var/lib/pdns-tlsa \
    -v socket:/run/pdns-tlsa -v control:/run/pdns:ro pdns-tlsa:0.1.0

$CONTAINER run -d --name powerdns --network dns --restart always \
    --read-only --cap-drop ALL --cap-add NET_BIND_SERVICE \
    -p 53:53/udp -p 53:53/tcp \
    -v "$PWD/pdns.conf:/etc/powerdns/pdns.conf:ro" \
    -v socket:/run/pdns-tlsa:ro -v control:/run/pdns powerdns:4.9

# each day
$CONTAINER run --rm -p 80:80 -v certificates:/etc/letsencrypt \
    certbot/certbot renew
