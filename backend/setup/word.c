/* SPDX-License-Identifier: MIT */
#include "word.h"

#include <stdio.h>
#include <string.h>

int
setup_name_len(const char *name)
{
	return (int)strlen(name) - 1;
}

void
setup_print_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+:@%,=";

	if (word[strspn(word, plain)] == '\0' && *word != '\0') {
		(void)fputs(word, stdout);
		return;
	}
	(void)putchar('\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			(void)fputs("'\\''", stdout);
		else
			(void)putchar(*word);
	(void)putchar('\'');
}
