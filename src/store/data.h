/* SPDX-License-Identifier: MIT */
#ifndef STORE_DATA_H
#define STORE_DATA_H

/* The whole of the store. */

#include <stdbool.h>
#include <stdint.h>

#include "answer/tlsa.h"
#include "config/config.h"
#include "issuers/issuer.h"
#include "lineages.h"
#include "policy/association.h"
#include "services.h"
#include "sets/trie.h"
#include "zones.h"

struct store {
	const struct config *config; /* borrowed, as are the next ones */
	struct tlsa_pool *pool;
	const struct publication_lag *lag; /* NULL: none */
	const struct issuers *issuers;     /* or `learned`; NULL: none */
	struct issuers *learned; /* with what chains told; owned, or NULL */
	bool is_unlearned;       /* they know of no chain yet */
	bool is_lost;            /* see store_lose_memory() */
	struct trie formers;     /* see former.h: name -> service */
	int64_t formers_end;     /* until when; 0: not known yet */
	struct lineages lineages;
	struct services services;
	struct zones zones;
};

#endif
