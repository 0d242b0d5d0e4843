/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_GENERATIONS_H
#define SOURCE_GENERATIONS_H

/*
 * Generations that a store numbers.  Threads: any, nothing is shared.
 */

#include "source/location.h"

/*
 * Add the generations PREFIX<N>.pem that lie beside the chain.  Where it is one
 * of them itself, those of a lower N are past, and the newest above is staged,
 * if all of `others`, as PREFIX is and with a NULL behind them, are there for
 * it too.  `others` is NULL where all of them are past.
 */
void source_add_generations(
    struct location *location, const char *prefix, const char *const *others);

#endif
