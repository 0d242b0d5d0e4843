/* SPDX-License-Identifier: MIT */
#ifndef LOOK_SHOW_H
#define LOOK_SHOW_H

/*
 * Services and their associations, for people, zone files and programs.
 * The JSON is described in pdns-tlsa(8).
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "store/store.h"

struct show {
	const struct store *store; /* borrowed */
	int64_t now;               /* seconds since 1970 */
	enum format format;
	FILE *stream;
	json_t *services; /* FORMAT_JSON only: owned */
	struct terminal terminal;
	size_t count;
};

/* Begin output about `store` as of `now` on `stream` (both borrowed). */
void show_begin(struct show *show, const struct store *store, int64_t now,
    enum format format, FILE *stream);

void show_service(struct show *show, const struct service_view *view);

/* Finish; returns false if the stream refused something. */
bool show_end(struct show *show);

#endif
