/* SPDX-License-Identifier: MIT */
#include "private_key.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LABEL_MAX = 80 }; /* octets of a PEM block's first line */

bool
private_key_begins(const char *text, size_t len, size_t *from)
{
	static const char begin[] = "-----BEGIN ";

	for (;;) {
		const char *line = text + *from;
		size_t left = len - *from;
		size_t head = left < LABEL_MAX ? left : LABEL_MAX;
		const char *end = memchr(line, '\n', left);

		if (end != NULL && (size_t)(end - line) < head)
			head = (size_t)(end - line);
		if (head >= sizeof(begin) - 1 &&
		    memcmp(line, begin, sizeof(begin) - 1) == 0 &&
		    memmem(line, head, "PRIVATE", 7) != NULL)
			return true;
		if (end == NULL)
			return false;
		*from += (size_t)(end - line) + 1;
	}
}

bool
private_key_has_more(int fd, const char *text, size_t len)
{
	char last[sizeof("-----END PRIVATE KEY-----\n") - 1];
	struct stat st;

	if (memmem(text, len, "-----BEGIN CERT", 15) != NULL)
		return true;
	return fstat(fd, &st) == 0 && st.st_size > (off_t)sizeof(last) &&
	       pread(fd, last, sizeof(last),
		   st.st_size - (off_t)sizeof(last)) == (ssize_t)sizeof(last) &&
	       memmem(last, sizeof(last), "CERTIFICATE-----", 16) != NULL;
}
