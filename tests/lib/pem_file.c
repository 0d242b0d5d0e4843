/* SPDX-License-Identifier: MIT */
#include "pem_file.h"

#include <openssl/crypto.h>
#include <string.h>

#include "unit.h"

struct parts {
	struct pki root, other_root, cross, intermediate, imposter;
	struct pki leaf, rsa_leaf, wrong, self, self_ca, unrelated;
};

static struct parts parts;

void
pem_parts_make(void)
{
	const struct pki_wish self_ca = {
		.subject = "self.example.org",
		.names = "DNS:self.example.org",
		.constraints = "CA:TRUE",
	};
	const struct pki_wish rsa_leaf = {
		.names = "DNS:rsa.example.org",
		.key = PKI_RSA,
	};

	pki_make_ca("Root R", NULL, &parts.root);
	pki_make_ca("Root Y", NULL, &parts.other_root);
	pki_make_cross(&parts.root, &parts.other_root, &parts.cross);
	pki_make_ca("Intermediate", &parts.root, &parts.intermediate);
	pki_make_ca("Intermediate", &parts.root, &parts.imposter);
	pki_make_ca("Unrelated", NULL, &parts.unrelated);
	pki_make_leaf("mail.example.org", &parts.intermediate, &parts.leaf);
	pki_make(&rsa_leaf, &parts.intermediate, &parts.rsa_leaf);
	pki_make_leaf("mail.example.org", &parts.imposter, &parts.wrong);
	pki_make_leaf("self.example.org", NULL, &parts.self);
	pki_make(&self_ca, NULL, &parts.self_ca);
}

void
pem_parts_free(void)
{
	pki_fini(&parts.root);
	pki_fini(&parts.other_root);
	pki_fini(&parts.cross);
	pki_fini(&parts.intermediate);
	pki_fini(&parts.imposter);
	pki_fini(&parts.unrelated);
	pki_fini(&parts.leaf);
	pki_fini(&parts.rsa_leaf);
	pki_fini(&parts.wrong);
	pki_fini(&parts.self);
	pki_fini(&parts.self_ca);
}

const struct pki *
pem_part(char part)
{
	switch (part) {
	case 'l':
		return &parts.leaf;
	case 'm':
		return &parts.rsa_leaf;
	case 'W':
		return &parts.wrong;
	case 's':
		return &parts.self;
	case 'S':
		return &parts.self_ca;
	case 'I':
		return &parts.intermediate;
	case 'J':
		return &parts.imposter;
	case 'R':
		return &parts.root;
	case 'X':
		return &parts.cross;
	case 'Y':
		return &parts.other_root;
	case 'u':
		return &parts.unrelated;
	default:
		return NULL;
	}
}

/* Append a certificate with one more octet behind its DER. */
static void
add_overlong(const struct pki *pki, struct buf *text)
{
	unsigned char *der = NULL;
	int len = i2d_X509(pki->x509, &der);
	struct buf more = { 0 };

	assert_true(len > 0);
	buf_add(&more, der, (size_t)len);
	buf_add(&more, "", 1);
	pki_add_block("CERTIFICATE", more.data, more.len, text);
	OPENSSL_free(der);
	buf_fini(&more);
}

static void
part_add(char part, struct buf *text)
{
	switch (part) {
	case 'k':
		pki_add_key(&parts.leaf, text);
		break;
	case 't':
		pki_add_block("TRUSTED CERTIFICATE", "x", 1, text);
		break;
	case 'r':
		pki_add_block("CERTIFICATE REQUEST", "x", 1, text);
		break;
	case 'g':
		pki_add_block("CERTIFICATE", "no DER at all", 13, text);
		break;
	case 'B':
		buf_add_string(text, "\xef\xbb\xbf");
		break;
	case 'd':
		add_overlong(&parts.leaf, text);
		break;
	case 'e':
		add_overlong(&parts.intermediate, text);
		break;
	case 'h':
		buf_add_string(text, "-----BEGIN CERTIFICATE-----\nX: y\n\n"
				     "AAAA\n-----END CERTIFICATE-----\n");
		break;
	case 'T':
		buf_add_string(text, "subject=CN = mail\n - a dash -\n\n");
		break;
	case 'D':
		buf_add_string(text, "----------\n");
		break;
	default:
		assert_non_null(pem_part(part));
		pki_add_pem(pem_part(part), text);
	}
}

void
pem_file_add(const char *plan, struct buf *text)
{
	struct buf plain = { 0 };
	bool crlf = false;

	for (; *plan != '\0'; plan++)
		if (*plan == 'n')
			crlf = true;
		else
			part_add(*plan, &plain);
	for (size_t i = 0; i < plain.len; i++) {
		if (crlf && plain.data[i] == '\n')
			buf_add(text, "\r", 1);
		buf_add(text, &plain.data[i], 1);
	}
	buf_fini(&plain);
}
