/* SPDX-License-Identifier: MIT */
#include "focus.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"

struct focus {
	atomic_bool is_set; /* what follows is whole */
	unsigned source;
	struct fingerprint print;
	char name[LIMIT_NAME + 1];
};

struct focus *
focus_map(int fd)
{
	void *focus = mmap(NULL, sizeof(struct focus), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	return focus != MAP_FAILED ? focus : NULL;
}

/* Whoever would shorten it ended who looks into it (SIGBUS, mmap(2)). */
struct focus *
focus_new(int *ret_fd)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int fd = memfd_create("focus", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct focus *focus = NULL;

	if (fd >= 0 && ftruncate(fd, sizeof(*focus)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, seals) == 0)
		focus = focus_map(fd);
	if (focus != NULL)
		*ret_fd = fd;
	else if (fd >= 0)
		(void)close(fd);
	return focus;
}

void
focus_unmap(struct focus *focus)
{
	(void)munmap(focus, sizeof(*focus));
}

void
focus_begin(struct focus *focus, unsigned source, const char *name,
    const struct fingerprint *print)
{
	size_t len = strnlen(name, LIMIT_NAME);

	focus_end(focus);
	focus->source = source;
	focus->print = *print;
	memcpy(focus->name, name, len);
	focus->name[len] = '\0';
	atomic_store(&focus->is_set, true);
}

void
focus_end(struct focus *focus)
{
	atomic_store(&focus->is_set, false);
}

/* All is copied before it is judged: somebody may still write to it. */
bool
focus_take(struct focus *focus, unsigned source_count, unsigned *ret_source,
    char **ret_name, struct fingerprint *ret_print)
{
	char name[LIMIT_NAME + 1];

	if (!atomic_exchange(&focus->is_set, false))
		return false;
	*ret_source = focus->source;
	*ret_print = focus->print;
	memcpy(name, focus->name, LIMIT_NAME);
	name[LIMIT_NAME] = '\0';
	if (*ret_source >= source_count || name[0] == '\0')
		return false;
	*ret_name = mem_string(name);
	return true;
}
