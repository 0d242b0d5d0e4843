/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <sys/resource.h>
#include <time.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "control/control.h"
#include "engine/engine.h"
#include "http/http.h"
#include "http/listen.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "page/pages.h"
#include "reports/clerk.h"
#include "serve/listener.h"
#include "serve/server.h"
#include "tell/lookout.h"
#include "wall/confine.h"

enum { CONTROL_MODE = 0660 };

struct daemon {
	struct loop loop;
	struct listener listener;
	struct listener http_listener; /* no descriptor: none is wanted */
	struct http *http;             /* NULL: likewise */
	struct pages *pages;           /* NULL: likewise */
	struct warden warden;
	struct postbox *postbox;
	struct runner runner;
	bool has_runner;
	struct lookout *lookout; /* NULL: nothing is told */
	struct engine *engine;
	struct server *server;
	struct listener control_listener;
	struct control control;
	struct server *control_server; /* NULL: its socket cannot be made */
	struct signals signals;
	struct loop_timer watchdog;
	int64_t watchdog_ms; /* 0: nobody watches */
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

/* A turn of the loop is what shows that we live. */
static void
watchdog_due(void *arg)
{
	struct daemon *daemon = arg;

	notify("WATCHDOG=1");
	loop_timer_set(
	    &daemon->loop, &daemon->watchdog, loop_now() + daemon->watchdog_ms);
}

/* sd_watchdog_enabled(3) wants to hear us after half of the time. */
static void
watchdog_begin(struct daemon *daemon)
{
	uint64_t usec = 0;

#ifdef HAVE_SYSTEMD
	if (sd_watchdog_enabled(0, &usec) <= 0)
		usec = 0;
#endif
	daemon->watchdog = (struct loop_timer){ .due = watchdog_due,
		.arg = daemon };
	daemon->watchdog_ms = (int64_t)(usec / 2000);
	if (daemon->watchdog_ms > 0)
		watchdog_due(daemon);
}

static void
daemon_ready(void *arg)
{
	struct daemon *daemon = arg;

	notify("READY=1");
	server_resume(daemon->server);
	if (daemon->http != NULL)
		http_resume(daemon->http);
	engine_greet(daemon->engine);
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

static enum outcome
daemon_answer(void *arg, const char *line, size_t len, struct buf *reply,
    struct problem *problem)
{
	const struct daemon *daemon = arg;

	return engine_answer(daemon->engine, line, len, reply, problem);
}

static void
daemon_reloaded(void *arg)
{
	struct daemon *daemon = arg;

	postbox_configure(daemon->postbox, engine_config(daemon->engine));
}

/* Another process reads them; what it tells is for who looks. */
static void
postbox_begin(struct daemon *daemon)
{
	daemon->postbox = postbox_new(&daemon->loop, &daemon->warden);
	daemon->control.postbox = daemon->postbox;
	engine_tell_reloads(daemon->engine, daemon_reloaded, daemon);
	daemon_reloaded(daemon);
}

/* PowerDNS is answered with or without the commands that ask us. */
static void
control_begin(struct daemon *daemon, const struct config *config)
{
	const struct listener_wish wish = {
		.path = config->control, .mode = CONTROL_MODE, .key = "control"
	};
	struct problem problem;

	daemon->control.engine = daemon->engine;
	daemon->control.started = (int64_t)time(NULL);
	if (listener_open(&wish, &daemon->control_listener, &problem) ==
	    STATUS_OK)
		daemon->control_server = server_new(&daemon->loop,
		    &daemon->control_listener, control_answer,
		    &daemon->control);
	else
		log_line(LOG_LEVEL_ERROR,
		    "%s; 'status', 'wait' and 'deploy' "
		    "cannot ask the daemon",
		    problem.text);
}

static void
control_end(struct daemon *daemon)
{
	if (daemon->control_server == NULL)
		return;
	server_free(daemon->control_server);
	listener_close(&daemon->control_listener);
}

static void
pages_ready(void *arg)
{
	struct daemon *daemon = arg;

	http_resume(daemon->http);
}

static void
http_begin(struct daemon *daemon, const struct config *config)
{
	if (daemon->http_listener.fd >= 0)
		daemon->http = http_new(&daemon->loop, &daemon->http_listener,
		    config, daemon_answer, daemon);
	if (daemon->http == NULL)
		return;
	daemon->pages = pages_new(
	    &daemon->loop, &daemon->control, pages_ready, daemon);
	http_show(daemon->http, pages_look, daemon->pages);
}

/*
 * Before we are locked in, and have anything that its program should not.  A
 * program that is missing is no reason not to answer: it may come.
 */
static void
runner_make(struct daemon *daemon, const struct config *config)
{
	struct problem problem;

	if (config->alarm_command_count == 0)
		return;
	if (!lookout_check(config, &problem))
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
	daemon->has_runner = runner_begin(&daemon->runner,
	    config->alarm_command, config->alarm_command_count);
}

static void
daemon_run(struct daemon *daemon, struct config *config, struct buf *text)
{
	/* Before there are threads, and keys. */
	daemon->control.locks = confine_answering(config);
	daemon->engine = engine_new(
	    &daemon->loop, config, &daemon->warden, daemon_ready, daemon);
	command_keep(engine_config(daemon->engine), text);
	daemon->server = server_new(
	    &daemon->loop, &daemon->listener, daemon_answer, daemon);
	if (server_keep(daemon->server))
		engine_note_use(daemon->engine);
	postbox_begin(daemon);
	control_begin(daemon, engine_config(daemon->engine));
	http_begin(daemon, engine_config(daemon->engine));
	if (daemon->has_runner)
		daemon->lookout = lookout_new(
		    &daemon->loop, &daemon->control, &daemon->runner);
	watchdog_begin(daemon);
	loop_run(&daemon->loop);
	loop_timer_clear(&daemon->loop, &daemon->watchdog);
	lookout_free(daemon->lookout);
	http_free(daemon->http);
	pages_free(daemon->pages);
	control_end(daemon);
	server_free(daemon->server);
	postbox_free(daemon->postbox);
	engine_free(daemon->engine);
}

int
command_serve(const struct options *options)
{
	struct buf text = { 0 };
	struct config *config;
	struct daemon daemon = { .signals = { .terminate = daemon_terminate,
				     .reload = daemon_reload,
				     .arg = &daemon } };
	struct listener_wish listen;
	struct problem problem;
	int status = EXIT_FAILED;

	/* Before there is anything that who reads files should not have. */
	if (!warden_begin(&daemon.warden, clerk_ward_run))
		return EXIT_FAILED;
	config = command_load_kept(options, &text);
	if (config == NULL) {
		buf_fini(&text);
		warden_end(&daemon.warden);
		return EXIT_FAILED;
	}
	runner_make(&daemon, config);
	listen = (struct listener_wish){ .path = config->listen,
		.mode = config->listen_mode,
		.group = config->listen_group,
		.key = "listen",
		.passed = LISTENER_MAIN };
	descriptors_raise();
	loop_init(&daemon.loop);
	/* From here on a signal waits until the loop runs. */
	signals_init(&daemon.signals, &daemon.loop);
	if (listener_open(&listen, &daemon.listener, &problem) == STATUS_OK) {
		/* Who is locked in makes no socket of the network. */
		http_listen(config, &daemon.http_listener);
		daemon_run(&daemon, config, &text);
		status = EXIT_OK;
		listener_close(&daemon.http_listener);
		listener_close(&daemon.listener);
	} else {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		config_free(config);
	}
	buf_fini(&text);
	if (daemon.has_runner)
		runner_end(&daemon.runner);
	signals_fini(&daemon.signals);
	loop_fini(&daemon.loop);
	warden_end(&daemon.warden);
	return status;
}
