/* SPDX-License-Identifier: MIT */
#ifndef FAULTY_H
#define FAULTY_H

/*
 * What tests/preload/faulty.c lets go wrong in the process that it is loaded
 * into (LD_PRELOAD): a page of memory that both share, the file that
 * FAULTY_PAGE names.  Only files below FAULTY_BELOW are concerned, and names
 * that are relative to a directory; the standard streams, sockets and the like
 * are not.
 */

#include <stdatomic.h>
#include <stdint.h>

#define FAULTY_PAGE  "FAULTY_PAGE"
#define FAULTY_BELOW "FAULTY_BELOW"

/* What the name of such a file ends with, if FAULTY_AT does not say another. */
#define FAULTY_DEADLY "deadly.pem"
#define FAULTY_AT     "FAULTY_AT"

/* Not the end of who opens it. */
enum {
	FAULTY_ENDLESS = -1,    /* it takes as long as it says so */
	FAULTY_TAKEN_OVER = -2, /* he tries to open secret, and to make made */
};

/* The kinds of calls that can fail. */
enum faulty_call {
	FAULTY_OPEN,
	FAULTY_READ,
	FAULTY_STAT,
	FAULTY_LIST,  /* of a directory */
	FAULTY_WRITE, /* and rename */
	FAULTY_SYNC,
	FAULTY_WATCH, /* inotify_add_watch */
	FAULTY_CALLS,
};

struct faulty {
	_Atomic int64_t clock;           /* seconds that the clock is ahead */
	_Atomic int error[FAULTY_CALLS]; /* errno; 0: works */
	_Atomic int percent;             /* of those calls fail */
	/* A signal for who opens a file FAULTY_DEADLY, or one of the below. */
	_Atomic int deadly;
};

#endif
