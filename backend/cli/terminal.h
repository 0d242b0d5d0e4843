/* SPDX-License-Identifier: MIT */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

/*
 * What the terminal can show that a command prints to, if it is one.
 */

#include <stdbool.h>
#include <stdio.h>

struct terminal {
	bool is_terminal; /* otherwise the rest says nothing */
	bool is_moved;    /* its cursor can be moved: it is not a "dumb" one */
	bool is_coloured; /* and NO_COLOR is not set */
	bool is_utf8;     /* by the locale of the environment */
	int columns;
	int rows;
};

/* Look at what `stream` is. */
struct terminal terminal_of(FILE *stream);

#endif
