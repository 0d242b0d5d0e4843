/* SPDX-License-Identifier: MIT */
#include "pems.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tap.h"

const char *const pems_names[PEMS_FILES] = {
	[PEMS_CERT] = "cert",
	[PEMS_PRIVKEY] = "privkey",
	[PEMS_CHAIN] = "chain",
	[PEMS_FULLCHAIN] = "fullchain",
};

static char *
text_load(const char *directory, const char *name)
{
	char *path = mem_format("%s/%s", directory, name);
	FILE *file = fopen(path, "r");
	char *text = mem_new(65536);

	if (file == NULL || fread(text, 1, 65535, file) == 0)
		tap_bail(path);
	(void)fclose(file);
	free(path);
	return text;
}

void
pems_load(const char *directory, struct pems *ret_pems)
{
	for (int i = 0; i < PEMS_FILES; i++) {
		char *name = mem_format("%s.pem", pems_names[i]);

		ret_pems->text[i] = text_load(directory, name);
		free(name);
	}
	ret_pems->rrset = text_load(directory, "rrset");
}

void
pems_fini(struct pems *pems)
{
	for (int i = 0; i < PEMS_FILES; i++)
		free(pems->text[i]);
	free(pems->rrset);
}
