#ifndef CYGNI_CTLS_H
#define CYGNI_CTLS_H

// Two small uses of OpenSSL's libssl that no other library here has: a handshake that only wants to see the peer's
// certificates, and the answer to an ACME server (RFC 8737). Both work on a socket that does not block, within a deadline.
#include <stddef.h>

/// Shakes hands as a client and keeps what the peer shows; nothing is verified, as the caller compares.
///
/// fd: connected. name: for SNI, NULL for none. chain: DER certificates one behind the other, leaf first, to be freed with
/// cygni_tls_free. 0, or -1 with words in `error`.
int cygni_tls_show(int fd, const char *_Nullable name, int milliseconds, unsigned char *_Nullable *_Nonnull chain,
                   size_t *_Nonnull length, char *_Nonnull error, size_t error_size);
void cygni_tls_free(unsigned char *_Nullable chain);

/// One that answers handshakes for `acme-tls/1`.
typedef struct cygni_acme_tls cygni_acme_tls;

/// Gives a client the certificate and key for the name that it asks for, with cygni_acme_use; 0 when there is none.
typedef int (*cygni_acme_lookup)(void *_Nullable context, const char *_Nonnull name, void *_Nonnull client);
/// Certificate and key, DER, are copied.
int cygni_acme_use(void *_Nonnull client, const unsigned char *_Nonnull certificate, size_t certificate_length,
                   const unsigned char *_Nonnull key, size_t key_length);

cygni_acme_tls *_Nullable cygni_acme_tls_new(cygni_acme_lookup _Nonnull lookup, void *_Nullable context);
void cygni_acme_tls_delete(cygni_acme_tls *_Nullable server);

/// A client's connection, in the middle of its handshake.
typedef struct cygni_acme_client cygni_acme_client;
cygni_acme_client *_Nullable cygni_acme_client_new(cygni_acme_tls *_Nonnull server, int fd);
/// Goes on with what has come: 1 wants more, 0 is over.
int cygni_acme_client_step(cygni_acme_client *_Nonnull client);
void cygni_acme_client_delete(cygni_acme_client *_Nullable client);

#endif
