/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "cli/frame.h"

#define BEGIN "\033[H"
#define EOL   "\033[K\n"
#define END   "\033[J"

static void
test_frame(void **state)
{
	static const struct {
		const char *text;
		int columns, rows;
		const char *frame;
	} rows[] = {
		{ "", 80, 24, BEGIN END },
		{ "one\ntwo\n", 80, 24, BEGIN "one" EOL "two" EOL END },
		{ "one\ntwo", 80, 24, BEGIN "one" EOL "two" EOL END },
		{ "\n\nthree\n", 80, 24, BEGIN EOL EOL "three" EOL END },
		/* lines that just have room, or have not */
		{ "four\n", 4, 24, BEGIN "four" EOL END },
		{ "five5\n", 4, 24, BEGIN "five" EOL END },
		{ "d\xc3\xa4ne-x\n", 4, 24, BEGIN "d\xc3\xa4ne" EOL END },
		{ "\033[31mred\033[0m\n", 2, 24,
		    BEGIN "\033[31mre\033[0m" EOL END },
		{ "a\033[1mb\033[0mc\n", 80, 24,
		    BEGIN "a\033[1mb\033[0mc\033[0m" EOL END },
		/* what begins like a colour, and is none */
		{ "\033[31", 9, 24, BEGIN "\033[31" EOL END },
		/* too many lines */
		{ "1\n2\n3\n", 80, 4, BEGIN "1" EOL "2" EOL "3" EOL END },
		{ "1\n2\n3\n4\n", 80, 4,
		    BEGIN "1" EOL "2" EOL
			  "... and 2 lines that have no room" EOL END },
		{ "1\n2\n", 80, 0,
		    BEGIN "... and 2 lines that have no room" EOL END },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct terminal terminal = { .is_terminal = true,
			.is_moved = true,
			.columns = rows[i].columns,
			.rows = rows[i].rows };
		struct buf frame = { 0 };

		frame_add(
		    &frame, rows[i].text, strlen(rows[i].text), &terminal);
		assert_string_equal(buf_text(&frame), rows[i].frame);
		buf_fini(&frame);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
