/* SPDX-License-Identifier: MIT */
#include "via/bare.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/value.h"
#include "files/file.h"

static const char certbot[] = "/etc/letsencrypt";
static const char dehydrated[] = "/var/lib/dehydrated";

/* What the directory of a lineage looks like, in whose store; first wins. */
static const struct shape {
	enum source_type type;
	const char *above; /* the directory that it lies in; NULL: any */
	const char *file;  /* what is in it */
} shapes[] = {
	{ SOURCE_CERTBOT, "live", "fullchain.pem" },
	{ SOURCE_ACMETOOL, "live", "fullchain" },
	{ SOURCE_DEHYDRATED, "certs", "fullchain.pem" },
	{ SOURCE_ACMESH, NULL, "fullchain.cer" },
	{ SOURCE_FILES, NULL, "fullchain.pem" },
	{ SOURCE_FILES, NULL, "tls.crt" },
};

static bool
has_shape(const struct shape *shape, const char *directory, const char *above)
{
	const char *slash = strrchr(above, '/');
	char *file = mem_format("%s/%s", directory, shape->file);
	bool has = path_presence(file, NULL) == PRESENCE_YES &&
		   (shape->above == NULL ||
		       strcmp(slash != NULL ? slash + 1 : above,
			   shape->above) == 0);

	free(file);
	return has;
}

/* YAML takes a string of JSON; paths with what has to be escaped are none. */
static void
source_add(struct buf *text, enum source_type type, const char *path)
{
	buf_add_format(text, "  - {type: %s, path: \"%s\"}\n",
	    source_type_text(type), path);
}

/* The store is where all its lineages lie, or above that. */
static bool
directory_add(struct buf *text, const char *directory)
{
	char *above = path_directory(directory);
	char *top = path_directory(above);
	bool is_found = false;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (!has_shape(&shapes[i], directory, above))
			continue;
		source_add(text, shapes[i].type,
		    shapes[i].above != NULL ? top : above);
		is_found = true;
		break;
	}
	free(top);
	free(above);
	return is_found;
}

static enum status
sources_add(struct buf *text, const char *lineage, struct problem *problem)
{
	char *directory = NULL;
	bool is_found = false;

	if (strchr(lineage, '/') == NULL) {
		if (path_is_directory(certbot))
			source_add(text, SOURCE_CERTBOT, certbot);
		if (path_is_directory(dehydrated))
			source_add(text, SOURCE_DEHYDRATED, dehydrated);
		is_found = path_is_directory(certbot) ||
			   path_is_directory(dehydrated);
	} else if (!value_path(lineage, &directory, problem)) {
		return STATUS_ABSENT;
	} else if (strpbrk(directory, "\"\\") == NULL) {
		is_found = directory_add(text, directory);
	}
	free(directory);
	if (is_found)
		return STATUS_OK;
	problem_set(problem,
	    "'%.200s': there is no configuration, and no lineage can be seen "
	    "there; name its directory, as /etc/letsencrypt/live/NAME, or "
	    "write 'sources' into a configuration",
	    lineage);
	return STATUS_ABSENT;
}

enum status
bare_config(
    const char *lineage, struct config **ret_config, struct problem *problem)
{
	struct buf text = { 0 };
	enum status status;

	buf_add_string(&text, "sources:\n");
	status = sources_add(&text, lineage, problem);
	if (status == STATUS_OK)
		status = config_parse("without a configuration", text.data,
		    text.len, ret_config, problem);
	buf_fini(&text);
	return status;
}
