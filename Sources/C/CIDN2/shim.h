#ifndef CYGNI_CIDN2_SHIM_H
#define CYGNI_CIDN2_SHIM_H

// libidn2: internationalized domain names (IDNA 2008). `pkg-config libidn2` names its include folder.
#include <idn2.h>

#endif
