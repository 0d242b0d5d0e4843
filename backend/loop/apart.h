/* SPDX-License-Identifier: MIT */
#ifndef LOOP_APART_H
#define LOOP_APART_H

/*
 * A process that is forked before there is anything to inherit, and then does
 * one thing for who answers, whenever it is asked over a socket.
 */

/*
 * In that process: its name is `name`; it has no descriptor but its standard
 * error and `socket`; and a signal to all of us does not end it, for it ends
 * after who answers.  Returns a descriptor that is readable when a child of it
 * has ended (signalfd(2)), or -1.
 */
int apart_begin(const char *name, int socket);

/* In a child of it that executes another program: signals do as usual. */
void apart_end(void);

#endif
