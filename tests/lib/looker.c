/* SPDX-License-Identifier: MIT */
#include "looker.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

static void
happened(struct watch_subject *subject, enum watch_event event,
    const char *name, void *arg)
{
	static const char *const words[] = {
		[WATCH_WRITING] = "writing",
		[WATCH_WRITTEN] = "written",
		[WATCH_CAME] = "came",
		[WATCH_CHANGED] = "changed",
		[WATCH_MOVED] = "moved",
		[WATCH_LOST] = "lost",
		[WATCH_MOUNTED] = "mounted",
	};
	struct looker *looker = arg;
	char line[300];
	char who = '?';

	if (subject != NULL)
		who = (char)('a' + (subject - looker->subjects));
	(void)snprintf(line, sizeof(line), "%c:%s%s%s ", who, words[event],
	    name[0] != '\0' ? "=" : "", name);
	/* The kernel may or may not tell twice of two writes. */
	if (looker->told.len < strlen(line) ||
	    memcmp(looker->told.data + looker->told.len - strlen(line), line,
		strlen(line)) != 0)
		buf_add_string(&looker->told, line);
	if (looker->drops)
		for (size_t i = 0; i < LOOKER_SUBJECTS; i++)
			watch_drop(looker->watch, &looker->subjects[i]);
	else if (subject != NULL && looker->again[who - 'a'] != NULL)
		(void)looker_set(looker, who, looker->again[who - 'a']);
}

void
looker_init(struct looker *looker)
{
	struct problem problem = { "" };

	*looker = (struct looker){ .drops = false };
	tree_init(&looker->tree);
	looker->watch = watch_new(&problem);
	if (watch_fd(looker->watch) < 0)
		fail_msg("%s", problem.text);
	looker->listener = (struct watch_listener){ happened, looker, NULL };
	watch_listen(looker->watch, &looker->listener);
	for (size_t i = 0; i < LOOKER_SUBJECTS; i++)
		looker->subjects[i].listener = &looker->listener;
}

void
looker_fini(struct looker *looker)
{
	for (size_t i = 0; i < LOOKER_SUBJECTS; i++)
		watch_drop(looker->watch, &looker->subjects[i]);
	watch_unlisten(looker->watch, &looker->listener);
	watch_free(looker->watch);
	tree_fini(&looker->tree);
	buf_fini(&looker->told);
}

enum status
looker_set(struct looker *looker, char who, const char *names)
{
	struct problem problem = { "" };
	struct paths paths = { 0 };
	char *list = mem_string(names);
	char *rest = NULL;
	enum status status;

	for (char *name = strtok_r(list, " ", &rest); name != NULL;
	     name = strtok_r(NULL, " ", &rest)) {
		char *path = tree_path(&looker->tree, name);

		paths_add(&paths, path);
		free(path);
	}
	status = watch_set(
	    looker->watch, &looker->subjects[who - 'a'], &paths, &problem);
	assert_int_equal(problem.text[0] != '\0', status != STATUS_OK);
	paths_fini(&paths);
	free(list);
	return status;
}

void
looker_read(struct looker *looker)
{
	struct pollfd poll_fd = { watch_fd(looker->watch), POLLIN, 0 };

	buf_clear(&looker->told);
	while (poll(&poll_fd, 1, 0) == 1)
		watch_read(looker->watch);
}

void
looker_expect(struct looker *looker, const char *told)
{
	looker_read(looker);
	assert_string_equal(buf_text(&looker->told), told);
}

void
looker_expect_any(struct looker *looker)
{
	looker_read(looker);
	assert_int_not_equal(looker->told.len, 0);
}

size_t
looker_watches(const struct looker *looker)
{
	char *path = mem_format(
	    "/proc/self/fdinfo/%d", watch_fd(looker->watch));
	FILE *file = fopen(path, "re");
	char line[512];
	size_t count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		count += strncmp(line, "inotify wd:", 11) == 0;
	assert_int_equal(fclose(file), 0);
	free(path);
	return count;
}
