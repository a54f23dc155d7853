#ifndef CYGNI_COPENSSL_SHIM_H
#define CYGNI_COPENSSL_SHIM_H

// OpenSSL's libcrypto. `pkg-config libcrypto` names its include folder.
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

// Memory buffers are reached through macros, which Swift does not import.

// The bytes that a memory BIO holds; they stay its own.
static inline long cygni_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// The SHA-256 of a few bytes, without the allocations that a context costs: a log line is hashed twice on its way, and there
// are millions. OpenSSL 3 calls these functions deprecated in favour of such contexts.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
static inline void cygni_sha256(const void *bytes, size_t count, unsigned char digest[32]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, count);
    SHA256_Final(digest, &context);
}
#pragma clang diagnostic pop

// A macro of macros.
static const unsigned long cygni_name_rfc2253 = XN_FLAG_RFC2253;

#endif
