/* SPDX-License-Identifier: MIT */
/* Whether the hosts that send their certificates here still do. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/plain.h"
#include "cli/output.h"
#include "files/file.h"
#include "formats/sent.h"

/*
 * Seconds beyond the hold time for who sent a certificate to install it and say
 * so: longer than any night in which a person has to mend something.
 */
enum { REPORT_TIME = 2 * 86400 };

static const char mend[] =
    "see there what 'systemctl status pdns-tlsa-deploy@' or the hook that runs "
    "'pdns-tlsa deploy --via' says; if it has gone for good, remove the "
    "lineage's directory here";

static bool
file_take(const char *directory, const char *name, struct buf *text)
{
	char *file = mem_format("%s/%s", directory, name);
	enum status status = file_read(file, LIMIT_SENT, text, NULL, NULL);

	free(file);
	return status == STATUS_OK && text->len > 0;
}

/* In words; free() it. */
static char *
sender_name(const char *directory)
{
	struct buf text = { 0 };
	char *name;

	if (file_take(directory, SENT_SENDER, &text) &&
	    text.data[text.len - 1] == '\n')
		text.len--;
	name = plain_text(buf_text(&text), text.len);
	buf_fini(&text);
	return name;
}

static void
silent_add(struct check_service *service, const struct lineage *lineage,
    const char *directory, int64_t since, const char *what)
{
	char *subject = mem_format("lineage '%s'", lineage->name);
	char *sender = sender_name(directory);
	char date[OUTPUT_DATE_SIZE];

	output_date(since, date, sizeof(date));
	finding_add(&service->findings, FINDING_SENDER_SILENT, subject, mend,
	    "sender '%s' sent it at %s, and %s", sender, date, what);
	free(sender);
	free(subject);
}

/*
 * A host has no reason to speak between two renewals, so that what counts is
 * what it should have said by now.
 */
static void
sent_judge(const struct check *check, struct check_service *service,
    const struct lineage *lineage, const char *directory,
    const struct sent *sent)
{
	const struct cert *leaf = lineage_current(lineage)->leaf;
	int64_t hold = service->service->config->policy.propagation;
	int64_t life = leaf->not_after - leaf->not_before;

	if (check->now > leaf->not_after - life / 4)
		silent_add(service, lineage, directory, sent->received,
		    "nothing since, though less than a quarter of its life is "
		    "left");
	else if (sent->reported == 0 &&
		 check->now > sent->received + hold + REPORT_TIME)
		silent_add(service, lineage, directory, sent->received,
		    "has not reported since that it is served");
}

static void
sender_check(const struct check *check, struct check_service *service,
    const struct lineage *lineage)
{
	const struct config_source *source = &check->config
						  ->sources[lineage->source];
	char *directory = mem_format("%s/%s", source->path, lineage->name);
	struct buf text = { 0 };
	struct sent sent;

	if (file_take(directory, SENT_ABOUT, &text) &&
	    sent_parse(text.data, text.len, &sent, NULL) == STATUS_OK) {
		sent_judge(check, service, lineage, directory, &sent);
		sent_fini(&sent);
	}
	buf_fini(&text);
	free(directory);
}

void
check_senders(struct check *check, struct check_service *service)
{
	for (size_t i = 0; i < service->view.readable; i++) {
		const struct lineage *lineage = service->view.lineages[i];

		if (check->config->sources[lineage->source].type ==
			SOURCE_REMOTE &&
		    lineage->deleted == 0)
			sender_check(check, service, lineage);
	}
}
