/* SPDX-License-Identifier: MIT */
#include "glance.h"

enum { SMTP = 25 }; /* whose senders report */

void
glance_service(
    struct check *check, const struct control *control, size_t at, int64_t now)
{
	const struct engine *engine = control->engine;
	struct check_service *service;

	check_init(check, engine_config(engine), engine_store(engine), now);
	check_glance(check, at);
	service = &check->services[0];
	if (service->port.number == SMTP)
		postbox_find(
		    control->postbox, service->host, now, &service->findings);
}

void
glance_reports(struct findings *findings, const struct control *control)
{
	postbox_find_problem(control->postbox, findings);
}
