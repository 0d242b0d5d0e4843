/* SPDX-License-Identifier: MIT */
#ifndef SCRATCH_H
#define SCRATCH_H

/*
 * A state directory that a fuzzer fills anew for each input: in memory, if
 * there is such a place.  It goes with the process.
 */

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_directory[32];

static void
scratch_remove(const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/%s", scratch_directory, name);
	(void)unlink(path);
}

static void
scratch_clear(void)
{
	static const char *const names[] = { "dnssec.json", "dnssec.json.old",
		"state.jsonl", "state.jsonl.old", "state.db", "state.db-wal",
		"state.db-shm", "state.lock" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		scratch_remove(names[i]);
}

static void
scratch_end(void)
{
	scratch_clear();
	(void)rmdir(scratch_directory);
}

/* Nothing but a file `name` with this in it. */
static void
scratch_fill(const char *name, const uint8_t *data, size_t size)
{
	char path[64];
	FILE *stream;
	size_t written;
	int failed;

	if (scratch_directory[0] == '\0') {
		(void)snprintf(scratch_directory, sizeof(scratch_directory),
		    "%s/fuzz.XXXXXX",
		    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		if (mkdtemp(scratch_directory) == NULL)
			abort();
		(void)atexit(scratch_end);
	}
	scratch_clear();
	(void)snprintf(path, sizeof(path), "%s/%s", scratch_directory, name);
	stream = fopen(path, "w");
	assert(stream != NULL);
	written = fwrite(data, 1, size, stream);
	failed = fclose(stream);
	assert(written == size && failed == 0);
}

#endif
