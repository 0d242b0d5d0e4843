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

#include "base/mem.h"
#include "certbot.h"
#include "scene.h"
#include "tap.h"

/* Milliseconds. */
enum {
	LATE = 1000,         /* the new RRset must be there by then */
	LATE_DELETED = 3000, /* a deletion is believed after a second */
};

typedef void change_fn(struct certbot *certbot, const struct pems *pems);

/* Ways to renew; from generation to generation. */
static const struct {
	const char *name;
	change_fn *change;
	const char *path; /* of generations */
	int paces[3];     /* -1: no more */
	bool is_placed;   /* see certbot_place() */
} ways[] = {
	{ "renew", certbot_renew, "abab", { 0, 20, -1 }, false },
	{ "renew with a reused key", certbot_renew, "acab", { 0, 20, -1 },
	    false },
	{ "renew without change", certbot_renew, "aaa", { 0, -1 }, false },
	{ "renew seven times", certbot_renew, "abababab", { 0, -1 }, false },
	{ "renew by renaming links", certbot_renew_by_rename, "abab",
	    { 0, 20, -1 }, false },
	{ "rewrite in place", certbot_rewrite, "abab", { 0, 20, 300 }, false },
	{ "append in two steps", certbot_append, "abab", { 0, 20, -1 }, false },
	{ "replace links by files", certbot_replace, "abab", { 0, 20, -1 },
	    false },
	{ "exchange live/", certbot_exchange_live, "abab", { 0, 20, -1 },
	    false },
	{ "exchange archive/", certbot_exchange_archive, "abab", { 0, 20, -1 },
	    false },
	{ "exchange a directory above", certbot_exchange_above, "abab",
	    { 0, 20, -1 }, true },
	{ "exchange a link on the way", certbot_exchange_link, "abab",
	    { 0, 20, -1 }, true },
	{ "renew behind links", certbot_renew, "abab", { 0, 20, -1 }, true },
};

static void
scene_open(struct scenes *scenes, struct scene *scene, struct certbot *certbot,
    const char *retain)
{
	char *service = mem_format("    lineages: [mail]\n"
				   "    retain: %s\n",
	    retain);

	scene_init(scene, scenes, "certbot", service);
	*certbot = (struct certbot){ .hand.store = scene->store,
		.lineage = "mail" };
	free(service);
}

static bool
run_way(struct scenes *scenes, size_t way, int pace)
{
	const char *path = ways[way].path;
	const struct pems *old = scenes_generation(scenes, path[0]);
	struct certbot certbot;
	struct scene scene;

	scene_open(scenes, &scene, &certbot, "0");
	if (ways[way].is_placed)
		certbot_place(&certbot);
	certbot_issue(&certbot, old);
	scene_start(&scene, &certbot.hand);
	for (size_t i = 1; path[i] != '\0'; i++) {
		const struct pems *new = scenes_generation(scenes, path[i]);

		scene_expect(&scene, old->rrset, new->rrset, pace);
		ways[way].change(&certbot, new);
		watcher_finish(&scene.watcher, LATE);
		old = new;
	}
	return scene_fini(&scene, ways[way].name, 0);
}

/* What was replaced stays beside what replaced it. */
static bool
run_retained(struct scenes *scenes, int pace)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	const struct pems *b = scenes_generation(scenes, 'b');
	char *both = rrset_union(a->rrset, b->rrset);
	struct certbot certbot;
	struct scene scene;
	bool is_judged;

	scene_open(scenes, &scene, &certbot, "7d");
	certbot_issue(&certbot, a);
	scene_start(&scene, &certbot.hand);
	scene_expect(&scene, a->rrset, both, pace);
	certbot_renew(&certbot, b);
	watcher_finish(&scene.watcher, LATE);
	is_judged = scene_fini(&scene, "renew, what was replaced retained", 0);
	free(both);
	return is_judged;
}

/* certbot dies behind the archive, and goes on later. */
static bool
run_staged(struct scenes *scenes)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	const struct pems *b = scenes_generation(scenes, 'b');
	char *both = rrset_union(a->rrset, b->rrset);
	struct certbot certbot;
	struct scene scene;
	bool is_judged;

	scene_open(scenes, &scene, &certbot, "0");
	certbot_issue(&certbot, a);
	scene_start(&scene, &certbot.hand);
	scene_expect(&scene, a->rrset, both, 0);
	scene.watcher.halt = "rename to renewal/mail.conf";
	scene.watcher.then = b->rrset;
	certbot_renew(&certbot, b);
	watcher_finish(&scene.watcher, LATE);
	is_judged = scene_fini(&scene, "renew with a halt before the links", 0);
	free(both);
	return is_judged;
}

/* A lineage that the configuration waits for: nothing, and then all. */
static bool
run_issue(struct scenes *scenes, int pace)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	struct certbot certbot;
	struct scene scene;

	scene_open(scenes, &scene, &certbot, "0");
	scene_start(&scene, &certbot.hand);
	scene_expect(&scene, "", a->rrset, pace);
	certbot_issue(&certbot, a);
	watcher_finish(&scene.watcher, LATE);
	/* "does not exist yet" and "no lineage" at the start */
	return scene_fini(&scene, "issue", 2);
}

static bool
run_delete(struct scenes *scenes, int pace, const char *retain)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	bool leaves = strcmp(retain, "0") == 0;
	struct certbot certbot;
	struct scene scene;

	scene_open(scenes, &scene, &certbot, retain);
	certbot_issue(&certbot, a);
	scene_start(&scene, &certbot.hand);
	scene_expect(&scene, a->rrset, leaves ? "" : a->rrset, pace);
	certbot_delete(&certbot);
	if (!leaves)
		watcher_look_for(&scene.watcher, "the last step", LATE_DELETED);
	watcher_finish(&scene.watcher, LATE_DELETED);
	/* that it was deleted, what the service lacks; that the RRset left */
	return scene_fini(&scene,
	    leaves ? "delete, nothing retained" : "delete, retained",
	    leaves ? 3 : 2);
}

/* Faster than anybody could follow: only the last one has to be seen. */
static bool
run_burst(struct scenes *scenes)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	const struct pems *b = scenes_generation(scenes, 'b');
	struct certbot certbot;
	struct scene scene;

	scene_open(scenes, &scene, &certbot, "0");
	certbot_issue(&certbot, a);
	scene_start(&scene, &certbot.hand);
	certbot.hand.step = NULL;
	scene_expect(&scene, a->rrset, b->rrset, 0);
	for (int i = 0; i < 100; i++) {
		certbot_renew(&certbot, b);
		certbot_renew(&certbot, a);
		/* Either may have been met on the way. */
		scene.watcher.has_new = false;
		watcher_look(&scene.watcher, "a renewal");
	}
	certbot_renew(&certbot, b);
	scene.watcher.has_new = false;
	watcher_finish(&scene.watcher, LATE);
	return scene_fini(&scene, "201 renewals in a row", 0);
}

int
main(int argc, char **argv)
{
	struct scenes scenes;

	scenes_init(&scenes, argc, argv);
	for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++)
		for (int i = 0; i < 3 && ways[way].paces[i] >= 0; i++)
			PLAY(run_way(&scenes, way, ways[way].paces[i]));
	PLAY(run_staged(&scenes));
	for (int pace = 0; pace <= 20; pace += 20) {
		PLAY(run_retained(&scenes, pace));
		PLAY(run_issue(&scenes, pace));
		PLAY(run_delete(&scenes, pace, "0"));
		PLAY(run_delete(&scenes, pace, "7d"));
	}
	PLAY(run_burst(&scenes));
	scenes_fini(&scenes);
	return tap_end();
}
