/* SPDX-License-Identifier: MIT */
#ifndef SETUP_CONF_H
#define SETUP_CONF_H

/* pdns.conf.  Threads: one at a time. */

#include "composition.h"

/* Print which backends run now and would not any more. */
void setup_print_present(const struct setup *setup);

/* Print what PowerDNS reads. */
void setup_print_conf(const struct setup *setup);

#endif
