/* SPDX-License-Identifier: MIT */
#ifndef SETUP_WORD_H
#define SETUP_WORD_H

/* Words for a shell.  Threads: one at a time. */

/* Names are kept with a final dot, which commands do not take. */
int setup_name_len(const char *name);

/* Print a word as the shell reads it, in quotes if it needs some. */
void setup_print_word(const char *word);

#endif
