/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <stdlib.h>

void
report_fini(struct report *report)
{
	for (size_t i = 0; i < report->past_count; i++)
		chain_unref(report->past[i].chain);
	free(report->past);
	next_keys_free(report->next, report->next_count);
	chain_unref(report->chain);
	free(report->plan.server);
	free(report->name);
	free(report->problem);
	free(report->file);
	free(report->remark);
	free(report->warning);
	*report = (struct report){ 0 };
}
