/* SPDX-License-Identifier: MIT */
/*
 * Stands in for a fuzzer's main(): runs the target over each file that is
 * given, and over its beginnings, as if it were being written.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MAX_READ = 1024 * 1024, CUTS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of just that size, so that a sanitizer sees each octet too far. */
static void
run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int
replay(const char *path)
{
	static uint8_t data[SIZE_MAX_READ];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL) {
		perror(path);
		return EXIT_FAILURE;
	}
	size = fread(data, 1, sizeof(data), file);
	if (ferror(file) || !feof(file)) {
		(void)fprintf(stderr, "%s: cannot be read whole\n", path);
		(void)fclose(file);
		return EXIT_FAILURE;
	}
	(void)fclose(file);
	(void)printf("# %s\n", path);
	(void)fflush(stdout);
	for (size_t cut = 0; cut < CUTS; cut++)
		run(data, size * cut / CUTS);
	run(data, size);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	for (int i = 1; i < argc; i++)
		if (replay(argv[i]) != EXIT_SUCCESS)
			status = EXIT_FAILURE;
	return status;
}
