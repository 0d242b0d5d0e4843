/* SPDX-License-Identifier: MIT */
#include "base/installed.h"

/* For whoever reads this file without the Makefile. */
#ifndef VERSION
#define VERSION "unknown"
#endif
#ifndef DATADIR
#define DATADIR "/usr/share"
#endif
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

#define ISSUERS_SHIPPED DATADIR "/pdns-tlsa/issuers"
#define ISSUERS_LOCAL   SYSCONFDIR "/pdns-tlsa/issuers"

const char installed_version[] = VERSION;
const char installed_config[] = SYSCONFDIR "/pdns-tlsa/pdns-tlsa.yaml";
const char installed_issuers_shipped[] = ISSUERS_SHIPPED;
const char installed_issuers_local[] = ISSUERS_LOCAL;
const char installed_issuers[] = ISSUERS_SHIPPED ", " ISSUERS_LOCAL;
const char installed_private_stores[] = DATADIR
    "/pdns-tlsa/read-private-stores.conf";
const char installed_dehydrated[] = SYSCONFDIR "/dehydrated/config";
