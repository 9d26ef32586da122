/* cert.h - self-signed certificates for tests, written to a folder of the test's own. */
#ifndef INVIGIL_TEST_NET_CERT_H
#define INVIGIL_TEST_NET_CERT_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test/test.h"

typedef struct Cert {
    char folder[64], cert[96], key[96];
} Cert;

static inline void cert_write_key(EVP_PKEY *key, const char *path, const char *passphrase)
{
    FILE *f = fopen(path, "w");
    CHECK(f);
    CHECK(PEM_write_PrivateKey(f, key, passphrase ? EVP_aes_128_cbc() : NULL,
                               (const unsigned char *)passphrase,
                               passphrase ? (int)strlen(passphrase) : 0, NULL, NULL));
    fclose(f);
}

static inline void cert_write(EVP_PKEY *key, const char *path)
{
    X509 *x = X509_new();
    CHECK(x);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(x, name);
    CHECK(X509_sign(x, key, EVP_sha256()) > 0);
    FILE *f = fopen(path, "w");
    CHECK(f);
    CHECK(PEM_write_X509(f, x));
    fclose(f);
    X509_free(x);
}

static inline Cert cert_make(const char *passphrase)
{
    Cert c = {.folder = "/tmp/invigil-net-XXXXXX"};
    CHECK(mkdtemp(c.folder));
    snprintf(c.cert, sizeof c.cert, "%s/cert.pem", c.folder);
    snprintf(c.key, sizeof c.key, "%s/key.pem", c.folder);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    CHECK(key);
    cert_write_key(key, c.key, passphrase);
    cert_write(key, c.cert);
    EVP_PKEY_free(key);
    return c;
}

static inline void cert_remove(const Cert *c)
{
    unlink(c->cert);
    unlink(c->key);
    rmdir(c->folder);
}

#endif
