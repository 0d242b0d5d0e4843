/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_ROW_H
#define CONFIG_ROW_H

/*
 * Configurations that must be refused, one a row.
 */

/* "LINE:COLUMN: " and a piece of what follows it. */
struct config_row {
	const char *why;
	const char *text;
	const char *place;
	const char *piece;
};

/* The text must be refused there and so; a failure fails the test. */
void config_row_check(const struct config_row *row);

#endif
