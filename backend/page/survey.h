/* SPDX-License-Identifier: MIT */
#ifndef PAGE_SURVEY_H
#define PAGE_SURVEY_H

/*
 * What a sweep finds of all services: which of them need somebody first.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/finding.h"
#include "sweep.h"

enum { SEVERITY_COUNT = SEVERITY_CRITICAL + 1 };

/* The services by severity, each list in the store's order. */
struct survey {
	const struct control *control;  /* borrowed */
	uint32_t *list[SEVERITY_COUNT]; /* owned: numbers of services */
	size_t count[SEVERITY_COUNT];
	size_t room[SEVERITY_COUNT];
	size_t total; /* of all */
};

/* Find the severity of one service. */
void survey_service(void *arg, size_t at, int64_t now);

/*
 * Return the number of the service that is at `rank`, the worst first; and
 * SIZE_MAX behind the last one.
 */
size_t survey_at(const struct survey *survey, size_t rank);

void survey_fini(struct survey *survey);

#endif
