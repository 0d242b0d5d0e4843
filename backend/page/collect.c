/* SPDX-License-Identifier: MIT */
#include "collect.h"

#include <stdlib.h>

#include "control/member.h"
#include "control/parts.h"

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

/* The lists go into the object of the status, in their order. */
static void
lists_open(struct collect *collect, enum collect_list list)
{
	while (collect->list != list) {
		if (collect->list != LISTS)
			buf_add_string(pile_tail(&collect->text), "]");
		collect->list = collect->list == LISTS ? 0 : collect->list + 1;
		buf_add_format(pile_tail(&collect->text), ",\"%s\":[",
		    names[collect->list]);
		collect->has_items = false;
	}
}

/* Add an item, which is freed. */
static void
item_add(struct collect *collect, enum collect_list list, json_t *item)
{
	if (collect->is_metrics) {
		metrics_add(&collect->metrics, names[list], item);
	} else {
		lists_open(collect, list);
		if (collect->has_items)
			buf_add_string(pile_tail(&collect->text), ",");
		collect->has_items = true;
		json_add(pile_tail(&collect->text), item);
	}
	json_decref(item);
}

void
collect_begin(struct collect *collect, const struct control *control,
    bool is_metrics, int64_t now)
{
	json_t *status = item_status(control, now);

	*collect = (struct collect){
		.control = control, .is_metrics = is_metrics, .list = LISTS
	};
	if (is_metrics) {
		metrics_begin(&collect->metrics, status);
	} else {
		json_add(pile_tail(&collect->text), status);
		collect->text.blocks[0].len--; /* the last "}" */
	}
	json_decref(status);
}

bool
collect_lineage(void *arg, const struct lineage *lineage, int64_t now)
{
	struct collect *collect = arg;
	const struct store *store = engine_store(collect->control->engine);
	json_t *whole = collect->lineage;
	struct safety_scope scope = { .now = now,
		.from = (uint32_t)number_of(whole, "next"),
		.most = PARTS_SERVICES };
	json_t *part;

	if (store_lineage_count(store) > COLLECT_MAX)
		return true;
	part = item_lineage(collect->control, lineage, &scope);
	if (whole != NULL && !parts_belong(whole, part)) {
		/* Another one, or another generation: from its beginning. */
		json_decref(part);
		json_decref(whole);
		collect->lineage = NULL;
		return false;
	}
	if (whole != NULL) {
		parts_join(whole, part);
		json_decref(part);
	} else {
		whole = part;
	}
	collect->lineage = number_of(whole, "next") > 0 ? whole : NULL;
	if (collect->lineage == NULL)
		item_add(collect, LIST_LINEAGES, whole);
	return collect->lineage == NULL;
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

void
collect_end(struct collect *collect, struct pile *ret_text)
{
	if (collect->is_metrics) {
		metrics_end(&collect->metrics, &collect->text);
	} else {
		/* One that was empty is there as well. */
		lists_open(collect, LIST_ZONES);
		buf_add_string(pile_tail(&collect->text), "]}\n");
	}
	*ret_text = collect->text;
	json_decref(collect->lineage);
}
