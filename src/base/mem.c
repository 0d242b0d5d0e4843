/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
checked(void *memory)
{
	if (memory == NULL) {
		(void)fputs("pdns-tlsa: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

void *
mem_new(size_t size)
{
	return checked(calloc(1, size));
}

void *
mem_array(size_t count, size_t size)
{
	return checked(calloc(count > 0 ? count : 1, size));
}

void *
mem_resize(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count > 0 ? count : 1, size));
}

char *
mem_string(const char *text)
{
	return checked(strdup(text));
}

void *
mem_copy(const void *data, size_t size)
{
	char *copy = checked(size < SIZE_MAX ? malloc(size + 1) : NULL);

	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

char *
mem_format(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	return checked(length < 0 ? NULL : text);
}

void
mem_trim(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}
