/* Strangers who make handles, pointers and lengths up. */
#define CALLER_FILE 4
#include "caller.h"

#include <string.h>

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
    const uint64_t *live = (uint64_t *)(void *)(seat - number * THREAD_SEAT); /* the first one's seat holds two handles that are in use */
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
    int answer = together(forge, c, seat, 0);
    EXPECT(c->hash_finish(live[0], got, 32), COFFER_OK)
    EXPECT(c->hash(COFFER_SHA_256, "true", 4, expected, 32), COFFER_OK)
    EXPECT(memcmp(got, expected, 32), 0)
    EXPECT(c->evm_read_byte(live[1], 7, got), COFFER_OK)
    EXPECT(got[0], 9)
    EXPECT(c->evm_destroy(live[1]), COFFER_OK)
    return answer;
}
