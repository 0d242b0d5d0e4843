/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <unistd.h>

#include "engine/engine.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "serve/conn.h"
#include "reports/clerk.h"
#include "wall/confine.h"

struct pipe {
	struct loop loop;
	struct warden warden;
	struct engine *engine;
	struct conn *conn;
	struct signals signals;
};

static enum outcome
pipe_answer(void *arg, const char *line, size_t len, struct buf *reply,
    struct problem *problem)
{
	const struct pipe *pipe = arg;

	return engine_answer(pipe->engine, line, len, reply, problem);
}

static void
pipe_ended(void *arg, struct conn *conn)
{
	struct pipe *pipe = arg;

	(void)conn;
	loop_stop(&pipe->loop);
}

static void
pipe_ready(void *arg)
{
	const struct pipe *pipe = arg;

	conn_resume(pipe->conn);
}

static void
pipe_terminate(void *arg)
{
	struct pipe *pipe = arg;

	loop_stop(&pipe->loop);
}

static void
pipe_reload(void *arg)
{
	const struct pipe *pipe = arg;

	engine_reload(pipe->engine);
}

int
command_pipe(const struct options *options)
{
	struct buf text = { 0 };
	struct config *config;
	struct pipe pipe = { .signals = { .terminate = pipe_terminate,
				 .reload = pipe_reload,
				 .arg = &pipe } };
	const struct conn_hooks hooks = { pipe_answer, pipe_ended, &pipe };
	int status = EXIT_FAILED;

	if (!warden_begin(&pipe.warden, clerk_ward_run))
		return EXIT_FAILED;
	config = command_load_kept(options, &text);
	if (config == NULL) {
		buf_fini(&text);
		warden_end(&pipe.warden);
		return EXIT_FAILED;
	}
	if (config->alarm_command_count > 0)
		log_line(LOG_LEVEL_NOTICE,
		    "configuration: 'alarm' is for 'serve' alone, and here "
		    "nothing is told");
	if (config->reports_path != NULL)
		log_line(LOG_LEVEL_NOTICE,
		    "configuration: 'reports' is for 'serve' alone, and here "
		    "none are read");
	loop_init(&pipe.loop);
	signals_init(&pipe.signals, &pipe.loop);
	(void)confine_answering(config);
	pipe.engine = engine_new(
	    &pipe.loop, config, &pipe.warden, pipe_ready, &pipe);
	command_keep(engine_config(pipe.engine), &text);
	pipe.conn = conn_new(
	    &pipe.loop, STDIN_FILENO, STDOUT_FILENO, true, &hooks);
	if (pipe.conn == NULL) {
		log_line(LOG_LEVEL_ERROR, "standard input cannot be read");
		goto out;
	}
	loop_run(&pipe.loop);
	status = EXIT_OK;
out:
	conn_free(pipe.conn);
	engine_free(pipe.engine);
	buf_fini(&text);
	signals_fini(&pipe.signals);
	loop_fini(&pipe.loop);
	warden_end(&pipe.warden);
	return status;
}
