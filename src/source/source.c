/* SPDX-License-Identifier: MIT */
#include "source/source.h"

#include "kinds.h"

const struct source_ops *
source_ops(enum source_type type)
{
	static const struct source_ops *const table[] = {
		[SOURCE_CERTBOT] = &source_certbot,
		[SOURCE_FILES] = &source_files,
		[SOURCE_DEHYDRATED] = &source_dehydrated,
		[SOURCE_LEGO] = &source_lego,
		[SOURCE_UACME] = &source_uacme,
		[SOURCE_ACMESH] = &source_acmesh,
		[SOURCE_CADDY] = &source_caddy,
		[SOURCE_MOD_MD] = &source_mod_md,
		[SOURCE_ACMETOOL] = &source_acmetool,
		[SOURCE_REMOTE] = &source_remote,
	};

	return table[type];
}

const char *
source_empty_mend(const struct config_source *source)
{
	if (source->type == SOURCE_REMOTE)
		return "have the other host send one: pdns-tlsa setup "
		       "--remote HOST says how";
	return source->type == SOURCE_FILES
		   ? "see 'match' in pdns-tlsa.yaml(5), or use the type of the "
		     "program that keeps it"
		   : "check its path and type";
}
