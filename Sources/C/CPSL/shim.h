#ifndef CYGNI_CPSL_SHIM_H
#define CYGNI_CPSL_SHIM_H

// libpsl: the public suffix list. `pkg-config libpsl` names its include folder.
#include <libpsl.h>

#endif
