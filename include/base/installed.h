/* SPDX-License-Identifier: MIT */
#ifndef BASE_INSTALLED_H
#define BASE_INSTALLED_H

/*
 * What the Makefile says of this program: its version, and where it is
 * installed.  No other module is compiled with VERSION, PREFIX or SYSCONFDIR:
 * `make install' with another PREFIX compiles one file.  Constants.
 */

extern const char installed_version[]; /* as in 0.1.0 */
extern const char installed_config[];  /* the default of -c */

/* What we install, and what the administrator adds. */
extern const char installed_issuers_shipped[];
extern const char installed_issuers_local[];

/* A drop-in for stores whose files are for their owner alone. */
extern const char installed_private_stores[];

/* This program, and the keys of hosts that send their certificates. */
extern const char installed_program[];
extern const char installed_remote_keys[];

extern const char installed_dehydrated[]; /* dehydrated's configuration */

#endif
