// An event base for libunbound on epoll(7): descriptors, and timers in a binary heap. For one thread, but for the wake.
#include "CUnbound.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef void (*callback)(int, short, void *);

struct event {
    struct ub_event header; // first, so that a pointer to one is a pointer to the other
    cygni_event_loop *loop;
    int fd;
    short bits;
    callback handle;
    void *argument;
    int is_watched;        // in epoll
    int64_t interval;      // of a persistent event's time-out, in microseconds; 0: none
    int64_t due;           // on the monotonic clock, in microseconds
    size_t place;          // in the heap, from 1; 0: not in it
};

struct cygni_event_loop {
    struct ub_event_base header;
    int epoll;
    int wake;
    struct event **heap; // from 1
    size_t count, room;
    struct epoll_event ready[256];
    int ready_count;
};

static int64_t now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

// Timers.

static void put(cygni_event_loop *loop, size_t place, struct event *event) {
    loop->heap[place] = event;
    event->place = place;
}

static void rise(cygni_event_loop *loop, size_t place, struct event *event) {
    while (place > 1 && loop->heap[place / 2]->due > event->due) {
        put(loop, place, loop->heap[place / 2]);
        place /= 2;
    }
    put(loop, place, event);
}

static void sink(cygni_event_loop *loop, size_t place, struct event *event) {
    for (;;) {
        size_t child = place * 2;
        if (child > loop->count) break;
        if (child < loop->count && loop->heap[child + 1]->due < loop->heap[child]->due) child++;
        if (loop->heap[child]->due >= event->due) break;
        put(loop, place, loop->heap[child]);
        place = child;
    }
    put(loop, place, event);
}

static void forget_time(struct event *event) {
    cygni_event_loop *loop = event->loop;
    size_t place = event->place;
    if (place == 0) return;
    event->place = 0;
    struct event *last = loop->heap[loop->count--];
    if (last == event) return;
    if (place > 1 && loop->heap[place / 2]->due > last->due) rise(loop, place, last);
    else sink(loop, place, last);
}

static int set_time(struct event *event, int64_t due) {
    cygni_event_loop *loop = event->loop;
    forget_time(event);
    if (loop->count + 2 > loop->room) {
        size_t room = loop->room * 2 + 64;
        struct event **heap = realloc(loop->heap, room * sizeof *heap);
        if (heap == NULL) return -1;
        loop->heap = heap;
        loop->room = room;
    }
    event->due = due;
    rise(loop, ++loop->count, event);
    return 0;
}

// Descriptors.

static int watch(struct event *event) {
    struct epoll_event wanted = {.data.ptr = event};
    if (event->bits & UB_EV_READ) wanted.events |= EPOLLIN;
    if (event->bits & UB_EV_WRITE) wanted.events |= EPOLLOUT;
    if (event->fd < 0 || wanted.events == 0) return 0;
    if (epoll_ctl(event->loop->epoll, EPOLL_CTL_ADD, event->fd, &wanted) != 0) {
        if (errno != EEXIST || epoll_ctl(event->loop->epoll, EPOLL_CTL_MOD, event->fd, &wanted) != 0) return -1;
    }
    event->is_watched = 1;
    return 0;
}

static void unwatch(struct event *event) {
    if (event->is_watched) epoll_ctl(event->loop->epoll, EPOLL_CTL_DEL, event->fd, NULL);
    event->is_watched = 0;
    // What epoll has told already must not be handled any more.
    for (int index = 0; index < event->loop->ready_count; index++) {
        if (event->loop->ready[index].data.ptr == event) event->loop->ready[index].data.ptr = NULL;
    }
}

static void fire(struct event *event, short bits) {
    if (event->bits & UB_EV_PERSIST) {
        if (event->interval > 0) set_time(event, now_us() + event->interval);
    } else {
        unwatch(event);
        forget_time(event);
    }
    event->handle(event->fd, bits, event->argument);
}

// What libunbound calls.

static int64_t span(const struct timeval *time) { return (int64_t)time->tv_sec * 1000000 + time->tv_usec; }

static int event_add(struct ub_event *header, struct timeval *time) {
    struct event *event = (struct event *)header;
    event->interval = time ? span(time) : 0;
    if (watch(event) != 0) return -1;
    if (time == NULL) {
        forget_time(event);
        return 0;
    }
    return set_time(event, now_us() + event->interval);
}

static int event_delete(struct ub_event *header) {
    struct event *event = (struct event *)header;
    unwatch(event);
    forget_time(event);
    return 0;
}

static void event_add_bits(struct ub_event *header, short bits) { ((struct event *)header)->bits |= bits; }
static void event_delete_bits(struct ub_event *header, short bits) { ((struct event *)header)->bits &= (short)~bits; }
static void event_set_fd(struct ub_event *header, int fd) { ((struct event *)header)->fd = fd; }

static void event_free(struct ub_event *header) {
    event_delete(header);
    free(header);
}

static int event_add_timer(
    struct ub_event *header, struct ub_event_base *base, callback handle, void *argument, struct timeval *time
) {
    struct event *event = (struct event *)header;
    (void)base;
    event_delete(header);
    event->handle = handle;
    event->argument = argument;
    event->fd = -1;
    event->bits = UB_EV_TIMEOUT;
    event->interval = span(time);
    return set_time(event, now_us() + event->interval);
}

static int event_add_signal(struct ub_event *header, struct timeval *time) {
    (void)header, (void)time;
    return -1;
}

static void event_unregister(struct ub_event *header) { (void)header; }
static void event_would_block(struct ub_event *header, int bit) { (void)header, (void)bit; }

static struct ub_event_vmt event_functions = {
    event_add_bits, event_delete_bits, event_set_fd, event_free, event_add, event_delete, event_add_timer, event_delete,
    event_add_signal, event_delete, event_unregister, event_would_block,
};

static struct ub_event *base_new_event(struct ub_event_base *base, int fd, short bits, callback handle, void *argument) {
    struct event *event = calloc(1, sizeof *event);
    if (event == NULL) return NULL;
    event->header.magic = UB_EVENT_MAGIC;
    event->header.vmt = &event_functions;
    event->loop = (cygni_event_loop *)base;
    event->fd = fd;
    event->bits = bits;
    event->handle = handle;
    event->argument = argument;
    return &event->header;
}

static struct ub_event *base_new_signal(struct ub_event_base *base, int fd, callback handle, void *argument) {
    (void)base, (void)fd, (void)handle, (void)argument;
    return NULL;
}

static struct ub_event *base_register(struct ub_event_base *base, void *handle, callback call, void *argument) {
    (void)base, (void)handle, (void)call, (void)argument;
    return NULL;
}

static void base_free(struct ub_event_base *base) { (void)base; }

static int base_dispatch(struct ub_event_base *base) {
    (void)base;
    return -1;
}

static int base_exit(struct ub_event_base *base, struct timeval *time) {
    (void)base, (void)time;
    return -1;
}

static struct ub_event_base_vmt base_functions = {
    base_free, base_dispatch, base_exit, base_new_event, base_new_signal, base_register,
};

// What Swift calls.

cygni_event_loop *cygni_event_loop_new(void) {
    cygni_event_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) return NULL;
    loop->header.magic = UB_EVENT_MAGIC;
    loop->header.vmt = &base_functions;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = loop};
    if (loop->epoll < 0 || loop->wake < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &wanted) != 0) {
        cygni_event_loop_free(loop);
        return NULL;
    }
    return loop;
}

void cygni_event_loop_free(cygni_event_loop *loop) {
    if (loop->epoll >= 0) close(loop->epoll);
    if (loop->wake >= 0) close(loop->wake);
    free(loop->heap);
    free(loop);
}

struct ub_event_base *cygni_event_loop_base(cygni_event_loop *loop) { return &loop->header; }

void cygni_event_loop_wake(cygni_event_loop *loop) {
    uint64_t one = 1;
    while (write(loop->wake, &one, sizeof one) < 0 && errno == EINTR) {}
}

static int wait_time(cygni_event_loop *loop, int milliseconds) {
    if (loop->count == 0) return milliseconds;
    int64_t left = loop->heap[1]->due - now_us();
    int64_t wait = left <= 0 ? 0 : (left + 999) / 1000;
    return milliseconds >= 0 && milliseconds < wait ? milliseconds : (int)(wait > 1000000 ? 1000000 : wait);
}

int cygni_event_loop_run(cygni_event_loop *loop, int milliseconds) {
    int count = epoll_wait(loop->epoll, loop->ready, 256, wait_time(loop, milliseconds));
    if (count < 0) return errno == EINTR ? 0 : -1;
    loop->ready_count = count;
    for (int index = 0; index < count; index++) {
        void *found = loop->ready[index].data.ptr;
        if (found == NULL) continue;
        if (found == loop) {
            uint64_t told;
            while (read(loop->wake, &told, sizeof told) > 0) {}
            continue;
        }
        struct event *event = found;
        uint32_t told = loop->ready[index].events;
        short bits = 0;
        if (told & (EPOLLIN | EPOLLERR | EPOLLHUP)) bits |= event->bits & UB_EV_READ;
        if (told & (EPOLLOUT | EPOLLERR | EPOLLHUP)) bits |= event->bits & UB_EV_WRITE;
        if (bits != 0) fire(event, bits);
    }
    loop->ready_count = 0;
    // Those that become due meanwhile wait for the next round, so that descriptors have their turn.
    int64_t now = now_us();
    while (loop->count > 0 && loop->heap[1]->due <= now) {
        struct event *event = loop->heap[1];
        forget_time(event);
        fire(event, UB_EV_TIMEOUT);
    }
    return 0;
}
