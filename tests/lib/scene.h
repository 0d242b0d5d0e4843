/* SPDX-License-Identifier: MIT */
#ifndef SCENE_H
#define SCENE_H

/*
 * A daemon that watches a store while somebody changes it, and who asks it
 * after every system call: the RRset must be that of the old generation or
 * that of the new one, whole; the new one soon after the last call; and then
 * never again the old.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "client.h"
#include "daemon.h"
#include "hand.h"
#include "pems.h"

/* What all scenes of a tool have in common. */
struct scenes {
	const char *program;
	const char *directory; /* short, for the sockets */
	unsigned count;
	unsigned tries;             /* of the scene that is played */
	struct pems generations[3]; /* a, b, c */
};

/*
 * The environment says that the daemon has no inotify: then it looks every
 * second or so.
 */
#define POLLED "SCENE_POLLED"

/*
 * Take the arguments PROGRAM DIRECTORY CHAINS; CHAINS has the generations a, b
 * and c, each a directory for pems_load().
 */
void scenes_init(struct scenes *scenes, int argc, char **argv);
void scenes_fini(struct scenes *scenes);

const struct pems *scenes_generation(const struct scenes *scenes, char letter);

/* Return the lines of both, which are sorted, sorted; free() it. */
char *rrset_union(const char *a, const char *b);

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
	int patience;     /* times as long for the new RRset; see POLLED */
	bool has_new;
	int64_t looked_at; /* loop_now() of the last look */
	int64_t lost;      /* milliseconds beyond the pace, of this change */
	bool stood_still;  /* it is too much, at once or in all */
	unsigned lookups;
	unsigned bad;
	char *first_bad;
};

/* A store with a daemon of its own. */
struct scene {
	struct scenes *scenes;
	char *directory;
	char *store;
	struct daemon daemon;
	struct watcher watcher;
};

/*
 * The next scene: a store of the type, and a configuration with the
 * service mail.example.com, to which `service` (YAML, lines of its item) adds.
 */
void scene_init(struct scene *scene, struct scenes *scenes, const char *type,
    const char *service);

/* Start the daemon; from now on `hand` is watched. */
void scene_start(struct scene *scene, struct hand *hand);

/* The next change is from `old` to `new`. */
void scene_expect(
    struct scene *scene, const char *old, const char *new, int pace);

/*
 * Print the check `name`, whether the daemon ended well, and whether it logged
 * as many warnings.  What happens when files are left half-way for a second is
 * another story: when the machine stood still and the check would fail,
 * nothing is judged and false returned, for the scene to be played again.
 * After a few times it is judged all the same.
 */
bool scene_fini(struct scene *scene, const char *name, unsigned warnings);

/* Play it until it is judged. */
#define PLAY(scene)                                                            \
	do {                                                                   \
	} while (!(scene))

void watcher_look(struct watcher *watcher, const char *what);

/* Look at least once, and on until `ms` milliseconds are over. */
void watcher_look_for(struct watcher *watcher, const char *what, int ms);

/* The last system call is over: the new one comes within `late` looks, each of
 * which takes a millisecond, and stays. */
void watcher_finish(struct watcher *watcher, int late);

#endif
