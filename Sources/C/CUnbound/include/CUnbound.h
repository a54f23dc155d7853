#ifndef CYGNI_CUNBOUND_H
#define CYGNI_CUNBOUND_H

// libunbound with its event API (unbound-event.h), and an event base of ours for it: Debian's package brings no libevent headers,
// and a loop of our own lets a Swift executor say when it runs.
#include <unbound.h>
#include <unbound-event.h>

typedef struct cygni_event_loop cygni_event_loop;

/// NULL: no memory, or no descriptors are left (errno).
cygni_event_loop *_Nullable cygni_event_loop_new(void);
void cygni_event_loop_free(cygni_event_loop *_Nonnull loop);

/// What ub_ctx_create_ub_event takes; lives as long as the loop.
struct ub_event_base *_Nonnull cygni_event_loop_base(cygni_event_loop *_Nonnull loop);

/// Waits for events for at most so many milliseconds (-1: for any time) and handles what came. 0, or -1 with errno.
int cygni_event_loop_run(cygni_event_loop *_Nonnull loop, int milliseconds);

/// Ends the wait of another thread, now or the next one. The only call that another thread may make.
void cygni_event_loop_wake(cygni_event_loop *_Nonnull loop);

#endif
