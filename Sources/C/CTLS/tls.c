#include "CTLS.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(char *error, size_t size, const char *fallback) {
    unsigned long code = ERR_get_error();
    const char *words = code ? ERR_reason_error_string(code) : NULL;
    strncpy(error, words ? words : fallback, size - 1);
    error[size - 1] = 0;
    ERR_clear_error();
}

static int keep(SSL *ssl, unsigned char **chain, size_t *length) {
    STACK_OF(X509) *shown = SSL_get_peer_cert_chain(ssl);
    int count = shown ? sk_X509_num(shown) : 0;
    size_t total = 0;
    for (int i = 0; i < count; i++) {
        int size = i2d_X509(sk_X509_value(shown, i), NULL);
        if (size < 0) return -1;
        total += (size_t)size;
    }
    unsigned char *bytes = malloc(total ? total : 1), *end = bytes;
    if (!bytes || !total) {
        free(bytes);
        return -1;
    }
    for (int i = 0; i < count; i++) i2d_X509(sk_X509_value(shown, i), &end);
    *chain = bytes;
    *length = total;
    return 0;
}

int cygni_tls_show(int fd, const char *name, int milliseconds, unsigned char **chain, size_t *length, char *error,
                   size_t error_size) {
    long end = now_ms() + milliseconds;
    int result = -1;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = context ? SSL_new(context) : NULL;
    if (!ssl || SSL_set_fd(ssl, fd) != 1 || (name && SSL_set_tlsext_host_name(ssl, name) != 1)) {
        say(error, error_size, "out of memory");
        goto out;
    }
    for (;;) {
        int step = SSL_connect(ssl);
        if (step == 1) break;
        int want = SSL_get_error(ssl, step);
        struct pollfd wait = {.fd = fd, .events = want == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN};
        if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
            say(error, error_size, errno ? strerror(errno) : "the connection ended during the handshake");
            goto out;
        }
        long left = end - now_ms();
        if (left <= 0 || poll(&wait, 1, (int)left) == 0) {
            strncpy(error, "no handshake in time", error_size - 1);
            error[error_size - 1] = 0;
            goto out;
        }
    }
    if (keep(ssl, chain, length) != 0) {
        say(error, error_size, "it showed no certificate");
        goto out;
    }
    SSL_shutdown(ssl);
    result = 0;
out:
    SSL_free(ssl);
    SSL_CTX_free(context);
    return result;
}

void cygni_tls_free(unsigned char *chain) { free(chain); }

struct cygni_acme_tls {
    SSL_CTX *context;
    cygni_acme_lookup lookup;
    void *user;
};

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *in,
                           unsigned int in_length, void *user) {
    (void)ssl;
    (void)user;
    static const unsigned char wanted[] = "\x0a" "acme-tls/1";
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_length, wanted, sizeof wanted - 1, in, in_length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

int cygni_acme_use(void *client, const unsigned char *certificate, size_t certificate_length, const unsigned char *key,
                   size_t key_length) {
    X509 *leaf = d2i_X509(NULL, &certificate, (long)certificate_length);
    EVP_PKEY *secret = d2i_AutoPrivateKey(NULL, &key, (long)key_length);
    int is_set = leaf && secret && SSL_use_certificate(client, leaf) == 1 && SSL_use_PrivateKey(client, secret) == 1;
    X509_free(leaf);
    EVP_PKEY_free(secret);
    return is_set;
}

static int choose_certificate(SSL *ssl, void *user) {
    cygni_acme_tls *server = user;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    return name && server->lookup(server->user, name, ssl);
}

cygni_acme_tls *cygni_acme_tls_new(cygni_acme_lookup lookup, void *user) {
    cygni_acme_tls *server = calloc(1, sizeof *server);
    if (!server) return NULL;
    server->context = SSL_CTX_new(TLS_server_method());
    server->lookup = lookup;
    server->user = user;
    if (!server->context) {
        free(server);
        return NULL;
    }
    SSL_CTX_set_alpn_select_cb(server->context, choose_protocol, NULL);
    SSL_CTX_set_cert_cb(server->context, choose_certificate, server);
    return server;
}

void cygni_acme_tls_delete(cygni_acme_tls *server) {
    if (!server) return;
    SSL_CTX_free(server->context);
    free(server);
}

struct cygni_acme_client {
    SSL *ssl;
};

cygni_acme_client *cygni_acme_client_new(cygni_acme_tls *server, int fd) {
    cygni_acme_client *client = calloc(1, sizeof *client);
    if (!client) return NULL;
    client->ssl = SSL_new(server->context);
    if (!client->ssl || SSL_set_fd(client->ssl, fd) != 1) {
        cygni_acme_client_delete(client);
        return NULL;
    }
    return client;
}

int cygni_acme_client_step(cygni_acme_client *client) {
    int step = SSL_accept(client->ssl);
    if (step == 1) {
        // The certificate was the answer.
        SSL_shutdown(client->ssl);
        return 0;
    }
    int want = SSL_get_error(client->ssl, step);
    ERR_clear_error();
    return want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE;
}

void cygni_acme_client_delete(cygni_acme_client *client) {
    if (!client) return;
    SSL_free(client->ssl);
    free(client);
}
