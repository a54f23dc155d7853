#ifndef CYGNI_CZLIB_SHIM_H
#define CYGNI_CZLIB_SHIM_H

// zlib. `pkg-config zlib` names its include folder.
#include <zlib.h>

// A macro that hands the version and size over. 15 bits of window, 16 more for gzip's own wrapping alone.
static inline int cygni_gunzip_begin(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

static inline int cygni_gzip_begin(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

#endif
