/* SPDX-License-Identifier: MIT */
#include "wall/said.h"

#include <stdint.h>

#include "base/wire.h"
#include "loop/log.h"
#include "wall/confine.h"

bool
said_hello(const json_t *object, pid_t *ret_pid, unsigned *ret_locks)
{
	bool is_bad = false;

	*ret_pid = (pid_t)wire_number(object, "pid", 1, INT32_MAX, &is_bad);
	*ret_locks = (unsigned)wire_number(
	    object, "locks", 0, LOCKS_ALL, &is_bad);
	return !is_bad;
}

bool
said_note(json_t *object, bool is_noise)
{
	bool is_bad = false;
	enum log_level level = (enum log_level)wire_number(
	    object, "level", LOG_LEVEL_ERROR, LOG_LEVEL_DEBUG, &is_bad);
	const char *text = wire_octets(json_object_get(object, "text"));

	if (is_bad || text == NULL)
		return false;
	if (!is_noise)
		log_line(level, "%s", text);
	return true;
}
