/*
 * The least that a server of small answers can cost: it reads no HTTP, and answers every piece of input with the same bytes. What
 * is left is the kernel's work for one receive and one send, by one of three ways. Made and run by dev.coffer.bench.serve.FloorBench.
 *
 *   floor epoll PORT     level-triggered epoll, recv, send
 *   floor receive PORT   io_uring: accept and receive multishot, into a ring of provided buffers; send as a call
 *   floor ring PORT      io_uring: the sends too, submitted with the next wait
 *
 * A probe, no server: it ends at the first thing that it does not expect, and believes that every send is taken whole.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nETag: \"123456789abc-e-18f2a3b4c5d6e7f8-18f2a3b4c5d6e7f8\"\r\n"
    "Last-Modified: Thu, 26 Nov 2026 00:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "X-Content-Type-Options: nosniff\r\nAccept-Ranges: bytes\r\nContent-Length: 14\r\n"
    "Date: Thu, 26 Nov 2026 00:00:00 GMT\r\n\r\ncccccccccccccc";
#define ANSWER_BYTES (sizeof ANSWER - 1)

#define EVENTS 64
#define ENTRIES 1024          /* of the submission ring */
#define COMPLETIONS 4096
#define BUFFERS 256           /* provided */
#define BUFFER_BYTES 2048
#define ACCEPTED (UINT64_C(1) << 32)
#define SENT (UINT64_C(1) << 33)

static void require(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static int listener(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    require(fd >= 0, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    require(bind(fd, (struct sockaddr *) &at, sizeof at) == 0 && listen(fd, 1024) == 0, "listen");
    return fd;
}

static void answer(int fd) {
    send(fd, ANSWER, ANSWER_BYTES, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void by_epoll(int port) {
    static char input[1 << 14];
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
    int epoll = epoll_create1(0), listens = listener(port), fd;
    event.data.fd = listens;
    require(epoll_ctl(epoll, EPOLL_CTL_ADD, listens, &event) == 0, "epoll_ctl");
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listens) {
                while ((fd = accept4(listens, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    event.data.fd = fd;
                    require(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
                }
                continue;
            }
            ssize_t got = recv(events[i].data.fd, input, sizeof input, MSG_DONTWAIT);
            if (got > 0) {
                answer(events[i].data.fd);
            } else if (got == 0 || errno != EAGAIN) {
                close(events[i].data.fd);
            }
        }
    }
}

static int ring;
static unsigned *sq_tail, *sq_array, *cq_head, *cq_tail, sq_mask, cq_mask, tail, pending;
static struct io_uring_sqe *submissions;
static struct io_uring_cqe *completions;
static struct io_uring_buf_ring *provided;
static char *buffers;
static uint16_t provided_tail;

static void *map(size_t bytes, int fd, off_t at) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED) | MAP_POPULATE, fd, at);
    require(memory != MAP_FAILED, "mmap");
    return memory;
}

static void give(int id) {
    struct io_uring_buf *buffer = &provided->bufs[provided_tail++ & (BUFFERS - 1)];
    buffer->addr = (uint64_t) (uintptr_t) (buffers + (size_t) id * BUFFER_BYTES);
    buffer->len = BUFFER_BYTES;
    buffer->bid = id;
}

static void open_ring(void) {
    struct io_uring_params with = {.cq_entries = COMPLETIONS, .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL
        | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    ring = syscall(__NR_io_uring_setup, ENTRIES, &with);
    require(ring >= 0, "io_uring_setup");
    require(with.features & IORING_FEAT_SINGLE_MMAP, "one mapping");
    size_t sq = with.sq_off.array + with.sq_entries * sizeof(unsigned);
    size_t cq = with.cq_off.cqes + with.cq_entries * sizeof(struct io_uring_cqe);
    char *both = map(sq > cq ? sq : cq, ring, IORING_OFF_SQ_RING);
    submissions = map(with.sq_entries * sizeof *submissions, ring, IORING_OFF_SQES);
    sq_tail = (unsigned *) (both + with.sq_off.tail);
    sq_mask = *(unsigned *) (both + with.sq_off.ring_mask);
    sq_array = (unsigned *) (both + with.sq_off.array);
    cq_head = (unsigned *) (both + with.cq_off.head);
    cq_tail = (unsigned *) (both + with.cq_off.tail);
    cq_mask = *(unsigned *) (both + with.cq_off.ring_mask);
    completions = (struct io_uring_cqe *) (both + with.cq_off.cqes);
    provided = map(BUFFERS * sizeof(struct io_uring_buf), -1, 0);
    buffers = map((size_t) BUFFERS * BUFFER_BYTES, -1, 0);
    struct io_uring_buf_reg reg = {.ring_addr = (uint64_t) (uintptr_t) provided, .ring_entries = BUFFERS};
    require(syscall(__NR_io_uring_register, ring, IORING_REGISTER_PBUF_RING, &reg, 1) == 0, "provided buffers");
    for (int i = 0; i < BUFFERS; i++) {
        give(i);
    }
    __atomic_store_n(&provided->tail, provided_tail, __ATOMIC_RELEASE);
}

static void enter(unsigned least) {
    __atomic_store_n(sq_tail, tail, __ATOMIC_RELEASE);
    int took = syscall(__NR_io_uring_enter, ring, pending, least, least ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
    require(took >= 0 || errno == EINTR, "io_uring_enter");
    pending -= took > 0 ? took : 0;
}

static struct io_uring_sqe *submit(int operation, int fd, uint64_t token) {
    if (pending > sq_mask) {
        enter(0);
    }
    struct io_uring_sqe *entry = &submissions[tail & sq_mask];
    memset(entry, 0, sizeof *entry);
    entry->opcode = operation;
    entry->fd = fd;
    entry->user_data = token;
    sq_array[tail & sq_mask] = tail & sq_mask;
    tail++;
    pending++;
    return entry;
}

static void receive(int fd) {
    struct io_uring_sqe *entry = submit(IORING_OP_RECV, fd, fd);
    entry->ioprio = IORING_RECV_MULTISHOT;
    entry->flags = IOSQE_BUFFER_SELECT;
}

static void complete(const struct io_uring_cqe *of, int sends) {
    int fd = (int) of->user_data;
    if (of->user_data & SENT) {
        return;
    }
    if (of->user_data & ACCEPTED) {
        require(of->res >= 0, "accept");
        receive(of->res);
    } else if (of->res > 0) {
        give(of->flags >> IORING_CQE_BUFFER_SHIFT);
        if (sends) {
            struct io_uring_sqe *entry = submit(IORING_OP_SEND, fd, SENT | fd);
            entry->addr = (uint64_t) (uintptr_t) ANSWER;
            entry->len = ANSWER_BYTES;
            entry->msg_flags = MSG_NOSIGNAL;
            entry->flags = IOSQE_CQE_SKIP_SUCCESS;
        } else {
            answer(fd);
        }
        if (!(of->flags & IORING_CQE_F_MORE)) {
            receive(fd);
        }
    } else if (of->res == -ENOBUFS) {
        receive(fd);
    } else {
        close(fd);
    }
}

static void by_ring(int port, int sends) {
    open_ring();
    struct io_uring_sqe *entry = submit(IORING_OP_ACCEPT, listener(port), ACCEPTED);
    entry->ioprio = IORING_ACCEPT_MULTISHOT;
    entry->accept_flags = SOCK_NONBLOCK;
    for (unsigned head = *cq_head;;) {
        enter(1);
        for (unsigned end = __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE); head != end; head++) {
            complete(&completions[head & cq_mask], sends);
        }
        __atomic_store_n(&provided->tail, provided_tail, __ATOMIC_RELEASE);
        __atomic_store_n(cq_head, head, __ATOMIC_RELEASE);
    }
}

int main(int count, char **words) {
    require(count == 3, "floor epoll|receive|ring PORT");
    int port = atoi(words[2]);
    if (strcmp(words[1], "epoll") == 0) {
        by_epoll(port);
    } else {
        by_ring(port, strcmp(words[1], "ring") == 0);
    }
    return 0;
}
