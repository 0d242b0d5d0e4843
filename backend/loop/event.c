/* SPDX-License-Identifier: MIT */
#include "loop/event.h"

static const struct {
	const char *word;
	const char *id;
} kinds[] = {
#define X(id, word, message_id) [id] = { word, message_id },
	EVENT_TABLE(X)
#undef X
};

static const char *const names[] = {
#define X(id, name) [id] = name,
	EVENT_FIELD_TABLE(X)
#undef X
};

const char *
event_word(enum event_kind kind)
{
	return kinds[kind].word;
}

const char *
event_id(enum event_kind kind)
{
	return kinds[kind].id;
}

const char *
event_field_name(enum event_field field)
{
	return names[field];
}
