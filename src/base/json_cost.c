/* SPDX-License-Identifier: MIT */
#include "base/json_cost.h"

bool
json_cost_is_within(const char *text, size_t len, const struct json_cost *most)
{
	struct json_cost cost = { 0 };
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if (c == ',')
			cost.values++;
		else if ((c == '}' || c == ']') && cost.depth > 0)
			cost.depth--;
		else if (c == '{' || c == '[') {
			cost.depth++;
			cost.lists++;
		}
		if (cost.depth > most->depth || cost.lists > most->lists ||
		    cost.values > most->values)
			return false;
	}
	return true;
}
