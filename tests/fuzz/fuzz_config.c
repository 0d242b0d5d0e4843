/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a configuration: refused with one line that names the place,
 * or accepted, and then what `config show` prints is accepted too and printed
 * alike.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
show(const struct config *config)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	assert(stream != NULL);
	assert(config_write(config, stream));
	assert(fclose(stream) == 0);
	return text;
}

static void
check_problem(const char *text)
{
	assert(strncmp(text, "f:", 2) == 0);
	assert(strpbrk(text, "\n\r\t") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = NULL;
	struct problem problem = { "" };
	char *first;
	char *second;

	if (config_parse("f", (const char *)data, size, &config, &problem) !=
	    STATUS_OK) {
		check_problem(problem.text);
		return 0;
	}
	first = show(config);
	config_free(config);
	assert(config_parse("f", first, strlen(first), &config, &problem) ==
	       STATUS_OK);
	second = show(config);
	config_free(config);
	assert(strcmp(first, second) == 0);
	free(second);
	free(first);
	return 0;
}
