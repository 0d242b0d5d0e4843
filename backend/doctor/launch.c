/* SPDX-License-Identifier: MIT */
#include "launch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pdns/bind_zones.h"
#include "pdns/module.h"

static const char subject[] = "pdns.conf";

/*
 * Debian's packages of backends bring a file with 'launch+=' each, which adds
 * to what pdns.conf has: say which file it is, if it is another.  free() it.
 */
static char *
remove_text(const struct doctor *doctor, const struct launched *launched,
    size_t at, const char *also, const char *otherwise)
{
	const char *file = launched->files[at];

	if (file == NULL || strcmp(file, doctor->pdns_conf) == 0)
		return mem_string(otherwise);
	return mem_format("put # before 'launch+=%s' in %s,%s and restart "
			  "PowerDNS",
	    launched->list[at], file, also);
}

static void
check_twice(struct doctor *doctor, const struct pdns_conf *conf,
    const struct launched *launched)
{
	size_t at = launched_twice(launched);
	char *mend;

	if (at == launched->count)
		return;
	mend = remove_text(doctor, launched, at, "",
	    "name each backend of launch= once, and restart PowerDNS");
	finding_add(&doctor->findings, FINDING_LAUNCH_TWICE, subject, mend,
	    "launch= has the backend '%s' twice: %s", launched->list[at],
	    pdns_conf_get(conf, "launch", ""));
	free(mend);
}

/* One that is asked behind 'remote', and what comes of it. */
static void
check_behind(struct doctor *doctor, const struct pdns_conf *conf,
    const struct launched *launched, size_t at)
{
	const char *backend = launched->list[at];
	bool is_idle = launched_is(backend, "bind") &&
		       bind_zones(launched_get(conf, backend, "config", "")) ==
			   PRESENCE_NO;
	char *mend = remove_text(doctor, launched, at,
	    is_idle ? "" : " name it before 'remote' in launch=,",
	    is_idle ? "take it out of launch= if nobody needs it"
		    : "move 'remote' to the end of launch=, and restart "
		      "PowerDNS");

	if (is_idle)
		finding_add(&doctor->findings, FINDING_LAUNCH_IDLE, subject,
		    mend, "launch= has '%s' behind 'remote', without any zone",
		    backend);
	else
		finding_add(&doctor->findings, FINDING_LAUNCH_ORDER, subject,
		    mend, "launch= asks 'remote' before '%s'", backend);
	free(mend);
}

static void
check_order(struct doctor *doctor, const struct pdns_conf *conf,
    const struct launched *launched)
{
	if (launched->first_remote == launched->count) {
		finding_add(&doctor->findings, FINDING_LAUNCH_MISSING, subject,
		    "add 'remote' behind the other backends of launch=",
		    "launch= has no backend 'remote'");
		return;
	}
	/* What is there before as well was named already. */
	for (size_t i = launched->first_remote + 1; i < launched->count; i++)
		if (!launched_is(launched->list[i], "remote") &&
		    launched_twice(launched) == launched->count)
			check_behind(doctor, conf, launched, i);
}

static void
check_module(struct doctor *doctor, const char *directory, const char *backend)
{
	size_t len = strcspn(backend, ":");
	char *path = module_path(directory, backend, len);
	char *package = module_package(backend, len);
	char *about = mem_format("backend '%.*s'", (int)len, backend);
	char *mend = package != NULL
			 ? mem_format("apt-get install %s", package)
			 : mem_format("install its module, or take it out of "
				      "launch=");

	if (path_presence(path, NULL) == PRESENCE_NO)
		finding_add(&doctor->findings, FINDING_MODULE_MISSING, about,
		    mend, "launch= has it, but its module %s is not there",
		    path);
	free(mend);
	free(about);
	free(package);
	free(path);
}

static void
check_modules(struct doctor *doctor, const struct pdns_conf *conf,
    const struct launched *launched)
{
	char *directory = module_directory(
	    pdns_conf_get(conf, "module-dir", ""));

	/* Modules that are named one by one may lie anywhere. */
	for (size_t i = 0; directory != NULL && i < launched->count &&
			   pdns_conf_get(conf, "load-modules", "")[0] == '\0';
	     i++)
		check_module(doctor, directory, launched->list[i]);
	free(directory);
}

void
doctor_launch(struct doctor *doctor, const struct pdns_conf *conf,
    const struct launched *launched)
{
	if (launched->first_remote > 0)
		doctor->other_backend = mem_copy(
		    launched->list[0], strcspn(launched->list[0], ":"));
	check_twice(doctor, conf, launched);
	check_order(doctor, conf, launched);
	check_modules(doctor, conf, launched);
}
