/* What the tests make a C program do: the same calls over and over, and everything a hostile one tries. Answers 0, or the line that went wrong. */
#define _GNU_SOURCE
#include "coffer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Answers the line, and above it what was answered there: -(answer * 100,000 + line). */
#define EXPECT(call, code)                        \
    {                                             \
        int expect_got = (call);                  \
        if (expect_got != (code)) {               \
            return -expect_got * 100000 - __LINE__; \
        }                                         \
    }

/* ---- steady: no objects ---- */

int steady_curves(const struct coffer *c, uint8_t *seat) {
    uint8_t *pk = seat, *sk = seat + 0x4000, *ct = seat + 0x8000, *one = seat + 0xc000, *two = seat + 0xc040, *sig = seat + 0xc080;
    uint8_t *workspace = seat + 0x10000;
    EXPECT(c->keygen(COFFER_X25519, NULL, 0, pk, 32, sk, 32, NULL, 0), COFFER_OK)
    EXPECT(c->encapsulate(COFFER_X25519, pk, 32, ct, 32, one, 32, workspace, COFFER_WORKSPACE_MAX), COFFER_OK)
    EXPECT(c->decapsulate(COFFER_X25519, sk, 32, ct, 32, two, 32, NULL, 0), COFFER_OK)
    EXPECT(memcmp(one, two, 32), 0)
    EXPECT(c->keygen(COFFER_ED25519, one, 32, pk, 32, sk, COFFER_ED25519_SECRET_KEY, workspace, COFFER_WORKSPACE_MAX), COFFER_OK)
    EXPECT(c->sign(COFFER_ED25519, COFFER_HEDGED, sk, COFFER_ED25519_SECRET_KEY, "message", 7, NULL, 0, sig, 64, NULL, 0), COFFER_OK)
    EXPECT(c->verify(COFFER_ED25519, pk, 32, "message", 7, NULL, 0, sig, 64, NULL, 0), COFFER_OK)
    return 0;
}

int steady_hashes(const struct coffer *c, uint8_t *seat) {
    uint8_t *one = seat + 0xc000;
    struct coffer_sizes sizes;
    uint64_t hash;
    EXPECT(c->describe(COFFER_ML_KEM_768, &sizes, sizeof sizes), COFFER_OK)
    for (uint32_t algorithm = COFFER_SHA_256; algorithm <= COFFER_BLAKE2B_512; algorithm++) {
        EXPECT(c->describe(algorithm, &sizes, sizeof sizes), COFFER_OK)
        EXPECT(c->hash(algorithm, seat, 100, one, sizes.digest), COFFER_OK)
        EXPECT(c->hash_open(algorithm, &hash), COFFER_OK)
        EXPECT(c->hash_update(hash, seat, 100), COFFER_OK)
        EXPECT(c->hash_finish(hash, one, sizes.digest), COFFER_OK)
        EXPECT(c->hash_open(algorithm, &hash), COFFER_OK)
        EXPECT(c->hash_close(hash), COFFER_OK)
    }
    EXPECT(c->wipe(seat, 0x10000), COFFER_OK)
    return 0;
}

int steady_lattice(const struct coffer *c, uint8_t *seat) {
    uint8_t *pk = seat, *sk = seat + 0x4000, *ct = seat + 0x8000, *one = seat + 0xc000, *two = seat + 0xc040, *seed = seat + 0xc100;
    uint8_t *sig = seat + 0x20000;
    struct coffer_sizes sizes;
    memset(seed, 1, 64);
    EXPECT(c->describe(COFFER_ML_KEM_512, &sizes, sizeof sizes), COFFER_OK)
    EXPECT(c->keygen(COFFER_ML_KEM_512, seed, sizes.seed, pk, sizes.public_key, sk, sizes.secret_key, NULL, 0), COFFER_OK)
    EXPECT(c->encapsulate(COFFER_ML_KEM_512, pk, sizes.public_key, ct, sizes.ciphertext, one, 32, NULL, 0), COFFER_OK)
    EXPECT(c->decapsulate(COFFER_ML_KEM_512, sk, sizes.secret_key, ct, sizes.ciphertext, two, 32, NULL, 0), COFFER_OK)
    EXPECT(memcmp(one, two, 32), 0)
    EXPECT(c->describe(COFFER_ML_DSA_44, &sizes, sizeof sizes), COFFER_OK)
    EXPECT(c->keygen(COFFER_ML_DSA_44, seed, sizes.seed, pk, sizes.public_key, sk, sizes.secret_key, NULL, 0), COFFER_OK)
    EXPECT(c->sign(COFFER_ML_DSA_44, COFFER_DETERMINISTIC, sk, sizes.secret_key, seat, 100, NULL, 0, sig, sizes.signature, NULL, 0), COFFER_OK)
    EXPECT(c->verify(COFFER_ML_DSA_44, pk, sizes.public_key, seat, 100, NULL, 0, sig, sizes.signature, NULL, 0), COFFER_OK)
    sig[40] ^= 1;
    EXPECT(c->verify(COFFER_ML_DSA_44, pk, sizes.public_key, seat, 100, NULL, 0, sig, sizes.signature, NULL, 0), COFFER_INVALID)
    return 0;
}

int steady_refusals(const struct coffer *c, uint8_t *seat) {
    uint64_t hash, memory;
    EXPECT(c->keygen(7, NULL, 0, seat, 32, seat + 32, 32, NULL, 0), COFFER_ALGORITHM)
    EXPECT(c->keygen(COFFER_X25519, NULL, 0, seat, 31, seat + 32, 32, NULL, 0), COFFER_LENGTH)
    EXPECT(c->keygen(COFFER_X25519, NULL, 0, NULL, 32, seat + 32, 32, NULL, 0), COFFER_POINTER)
    EXPECT(c->keygen(COFFER_X25519, NULL, 0, seat, 32, seat + 31, 32, NULL, 0), COFFER_OVERLAP)
    EXPECT(c->evm_size(1, (uint64_t *)(void *)(seat + 1)), COFFER_ALIGNMENT)
    EXPECT(c->hash_update(99, seat, 1), COFFER_HANDLE)
    EXPECT(c->sign(COFFER_ED25519, 9, seat, 64, NULL, 0, NULL, 0, seat + 128, 64, NULL, 0), COFFER_VALUE)
    memset(seat + 512, 255, 65);
    EXPECT(c->encapsulate(COFFER_P256, seat + 512, 65, seat, 65, seat + 128, 32, NULL, 0), COFFER_INVALID)
    int opened = 0;
    uint64_t handles[64];
    while (opened < 64 && c->hash_open(COFFER_SHA_256, &handles[opened]) == COFFER_OK) {
        opened++;
    }
    EXPECT(c->hash_open(COFFER_SHA_256, &hash), COFFER_FULL)
    while (opened > 0) {
        EXPECT(c->hash_close(handles[--opened]), COFFER_OK)
    }
    EXPECT(c->evm_create(&memory), COFFER_OK)
    EXPECT(c->evm_read(memory, 0, seat, 1), COFFER_BOUNDS)
    EXPECT(c->evm_ensure(memory, UINT64_C(1) << 40, 1), COFFER_LIMIT)
    EXPECT(c->evm_ensure(memory, UINT64_C(1) << 31, 1), COFFER_LIMIT)
    EXPECT(c->evm_destroy(memory), COFFER_OK)
    return 0;
}

int steady_evm(const struct coffer *c, uint8_t *seat) {
    uint64_t memory, number;
    EXPECT(c->evm_create(&memory), COFFER_OK)
    EXPECT(c->evm_write_byte(memory, 100, 7), COFFER_OK)
    EXPECT(c->evm_write_word(memory, 200, seat), COFFER_OK)
    EXPECT(c->evm_write(memory, 300, seat, 5000), COFFER_OK)
    EXPECT(c->evm_read_byte(memory, 100, seat + 8192), COFFER_OK)
    EXPECT(seat[8192], 7)
    EXPECT(c->evm_read_word(memory, 200, seat + 8192), COFFER_OK)
    EXPECT(c->evm_read(memory, 300, seat + 8192, 5000), COFFER_OK)
    EXPECT(memcmp(seat, seat + 8192, 5000), 0)
    EXPECT(c->evm_size(memory, &number), COFFER_OK)
    EXPECT(c->evm_capacity(memory, &number), COFFER_OK)
    EXPECT(c->evm_ensure(memory, 100000, 1), COFFER_OK)
    EXPECT(c->evm_expansion_cost(memory, 200000, 32, &number), COFFER_OK)
    EXPECT(c->evm_copy(memory, 310, 300, 5000), COFFER_OK)
    EXPECT(c->evm_zero(memory, 310, 100), COFFER_OK)
    EXPECT(c->evm_reset(memory), COFFER_OK)
    EXPECT(c->evm_destroy(memory), COFFER_OK)
    return 0;
}

/* ---- a thread that the JVM does not know: it calls, and rests between its calls where Java can look at it ---- */

struct stranger {
    const struct coffer *c;
    uint8_t *seat;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    int asked, done, answer; /* calls asked for; calls done; the last one's */
};

static struct stranger one = {.lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};

static void *be_strange(void *unused) {
    (void)unused;
    for (int rest = 0; rest < 1000000; rest++) {
        pthread_mutex_lock(&one.lock);
        while (one.asked == one.done) {
            pthread_cond_wait(&one.turn, &one.lock);
        }
        int calls = one.asked - one.done;
        pthread_mutex_unlock(&one.lock);
        int answer = 0;
        for (int i = 0; i < calls && answer == 0; i++) {
            answer = one.c->hash(COFFER_SHA_256, one.seat, 100, one.seat + 128, 32) + one.c->evm_size(1, (uint64_t *)(void *)one.seat) - COFFER_HANDLE;
        }
        pthread_mutex_lock(&one.lock);
        one.done = one.asked;
        one.answer = answer;
        int last = one.asked < 0;
        pthread_cond_broadcast(&one.turn);
        pthread_mutex_unlock(&one.lock);
        if (last) {
            break;
        }
    }
    return NULL;
}

int stranger_begin(const struct coffer *c, uint8_t *seat) {
    one.c = c;
    one.seat = seat;
    one.asked = one.done = 0;
    return pthread_create(&one.thread, NULL, be_strange, NULL);
}

static int stranger_calls(int more) {
    pthread_mutex_lock(&one.lock);
    one.asked += more;
    pthread_cond_broadcast(&one.turn);
    while (one.asked != one.done) {
        pthread_cond_wait(&one.turn, &one.lock);
    }
    int answer = one.answer;
    pthread_mutex_unlock(&one.lock);
    return answer;
}

int stranger_call(const struct coffer *c, uint8_t *seat) {
    (void)c;
    (void)seat;
    return stranger_calls(1);
}

int stranger_call_1000(const struct coffer *c, uint8_t *seat) {
    (void)c;
    (void)seat;
    return stranger_calls(1000);
}

int stranger_end(const struct coffer *c, uint8_t *seat) {
    (void)c;
    (void)seat;
    stranger_calls(-1000000000);
    return pthread_join(one.thread, NULL);
}

/* ---- several threads at once ---- */

#define THREADS 4

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

/* Runs it on THREADS threads with stacks of so many bytes, 0 for the usual; answers what the first that failed answered. */
static int together(int (*what)(const struct coffer *, uint8_t *, int), const struct coffer *c, uint8_t *seat, size_t seat_bytes, size_t stack) {
    struct worker workers[THREADS];
    pthread_attr_t attributes;
    int answer = pthread_attr_init(&attributes);
    if (stack != 0) {
        answer |= pthread_attr_setstacksize(&attributes, stack);
    }
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.work = what, .c = c, .seat = seat + i * seat_bytes, .number = i};
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
    return together(everything, c, seat, 1 << 18, 0);
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
    return together(deepest, c, seat, 1 << 18, COFFER_STACK_BYTES);
}

/* One handle, several threads: each call is whole or refused, so the bytes are one writer's. */
static int fight_for_memory(const struct coffer *c, uint8_t *seat, int number) {
    uint64_t memory = *(uint64_t *)(void *)(seat - number * (1 << 18)); /* the first one's seat holds the handle */
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
    int answer = together(fight_for_memory, c, seat, 1 << 18, 0);
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
    return together(make_and_end, c, seat, 1 << 18, 0);
}

/* Calls until the table is closed under them: each is whole before that, and refused after, by that answer and no other. */
static int until_closed(const struct coffer *c, uint8_t *seat, int number) {
    for (;;) {
        uint64_t memory = 0;
        int32_t answer = number == 0 ? c->keygen(COFFER_ML_KEM_768, NULL, 0, seat, COFFER_ML_KEM_768_PUBLIC_KEY, seat + 4096, COFFER_ML_KEM_768_SECRET_KEY, NULL, 0)
                         : number == 1 ? c->hash(COFFER_SHA3_512, seat, 4096, seat + 8192, 64)
                                       : c->evm_create(&memory);
        if (number > 1 && answer == COFFER_OK) {
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
    return together(until_closed, c, seat, 1 << 18, 0);
}

/* Strangers with forged handles, pointers that cannot be, and lengths about 2^56, 2^63 and 2^64: refused, each of them, whatever the others do. */
static const uint64_t ENDS[] = {(UINT64_C(1) << 56) - 1, UINT64_C(1) << 56, INT64_MAX - 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 4095, UINT64_MAX};

static int refused_lengths(const struct coffer *c, uint8_t *seat, uint64_t hash, uint64_t memory) {
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        uint64_t n = ENDS[i], gas = 0;
        int32_t answer = n >> 56 != 0 ? COFFER_LENGTH : COFFER_POINTER; /* the longest there is reaches past the end from anywhere */
        EXPECT(c->hash(COFFER_SHA_256, seat, n, seat + 128, 32), answer)
        EXPECT(c->hash_update(hash, seat, n), answer)
        EXPECT(c->verify(COFFER_ED25519, seat, 32, seat, n, NULL, 0, seat + 64, 64, NULL, 0), answer)
        EXPECT(c->verify(COFFER_ML_DSA_44, seat, COFFER_ML_DSA_44_PUBLIC_KEY, seat, 1, seat, n, seat + 4096, COFFER_ML_DSA_44_SIGNATURE, NULL, 0), COFFER_LENGTH)
        EXPECT(c->keygen(COFFER_X25519, NULL, 0, seat, 32, seat + 32, 32, seat + 4096, n), answer)
        EXPECT(c->keygen(COFFER_X25519, seat, n, seat + 32, 32, seat + 64, 32, NULL, 0), COFFER_LENGTH)
        EXPECT(c->hash_finish(hash, seat, n), COFFER_LENGTH)
        EXPECT(c->wipe(seat, n), answer)
        EXPECT(c->evm_read(memory, 0, seat, n), answer)
        EXPECT(c->evm_write(memory, 0, seat, n), answer)
        EXPECT(c->evm_ensure(memory, 0, n), COFFER_LIMIT)
        EXPECT(c->evm_ensure(memory, n, 1), COFFER_LIMIT)
        EXPECT(c->evm_ensure(memory, n, n), COFFER_LIMIT)
        EXPECT(c->evm_zero(memory, 1, n), COFFER_LIMIT)
        EXPECT(c->evm_zero(memory, n, 1), COFFER_LIMIT)
        EXPECT(c->evm_copy(memory, 0, 1, n), COFFER_LIMIT)
        EXPECT(c->evm_copy(memory, n, 0, 1), COFFER_LIMIT)
        EXPECT(c->evm_copy(memory, 0, n, 1), COFFER_LIMIT)
        EXPECT(c->evm_copy(memory, n, n, n), COFFER_LIMIT)
        EXPECT(c->evm_expansion_cost(memory, n, 1, &gas), COFFER_LIMIT)
        EXPECT(c->evm_expansion_cost(memory, 1, n, &gas), COFFER_LIMIT)
        EXPECT(c->evm_write_byte(memory, n, 1), COFFER_LIMIT)
        EXPECT(c->evm_write_word(memory, n, seat), COFFER_LIMIT)
        EXPECT(c->evm_read_byte(memory, n, seat), COFFER_BOUNDS)
        EXPECT(c->evm_read_word(memory, n, seat), COFFER_BOUNDS)
        EXPECT(c->evm_read(memory, n, seat, 1), COFFER_BOUNDS)
        EXPECT(c->evm_ensure(memory, n, 0), COFFER_OK)
        EXPECT(gas == 0, 1)
    }
    return 0;
}

static int forge(const struct coffer *c, uint8_t *seat, int number) {
    const uint64_t *live = (uint64_t *)(void *)(seat - number * (1 << 18)); /* the first one's seat holds two handles that are in use */
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(number + 1), other = 0, hash = 0, memory = 0;
    seat += 64;
    for (int i = 0; i < 2000; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        uint64_t from = live[i & 1], forged = i % 3 == 0 ? random : from ^ (UINT64_C(1) << (random & 63)) ^ (i % 3 == 1 ? 0 : UINT64_C(1) << (random >> 8 & 63));
        if (forged == live[0] || forged == live[1]) {
            continue;
        }
        EXPECT(c->hash_update(forged, seat, 1), COFFER_HANDLE)
        EXPECT(c->hash_finish(forged, seat, 32), COFFER_HANDLE)
        EXPECT(c->hash_close(forged), COFFER_HANDLE)
        EXPECT(c->evm_destroy(forged), COFFER_HANDLE)
        EXPECT(c->evm_reset(forged), COFFER_HANDLE)
        EXPECT(c->evm_write_byte(forged, 0, 1), COFFER_HANDLE)
        EXPECT(c->evm_write(forged, 0, seat, 8), COFFER_HANDLE)
        EXPECT(c->evm_read(forged, 0, seat, 8), COFFER_HANDLE)
        EXPECT(c->evm_ensure(forged, 0, 8), COFFER_HANDLE)
        EXPECT(c->evm_zero(forged, 0, 8), COFFER_HANDLE)
        EXPECT(c->evm_copy(forged, 0, 8, 8), COFFER_HANDLE)
        EXPECT(c->evm_size(forged, &other), COFFER_HANDLE)
    }
    EXPECT(c->hash_update(live[1], seat, 1), COFFER_HANDLE) /* of the other kind */
    EXPECT(c->evm_reset(live[0]), COFFER_HANDLE)
    if (number == 0) { /* and lengths, by the first alone */
        EXPECT(c->hash_open(COFFER_SHA_256, &hash), COFFER_OK)
        EXPECT(c->evm_create(&memory), COFFER_OK)
        int answer = refused_lengths(c, seat, hash, memory);
        EXPECT(c->evm_size(memory, &other), COFFER_OK)
        EXPECT(other == 0, 1)
        EXPECT(c->hash_close(hash) | c->evm_destroy(memory), COFFER_OK)
        return answer;
    }
    return 0;
}

int threads_forge(const struct coffer *c, uint8_t *seat) {
    uint64_t *live = (uint64_t *)(void *)seat;
    uint8_t *got = seat + 4096, *expected = seat + 4096 + 32;
    EXPECT(c->hash_open(COFFER_SHA_256, &live[0]), COFFER_OK)
    EXPECT(c->evm_create(&live[1]), COFFER_OK)
    EXPECT(c->evm_write_byte(live[1], 7, 9), COFFER_OK)
    EXPECT(c->hash_update(live[0], "true", 4), COFFER_OK)
    int answer = together(forge, c, seat, 1 << 18, 0);
    EXPECT(c->hash_finish(live[0], got, 32), COFFER_OK)
    EXPECT(c->hash(COFFER_SHA_256, "true", 4, expected, 32), COFFER_OK)
    EXPECT(memcmp(got, expected, 32), 0)
    EXPECT(c->evm_read_byte(live[1], 7, got), COFFER_OK)
    EXPECT(got[0], 9)
    EXPECT(c->evm_destroy(live[1]), COFFER_OK)
    return answer;
}
