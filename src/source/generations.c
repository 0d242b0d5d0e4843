/* SPDX-License-Identifier: MIT */
#include "generations.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"

/* Earlier generations to look for; certbot keeps as many (since 2.3.0). */
enum { PAST_MAX = 5 };

/* Return N of the file PREFIX<N>.pem, whatever its directory; or 0. */
static unsigned long
generation_number(const char *file, const char *prefix)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	size_t len = strlen(prefix);
	unsigned long number;
	char *end;

	if (strncmp(name, prefix, len) != 0 || name[len] < '1' ||
	    name[len] > '9')
		return 0;
	errno = 0;
	number = strtoul(name + len, &end, 10);
	return errno == 0 && strcmp(end, ".pem") == 0 ? number : 0;
}

/* The generations of a directory, by their numbers. */
struct numbers {
	const char *prefix;
	unsigned long *list;
	size_t count;
};

static void
number_found(const char *name, const char *path, void *arg)
{
	struct numbers *numbers = arg;
	unsigned long number = generation_number(name, numbers->prefix);

	(void)path;
	if (number == 0)
		return;
	numbers->list = mem_resize(
	    numbers->list, numbers->count + 1, sizeof(*numbers->list));
	numbers->list[numbers->count++] = number;
}

static int
newest_first(const void *a, const void *b)
{
	const unsigned long *one = a;
	const unsigned long *other = b;

	return (*one < *other) - (*one > *other);
}

/* The other files of the generation are there. */
static bool
is_complete(
    const char *directory, const char *const *others, unsigned long number)
{
	bool complete = true;

	for (size_t i = 0; complete && others[i] != NULL; i++) {
		char *file = mem_format(
		    "%s/%s%lu.pem", directory, others[i], number);

		complete = access(file, F_OK) == 0;
		free(file);
	}
	return complete;
}

static void
generation_add(struct paths *paths, const char *directory, const char *prefix,
    unsigned long number)
{
	char *file = mem_format("%s/%s%lu.pem", directory, prefix, number);

	paths_add(paths, file);
	free(file);
}

void
source_add_generations(
    struct location *location, const char *prefix, const char *const *others)
{
	struct numbers numbers = { .prefix = prefix };
	unsigned long live = others == NULL
				 ? ULONG_MAX
				 : generation_number(location->target, prefix);
	char *directory = path_directory(location->target);
	char *inside = mem_format("%s/", directory);

	if (live > 0)
		(void)source_list(
		    directory, LIMIT_ENTRIES, number_found, &numbers, NULL);
	if (live > 0 && others != NULL)
		paths_add(&location->watched, inside);
	if (numbers.count > 0)
		qsort(numbers.list, numbers.count, sizeof(*numbers.list),
		    newest_first);
	if (numbers.count > 0 && numbers.list[0] > live && others != NULL &&
	    is_complete(directory, others, numbers.list[0]))
		generation_add(
		    &location->next, directory, prefix, numbers.list[0]);
	for (size_t i = 0; i < numbers.count; i++)
		if (numbers.list[i] < live && location->past.count < PAST_MAX)
			generation_add(&location->past, directory, prefix,
			    numbers.list[i]);
	free(numbers.list);
	free(inside);
	free(directory);
}
