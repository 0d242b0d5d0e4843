/* SPDX-License-Identifier: MIT */
#include "loop/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/plain.h"

/* All of one line fits: the text, two long fields, and short ones. */
enum { DATAGRAM = 8192, VALUE_MAX = 2048 };

struct datagram {
	size_t len;
	char data[DATAGRAM];
};

/* Read a number that `end` stands behind; false, or *text behind that. */
static bool
number_read(const char **text, char end, unsigned long long *ret)
{
	char *stop;

	if (**text < '0' || **text > '9')
		return false;
	*ret = strtoull(*text, &stop, 10);
	if (*stop != end)
		return false;
	*text = stop + (end != '\0');
	return true;
}

bool
journal_is_stderr(const char *stream)
{
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && number_read(&stream, ':', &device) &&
	       number_read(&stream, '\0', &inode) &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

int
journal_open(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/*
 * NAME=value and a line's end, as far as there is room.  The value has no line
 * of its own, so the form with a length is not needed.
 */
static void
field_add(struct datagram *datagram, const char *prefix, const char *name,
    const char *value)
{
	char plain[VALUE_MAX];
	size_t room = sizeof(datagram->data) - datagram->len;
	int len;

	(void)plain_put(plain, sizeof(plain), value, strlen(value));
	len = snprintf(datagram->data + datagram->len, room, "%s%s=%s\n",
	    prefix, name, plain);
	if (len > 0 && (size_t)len < room)
		datagram->len += (size_t)len;
}

static void
event_add(struct datagram *datagram, const struct event *event)
{
	field_add(datagram, "", "MESSAGE_ID", event_id(event->kind));
	for (unsigned i = 0; i < EVENT_FIELDS; i++)
		if (event->field[i] != NULL)
			field_add(datagram, "PDNS_TLSA_",
			    event_field_name((enum event_field)i),
			    event->field[i]);
}

bool
journal_send(int fd, const char *path, int priority, const char *text,
    const struct event *event)
{
	const char digit[2] = { (char)('0' + priority), '\0' };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct datagram datagram;

	datagram.len = 0;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	field_add(&datagram, "", "MESSAGE", text);
	field_add(&datagram, "", "PRIORITY", digit);
	field_add(&datagram, "", "SYSLOG_IDENTIFIER", "pdns-tlsa");
	if (event != NULL)
		event_add(&datagram, event);
	/* By name each time: journald may have been begun anew. */
	return sendto(fd, datagram.data, datagram.len,
		   MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)&address, sizeof(address)) >= 0;
}
