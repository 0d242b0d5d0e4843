/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "formats/renewal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text is NULL or has octets; a refusal has a reason and writes nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char untouched[] = "untouched";
	struct renewal renewal = { .server = untouched };
	struct problem problem = { "" };

	if (renewal_parse((const char *)data, size, &renewal, &problem) !=
	    STATUS_OK) {
		assert(renewal.server == untouched);
		assert(strncmp(problem.text, "line ", 5) == 0);
		return 0;
	}
	assert(renewal.server != untouched && problem.text[0] == '\0');
	assert(renewal.server == NULL || renewal.server[0] != '\0');
	assert(renewal.archive_dir == NULL || renewal.archive_dir[0] != '\0');
	renewal_fini(&renewal);
	return 0;
}
