// A relay for DNS over UDP that holds each answer back for so many milliseconds: relay ADDRESS PORT MILLISECONDS. It listens on
// ADDRESS:53 and asks 127.0.0.1:PORT; port 0 says nothing at all, like a dead server.
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 65536, LONGEST = 1500 };

struct slot {
    struct sockaddr_in client;
    unsigned char id[2];
};

struct held {
    double due;
    struct sockaddr_in client;
    int length;
    unsigned char bytes[LONGEST];
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int open_socket(const char *address, int port, int is_server) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 8 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &place.sin_addr);
    int status = is_server ? bind(descriptor, (struct sockaddr *)&place, sizeof place)
                           : connect(descriptor, (struct sockaddr *)&place, sizeof place);
    if (status != 0) {
        perror(address);
        exit(1);
    }
    return descriptor;
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    int port = atoi(argv[2]), next = 0;
    double delay = atof(argv[3]) / 1000;
    struct slot *slots = calloc(SLOTS, sizeof *slots);
    struct held *held = calloc(SLOTS, sizeof *held);
    unsigned first = 0, last = 0;
    struct pollfd sockets[2] = {{open_socket(argv[1], 53, 1), POLLIN, 0}, {-1, POLLIN, 0}};
    if (port != 0) sockets[1].fd = open_socket("127.0.0.1", port, 0);
    printf("ready\n");
    fflush(stdout);
    unsigned char bytes[LONGEST];
    for (;;) {
        double wait = first == last ? 1 : held[first % SLOTS].due - now();
        struct timespec limit = {.tv_nsec = wait <= 0 ? 0 : wait >= 1 ? 999999999 : (long)(wait * 1e9)};
        ppoll(sockets, 2, &limit, NULL);
        struct sockaddr_in client;
        socklen_t size = sizeof client;
        ssize_t length;
        while ((length = recvfrom(sockets[0].fd, bytes, sizeof bytes, 0, (struct sockaddr *)&client, &size)) >= 12) {
            if (port == 0) continue;
            struct slot *slot = &slots[next];
            slot->client = client;
            memcpy(slot->id, bytes, 2);
            bytes[0] = next >> 8;
            bytes[1] = next & 0xFF;
            next = (next + 1) % SLOTS;
            send(sockets[1].fd, bytes, length, 0);
        }
        while (port != 0 && last - first < SLOTS && (length = recv(sockets[1].fd, bytes, sizeof bytes, 0)) >= 12) {
            struct slot *slot = &slots[bytes[0] << 8 | bytes[1]];
            struct held *answer = &held[last++ % SLOTS];
            *answer = (struct held){.due = now() + delay, .client = slot->client, .length = length};
            memcpy(answer->bytes, bytes, length);
            memcpy(answer->bytes, slot->id, 2);
        }
        while (first != last && held[first % SLOTS].due <= now()) {
            struct held *answer = &held[first++ % SLOTS];
            sendto(sockets[0].fd, answer->bytes, answer->length, 0, (struct sockaddr *)&answer->client, sizeof answer->client);
        }
    }
}
