/* What the tests make a C program do: steady.c the same calls over and over, stranger.c a thread that the JVM does not know, threads.c several at
 * once, forging.c all that a hostile one tries. Each function answers 0, or where it went wrong and what was answered there. */
#ifndef CALLER_H
#define CALLER_H

#include "coffer.h"

#include <stddef.h>

/* Answers -(what was answered * 1,000,000 + number of the file * 10,000 + line). */
#define EXPECT(call, code)                                                     \
    {                                                                          \
        int expect_got = (call);                                               \
        if (expect_got != (code)) {                                            \
            return -expect_got * 1000000 - CALLER_FILE * 10000 - __LINE__;     \
        }                                                                      \
    }

int steady_curves(const struct coffer *c, uint8_t *seat);
int steady_hashes(const struct coffer *c, uint8_t *seat);
int steady_lattice(const struct coffer *c, uint8_t *seat);
int steady_refusals(const struct coffer *c, uint8_t *seat);
int steady_evm(const struct coffer *c, uint8_t *seat);

/* Of a seat of 1 MiB each thread has this many bytes to itself. */
#define THREADS 4
#define THREAD_SEAT (1 << 18)

/* Runs it on THREADS threads with stacks of so many bytes, 0 for the usual; answers what the first that failed answered. */
int together(int (*what)(const struct coffer *, uint8_t *, int), const struct coffer *c, uint8_t *seat, size_t stack);

#endif
