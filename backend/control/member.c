/* SPDX-License-Identifier: MIT */
#include "control/member.h"

const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

long long
number_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

bool
is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}
