#ifndef CYGNI_COPENSSL_SHIM_H
#define CYGNI_COPENSSL_SHIM_H

// OpenSSL's libcrypto. `pkg-config libcrypto` names its include folder.
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

// Memory buffers are reached through macros, which Swift does not import.

// The bytes that a memory BIO holds; they stay its own.
static inline long cygni_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// A macro of macros.
static const unsigned long cygni_name_rfc2253 = XN_FLAG_RFC2253;

#endif
