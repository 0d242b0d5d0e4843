/* SPDX-License-Identifier: MIT */
/*
 * renewals PROGRAM DIRECTORY CHAINS
 *
 * Starts `PROGRAM serve` on stores below DIRECTORY (short, empty) and renews,
 * one system call after the other, with lookups between any two.  Whoever asks
 * must get the RRset of the old generation or that of the new one, whole; the
 * new one within a second after the last call; and then never again the old.
 * CHAINS has the generations a, b (other key, other issuer), and c (key of a,
 * issuer of b), each a directory for pems_load().  Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "certbot.h"
#include "daemon.h"
#include "loop.h"
#include "mem.h"
#include "tap.h"

#define OWNER "_25._tcp.mail.example.com.tlsa.example.net."

/* Milliseconds. */
enum {
	LATE = 1000, /* the new RRset must be there by then */
	LATE_STAGED =
	    2500, /* what stays in the archive for a second is staged */
	LATE_DELETED = 3000, /* a deletion is believed after a second */
	AFTERWARDS = 200,    /* watched on */
};

/* Who looks on while the store changes. */
struct watcher {
	const char *socket;
	struct client client;
	struct buf rrset;
	const char *old; /* "": nothing there */
	const char *new;
	const char *halt; /* after this system call, and NULL from then on, */
	const char *then; /* `new` must come, and this is the next `new` */
	int pace;         /* milliseconds from one system call to the next */
	bool has_new;
	unsigned lookups;
	unsigned bad;
	char *first_bad;
};

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

static void
watcher_look(struct watcher *watcher, const char *what)
{
	enum answer answer = client_lookup(
	    &watcher->client, OWNER, &watcher->rrset);
	const char *rrset = buf_text(&watcher->rrset);

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

/* Look at least once, and on until `ms` milliseconds are over. */
static void
watcher_look_for(struct watcher *watcher, const char *what, int ms)
{
	int64_t until = loop_now() + ms;

	watcher_look(watcher, what);
	while (loop_now() < until) {
		pause_ms(1);
		watcher_look(watcher, what);
	}
}

/* The last system call is over: the new RRset comes, and stays. */
static bool
watcher_finish(struct watcher *watcher, int late)
{
	int64_t until = loop_now() + late;

	while (!watcher->has_new && loop_now() < until)
		watcher_look_for(watcher, "the last step", 1);
	if (!watcher->has_new)
		watcher_blame(watcher, "the last step", "still the old RRset");
	watcher_look_for(watcher, "the end", AFTERWARDS);
	return watcher->bad == 0;
}

/* Between two system calls. */
static void
watcher_step(void *arg, const char *what)
{
	struct watcher *watcher = arg;

	watcher_look_for(watcher, what, watcher->pace);
	if (watcher->halt == NULL || strcmp(watcher->halt, what) != 0)
		return;
	(void)watcher_finish(watcher, LATE_STAGED);
	watcher->halt = NULL;
	watcher->old = watcher->new;
	watcher->new = watcher->then;
	watcher->has_new = false;
}

/* A store with a daemon of its own. */
struct scene {
	char *directory;
	char *store;
	struct daemon daemon;
	struct certbot certbot;
	struct watcher watcher;
};

static void
scene_init(struct scene *scene, const char *program, const char *directory,
    unsigned number, const char *retain)
{
	char *services = mem_format("  - host: mail.example.com\n"
				    "    lineages: [mail]\n"
				    "    retain: %s\n",
	    retain);

	*scene = (struct scene){ 0 };
	scene->directory = mem_format("%s/%u", directory, number);
	scene->store = mem_format("%s/le", scene->directory);
	if (mkdir(scene->directory, 0755) != 0 ||
	    mkdir(scene->store, 0755) != 0)
		tap_bail(scene->directory);
	scene->certbot = (struct certbot){ .store = scene->store,
		.lineage = "mail" };
	daemon_configure(scene->directory, services);
	(void)program;
	free(services);
}

static void
scene_start(struct scene *scene, const char *program)
{
	daemon_start(&scene->daemon, program, scene->directory);
	scene->watcher.socket = scene->daemon.socket;
	daemon_connect(&scene->daemon, &scene->watcher.client);
	/* The first scan is over when the first answer is there. */
	(void)client_lookup(
	    &scene->watcher.client, OWNER, &scene->watcher.rrset);
	scene->certbot.step = watcher_step;
	scene->certbot.arg = &scene->watcher;
}

/* The next change is from `old` to `new`. */
static void
scene_expect(struct scene *scene, const char *old, const char *new, int pace)
{
	scene->watcher.old = old;
	scene->watcher.new = new;
	scene->watcher.pace = pace;
	scene->watcher.has_new = false;
}

/* Print the check, and whether the daemon ended well. */
static void
scene_fini(struct scene *scene, const char *name, unsigned warnings)
{
	struct watcher *watcher = &scene->watcher;
	unsigned warned = daemon_log_count(&scene->daemon, "warning:");
	int status = daemon_stop(&scene->daemon);

	if (!tap_ok(watcher->bad == 0 && warned == warnings &&
			WIFEXITED(status) && WEXITSTATUS(status) == 0,
		"%s, %d ms between system calls", name, watcher->pace))
		tap_note("%u bad of %u answers, first %s; %u warnings, "
			 "status %#x, log %s/log",
		    watcher->bad, watcher->lookups,
		    watcher->first_bad != NULL ? watcher->first_bad : "-",
		    warned, (unsigned)status, scene->directory);
	else
		tap_note("%u lookups", watcher->lookups);
	client_close(&watcher->client);
	buf_fini(&watcher->rrset);
	free(watcher->first_bad);
	free(scene->store);
	free(scene->directory);
}

typedef void change_fn(struct certbot *certbot, const struct pems *pems);

/* Ways to renew; from generation to generation. */
static const struct {
	const char *name;
	change_fn *change;
	const char *path; /* of generations */
	int paces[3];     /* -1: no more */
} ways[] = {
	{ "renew", certbot_renew, "abab", { 0, 20, -1 } },
	{ "renew with a reused key", certbot_renew, "acab", { 0, 20, -1 } },
	{ "renew without change", certbot_renew, "aaa", { 0, -1 } },
	{ "renew seven times", certbot_renew, "abababab", { 0, -1 } },
	{ "renew by renaming links", certbot_renew_by_rename, "abab",
	    { 0, 20, -1 } },
	{ "rewrite in place", certbot_rewrite, "abab", { 0, 20, 300 } },
	{ "append in two steps", certbot_append, "abab", { 0, 20, -1 } },
	{ "replace links by files", certbot_replace, "abab", { 0, 20, -1 } },
	{ "exchange live/", certbot_exchange_live, "abab", { 0, 20, -1 } },
	{ "exchange archive/", certbot_exchange_archive, "abab",
	    { 0, 20, -1 } },
};

/* What all scenes have in common. */
struct stage {
	const char *program;
	const char *directory;
	unsigned scenes;
	struct pems generations[3]; /* a, b, c */
};

static const struct pems *
stage_generation(const struct stage *stage, char letter)
{
	return &stage->generations[letter - 'a'];
}

static void
run_way(struct stage *stage, size_t way, int pace)
{
	const char *path = ways[way].path;
	const struct pems *old = stage_generation(stage, path[0]);
	struct scene scene;

	scene_init(
	    &scene, stage->program, stage->directory, stage->scenes++, "0");
	certbot_issue(&scene.certbot, old);
	scene_start(&scene, stage->program);
	for (size_t i = 1; path[i] != '\0'; i++) {
		const struct pems *new = stage_generation(stage, path[i]);

		scene_expect(&scene, old->rrset, new->rrset, pace);
		ways[way].change(&scene.certbot, new);
		(void)watcher_finish(&scene.watcher, LATE);
		old = new;
	}
	scene_fini(&scene, ways[way].name, 0);
}

/* Return the lines of both, sorted; free() it. */
static char *
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

/* What was replaced stays beside what replaced it. */
static void
run_retained(struct stage *stage, int pace)
{
	const struct pems *a = stage_generation(stage, 'a');
	const struct pems *b = stage_generation(stage, 'b');
	char *both = rrset_union(a->rrset, b->rrset);
	struct scene scene;

	scene_init(
	    &scene, stage->program, stage->directory, stage->scenes++, "7d");
	certbot_issue(&scene.certbot, a);
	scene_start(&scene, stage->program);
	scene_expect(&scene, a->rrset, both, pace);
	certbot_renew(&scene.certbot, b);
	(void)watcher_finish(&scene.watcher, LATE);
	scene_fini(&scene, "renew, what was replaced retained", 0);
	free(both);
}

/* certbot dies behind the archive, and goes on later. */
static void
run_staged(struct stage *stage)
{
	const struct pems *a = stage_generation(stage, 'a');
	const struct pems *b = stage_generation(stage, 'b');
	char *both = rrset_union(a->rrset, b->rrset);
	struct scene scene;

	scene_init(
	    &scene, stage->program, stage->directory, stage->scenes++, "0");
	certbot_issue(&scene.certbot, a);
	scene_start(&scene, stage->program);
	scene_expect(&scene, a->rrset, both, 0);
	scene.watcher.halt = "rename to renewal/mail.conf";
	scene.watcher.then = b->rrset;
	certbot_renew(&scene.certbot, b);
	(void)watcher_finish(&scene.watcher, LATE);
	scene_fini(&scene, "renew with a halt before the links", 0);
	free(both);
}

/* A lineage that the configuration waits for: nothing, and then all. */
static void
run_issue(struct stage *stage, int pace)
{
	const struct pems *a = stage_generation(stage, 'a');
	struct scene scene;

	scene_init(
	    &scene, stage->program, stage->directory, stage->scenes++, "0");
	scene_start(&scene, stage->program);
	scene_expect(&scene, "", a->rrset, pace);
	certbot_issue(&scene.certbot, a);
	(void)watcher_finish(&scene.watcher, LATE);
	/* "does not exist yet" and "no lineage" at the start */
	scene_fini(&scene, "issue", 2);
}

static void
run_delete(struct stage *stage, int pace, const char *retain)
{
	const struct pems *a = stage_generation(stage, 'a');
	bool leaves = strcmp(retain, "0") == 0;
	struct scene scene;

	scene_init(
	    &scene, stage->program, stage->directory, stage->scenes++, retain);
	certbot_issue(&scene.certbot, a);
	scene_start(&scene, stage->program);
	scene_expect(&scene, a->rrset, leaves ? "" : a->rrset, pace);
	certbot_delete(&scene.certbot);
	if (!leaves)
		watcher_look_for(&scene.watcher, "the last step", LATE_DELETED);
	(void)watcher_finish(&scene.watcher, LATE_DELETED);
	/* that it was deleted, what the service lacks; that the RRset left */
	scene_fini(&scene,
	    leaves ? "delete, nothing retained" : "delete, retained",
	    leaves ? 3 : 2);
}

/* Faster than anybody could follow: only the last one has to be seen. */
static void
run_burst(struct stage *stage)
{
	const struct pems *a = stage_generation(stage, 'a');
	const struct pems *b = stage_generation(stage, 'b');
	struct scene scene;

	scene_init(
	    &scene, stage->program, stage->directory, stage->scenes++, "0");
	certbot_issue(&scene.certbot, a);
	scene_start(&scene, stage->program);
	scene.certbot.step = NULL;
	scene_expect(&scene, a->rrset, b->rrset, 0);
	for (int i = 0; i < 100; i++) {
		certbot_renew(&scene.certbot, b);
		certbot_renew(&scene.certbot, a);
		/* Either may have been met on the way. */
		scene.watcher.has_new = false;
		watcher_look(&scene.watcher, "a renewal");
	}
	certbot_renew(&scene.certbot, b);
	scene.watcher.has_new = false;
	(void)watcher_finish(&scene.watcher, LATE);
	scene_fini(&scene, "201 renewals in a row", 0);
}

int
main(int argc, char **argv)
{
	struct stage stage = { 0 };

	if (argc != 4) {
		(void)fprintf(
		    stderr, "usage: renewals PROGRAM DIRECTORY CHAINS\n");
		return 2;
	}
	stage.program = argv[1];
	stage.directory = argv[2];
	for (char letter = 'a'; letter <= 'c'; letter++) {
		char *path = mem_format("%s/%c", argv[3], letter);

		pems_load(path, &stage.generations[letter - 'a']);
		free(path);
	}
	for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++)
		for (int i = 0; i < 3 && ways[way].paces[i] >= 0; i++)
			run_way(&stage, way, ways[way].paces[i]);
	run_staged(&stage);
	for (int pace = 0; pace <= 20; pace += 20) {
		run_retained(&stage, pace);
		run_issue(&stage, pace);
		run_delete(&stage, pace, "0");
		run_delete(&stage, pace, "7d");
	}
	run_burst(&stage);
	for (int i = 0; i < 3; i++)
		pems_fini(&stage.generations[i]);
	return tap_end();
}
