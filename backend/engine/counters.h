/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_COUNTERS_H
#define ENGINE_COUNTERS_H

#include <stdint.h>

/* What was done since the start. */
struct engine_counters {
	uint64_t requests;     /* lines of PowerDNS */
	uint64_t refused;      /* of them, no requests */
	uint64_t failed;       /* of them, "cannot tell" */
	uint64_t publications; /* snapshots that something changed for */
	uint64_t rrsets;       /* that changed */
	uint64_t reloads;      /* of the configuration, good ones */
};

#endif
