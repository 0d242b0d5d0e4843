/* SPDX-License-Identifier: MIT */
#include "files/watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sets/index.h"

/*
 * Reading a file makes no event that we ask for, or we would wake ourselves.
 * ATTRIB tells of a file that became readable for us.
 */
static const uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM |
			     IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE |
			     IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
			     IN_ONLYDIR;

/*
 * A directory that is watched for a subject, as a key of `subjects`: four
 * octets of the watch descriptor, and the name of the one entry that counts,
 * or nothing for all.
 */
enum { WD_OCTETS = 4 };

/*
 * Thousands of lineages have their directories above in common, and each asks
 * for them: what was asked for last is known, until anything happens.
 */
enum { RECENT = 8 };

struct recent {
	char *path; /* of a directory, or NULL */
	int wd;
};

struct watch {
	int fd;                       /* -1: the system gave none */
	struct recent recent[RECENT]; /* the last one first */
	struct index subjects;
	struct watch_listener *listeners;
};

struct watch *
watch_new_deaf(void)
{
	struct watch *watch = mem_new(sizeof(*watch));

	watch->fd = -1;
	index_init(&watch->subjects);
	return watch;
}

struct watch *
watch_new(struct problem *problem)
{
	struct watch *watch = watch_new_deaf();

	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0)
		problem_set(problem,
		    "inotify: %s; raise fs.inotify.max_user_instances with "
		    "sysctl(8)",
		    strerror(errno));
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->fd >= 0)
		(void)close(watch->fd);
	watch_again(watch);
	index_fini(&watch->subjects);
	free(watch);
}

int
watch_fd(const struct watch *watch)
{
	return watch->fd;
}

void
watch_listen(struct watch *watch, struct watch_listener *listener)
{
	listener->next = watch->listeners;
	watch->listeners = listener;
}

void
watch_unlisten(struct watch *watch, struct watch_listener *listener)
{
	struct watch_listener **at = &watch->listeners;

	while (*at != listener)
		at = &(*at)->next;
	*at = listener->next;
}

static void
wd_key(int wd, const char *name, struct buf *key)
{
	uint8_t number[WD_OCTETS];

	for (int i = 0; i < WD_OCTETS; i++)
		number[i] = (uint8_t)((uint32_t)wd >> (24 - 8 * i));
	buf_add(key, number, sizeof(number));
	buf_add_string(key, name);
}

static int
key_wd(const char *key)
{
	uint32_t wd = 0;

	for (int i = 0; i < WD_OCTETS; i++)
		wd = wd << 8 | (uint8_t)key[i];
	return (int)wd;
}

/* Keys lie one behind the other, each with a NUL. */
static size_t
key_len(const char *key)
{
	return WD_OCTETS + strlen(key + WD_OCTETS);
}

static bool
keys_have(const char *keys, size_t len, const char *key)
{
	for (size_t at = 0; at < len; at += key_len(keys + at) + 1)
		if (key_len(keys + at) == key_len(key) &&
		    memcmp(keys + at, key, key_len(key)) == 0)
			return true;
	return false;
}

static void
keys_add(struct buf *keys, int wd, const char *only)
{
	size_t before = keys->len;

	wd_key(wd, only, keys);
	buf_add(keys, "", 1);
	if (keys_have(keys->data, before, keys->data + before))
		keys->len = before;
}

void
watch_again(struct watch *watch)
{
	for (size_t i = 0; i < RECENT; i++) {
		free(watch->recent[i].path);
		watch->recent[i].path = NULL;
	}
}

/* Watch the directory; return its watch descriptor, or -1 with errno. */
static int
directory_watch(struct watch *watch, const char *path)
{
	struct recent *recent = watch->recent;
	struct recent found = { NULL, -1 };
	size_t i = 0;

	while (i < RECENT - 1 && recent[i].path != NULL &&
	       strcmp(recent[i].path, path) != 0)
		i++;
	if (recent[i].path != NULL && strcmp(recent[i].path, path) == 0) {
		found = recent[i];
	} else {
		found.wd = inotify_add_watch(watch->fd, path, mask);
		if (found.wd < 0)
			return -1;
		free(recent[i].path);
		found.path = mem_string(path);
	}
	memmove(recent + 1, recent, i * sizeof(*recent));
	recent[0] = found;
	return found.wd;
}

static void
key_remove(
    struct watch *watch, const char *key, const struct watch_subject *subject)
{
	const struct trie *lists = &watch->subjects.lists;

	index_remove(&watch->subjects, key, key_len(key), subject);
	if (trie_get(lists, key, WD_OCTETS) != NULL ||
	    trie_has_below(lists, key, WD_OCTETS))
		return;
	watch_again(watch);
	(void)inotify_rm_watch(watch->fd, key_wd(key));
}

/* Watch for `path`, or in the nearest directory above it for what leads there.
 */
static enum status
path_watch(struct watch *watch, const char *path, struct buf *keys,
    struct problem *problem)
{
	const char *slash = strrchr(path, '/');
	char *at = path_directory(path);
	char *only = mem_string(slash != NULL ? slash + 1 : path);
	enum status status = STATUS_OK;
	int wd;

	while ((wd = directory_watch(watch, at)) < 0 &&
	       (errno == ENOENT || errno == ENOTDIR) && strcmp(at, "/") != 0) {
		char *above = path_directory(at);

		free(only);
		only = mem_string(strrchr(at, '/') + 1);
		free(at);
		at = above;
	}
	if (wd >= 0) {
		keys_add(keys, wd, only);
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

/* Remove `subject` from those of its keys that are not among `others`. */
static void
keys_leave(struct watch *watch, const struct watch_subject *subject,
    const struct buf *others)
{
	const char *keys = subject->keys;

	for (size_t at = 0; at < subject->len; at += key_len(keys + at) + 1)
		if (!keys_have(others->data, others->len, keys + at))
			key_remove(watch, keys + at, subject);
}

enum status
watch_set(struct watch *watch, struct watch_subject *subject,
    const struct paths *paths, struct problem *problem)
{
	enum status status = STATUS_OK;
	struct buf next = { 0 };

	if (watch->fd < 0)
		return STATUS_OK;
	for (size_t i = 0; i < paths->count && status != STATUS_LIMIT; i++) {
		enum status one = path_watch(
		    watch, paths->list[i], &next, problem);

		if (one != STATUS_OK)
			status = one;
	}
	for (size_t at = 0; at < next.len; at += key_len(next.data + at) + 1)
		if (!keys_have(subject->keys, subject->len, next.data + at))
			index_add(&watch->subjects, next.data + at,
			    key_len(next.data + at), subject);
	keys_leave(watch, subject, &next);
	free(subject->keys);
	subject->keys = next.len > 0 ? mem_copy(next.data, next.len) : NULL;
	subject->len = next.len;
	buf_fini(&next);
	return status;
}

void
watch_drop(struct watch *watch, struct watch_subject *subject)
{
	const struct buf none = { 0 };

	keys_leave(watch, subject, &none);
	free(subject->keys);
	subject->keys = NULL;
	subject->len = 0;
}

/* Who is told, and of what. */
struct telling {
	enum watch_event event;
	const char *name;
};

/* Tell all of a list, which may change while they are being told. */
static void
tell_all(const struct telling *telling, void *const *subjects, size_t count)
{
	void **items = mem_copy(subjects, count * sizeof(*items));

	for (size_t i = 0; i < count; i++) {
		struct watch_subject *subject = items[i];

		subject->listener->happened(subject, telling->event,
		    telling->name, subject->listener->arg);
	}
	free(items);
}

static void
tell_key(const struct watch *watch, const struct buf *key,
    const struct telling *telling)
{
	struct index_list list;

	index_get(&watch->subjects, key->data, key->len, &list);
	tell_all(telling, list.items, list.count);
}

struct gathering {
	void **subjects;
	size_t count;
};

static bool
gather_visit(const struct trie_entry *entry, void *arg)
{
	struct gathering *gathering = arg;
	struct index_list list;

	index_get_entry(entry, &list);
	gathering->subjects = mem_resize(
	    gathering->subjects, gathering->count + list.count, sizeof(void *));
	memcpy(gathering->subjects + gathering->count, list.items,
	    list.count * sizeof(void *));
	gathering->count += list.count;
	return true;
}

/* Tell everybody who watches anything in the directory. */
static void
tell_directory(const struct watch *watch, int wd, const struct telling *telling)
{
	struct gathering gathering = { 0 };
	struct buf key = { 0 };

	wd_key(wd, "", &key);
	(void)trie_walk(&watch->subjects.lists, key.data, key.len, gather_visit,
	    &gathering);
	buf_fini(&key);
	tell_all(telling, gathering.subjects, gathering.count);
	free(gathering.subjects);
}

static void
tell_everybody(const struct watch *watch, enum watch_event event)
{
	for (const struct watch_listener *listener = watch->listeners;
	     listener != NULL; listener = listener->next)
		listener->happened(NULL, event, "", listener->arg);
}

void
watch_tell_mounts(const struct watch *watch)
{
	tell_everybody(watch, WATCH_MOUNTED);
}

static enum watch_event
event_of(uint32_t bits)
{
	if (bits & IN_MODIFY)
		return WATCH_WRITING;
	if (bits & IN_CLOSE_WRITE)
		return WATCH_WRITTEN;
	return bits & (IN_CREATE | IN_MOVED_TO) ? WATCH_CAME : WATCH_CHANGED;
}

static void
event_tell(struct watch *watch, const struct inotify_event *event,
    struct telling *telling)
{
	struct buf key = { 0 };

	/* What is set from here on may be set because of it. */
	watch_again(watch);
	if (event->mask & IN_Q_OVERFLOW) {
		tell_everybody(watch, WATCH_LOST);
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
	telling->event = event_of(event->mask);
	if (telling->name[0] == '\0') {
		tell_directory(watch, event->wd, telling);
		return;
	}
	wd_key(event->wd, "", &key);
	tell_key(watch, &key, telling);
	buf_add_string(&key, telling->name);
	telling->name = "";
	tell_key(watch, &key, telling);
	buf_fini(&key);
}

void
watch_read(struct watch *watch)
{
	_Alignas(struct inotify_event) char data[16384];
	struct telling telling;
	ssize_t len = read(watch->fd, data, sizeof(data));

	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const void *)(data + at);

		telling = (struct telling){ .name = event->len > 0 ? event->name
								   : "" };
		event_tell(watch, event, &telling);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}
