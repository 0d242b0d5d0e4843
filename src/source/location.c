/* SPDX-License-Identifier: MIT */
#include "source/location.h"

#include <stdlib.h>

void
location_fini(struct location *location)
{
	free(location->file);
	free(location->issuers);
	free(location->target);
	free(location->told_by);
	free(location->warning);
	paths_fini(&location->watched);
	paths_fini(&location->next);
	paths_fini(&location->past);
	free(location->plan.server);
	*location = (struct location){ 0 };
}
