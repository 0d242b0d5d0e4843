/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_KINDS_H
#define SOURCE_KINDS_H

/*
 * All kinds of stores, one file each.
 */

#include "source/kind.h"

extern const struct source_ops source_certbot;
extern const struct source_ops source_files;
extern const struct source_ops source_dehydrated;
extern const struct source_ops source_lego;
extern const struct source_ops source_uacme;
extern const struct source_ops source_acmesh;
extern const struct source_ops source_caddy;
extern const struct source_ops source_mod_md;
extern const struct source_ops source_acmetool;
extern const struct source_ops source_remote;

#endif
