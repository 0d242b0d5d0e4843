/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "pdns/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Every name is there once, not empty and without white space at its ends, and
 * is found; a refusal names the line; and the words of a value cover it.
 */
static void
check_setting(const struct pdns_conf *conf, size_t at)
{
	static const char white[] = " \t\r\n\v\f";
	const char *name = conf->list[at].name;
	const char *value = conf->list[at].value;
	const char *word;
	size_t len;

	assert(name[0] != '\0' && strchr(white, name[0]) == NULL);
	assert(strchr(white, name[strlen(name) - 1]) == NULL);
	assert(pdns_conf_get(conf, name, NULL) == value);
	assert(strchr(name, '\n') == NULL && strchr(value, '\n') == NULL);
	while ((len = pdns_conf_word(&value, &word)) > 0)
		assert(memchr(word, ' ', len) == NULL &&
		       memchr(word, ',', len) == NULL);
	assert(*value == '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pdns_conf conf = { 0 };
	struct problem problem = { "" };

	if (pdns_conf_parse(&conf, (const char *)data, size, &problem) !=
	    STATUS_OK)
		assert(strncmp(problem.text, "line ", 5) == 0);
	else
		assert(problem.text[0] == '\0');
	for (size_t i = 0; i < conf.count; i++)
		check_setting(&conf, i);
	pdns_conf_fini(&conf);
	return 0;
}
