/* SPDX-License-Identifier: MIT */
#include "store/service.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/alias.h"

const struct dname *
service_host(const struct service *service, struct dname *room)
{
	const char *host = service->config->host;

	return service->config->lineages == NULL &&
		       dname_parse(host, strlen(host), room) == STATUS_OK
		   ? room
		   : NULL;
}

/* The name that clients ask for. */
static bool
asked_parse(const struct service *service, struct dname *ret_dname)
{
	char *name = mem_format("_%u._%s.%s", service->port.number,
	    transport_text(service->port.transport), service->config->host);
	enum status status = dname_parse(name, strlen(name), ret_dname);

	free(name);
	return status == STATUS_OK;
}

char *
service_owner_name(const struct service *service, const struct config *config)
{
	struct dname dname;

	service_owner_dname(service, config, &dname);
	return dname_text(&dname);
}

bool
service_owner_parse(const struct service *service, const struct config *config,
    struct dname *ret_dname)
{
	return asked_parse(service, ret_dname) &&
	       (!service->is_alias || alias_make(config, alias_form(config),
					  ret_dname, ret_dname));
}

bool
service_former_parse(const struct service *service, const struct config *config,
    struct dname *ret_dname)
{
	return service->is_alias && asked_parse(service, ret_dname) &&
	       alias_make(
		   config, alias_other_form(config), ret_dname, ret_dname);
}

void
service_owner_dname(const struct service *service, const struct config *config,
    struct dname *ret_dname)
{
	bool good = service_owner_parse(service, config, ret_dname);

	assert(good);
	(void)good;
}

const char *
service_concern_text(const struct service *service)
{
	switch (service->concern) {
	case CONCERN_NONE:
		return NULL;
	case CONCERN_BARE:
		return service->config->lineages == NULL
			   ? "no lineage covers the host"
			   : "no lineage of the configured names can be read";
	case CONCERN_EMPTY:
		return "its certificates give none of the configured records";
	case CONCERN_UNCOVERED:
		return "no current certificate names the host";
	}
	return NULL;
}
