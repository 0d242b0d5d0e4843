/* SPDX-License-Identifier: MIT */
/*
 * Any octets as TXT records, a line each: whatever they are, what is wrong is
 * told in words fit for a line, and only then.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/rua.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_array(size + 1, 1);
	struct texts records = { 0 };
	struct problem problem = { "" };
	enum rua rua;
	char *rest = text;
	char *line;

	memcpy(text, data, size);
	while ((line = strsep(&rest, "\n")) != NULL)
		texts_add_exact(&records, line);
	rua = rua_judge(&records, &problem);
	assert(rua != RUA_UNKNOWN);
	if (rua == RUA_MALFORMED)
		assert(problem.text[0] != '\0');
	for (const char *c = problem.text; rua == RUA_MALFORMED && *c != '\0';
	     c++)
		assert((unsigned char)*c >= ' ' && *c != 0x7f);
	texts_fini(&records);
	free(text);
	return 0;
}
