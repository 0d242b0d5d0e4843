/* SPDX-License-Identifier: MIT */
#include "store/service.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const struct dname *
service_host(const struct service *service, struct dname *room)
{
	const char *host = service->config->host;

	return service->config->lineages == NULL &&
		       dname_parse(host, strlen(host), room) == STATUS_OK
		   ? room
		   : NULL;
}

char *
service_owner_name(const struct service *service, const struct config *config)
{
	/* An alias lies in the first own zone (pdns-tlsa.yaml(5)). */
	return mem_format("_%u._%s.%s%s", service->port.number,
	    transport_text(service->port.transport), service->config->host,
	    service->is_alias ? config->zones[0].name : "");
}

bool
service_owner_parse(const struct service *service, const struct config *config,
    struct dname *ret_dname)
{
	char *name = service_owner_name(service, config);
	enum status status = dname_parse(name, strlen(name), ret_dname);

	free(name);
	return status == STATUS_OK;
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
