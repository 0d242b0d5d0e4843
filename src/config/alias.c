/* SPDX-License-Identifier: MIT */
#include "config/alias.h"

#include "dns/alias.h"

bool
alias_make(const struct config *config, enum aliases form,
    const struct dname *owner, struct dname *ret_alias)
{
	const struct dname *apex;

	if (config->zone_count == 0)
		return false;
	apex = &config->zones[0].dname;
	return (form == ALIASES_DEEP
		       ? alias_deep(owner, apex, ret_alias)
		       : alias_flat(owner, apex, ret_alias)) == STATUS_OK;
}

enum aliases
alias_form(const struct config *config)
{
	return config->aliases == ALIASES_DEEP ? ALIASES_DEEP : ALIASES_FLAT;
}

enum aliases
alias_other_form(const struct config *config)
{
	return config->aliases == ALIASES_DEEP ? ALIASES_FLAT : ALIASES_DEEP;
}
