#ifndef CYGNI_CPOSTGRES_SHIM_H
#define CYGNI_CPOSTGRES_SHIM_H

// libpq, PostgreSQL's own client library. `pkg-config libpq` names its include folder.
#include <libpq-fe.h>

#endif
