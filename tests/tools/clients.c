/* SPDX-License-Identifier: MIT */
/*
 * clients PROGRAM DIRECTORY CHAINS
 *
 * As tests/tools/renewals.c, with other ACME clients than certbot: each first
 * issue and each renewal in the client's own order, with lookups after every
 * system call.  Prints TAP.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "acme.h"
#include "base/mem.h"
#include "scene.h"
#include "tap.h"

/* Milliseconds. */
enum {
	LATE = 1000,         /* the new RRset must be there by then */
	LATE_WRITTEN = 2500, /* or so, after writes in place with pauses */
	LATE_DELETED = 3000, /* a deletion is believed after a second */
	LATE_MISSED = 1500,  /* and so is a failure */
};

typedef void change_fn(struct acme *acme, const struct pems *pems);

/* Ways to renew; from generation to generation. */
static const struct {
	const char *name;
	const char *type;
	change_fn *issue;
	change_fn *renew;
	const char *path; /* of generations */
	int paces[3];     /* -1: no more */
	bool issues;      /* look at the first issue too */
} ways[] = {
	{ "dehydrated", "dehydrated", dehydrated_issue, dehydrated_renew,
	    "abab", { 0, 20, -1 }, true },
	{ "dehydrated with a reused key", "dehydrated", dehydrated_issue,
	    dehydrated_renew, "acab", { 0, 20, -1 }, false },
	{ "dehydrated, removing links", "dehydrated", dehydrated_issue,
	    dehydrated_renew_unlinking, "abab", { 0, 20, -1 }, false },
	{ "lego", "lego", lego_issue, lego_renew, "aba", { 0, 20, 300 }, true },
	{ "lego with a reused key", "lego", lego_issue, lego_renew, "acab",
	    { 0, 20, -1 }, false },
	{ "lego, leaf and chain apart", "lego", lego_issue_apart,
	    lego_renew_apart, "abab", { 0, 20, -1 }, true },
	{ "lego, leaf and chain apart, reused key", "lego", lego_issue_apart,
	    lego_renew_apart, "acab", { 0, 20, -1 }, false },
	{ "uacme", "uacme", uacme_issue, uacme_renew, "abab", { 0, 20, -1 },
	    true },
	{ "acme.sh", "acme.sh", acmesh_issue, acmesh_renew, "aba",
	    { 0, 20, 100 }, true },
	{ "acme.sh with a reused key", "acme.sh", acmesh_issue, acmesh_renew,
	    "acab", { 0, 20, -1 }, false },
	{ "caddy", "caddy", caddy_issue, caddy_renew, "aba", { 0, 20, 300 },
	    true },
	{ "caddy, renaming", "caddy", caddy_issue, caddy_renew_renaming, "abab",
	    { 0, 20, -1 }, false },
	{ "acmetool", "acmetool", acmetool_issue, acmetool_renew, "abab",
	    { 0, 20, -1 }, true },
};

static void
scene_open(struct scenes *scenes, struct scene *scene, struct acme *acme,
    const char *type)
{
	scene_init(
	    scene, scenes, type, "    lineages: [mail]\n    retain: 0\n");
	*acme = (struct acme){ .hand.store = scene->store, .lineage = "mail" };
}

static bool
run_way(struct scenes *scenes, size_t way, int pace)
{
	const char *path = ways[way].path;
	const struct pems *old = scenes_generation(scenes, path[0]);
	struct scene scene;
	struct acme acme;

	scene_open(scenes, &scene, &acme, ways[way].type);
	ways[way].issue(&acme, old);
	scene_start(&scene, &acme.hand);
	for (size_t i = 1; path[i] != '\0'; i++) {
		const struct pems *new = scenes_generation(scenes, path[i]);

		scene_expect(&scene, old->rrset, new->rrset, pace);
		ways[way].renew(&acme, new);
		watcher_finish(&scene.watcher, LATE);
		old = new;
	}
	return scene_fini(&scene, ways[way].name, 0);
}

/* A lineage that the configuration waits for: nothing, and then all. */
static bool
run_issue(struct scenes *scenes, size_t way, int pace)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	char *name = mem_format("%s, first issue", ways[way].name);
	struct scene scene;
	bool is_judged;
	struct acme acme;

	scene_open(scenes, &scene, &acme, ways[way].type);
	scene_start(&scene, &acme.hand);
	scene_expect(&scene, "", a->rrset, pace);
	ways[way].issue(&acme, a);
	watcher_finish(&scene.watcher, LATE_WRITTEN);
	/* "no lineage" at the start, of the source and of the service */
	is_judged = scene_fini(&scene, name, 2);
	free(name);
	return is_judged;
}

/* dehydrated's hook takes its time before the links are exchanged. */
static bool
run_staged(struct scenes *scenes)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	const struct pems *b = scenes_generation(scenes, 'b');
	char *both = rrset_union(a->rrset, b->rrset);
	struct scene scene;
	bool is_judged;
	struct acme acme;

	scene_open(scenes, &scene, &acme, "dehydrated");
	dehydrated_issue(&acme, a);
	scene_start(&scene, &acme.hand);
	scene_expect(&scene, a->rrset, both, 0);
	scene.watcher.halt = "close /sync_cert";
	scene.watcher.then = b->rrset;
	dehydrated_renew(&acme, b);
	watcher_finish(&scene.watcher, LATE);
	is_judged = scene_fini(&scene, "dehydrated waits in sync_cert", 0);
	free(both);
	return is_judged;
}

/* A leaf and CA certificates that are not its own, and then none. */
static bool
run_mismatch(struct scenes *scenes)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	const struct pems *b = scenes_generation(scenes, 'b');
	struct scene scene;
	struct acme acme;

	scene_open(scenes, &scene, &acme, "lego");
	lego_issue_apart(&acme, a);
	scene_start(&scene, &acme.hand);
	scene_expect(&scene, a->rrset, b->rrset, 0);
	lego_renew_leaf(&acme, b);
	watcher_look_for(&scene.watcher, "a leaf alone", LATE_MISSED);
	hand_unlink(&acme.hand,
	    hand_path(&acme.hand, "certificates/%s.issuer.crt", acme.lineage));
	watcher_look_for(&scene.watcher, "nothing beside it", LATE_MISSED);
	hand_write(&acme.hand,
	    hand_path(&acme.hand, "certificates/%s.issuer.crt", acme.lineage),
	    O_EXCL, "");
	watcher_look_for(&scene.watcher, "an empty file", LATE_MISSED);
	if (scene.watcher.has_new)
		tap_note("the new leaf was answered too early");
	scene.watcher.bad += scene.watcher.has_new;
	lego_renew_issuers(&acme, b);
	watcher_finish(&scene.watcher, LATE);
	/* that it cannot be used */
	return scene_fini(&scene, "lego, leaf and chain that do not match", 1);
}

static bool
run_archive(struct scenes *scenes, int pace)
{
	const struct pems *a = scenes_generation(scenes, 'a');
	struct scene scene;
	struct acme acme;

	scene_open(scenes, &scene, &acme, "lego");
	lego_issue(&acme, a);
	scene_start(&scene, &acme.hand);
	scene_expect(&scene, a->rrset, "", pace);
	lego_archive(&acme);
	watcher_finish(&scene.watcher, LATE_DELETED);
	/* that it was deleted, what the service lacks; that the RRset left */
	return scene_fini(&scene, "lego moves it to archives/", 3);
}

/* mod_md: what waits for the reload is answered before it. */
static bool
run_mod_md(struct scenes *scenes, int pace)
{
	static const char path[] = "aba";
	const struct pems *old = scenes_generation(scenes, path[0]);
	struct scene scene;
	struct acme acme;

	scene_open(scenes, &scene, &acme, "mod_md");
	mod_md_issue(&acme, old);
	scene_start(&scene, &acme.hand);
	for (size_t i = 1; path[i] != '\0'; i++) {
		const struct pems *new = scenes_generation(scenes, path[i]);
		char *both = rrset_union(old->rrset, new->rrset);

		scene_expect(&scene, old->rrset, both, pace);
		mod_md_stage(&acme, new);
		watcher_finish(&scene.watcher, LATE);
		scene_expect(&scene, both, new->rrset, pace);
		mod_md_activate(&acme, new);
		watcher_finish(&scene.watcher, LATE);
		free(both);
		old = new;
	}
	return scene_fini(&scene, "mod_md", 0);
}

int
main(int argc, char **argv)
{
	struct scenes scenes;

	scenes_init(&scenes, argc, argv);
	for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++)
		for (int i = 0; i < 3 && ways[way].paces[i] >= 0; i++) {
			PLAY(run_way(&scenes, way, ways[way].paces[i]));
			if (ways[way].issues && i < 2)
				PLAY(run_issue(
				    &scenes, way, ways[way].paces[i]));
		}
	PLAY(run_staged(&scenes));
	PLAY(run_mismatch(&scenes));
	for (int pace = 0; pace <= 20; pace += 20)
		PLAY(run_mod_md(&scenes, pace));
	for (int pace = 0; pace <= 20; pace += 20)
		PLAY(run_archive(&scenes, pace));
	scenes_fini(&scenes);
	return tap_end();
}
