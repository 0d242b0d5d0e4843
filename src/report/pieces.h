/* SPDX-License-Identifier: MIT */
#ifndef REPORT_PIECES_H
#define REPORT_PIECES_H

/* What the pieces of struct reading own. */

#include "config/config.h"

/* Free what is in it. */
void source_drop(struct config_source *source);
void lineage_drop(struct config_lineage *lineage);

#endif
