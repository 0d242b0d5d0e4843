/* SPDX-License-Identifier: MIT */
#include "look.h"

#include "log.h"

static void
is_ready(void *arg)
{
	struct loop *loop = arg;

	loop_stop(loop);
}

bool
look_begin(struct look *look, struct config *config)
{
	struct problem problem = { "" };

	loop_init(&look->loop);
	look->engine = engine_new(
	    &look->loop, config, true, is_ready, &look->loop, &problem);
	if (look->engine == NULL) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return false;
	}
	loop_run(&look->loop);
	return true;
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
