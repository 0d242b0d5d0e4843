/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>
#include <sys/resource.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "engine.h"
#include "listener.h"
#include "log.h"
#include "loop.h"
#include "server.h"
#include "signals.h"

struct daemon {
	struct loop loop;
	struct listener listener;
	struct engine *engine;
	struct server *server;
	struct signals signals;
};

/* Tell systemd, if it started us and wants to know. */
static void
notify(const char *state)
{
#ifdef HAVE_SYSTEMD
	(void)sd_notify(0, state);
#else
	(void)state;
#endif
}

static void
daemon_ready(void *arg)
{
	struct daemon *daemon = arg;

	notify("READY=1");
	server_resume(daemon->server);
}

static void
daemon_terminate(void *arg)
{
	struct daemon *daemon = arg;

	log_line(LOG_LEVEL_NOTICE, "ending");
	notify("STOPPING=1");
	server_drain(daemon->server);
}

static void
daemon_reload(void *arg)
{
	struct daemon *daemon = arg;

	engine_reload(daemon->engine);
	/* Type=notify: systemctl reload waits for the second READY. */
	notify("READY=1");
}

/* Dozens of connections and a watch: the soft limit may be low. */
static void
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
daemon_run(struct daemon *daemon, struct config *config)
{
	struct problem problem;

	daemon->engine = engine_new(
	    &daemon->loop, config, false, daemon_ready, daemon, &problem);
	if (daemon->engine == NULL) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return EXIT_FAILED;
	}
	daemon->server = server_new(
	    &daemon->loop, daemon->engine, &daemon->listener);
	loop_run(&daemon->loop);
	server_free(daemon->server);
	engine_free(daemon->engine);
	return EXIT_OK;
}

int
command_serve(const struct options *options)
{
	struct config *config = command_load(options);
	struct daemon daemon = { .signals = { .terminate = daemon_terminate,
				     .reload = daemon_reload,
				     .arg = &daemon } };
	struct problem problem;
	int status = EXIT_FAILED;

	if (config == NULL)
		return EXIT_FAILED;
	descriptors_raise();
	loop_init(&daemon.loop);
	/* From here on a signal waits until the loop runs. */
	signals_init(&daemon.signals, &daemon.loop);
	if (listener_open(config, &daemon.listener, &problem) == STATUS_OK) {
		status = daemon_run(&daemon, config);
		listener_close(&daemon.listener);
	} else {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		config_free(config);
	}
	signals_fini(&daemon.signals);
	loop_fini(&daemon.loop);
	return status;
}
