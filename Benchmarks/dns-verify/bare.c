// libunbound's event API in a bare loop: the engine's limit. Reads "name type" lines, keeps so many lookups in flight, and prints
// how many were answered and how many were not. Built by the benchmark together with the event base of Sources/C/CUnbound.
#include "CUnbound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct question {
    char name[256];
    int type;
};

static struct question *questions;
static size_t count, next, done, failed;
static struct ub_ctx *context;

static void begin(void);

static void answered(void *data, int code, void *packet, int length, int security, char *why, int limited) {
    (void)data, (void)packet, (void)length, (void)security, (void)why, (void)limited;
    done++;
    if (code != 0 && code != 3) failed++;
    begin();
}

static void begin(void) {
    if (next >= count) return;
    struct question *question = &questions[next++];
    int id;
    if (ub_resolve_event(context, question->name, question->type, 1, NULL, answered, &id) != 0) {
        done++;
        failed++;
    }
}

static void option(const char *name, const char *value) {
    int code = ub_ctx_set_option(context, name, value);
    if (code != 0) {
        fprintf(stderr, "%s %s: %s\n", name, value, ub_strerror(code));
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: bare FILE ROOT-HINTS WINDOW [OPTION VALUE ...]\n");
        return 64;
    }
    FILE *file = fopen(argv[1], "r");
    if (file == NULL) {
        perror(argv[1]);
        return 1;
    }
    size_t room = 1 << 18;
    questions = malloc(room * sizeof *questions);
    while (count < room && fscanf(file, "%255s %d", questions[count].name, &questions[count].type) == 2) count++;
    fclose(file);
    cygni_event_loop *loop = cygni_event_loop_new();
    context = ub_ctx_create_ub_event(cygni_event_loop_base(loop));
    for (int index = 4; index + 1 < argc; index += 2) option(argv[index], argv[index + 1]);
    option("root-hints:", argv[2]);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    size_t window = strtoul(argv[3], NULL, 10);
    for (size_t index = 0; index < window; index++) begin();
    while (done < count) cygni_event_loop_run(loop, 1000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) / 1e9;
    printf("%zu %zu %.3f\n", count, failed, seconds);
    return 0;
}
