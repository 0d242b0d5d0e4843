/* SPDX-License-Identifier: MIT */
#include "pieces.h"

#include <stdlib.h>

static void
texts_free(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void
source_drop(struct config_source *source)
{
	free(source->path);
	texts_free(source->match, source->match_count);
	texts_free(source->hosts, source->host_count);
}

void
lineage_drop(struct config_lineage *lineage)
{
	free(lineage->name);
	texts_free(lineage->next, lineage->next_count);
}
