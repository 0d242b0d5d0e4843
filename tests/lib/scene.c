/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "tap.h"

#define OWNER "_25_tcp_mail_example_com.tlsa.example.net."

/* Milliseconds. */
enum {
	LATE_STAGED = 2500, /* what stays unused for a second is staged */
	AFTERWARDS = 200,   /* watched on */
	STILL = 200,        /* beyond the pace, between two looks or in all */
};

enum { TRIES = 5 };

static void
pause_ms(int ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L };

	(void)nanosleep(&pause, NULL);
}

static void
watcher_blame(struct watcher *watcher, const char *what, const char *answer)
{
	if (watcher->bad++ == 0)
		watcher->first_bad = mem_format("after '%s': %s", what, answer);
}

/* Nothing between two looks takes long. */
static void
watcher_time(struct watcher *watcher)
{
	int64_t now = loop_now();

	if (now - watcher->looked_at > watcher->pace + STILL)
		watcher->stood_still = true;
	watcher->looked_at = now;
}

void
watcher_look(struct watcher *watcher, const char *what)
{
	enum answer answer;
	const char *rrset;

	watcher_time(watcher);
	answer = client_lookup(&watcher->client, OWNER, &watcher->rrset);
	watcher_time(watcher);
	rrset = buf_text(&watcher->rrset);
	watcher->lookups++;
	if (answer == ANSWER_FAILURE) {
		watcher_blame(watcher, what, "a failure");
		/* As PowerDNS does. */
		client_close(&watcher->client);
		(void)client_open(&watcher->client, watcher->socket);
		return;
	}
	if (strcmp(rrset, watcher->new) == 0)
		watcher->has_new = true;
	else if (strcmp(rrset, watcher->old) != 0)
		watcher_blame(
		    watcher, what, rrset[0] != '\0' ? rrset : "nothing");
	else if (watcher->has_new)
		watcher_blame(watcher, what, "the old RRset again");
}

void
watcher_look_for(struct watcher *watcher, const char *what, int ms)
{
	int64_t until = loop_now() + ms;

	watcher_look(watcher, what);
	while (loop_now() < until) {
		pause_ms(1);
		watcher_look(watcher, what);
	}
}

/* A look takes a millisecond, and longer where the daemon gets less done. */
void
watcher_finish(struct watcher *watcher, int late)
{
	for (int looks = 0;
	     !watcher->has_new && looks < late * watcher->patience; looks++)
		watcher_look_for(watcher, "the last step", 1);
	if (!watcher->has_new)
		watcher_blame(watcher, "the last step", "still the old RRset");
	watcher_look_for(watcher, "the end", AFTERWARDS);
}

/* Between two system calls. */
static void
watcher_step(void *arg, const char *what)
{
	struct watcher *watcher = arg;
	int64_t begin = loop_now();

	watcher_look_for(watcher, what, watcher->pace);
	/* A file is half-way over several steps. */
	watcher->lost += loop_now() - begin - watcher->pace;
	watcher->stood_still |= watcher->lost > STILL;
	if (watcher->halt == NULL || strcmp(watcher->halt, what) != 0)
		return;
	watcher_finish(watcher, LATE_STAGED);
	watcher->halt = NULL;
	watcher->old = watcher->new;
	watcher->new = watcher->then;
	watcher->has_new = false;
}

void
scenes_init(struct scenes *scenes, int argc, char **argv)
{
	*scenes = (struct scenes){ 0 };
	if (argc != 4) {
		(void)fprintf(
		    stderr, "usage: %s PROGRAM DIRECTORY CHAINS\n", argv[0]);
		exit(2);
	}
	scenes->program = argv[1];
	scenes->directory = argv[2];
	for (char letter = 'a'; letter <= 'c'; letter++) {
		char *path = mem_format("%s/%c", argv[3], letter);

		pems_load(path, &scenes->generations[letter - 'a']);
		free(path);
	}
}

void
scenes_fini(struct scenes *scenes)
{
	for (int i = 0; i < 3; i++)
		pems_fini(&scenes->generations[i]);
}

const struct pems *
scenes_generation(const struct scenes *scenes, char letter)
{
	return &scenes->generations[letter - 'a'];
}

char *
rrset_union(const char *a, const char *b)
{
	struct buf lines = { 0 };
	char *text;

	while (*a != '\0' || *b != '\0') {
		size_t a_len = strcspn(a, "\n") + (*a != '\0');
		size_t b_len = strcspn(b, "\n") + (*b != '\0');
		int order = *a == '\0'   ? 1
			    : *b == '\0' ? -1
					 : strncmp(a, b, a_len);

		buf_add(&lines, order <= 0 ? a : b, order <= 0 ? a_len : b_len);
		a += order <= 0 ? a_len : 0;
		b += order >= 0 ? b_len : 0;
	}
	text = mem_string(buf_text(&lines));
	buf_fini(&lines);
	return text;
}

void
scene_init(struct scene *scene, struct scenes *scenes, const char *type,
    const char *service)
{
	char *services = mem_format("  - host: mail.example.com\n%s", service);

	*scene = (struct scene){ .scenes = scenes };
	scene->directory = mem_format(
	    "%s/%u", scenes->directory, scenes->count++);
	scene->store = mem_format("%s/le", scene->directory);
	if (mkdir(scene->directory, 0755) != 0 ||
	    mkdir(scene->store, 0755) != 0)
		tap_bail(scene->directory);
	daemon_configure(scene->directory, type, services);
	free(services);
}

void
scene_start(struct scene *scene, struct hand *hand)
{
	daemon_start(&scene->daemon, scene->scenes->program, scene->directory);
	scene->watcher.socket = scene->daemon.socket;
	scene->watcher.patience = getenv(POLLED) != NULL ? 5 : 1;
	daemon_connect(&scene->daemon, &scene->watcher.client);
	/* The first scan is over when the first answer is there. */
	(void)client_lookup(
	    &scene->watcher.client, OWNER, &scene->watcher.rrset);
	hand->step = watcher_step;
	hand->arg = &scene->watcher;
}

void
scene_expect(struct scene *scene, const char *old, const char *new, int pace)
{
	scene->watcher.old = old;
	scene->watcher.new = new;
	scene->watcher.pace = pace;
	scene->watcher.has_new = false;
	scene->watcher.lost = 0;
	scene->watcher.looked_at = loop_now();
}

/* Is what went wrong perhaps not the daemon's fault? */
static bool
scene_again(struct scene *scene)
{
	if (scene->watcher.stood_still && scene->scenes->tries < TRIES) {
		scene->scenes->tries++;
		return true;
	}
	return false;
}

static void
scene_blame(const struct scene *scene, unsigned warned, int status)
{
	const struct watcher *watcher = &scene->watcher;

	tap_note("%u bad of %u answers, first %s; %u warnings, status %#x, "
		 "log %s/log",
	    watcher->bad, watcher->lookups,
	    watcher->first_bad != NULL ? watcher->first_bad : "-", warned,
	    (unsigned)status, scene->directory);
	daemon_log_note(&scene->daemon, "warning:");
}

bool
scene_fini(struct scene *scene, const char *name, unsigned warnings)
{
	struct watcher *watcher = &scene->watcher;
	unsigned warned = daemon_log_count(&scene->daemon, "warning:");
	int status = daemon_stop(&scene->daemon);
	bool good = watcher->bad == 0 && warned == warnings &&
		    WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool again = !good && scene_again(scene);

	if (again) {
		tap_note("%s: the machine stood still, once more", name);
	} else {
		(void)tap_ok(good, "%s, %d ms between system calls", name,
		    watcher->pace);
		scene->scenes->tries = 0;
	}
	if (good)
		tap_note("%u lookups", watcher->lookups);
	else
		scene_blame(scene, warned, status);
	client_close(&watcher->client);
	buf_fini(&watcher->rrset);
	free(watcher->first_bad);
	free(scene->store);
	free(scene->directory);
	return !again;
}
