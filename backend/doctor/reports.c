/* SPDX-License-Identifier: MIT */
/* Can the daemon read the TLS reports, and do any come? */
#include "doctor/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "check/check.h"
#include "control/client.h"
#include "control/member.h"
#include "reports/collection.h"

enum { DAY = 86400 };

/*
 * Return what the daemon has of our reports, new; NULL: none is there, or it
 * reads others.
 */
static json_t *
ask_daemon(const struct config *config)
{
	struct control_client *client = NULL;
	struct problem problem;
	json_t *status = NULL;
	json_t *reports;

	if (control_client_new(config->control, &client, &problem) != STATUS_OK)
		return NULL;
	control_client_hurry(client, DOCTOR_DIRECT_MS, DOCTOR_DIRECT_MS);
	status = control_ask(client, "status", NULL, &problem);
	reports = json_incref(json_object_get(status, "reports"));
	json_decref(status);
	control_client_free(client);
	if (strcmp(text_of(reports, "path"), config->reports_path) == 0)
		return reports;
	json_decref(reports);
	return NULL;
}

/* We may be root, who may read everything: it is the daemon that has to. */
static void
check_daemon(struct doctor *doctor, const json_t *reports)
{
	const char *problem = text_of(reports, "problem");
	char *subject = mem_format(
	    "reports '%s'", doctor->config->reports_path);

	if (problem[0] != '\0')
		finding_add(&doctor->findings, FINDING_REPORTS_CLOSED, subject,
		    "see that it is there and that the daemon's user may read "
		    "it (REPORTS in pdns-tlsa(8))",
		    "the daemon cannot read it: %s", problem);
	else if (text_of(reports, "read")[0] != '\0' &&
		 number_of(reports, "reports") == 0)
		finding_add(&doctor->findings, FINDING_REPORTS_QUIET, subject,
		    "see whom the TXT record of '_smtp._tls' names (check "
		    "--online), and that his mail is put there",
		    "there is none of the last %lld days",
		    number_of(reports, "since") / DAY);
	free(subject);
}

static void
check_ourselves(struct doctor *doctor)
{
	struct check check;

	check_init(&check, doctor->config, doctor->store, (int64_t)time(NULL));
	check_mailbox(&check);
	for (size_t i = 0; i < check.findings.count; i++)
		finding_add(&doctor->findings, check.findings.list[i].kind,
		    check.findings.list[i].subject, check.findings.list[i].mend,
		    "%s", check.findings.list[i].what);
	check_fini(&check);
}

/* An mbox or a Maildir; files may as well be what was attached to mails. */
static bool
holds_mails(const char *path)
{
	char *cur = mem_format("%s/cur", path);
	struct stat st;
	bool holds = (stat(path, &st) == 0 && S_ISREG(st.st_mode)) ||
		     (stat(cur, &st) == 0 && S_ISDIR(st.st_mode));

	free(cur);
	return holds;
}

void
doctor_reports(struct doctor *doctor)
{
	json_t *reports;

	if (doctor->config->reports_path == NULL)
		return;
	reports = ask_daemon(doctor->config);
	if (reports != NULL)
		check_daemon(doctor, reports);
	else
		check_ourselves(doctor);
	json_decref(reports);
	if (holds_mails(doctor->config->reports_path))
		collection_find_library(&doctor->findings);
}
