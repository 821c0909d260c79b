/* The same calls over and over, which make no object. */
#define CALLER_FILE 1
#include "caller.h"

#include <string.h>

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
