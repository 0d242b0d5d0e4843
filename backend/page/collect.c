/* SPDX-License-Identifier: MIT */
#include "collect.h"

#include <stdlib.h>

static const char *const names[LISTS] = { "lineages", "services", "zones" };

static void
json_add(struct buf *text, const json_t *value)
{
	char *one = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (one == NULL)
		abort();
	buf_add_string(text, one);
	free(one);
}

/* Add an item, which is freed. */
static void
item_add(struct collect *collect, enum collect_list list, json_t *item)
{
	if (collect->is_metrics) {
		metrics_add(&collect->metrics, names[list], item);
	} else {
		if (collect->lists[list].len > 0)
			buf_add_string(&collect->lists[list], ",");
		json_add(&collect->lists[list], item);
	}
	json_decref(item);
}

void
collect_begin(struct collect *collect, const struct control *control,
    bool is_metrics, int64_t now)
{
	json_t *status;

	*collect = (struct collect){ .control = control,
		.is_metrics = is_metrics };
	if (!is_metrics)
		return;
	status = item_status(control, now);
	metrics_begin(&collect->metrics, status);
	json_decref(status);
}

void
collect_lineage(void *arg, const struct lineage *lineage, int64_t now)
{
	struct collect *collect = arg;
	const struct store *store = engine_store(collect->control->engine);

	if (store_lineage_count(store) <= COLLECT_MAX)
		item_add(collect, LIST_LINEAGES,
		    item_lineage(collect->control, lineage, now));
}

void
collect_service(void *arg, size_t at, int64_t now)
{
	struct collect *collect = arg;
	const struct store *store = engine_store(collect->control->engine);

	if (store_service_count(store) <= COLLECT_MAX)
		item_add(collect, LIST_SERVICES,
		    item_service(collect->control, at, now));
}

void
collect_zone(void *arg, size_t at)
{
	struct collect *collect = arg;
	json_t *item = item_zone(collect->control, at);

	if (item != NULL)
		item_add(collect, LIST_ZONES, item);
}

/* The lists go into the object of the status. */
static void
document_end(struct collect *collect, int64_t now, struct buf *text)
{
	json_t *status = item_status(collect->control, now);

	json_add(text, status);
	json_decref(status);
	text->len--; /* the last "}" */
	for (size_t i = 0; i < LISTS; i++) {
		buf_add_format(text, ",\"%s\":[", names[i]);
		buf_add(text, collect->lists[i].data, collect->lists[i].len);
		buf_add_string(text, "]");
	}
	buf_add_string(text, "}\n");
}

void
collect_end(struct collect *collect, int64_t now, struct buf *text)
{
	if (collect->is_metrics)
		metrics_end(&collect->metrics, text);
	else if (text != NULL)
		document_end(collect, now, text);
	for (size_t i = 0; i < LISTS; i++)
		buf_fini(&collect->lists[i]);
}
