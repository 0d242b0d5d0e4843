/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <string.h>

#include "limit.h"

/* jansson's own limit is a matter of its build, and far too deep for us. */
static bool
is_too_deep(const char *line, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = line[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > LIMIT_JSON_DEPTH)
			return true;
	}
	return false;
}

enum status
request_parse(const char *line, size_t len, struct request *ret_request,
    struct problem *problem)
{
	struct request request = { 0 };
	enum status status = STATUS_MALFORMED;
	json_error_t error;

	if (len > LIMIT_LINE || is_too_deep(line, len)) {
		problem_set(problem, "longer than %d octets or deeper than %d "
		    "levels", LIMIT_LINE, LIMIT_JSON_DEPTH);
		return STATUS_LIMIT;
	}
	request.root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (request.root == NULL) {
		problem_set(problem, "no JSON: %s at column %d", error.text,
		    error.column);
		goto out;
	}
	request.method = json_string_value(json_object_get(request.root,
	    "method"));
	if (request.method == NULL) {
		problem_set(problem, "no JSON object with a \"method\"");
		goto out;
	}
	request.parameters = json_object_get(request.root, "parameters");
	if (request.parameters != NULL && json_is_null(request.parameters))
		request.parameters = NULL;
	if (request.parameters != NULL &&
	    !json_is_object(request.parameters)) {
		problem_set(problem, "\"parameters\" is no object");
		goto out;
	}
	*ret_request = request;
	return STATUS_OK;
out:
	json_decref(request.root);
	return status;
}

void
request_fini(struct request *request)
{
	json_decref(request->root);
	*request = (struct request){ 0 };
}

const char *
request_string(const struct request *request, const char *name)
{
	return json_string_value(json_object_get(request->parameters, name));
}

int64_t
request_number(const struct request *request, const char *name, int64_t missing)
{
	const json_t *value = json_object_get(request->parameters, name);
	double number;

	if (json_is_integer(value)) {
		json_int_t whole = json_integer_value(value);

		return whole == UINT32_MAX ? -1 : (int64_t)whole;
	}
	if (!json_is_real(value))
		return missing;
	number = json_real_value(value);
	if (number < -1 || number > UINT32_MAX ||
	    (double)(int64_t)number < number)
		return missing;
	return (int64_t)number == UINT32_MAX ? -1 : (int64_t)number;
}

bool
request_dname(const struct request *request, const char *name,
    struct dname *ret_dname)
{
	const char *text = request_string(request, name);

	return text != NULL &&
	    dname_parse(text, strlen(text), ret_dname) == STATUS_OK;
}
