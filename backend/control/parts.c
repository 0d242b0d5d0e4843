/* SPDX-License-Identifier: MIT */
#include "control/parts.h"

#include <string.h>

#include "control/member.h"

void
parts_put(json_t *item, const struct safety *safety)
{
	json_t *members = json_pack("{s:b,s:b,s:b,s:I}", "safe",
	    safety->is_safe, "published", safety->is_published, "seen",
	    safety->is_seen, "remaining", (json_int_t)safety->remaining);

	(void)json_object_update_new(item, members);
}

/* A list of lineages says less; what is not safe there has the same order. */
static struct safety
verdict_of(const json_t *item)
{
	return (struct safety){
		.is_safe = is_true(item, "safe"),
		.is_published = json_object_get(item, "published") == NULL ||
				is_true(item, "published"),
		.remaining = number_of(item, "remaining"),
	};
}

bool
parts_belong(const json_t *whole, const json_t *part)
{
	static const char *const names[] = { "name", "source", "leaf",
		"since" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text_of(whole, names[i]), text_of(part, names[i])) !=
		    0)
			return false;
	return number_of(whole, "edition") == number_of(part, "edition");
}

/* Append those of `list` that were seen, or were not, while there is room. */
static void
name_some(json_t *named, const json_t *list, bool seen)
{
	for (size_t i = 0;
	     i < json_array_size(list) && json_array_size(named) < PARTS_SHOWN;
	     i++) {
		json_t *service = json_array_get(list, i);

		if (is_true(service, "seen") == seen)
			(void)json_array_append(named, service);
	}
}

static json_t *
services_of_both(const json_t *whole, const json_t *part)
{
	json_t *named;

	if (json_is_integer(whole))
		return json_integer(
		    json_integer_value(whole) + json_integer_value(part));
	named = json_array();
	for (int seen = 0; seen < 2; seen++) {
		name_some(named, whole, seen != 0);
		name_some(named, part, seen != 0);
	}
	return named;
}

void
parts_join(json_t *whole, const json_t *part)
{
	static const char *const verdict[] = { "safe", "published", "seen",
		"remaining" };
	const struct safety before = verdict_of(whole);
	const struct safety more = verdict_of(part);
	json_t *next = json_object_get(part, "next");

	for (size_t i = 0; safety_is_worse(&more, &before) &&
			   i < sizeof(verdict) / sizeof(verdict[0]);
	     i++)
		if (json_object_get(part, verdict[i]) != NULL)
			(void)json_object_set(whole, verdict[i],
			    json_object_get(part, verdict[i]));
	(void)json_object_set_new(whole, "services",
	    services_of_both(json_object_get(whole, "services"),
		json_object_get(part, "services")));
	(void)json_object_del(whole, "next");
	if (next != NULL)
		(void)json_object_set(whole, "next", next);
}
