/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a file of mail: an mbox, a mail with what is attached, or that
 * alone; whatever is found can be printed.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "reports/collection.h"
#include "reports/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct collection collection = { 0 };
	static FILE *sink;
	int status;

	if (sink == NULL)
		sink = fopen("/dev/null", "w");
	assert(sink != NULL);
	collection_add(&collection, "mail", (const char *)data, size);
	collection_end(&collection);
	status = reports_print(&collection, NULL, 0, FORMAT_TABLE, sink);
	assert(status >= EXIT_OK && status <= EXIT_UNKNOWN);
	assert(collection.sums.reports > 0 || status == EXIT_UNKNOWN);
	assert(
	    reports_print(&collection, NULL, 0, FORMAT_JSON, sink) == status);
	collection_fini(&collection);
	return 0;
}
