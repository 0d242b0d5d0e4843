/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "formats/assignment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name is one, and a value has no line end and is no longer than the text. */
static void
check(const char *name, const char *value, void *arg)
{
	const size_t *size = arg;

	assert(name[0] != '\0' && strpbrk(name, "= \t\n'\"$") == NULL);
	assert(strlen(name) < *size);
	assert(value == NULL ||
	       (strlen(value) < *size && strchr(value, '\n') == NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = { "" };
	enum status status = assignments_read(
	    (const char *)data, size, check, &size, &problem);

	assert(status == STATUS_OK || status == STATUS_MALFORMED);
	assert(
	    (strncmp(problem.text, "line ", 5) == 0) == (status != STATUS_OK));
	return 0;
}
