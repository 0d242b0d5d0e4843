/* SPDX-License-Identifier: MIT */
#ifndef LOOK_LOOK_H
#define LOOK_LOOK_H

/*
 * One look at everything, for commands that change nothing: the stores, the
 * issuer sets and what is on record.
 */

#include "config/config.h"
#include "engine/engine.h"
#include "loop/loop.h"

struct look {
	struct loop loop;
	struct engine *engine;
};

/* Look with `config`, of which ownership passes; to be ended by look_end(). */
void look_begin(struct look *look, struct config *config);

/* What was found, borrowed. */
const struct store *look_store(const struct look *look);

void look_end(struct look *look);

#endif
