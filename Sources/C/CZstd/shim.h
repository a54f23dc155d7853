#ifndef CYGNI_CZSTD_SHIM_H
#define CYGNI_CZSTD_SHIM_H

// libzstd. `pkg-config libzstd` names its include folder.
#include <zstd.h>

// A macro with a cast, which Swift does not import.
static const unsigned long long cygni_zstd_content_size_unknown = ZSTD_CONTENTSIZE_UNKNOWN;
static const unsigned long long cygni_zstd_content_size_error = ZSTD_CONTENTSIZE_ERROR;

#endif
