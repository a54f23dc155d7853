#ifndef CYGNI_CCURL_SHIM_H
#define CYGNI_CCURL_SHIM_H

// libcurl. `pkg-config libcurl` names its include folder.
#include <curl/curl.h>

// Swift calls no variadic C function; one function for each type of argument that libcurl's take.

static inline CURLcode cygni_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cygni_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cygni_curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cygni_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

/* curl keeps a copy. */
static inline CURLcode cygni_curl_set_blob(CURL *easy, CURLoption option, const void *data, size_t length) {
    struct curl_blob blob = {(void *)data, length, CURL_BLOB_COPY};
    return curl_easy_setopt(easy, option, &blob);
}

typedef size_t (*cygni_curl_data)(char *, size_t, size_t, void *);
typedef int (*cygni_curl_seek)(void *, curl_off_t, int);
typedef curl_socket_t (*cygni_curl_open)(void *, curlsocktype, struct curl_sockaddr *);

static inline CURLcode cygni_curl_set_data(CURL *easy, CURLoption option, cygni_curl_data value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cygni_curl_set_seek(CURL *easy, cygni_curl_seek value) {
    return curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, value);
}

static inline CURLcode cygni_curl_set_open(CURL *easy, cygni_curl_open value) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, value);
}

static inline CURLcode cygni_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode cygni_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// The result lies in a union, whose members Swift reads by copies of the message.
static inline CURLcode cygni_curl_result(const CURLMsg *message) { return message->data.result; }

// socket(2) with the address that libcurl means to connect to.
static inline curl_socket_t cygni_curl_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

#endif
