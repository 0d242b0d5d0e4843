/* SPDX-License-Identifier: MIT */
#include "config_row.h"

#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "config/config.h"

void
config_row_check(const struct config_row *row)
{
	struct config *untouched = NULL;
	struct problem problem = { "" };
	struct buf expected = { 0 };
	enum status status;

	print_message("# %s\n", row->why);
	status = config_parse(
	    "t.yaml", row->text, strlen(row->text), &untouched, &problem);
	assert_int_not_equal(status, STATUS_OK);
	assert_null(untouched);
	buf_add_format(&expected, "t.yaml:%s", row->place);
	if (strncmp(problem.text, buf_text(&expected), expected.len) != 0 ||
	    strstr(problem.text + expected.len, row->piece) == NULL) {
		buf_add_string(&expected, row->piece);
		assert_string_equal(problem.text, buf_text(&expected));
	}
	/* The problem is one line of a log. */
	assert_null(strpbrk(problem.text, "\n\r\t"));
	/* Nobody has to ask for it. */
	assert_int_equal(config_parse("t.yaml", row->text, strlen(row->text),
			     &untouched, NULL),
	    status);
	buf_fini(&expected);
}
