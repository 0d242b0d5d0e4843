/* SPDX-License-Identifier: MIT */
#include "survey.h"

#include <stdlib.h>

#include "base/mem.h"
#include "glance.h"

void
survey_service(void *arg, size_t at, int64_t now)
{
	struct survey *survey = arg;
	enum severity severity;
	struct check check;

	glance_service(&check, survey->control, at, now);
	severity = findings_worst(&check.services[0].findings);
	check_fini(&check);
	if (survey->count[severity] == survey->room[severity]) {
		survey->room[severity] += survey->room[severity] / 2 + 64;
		survey->list[severity] = mem_resize(survey->list[severity],
		    survey->room[severity], sizeof(*survey->list[severity]));
	}
	survey->list[severity][survey->count[severity]++] = (uint32_t)at;
	survey->total++;
}

size_t
survey_at(const struct survey *survey, size_t rank)
{
	for (int severity = SEVERITY_CRITICAL; severity >= SEVERITY_NOTE;
	     severity--) {
		if (rank < survey->count[severity])
			return survey->list[severity][rank];
		rank -= survey->count[severity];
	}
	return SIZE_MAX;
}

void
survey_fini(struct survey *survey)
{
	for (size_t i = 0; i < SEVERITY_COUNT; i++)
		free(survey->list[i]);
}
