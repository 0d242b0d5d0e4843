/* SPDX-License-Identifier: MIT */
#include "base/installed.h"

/* For whoever reads this file without the Makefile. */
#ifndef VERSION
#define VERSION "unknown"
#endif
#ifndef DATADIR
#define DATADIR "/usr/share"
#endif
#ifndef SBINDIR
#define SBINDIR "/usr/sbin"
#endif
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

const char installed_version[] = VERSION;
const char installed_config[] = SYSCONFDIR "/pdns-tlsa/pdns-tlsa.yaml";
const char installed_issuers_shipped[] = DATADIR "/pdns-tlsa/issuers";
const char installed_issuers_local[] = SYSCONFDIR "/pdns-tlsa/issuers";
const char installed_private_stores[] = DATADIR
    "/pdns-tlsa/read-private-stores.conf";
const char installed_program[] = SBINDIR "/pdns-tlsa";
const char installed_remote_keys[] = SYSCONFDIR
    "/pdns-tlsa/remote/.ssh/authorized_keys";
const char installed_dehydrated[] = SYSCONFDIR "/dehydrated/config";
