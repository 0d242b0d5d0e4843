/* SPDX-License-Identifier: MIT */
#include "look/look.h"

#include "cli/working.h"
#include "loop/log.h"

static void
is_ready(void *arg)
{
	struct loop *loop = arg;

	loop_stop(loop);
}

void
look_begin(struct look *look, struct config *config)
{
	struct working working;

	working_begin(&working);
	working_on(&working, "reading the certificates");
	loop_init(&look->loop);
	look->engine = engine_new(
	    &look->loop, config, NULL, is_ready, &look->loop);
	loop_run(&look->loop);
	working_end(&working);
}

const struct store *
look_store(const struct look *look)
{
	return engine_store(look->engine);
}

void
look_end(struct look *look)
{
	engine_free(look->engine);
	loop_fini(&look->loop);
}
