/* SPDX-License-Identifier: MIT */
#include "unrest.h"

#include <stdlib.h>

#include "base/mem.h"
#include "files/file.h"
#include "loop/loop.h"
#include "pace.h"

enum {
	CLOSES = 16,           /* files whose end is noted, until a look */
	WRITTEN = 2 * WRITING, /* ms in which a link may be flipped to one */
};

const struct unrest *
unrest_of(const struct unrest *unrest)
{
	static const struct unrest none = { 0 };

	return unrest != NULL ? unrest : &none;
}

struct unrest *
unrest_make(struct unrest **at)
{
	if (*at == NULL)
		*at = mem_new(sizeof(**at));
	return *at;
}

void
unrest_settle(struct unrest **at)
{
	const struct unrest *unrest = unrest_of(*at);
	int64_t now = loop_now();

	if (unrest->failed_since != 0 || unrest->odd_since != 0 ||
	    now < unrest->banned_until || now < unrest->written_at + WRITTEN)
		return;
	free(*at);
	*at = NULL;
}

void
unrest_written(struct unrest **at, const char *file, const char *name)
{
	struct unrest *unrest = unrest_make(at);
	struct paths steps = { 0 };
	char *target = NULL;
	char *directory;
	char *beside;

	unrest->written = (struct fingerprint){ 0 };
	/* There are four in a renewal; who writes without end is waited for. */
	if (name == NULL || file == NULL || unrest->closes >= CLOSES)
		return;
	unrest->closes++;
	(void)path_follow(file, NULL, &steps, &target, NULL);
	paths_fini(&steps);
	if (target == NULL)
		return;
	directory = path_directory(target);
	beside = mem_format("%s/%s", directory, name);
	(void)file_fingerprint(beside, &unrest->written);
	unrest->written_at = loop_now();
	free(target);
	free(directory);
	free(beside);
}

void
unrest_ban(struct unrest **at, const struct fingerprint *print, int64_t until)
{
	struct unrest *unrest = unrest_make(at);

	unrest->ban = *print;
	unrest->banned_until = until;
}

bool
unrest_bans(const struct unrest *unrest, const struct fingerprint *print)
{
	return unrest != NULL && print->inode != 0 &&
	       fingerprint_equal(print, &unrest->ban) &&
	       loop_now() < unrest->banned_until;
}
