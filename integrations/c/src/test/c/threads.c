/* Several threads at once. */
#define CALLER_FILE 3
#include "caller.h"

#include <pthread.h>
#include <string.h>

struct worker {
    pthread_t thread;
    int (*work)(const struct coffer *, uint8_t *, int);
    const struct coffer *c;
    uint8_t *seat;
    int number, answer;
};

static void *work(void *argument) {
    struct worker *w = argument;
    w->answer = w->work(w->c, w->seat, w->number);
    return NULL;
}

int together(int (*what)(const struct coffer *, uint8_t *, int), const struct coffer *c, uint8_t *seat, size_t stack) {
    struct worker workers[THREADS];
    pthread_attr_t attributes;
    int answer = pthread_attr_init(&attributes);
    if (stack != 0) {
        answer |= pthread_attr_setstacksize(&attributes, stack);
    }
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.work = what, .c = c, .seat = seat + i * THREAD_SEAT, .number = i};
        answer |= pthread_create(&workers[i].thread, &attributes, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        answer = answer != 0 ? answer : workers[i].answer;
    }
    pthread_attr_destroy(&attributes);
    return answer;
}

static int everything(const struct coffer *c, uint8_t *seat, int number) {
    for (int i = 0; i < 3; i++) {
        int answer = steady_hashes(c, seat);
        answer = answer != 0 ? answer : steady_curves(c, seat);
        answer = answer != 0 ? answer : steady_lattice(c, seat);
        answer = answer != 0 ? answer : steady_evm(c, seat);
        if (answer != 0) {
            return answer;
        }
    }
    (void)number;
    return 0;
}

int threads_do_everything(const struct coffer *c, uint8_t *seat) {
    return together(everything, c, seat, 0);
}

/* What takes most of a stack, on one of the size that the header promises to be enough; the thread itself needs some of it. */
static int deepest(const struct coffer *c, uint8_t *seat, int number) {
    static const uint32_t schemes[THREADS] = {COFFER_FALCON_512, COFFER_SLH_DSA_SHA2_128F, COFFER_SLH_DSA_SHAKE_128F, COFFER_ML_DSA_87};
    uint8_t *pk = seat, *sk = seat + 0x4000, *sig = seat + 0x10000;
    struct coffer_sizes sizes;
    EXPECT(c->describe(schemes[number], &sizes, sizeof sizes), COFFER_OK)
    EXPECT(c->keygen(schemes[number], NULL, 0, pk, sizes.public_key, sk, sizes.secret_key, NULL, 0), COFFER_OK)
    EXPECT(c->sign(schemes[number], COFFER_HEDGED, sk, sizes.secret_key, "message", 7, NULL, 0, sig, sizes.signature, NULL, 0), COFFER_OK)
    EXPECT(c->verify(schemes[number], pk, sizes.public_key, "message", 7, NULL, 0, sig, sizes.signature, NULL, 0), COFFER_OK)
    return everything(c, seat, number);
}

int threads_on_small_stacks(const struct coffer *c, uint8_t *seat) {
    return together(deepest, c, seat, COFFER_STACK_BYTES);
}

/* One handle, several threads: each call is whole or refused, so the bytes are one writer's. */
static int fight_for_memory(const struct coffer *c, uint8_t *seat, int number) {
    uint64_t memory = *(uint64_t *)(void *)(seat - number * THREAD_SEAT); /* the first one's seat holds the handle */
    uint8_t *mine = seat + 4096, *read = seat + 4096 + 0x10000;
    memset(mine, number + 1, 0x10000);
    for (int i = 0; i < 200; i++) {
        int32_t answer = c->evm_write(memory, 0, mine, 0x10000);
        EXPECT(answer == COFFER_OK || answer == COFFER_BUSY, 1)
        for (int j = 0; j < 300; j++) { /* short ones: a handle that comes to rest while another looks at it is still no unknown one */
            answer = c->evm_ensure(memory, 0, 1);
            EXPECT(answer == COFFER_OK || answer == COFFER_BUSY, 1)
        }
        answer = c->evm_read(memory, 0, read, 0x10000);
        EXPECT(answer == COFFER_OK || answer == COFFER_BUSY || answer == COFFER_BOUNDS, 1)
        if (answer == COFFER_OK) {
            EXPECT(memcmp(read, read + 1, 0xffff), 0)
        }
    }
    return 0;
}

int threads_fight_for_memory(const struct coffer *c, uint8_t *seat) {
    uint64_t *memory = (uint64_t *)(void *)seat;
    EXPECT(c->evm_create(memory), COFFER_OK)
    int answer = together(fight_for_memory, c, seat, 0);
    EXPECT(c->evm_destroy(*memory), COFFER_OK)
    return answer;
}

/* Handles are made and ended by all at once: nobody gets one that another has, a full table refuses, and each ends once. */
static int make_and_end(const struct coffer *c, uint8_t *seat, int number) {
    for (int i = 0; i < 500; i++) {
        uint64_t hash = 0, memory = 0;
        int32_t answer = c->hash_open(COFFER_SHA3_256, &hash);
        EXPECT(answer == COFFER_OK || answer == COFFER_FULL, 1)
        if (answer == COFFER_OK) {
            memset(seat, number, 100);
            EXPECT(c->hash_update(hash, seat, 100), COFFER_OK)
            EXPECT(c->hash_finish(hash, seat + 128, 32), COFFER_OK)
            EXPECT(c->hash_close(hash), COFFER_HANDLE)
            EXPECT(c->hash(COFFER_SHA3_256, seat, 100, seat + 192, 32), COFFER_OK)
            EXPECT(memcmp(seat + 128, seat + 192, 32), 0)
        }
        answer = c->evm_create(&memory);
        EXPECT(answer == COFFER_OK || answer == COFFER_FULL, 1)
        if (answer == COFFER_OK) {
            EXPECT(c->evm_write_byte(memory, (uint64_t)number, (uint32_t)number), COFFER_OK)
            EXPECT(c->evm_read_byte(memory, (uint64_t)number, seat), COFFER_OK)
            EXPECT(seat[0], number)
            EXPECT(c->evm_destroy(memory), COFFER_OK)
            EXPECT(c->evm_destroy(memory), COFFER_HANDLE)
        }
    }
    return 0;
}

int threads_make_and_end(const struct coffer *c, uint8_t *seat) {
    return together(make_and_end, c, seat, 0);
}

/* Calls until the table is closed under them: each is whole before that, and refused after, by that answer and no other. */
static int until_closed(const struct coffer *c, uint8_t *seat, int number) {
    for (;;) {
        uint64_t memory = 0;
        int32_t answer = number == 0 ? c->keygen(COFFER_ML_KEM_768, NULL, 0, seat, COFFER_ML_KEM_768_PUBLIC_KEY, seat + 4096, COFFER_ML_KEM_768_SECRET_KEY, NULL, 0)
                         : number == 1 ? c->hash(COFFER_SHA3_512, seat, 4096, seat + 8192, 64)
                         : number == 2 ? c->keygen(COFFER_ML_KEM_768, NULL, 0, seat, COFFER_ML_KEM_768_PUBLIC_KEY, seat + 4096, COFFER_ML_KEM_768_SECRET_KEY, seat + 8192, COFFER_WORKSPACE_MAX)
                                       : c->evm_create(&memory);
        if (number > 2 && answer == COFFER_OK) {
            answer = c->evm_write(memory, 0, seat, 1 << 17);
            EXPECT(answer == COFFER_OK || answer == COFFER_CLOSED, 1)
            answer = c->evm_destroy(memory);
        }
        if (answer != COFFER_OK) {
            EXPECT(answer, COFFER_CLOSED)
            return 0;
        }
    }
}

int threads_until_closed(const struct coffer *c, uint8_t *seat) {
    return together(until_closed, c, seat, 0);
}
