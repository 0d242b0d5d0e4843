/* SPDX-License-Identifier: MIT */
#include "remote/request.h"

#include <string.h>

#include "base/buf.h"
#include "base/json_cost.h"
#include "base/limit.h"
#include "base/utf8.h"

static enum status
parse(const char *line, size_t len, size_t flags, struct request *ret_request,
    struct problem *problem)
{
	enum status status = STATUS_MALFORMED;
	const json_t *parameters;
	const struct json_cost most = { LIMIT_JSON_DEPTH, LIMIT_LINE,
		LIMIT_LINE };
	json_error_t error;
	json_t *root;

	if (len > LIMIT_LINE || !json_cost_is_within(line, len, &most)) {
		problem_set(problem,
		    "longer than %d octets or deeper than %d levels",
		    LIMIT_LINE, LIMIT_JSON_DEPTH);
		return STATUS_LIMIT;
	}
	root = json_loadb(line, len, JSON_REJECT_DUPLICATES | flags, &error);
	if (root == NULL) {
		problem_set(problem, "no JSON: %s at column %d", error.text,
		    error.column);
		goto out;
	}
	parameters = json_object_get(root, "parameters");
	if (json_string_value(json_object_get(root, "method")) == NULL) {
		problem_set(problem, "no JSON object with a \"method\"");
		goto out;
	}
	if (parameters != NULL && !json_is_null(parameters) &&
	    !json_is_object(parameters)) {
		problem_set(problem, "\"parameters\" is no object");
		goto out;
	}
	ret_request->method = json_string_value(
	    json_object_get(root, "method"));
	ret_request->plain.field_count = 0;
	ret_request->root = root;
	ret_request->parameters = parameters;
	return STATUS_OK;
out:
	json_decref(root);
	return status;
}

enum status
request_parse_json(const char *line, size_t len, struct request *ret_request,
    struct problem *problem)
{
	return parse(line, len, 0, ret_request, problem);
}

enum status
request_parse_damaged(const char *line, size_t len, struct request *ret_request,
    struct problem *problem)
{
	struct buf text = { 0 };
	enum status status;

	for (size_t i = 0; i < len;) {
		uint32_t character;
		size_t whole = utf8_decode(
		    (const uint8_t *)line + i, len - i, &character);

		buf_add(
		    &text, whole > 0 ? line + i : "?", whole > 0 ? whole : 1);
		i += whole > 0 ? whole : 1;
	}
	status = parse(
	    text.data, text.len, JSON_ALLOW_NUL, ret_request, problem);
	buf_fini(&text);
	return status;
}

enum status
request_parse(const char *line, size_t len, struct request *ret_request,
    struct problem *problem)
{
	if (!plain_read(line, len, &ret_request->plain))
		return request_parse_json(line, len, ret_request, problem);
	ret_request->method = ret_request->plain.method;
	ret_request->root = NULL;
	ret_request->parameters = NULL;
	return STATUS_OK;
}

void
request_fini(struct request *request)
{
	json_decref(request->root);
	request->root = NULL;
}

const char *
request_string(const struct request *request, const char *name)
{
	const struct plain_field *field;

	if (request->root != NULL)
		return json_string_value(
		    json_object_get(request->parameters, name));
	field = plain_find(&request->plain, name);
	return field != NULL ? field->text : NULL;
}

static int64_t
known_number(int64_t number)
{
	return number == UINT32_MAX ? -1 : number;
}

static int64_t
json_number(const json_t *value, int64_t missing)
{
	double number;

	if (json_is_integer(value))
		return known_number((int64_t)json_integer_value(value));
	if (!json_is_real(value))
		return missing;
	number = json_real_value(value);
	if (number < -1 || number > UINT32_MAX ||
	    (double)(int64_t)number != number)
		return missing;
	return known_number((int64_t)number);
}

int64_t
request_number(const struct request *request, const char *name, int64_t missing)
{
	const struct plain_field *field;

	if (request->root != NULL)
		return json_number(
		    json_object_get(request->parameters, name), missing);
	field = plain_find(&request->plain, name);
	return field != NULL && field->is_number ? known_number(field->number)
						 : missing;
}

const json_t *
request_json(const struct request *request, const char *name)
{
	/* What is nested never counts as plain. */
	const json_t *value = json_object_get(request->parameters, name);

	return json_is_object(value) || json_is_array(value) ? value : NULL;
}

bool
request_dname(
    const struct request *request, const char *name, struct dname *ret_dname)
{
	const char *text = request_string(request, name);

	return text != NULL &&
	       dname_parse(text, strlen(text), ret_dname) == STATUS_OK;
}
