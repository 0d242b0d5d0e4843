/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "buf.h"
#include "index.h"
#include "mem.h"

/*
 * Reading a file makes no event that we ask for, or we would wake ourselves.
 * ATTRIB tells of a file that became readable for us.
 */
static const uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM |
			     IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE |
			     IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
			     IN_ONLYDIR;

/* One directory that is watched for a subject. */
struct watch_place {
	int wd;
	char *only; /* the one entry that counts, or "" for all */
};

struct watch {
	int fd;
	struct index subjects; /* wd, entry's name or "" -> subjects */
};

struct watch *
watch_new(struct problem *problem)
{
	struct watch *watch;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0) {
		problem_set(problem,
		    "inotify: %s; see "
		    "fs.inotify.max_user_instances in sysctl(8)",
		    strerror(errno));
		return NULL;
	}
	watch = mem_new(sizeof(*watch));
	watch->fd = fd;
	index_init(&watch->subjects);
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	(void)close(watch->fd);
	index_fini(&watch->subjects);
	free(watch);
}

int
watch_fd(const struct watch *watch)
{
	return watch->fd;
}

static void
wd_key(int wd, const char *name, struct buf *key)
{
	uint8_t number[4];

	for (int i = 0; i < 4; i++)
		number[i] = (uint8_t)((uint32_t)wd >> (24 - 8 * i));
	buf_add(key, number, sizeof(number));
	buf_add_string(key, name);
}

static void
place_enter(struct watch *watch, const struct watch_place *place,
    struct watch_subject *subject)
{
	struct buf key = { 0 };

	wd_key(place->wd, place->only, &key);
	index_add(&watch->subjects, key.data, key.len, subject);
	buf_fini(&key);
}

static void
place_remove(struct watch *watch, const struct watch_place *place,
    const struct watch_subject *subject)
{
	struct buf key = { 0 };
	uint8_t number[4];

	wd_key(place->wd, place->only, &key);
	index_remove(&watch->subjects, key.data, key.len, subject);
	memcpy(number, key.data, sizeof(number));
	buf_fini(&key);
	if (trie_get(&watch->subjects.lists, number, sizeof(number)) == NULL &&
	    !trie_has_below(&watch->subjects.lists, number, sizeof(number)))
		(void)inotify_rm_watch(watch->fd, place->wd);
}

static void
places_add(struct watch_subject *subject, int wd, const char *only)
{
	for (size_t i = 0; i < subject->count; i++)
		if (subject->places[i].wd == wd &&
		    strcmp(subject->places[i].only, only) == 0)
			return;
	subject->places = mem_resize(
	    subject->places, subject->count + 1, sizeof(*subject->places));
	subject->places[subject->count++] = (struct watch_place){ wd,
		mem_string(only) };
}

/* Watch for `path`, or in the nearest directory above it for what leads there.
 */
static enum status
path_watch(const struct watch *watch, const char *path,
    struct watch_subject *subject, struct problem *problem)
{
	const char *slash = strrchr(path, '/');
	char *at = path_directory(path);
	char *only = mem_string(slash != NULL ? slash + 1 : path);
	enum status status = STATUS_OK;
	int wd;

	while ((wd = inotify_add_watch(watch->fd, at, mask)) < 0 &&
	       (errno == ENOENT || errno == ENOTDIR) && strcmp(at, "/") != 0) {
		char *above = path_directory(at);

		free(only);
		only = mem_string(strrchr(at, '/') + 1);
		free(at);
		at = above;
	}
	if (wd >= 0) {
		places_add(subject, wd, only);
	} else {
		status = errno == ENOSPC || errno == ENOMEM ? STATUS_LIMIT
							    : STATUS_IO;
		problem_set(problem, "%s: cannot be watched: %s%s", at,
		    strerror(errno),
		    status == STATUS_LIMIT
			? "; raise fs.inotify.max_user_watches with sysctl(8)"
			: "");
	}
	free(at);
	free(only);
	return status;
}

static void
subject_clear(struct watch_subject *subject)
{
	for (size_t i = 0; i < subject->count; i++)
		free(subject->places[i].only);
	free(subject->places);
	*subject = (struct watch_subject){ 0 };
}

static bool
subject_has(
    const struct watch_subject *subject, const struct watch_place *place)
{
	for (size_t i = 0; i < subject->count; i++)
		if (subject->places[i].wd == place->wd &&
		    strcmp(subject->places[i].only, place->only) == 0)
			return true;
	return false;
}

enum status
watch_set(struct watch *watch, struct watch_subject *subject,
    const struct paths *paths, struct problem *problem)
{
	struct watch_subject next = { 0 };
	struct watch_subject last = *subject;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < paths->count && status != STATUS_LIMIT; i++) {
		enum status one = path_watch(
		    watch, paths->list[i], &next, problem);

		if (one != STATUS_OK)
			status = one;
	}
	*subject = next;
	for (size_t i = 0; i < next.count; i++)
		if (!subject_has(&last, &next.places[i]))
			place_enter(watch, &next.places[i], subject);
	for (size_t i = 0; i < last.count; i++)
		if (!subject_has(&next, &last.places[i]))
			place_remove(watch, &last.places[i], subject);
	subject_clear(&last);
	return status;
}

void
watch_drop(struct watch *watch, struct watch_subject *subject)
{
	for (size_t i = 0; i < subject->count; i++)
		place_remove(watch, &subject->places[i], subject);
	subject_clear(subject);
}

/* Who is told, and of what. */
struct telling {
	enum watch_event event;
	const char *name;
	void (*happened)(struct watch_subject *subject, enum watch_event event,
	    const char *name, void *arg);
	void *arg;
};

/* Tell all of a list, which may change while they are being told. */
static void
tell_list(const struct telling *telling, const struct index_list *list)
{
	size_t count = list->count;
	void **items = mem_copy(list->items, count * sizeof(*items));

	for (size_t i = 0; i < count; i++)
		telling->happened(
		    items[i], telling->event, telling->name, telling->arg);
	free(items);
}

struct gathering {
	void **subjects;
	size_t count;
};

static bool
gather_visit(const struct trie_entry *entry, void *arg)
{
	struct gathering *gathering = arg;
	const struct index_list *list = entry->value;

	gathering->subjects = mem_resize(gathering->subjects,
	    gathering->count + list->count, sizeof(void *));
	memcpy(gathering->subjects + gathering->count, list->items,
	    list->count * sizeof(void *));
	gathering->count += list->count;
	return true;
}

/* Tell everybody who watches anything in the directory. */
static void
tell_directory(const struct watch *watch, int wd, const struct telling *telling)
{
	struct gathering gathering = { 0 };
	struct index_list list;
	struct buf key = { 0 };

	wd_key(wd, "", &key);
	(void)trie_walk(&watch->subjects.lists, key.data, key.len, gather_visit,
	    &gathering);
	buf_fini(&key);
	list = (struct index_list){ gathering.count, gathering.subjects };
	tell_list(telling, &list);
	free(gathering.subjects);
}

static void
event_tell(struct watch *watch, const struct inotify_event *event,
    struct telling *telling)
{
	struct buf key = { 0 };

	if (event->mask & IN_Q_OVERFLOW) {
		telling->happened(NULL, WATCH_LOST, "", telling->arg);
		return;
	}
	if (event->mask &
	    (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) {
		/* A moved directory would go on telling of another place. */
		if (event->mask & IN_MOVE_SELF)
			(void)inotify_rm_watch(watch->fd, event->wd);
		telling->event = WATCH_MOVED;
		tell_directory(watch, event->wd, telling);
		return;
	}
	telling->event = event->mask & IN_MODIFY ? WATCH_WRITING
						 : WATCH_CHANGED;
	if (telling->name[0] == '\0') {
		tell_directory(watch, event->wd, telling);
		return;
	}
	wd_key(event->wd, "", &key);
	tell_list(telling, index_get(&watch->subjects, key.data, key.len));
	buf_add_string(&key, telling->name);
	telling->name = "";
	tell_list(telling, index_get(&watch->subjects, key.data, key.len));
	buf_fini(&key);
}

void
watch_read(struct watch *watch,
    void (*happened)(struct watch_subject *subject, enum watch_event event,
	const char *name, void *arg),
    void *arg)
{
	_Alignas(struct inotify_event) char data[16384];
	struct telling telling = { .happened = happened, .arg = arg };
	ssize_t len = read(watch->fd, data, sizeof(data));

	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const void *)(data + at);

		telling.name = event->len > 0 ? event->name : "";
		event_tell(watch, event, &telling);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}
