/* SPDX-License-Identifier: MIT */
#ifndef PEM_FILE_H
#define PEM_FILE_H

/*
 * PEM files put together from a plan, in which each character stands for one
 * part of the file:
 *  l leaf by I          I intermediate by R    R root
 *  X R's name and key, signed by another root Y, which is not the same as R
 *  Y that other root    s self-signed leaf     S self-signed leaf, CA:TRUE
 *  W leaf by I in names only                   J I's name and another key
 *  u unrelated CA       m leaf with RSA key by I
 *  k private key        t TRUSTED CERTIFICATE  r certificate request
 *  g garbage DER        d DER with an octet behind it
 *  T text               D a line of dashes     n CR before each LF from here on
 */

#include "base/buf.h"
#include "pki.h"

/* Make the certificates that the parts are made of, and free them. */
void pem_parts_make(void);
void pem_parts_free(void);

/* Return the certificate that a character stands for, or NULL. */
const struct pki *pem_part(char part);

/* Append the file of the plan. */
void pem_file_add(const char *plan, struct buf *text);

#endif
