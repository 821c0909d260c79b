/*
 * Coffer for C: cryptography and EVM memory over your buffers, as a table of functions that a JVM in your process serves.
 *
 *   You embed the JVM:   JNI_CreateJavaVM, then `static long address()` of class dev/coffer/c/CTable is the address of a `struct coffer`.
 *   Java loads you:      Java calls a function of yours with CTable.address(); keep the pointer as long as you like.
 *
 * Needs C99 or C++11 with 64-bit pointers. integrations/c/example/example.c does both.
 *
 * RULES, for every function
 *
 * Answers.   COFFER_OK (0) is done. Everything below zero is refused, and then nothing was written: outputs are as they were, but that a
 *            signature, a ciphertext or a secret may be zeros after COFFER_INVALID, COFFER_ENTROPY, COFFER_MEMORY or COFFER_INTERNAL.
 * Buffers.   A pointer and its number of bytes; of each size exactly as many as `describe` and the macros below say, of a message as many
 *            as there are, of a workspace at least. Any alignment, but for numbers (`uint64_t *`, `struct coffer_sizes *`). An empty buffer may
 *            be a null pointer.
 *            Nobody else writes to any of them during the call.
 * Overlap.   What is written overlaps nothing else of the call, nor the table itself; `hash` and `hash_finish` may write over what they read.
 * Workspace. (NULL, 0) takes one of Coffer's own, which are locked into memory; COFFER_FULL when all of them are in use. Or bring your own,
 *            of `sizes.workspace` bytes (COFFER_WORKSPACE_MAX fits all), used by this call alone. What the call used of it is zero when it ends.
 * Handles.   Numbers. Never 0, never given out twice in 2^47 times; one that was never made, was closed, is of another kind or was made up
 *            is COFFER_HANDLE.
 * Threads.   Any, at the same time, those that Java does not know included: such a thread is attached as a daemon by its first call, until it
 *            ends. One handle is for one call at a time: a second gets COFFER_BUSY and changes nothing. A call runs as long as its work takes
 *            and is not interrupted; not from a signal handler, not in a child after fork() but before exec(), not
 *            within a critical section of JNI, and not once DestroyJavaVM was called. A thread must not be cancelled or end in a call
 *            (pthread_cancel, longjmp out of a signal handler): the JVM may end the process, and where not, `close` waits for that call for ever.
 * Stack.     COFFER_STACK_BYTES must be left when a call begins. With less the JVM may end the process: nothing can be refused then.
 * Memory.    All of Coffer's is planned and taken when the table is opened (`-Dcoffer.c=workspaces=4,hashes=16,memories=8,memory=32m,
 *            committed=64m`). A call makes no object on the Java heap. Secrets are in your buffers, and during a call in the workspace.
 * Yours.     Secret keys, seeds and shared secrets in your buffers are yours to lock and to `wipe`. A pointer that is not null and points
 *            at nothing cannot be told from a good one: it ends the process, as in any C library.
 */
#ifndef COFFER_H
#define COFFER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COFFER_VERSION 1
#define COFFER_STACK_BYTES (256 * 1024)
#define COFFER_WORKSPACE_MAX (96 * 1024)

/* ---- answers ---------------------------------------------------------------------------------------------------------------- */

#define COFFER_OK 0
/* Bytes that are no signature of this message, no key, no ciphertext or no seed, of the right length. Whose fault it is, is whose bytes they are. */
#define COFFER_INVALID (-1)
/* No algorithm has this number, or it is one of another kind. Yours. */
#define COFFER_ALGORITHM (-2)
/* A buffer has another number of bytes than the algorithm's, a workspace fewer; a context is longer than COFFER_CONTEXT_MAX. Yours. */
#define COFFER_LENGTH (-3)
/* A null pointer where bytes are expected, one below 4096, or bytes that reach past 2^56. Yours. */
#define COFFER_POINTER (-4)
/* A pointer to a number of 64 bits that is no multiple of 8. Yours. */
#define COFFER_ALIGNMENT (-5)
/* An output or a workspace overlaps another buffer, the table, or Coffer's own secrets. Yours. */
#define COFFER_OVERLAP (-6)
/* A variant that is none, COFFER_DETERMINISTIC with Falcon, or a byte above 255. Yours. */
#define COFFER_VALUE (-7)
/* No such handle of this kind, or no longer. Yours. */
#define COFFER_HANDLE (-8)
/* Another call is using this handle. Yours; or try again. */
#define COFFER_BUSY (-9)
/* All workspaces, hash states or EVM memories are in use, or EVM memories have committed all they may together. Close one, or plan for more. */
#define COFFER_FULL (-10)
/* More than an EVM memory may have (`evm_capacity`), or an offset or size past 2^32, for which no gas pays. */
#define COFFER_LIMIT (-11)
/* Bytes of an EVM memory that are not there to be read (`evm_size`); `evm_ensure` makes them. Yours. */
#define COFFER_BOUNDS (-12)
/* The system has no random bytes. The machine's. */
#define COFFER_ENTROPY (-13)
/* The JVM has no heap or no stack for what went wrong. The machine's, or too small a -Xmx. */
#define COFFER_MEMORY (-14)
/* The table is closed. Yours. */
#define COFFER_CLOSED (-15)
/* A fault of Coffer's. What was used is wiped or nobody's from now on. */
#define COFFER_INTERNAL (-16)

/* ---- algorithms, and bytes of what they take and give (`describe` gives the same) ------------------------------------------- */

/* Key encapsulation: FIPS 203, section 8; X-Wing (draft-connolly-cfrg-xwing-kem); RFC 7748; SP 800-56A with P-256 (points of 65 bytes). */
#define COFFER_ML_KEM_512 0x0101
#define COFFER_ML_KEM_512_SEED (32 + 32)
#define COFFER_ML_KEM_512_PUBLIC_KEY (2 * 384 + 32)
#define COFFER_ML_KEM_512_SECRET_KEY (2 * 384 + COFFER_ML_KEM_512_PUBLIC_KEY + 32 + 32)
#define COFFER_ML_KEM_512_CIPHERTEXT (32 * (10 * 2 + 4))
#define COFFER_ML_KEM_512_SHARED 32

#define COFFER_ML_KEM_768 0x0102
#define COFFER_ML_KEM_768_SEED (32 + 32)
#define COFFER_ML_KEM_768_PUBLIC_KEY (3 * 384 + 32)
#define COFFER_ML_KEM_768_SECRET_KEY (3 * 384 + COFFER_ML_KEM_768_PUBLIC_KEY + 32 + 32)
#define COFFER_ML_KEM_768_CIPHERTEXT (32 * (10 * 3 + 4))
#define COFFER_ML_KEM_768_SHARED 32

#define COFFER_ML_KEM_1024 0x0103
#define COFFER_ML_KEM_1024_SEED (32 + 32)
#define COFFER_ML_KEM_1024_PUBLIC_KEY (4 * 384 + 32)
#define COFFER_ML_KEM_1024_SECRET_KEY (4 * 384 + COFFER_ML_KEM_1024_PUBLIC_KEY + 32 + 32)
#define COFFER_ML_KEM_1024_CIPHERTEXT (32 * (11 * 4 + 5))
#define COFFER_ML_KEM_1024_SHARED 32

#define COFFER_X_WING 0x0104
#define COFFER_X_WING_SEED 32
#define COFFER_X_WING_PUBLIC_KEY (COFFER_ML_KEM_768_PUBLIC_KEY + 32)
#define COFFER_X_WING_SECRET_KEY 32
#define COFFER_X_WING_CIPHERTEXT (COFFER_ML_KEM_768_CIPHERTEXT + 32)
#define COFFER_X_WING_SHARED 32

#define COFFER_X25519 0x0105
#define COFFER_X25519_SEED 32
#define COFFER_X25519_PUBLIC_KEY 32
#define COFFER_X25519_SECRET_KEY 32
#define COFFER_X25519_CIPHERTEXT 32
#define COFFER_X25519_SHARED 32

#define COFFER_P256 0x0106
#define COFFER_P256_SEED 32
#define COFFER_P256_PUBLIC_KEY (1 + 32 + 32)
#define COFFER_P256_SECRET_KEY 32
#define COFFER_P256_CIPHERTEXT (1 + 32 + 32)
#define COFFER_P256_SHARED 32

/* Signatures: FIPS 186-5 (RFC 8032; ECDSA with SHA-256, r then s); FIPS 204, section 4; Falcon's submission, section 3.13, padded; FIPS 205, section 11. */
#define COFFER_ED25519 0x0201
#define COFFER_ED25519_SEED 32
#define COFFER_ED25519_PUBLIC_KEY 32
#define COFFER_ED25519_SECRET_KEY (32 + 32) /* what it was made of, its public key */
#define COFFER_ED25519_SIGNATURE (32 + 32)
#define COFFER_ED25519_CONTEXT_MAX 0

#define COFFER_ECDSA_P256 0x0202
#define COFFER_ECDSA_P256_SEED 32
#define COFFER_ECDSA_P256_PUBLIC_KEY (1 + 32 + 32)
#define COFFER_ECDSA_P256_SECRET_KEY 32
#define COFFER_ECDSA_P256_SIGNATURE (32 + 32)
#define COFFER_ECDSA_P256_CONTEXT_MAX 0

/* rho, t1 at 10 bits; rho, K, tr, s1 and s2 at 3 or 4 bits, t0 at 13; c~, z at 18 or 20 bits, hints. */
#define COFFER_ML_DSA_44 0x0203
#define COFFER_ML_DSA_44_SEED 32
#define COFFER_ML_DSA_44_PUBLIC_KEY (32 + 4 * 32 * 10)
#define COFFER_ML_DSA_44_SECRET_KEY (32 + 32 + 64 + (4 + 4) * 32 * 3 + 4 * 32 * 13)
#define COFFER_ML_DSA_44_SIGNATURE (32 + 4 * 32 * 18 + 80 + 4)
#define COFFER_ML_DSA_44_CONTEXT_MAX 255

#define COFFER_ML_DSA_65 0x0204
#define COFFER_ML_DSA_65_SEED 32
#define COFFER_ML_DSA_65_PUBLIC_KEY (32 + 6 * 32 * 10)
#define COFFER_ML_DSA_65_SECRET_KEY (32 + 32 + 64 + (5 + 6) * 32 * 4 + 6 * 32 * 13)
#define COFFER_ML_DSA_65_SIGNATURE (48 + 5 * 32 * 20 + 55 + 6)
#define COFFER_ML_DSA_65_CONTEXT_MAX 255

#define COFFER_ML_DSA_87 0x0205
#define COFFER_ML_DSA_87_SEED 32
#define COFFER_ML_DSA_87_PUBLIC_KEY (32 + 8 * 32 * 10)
#define COFFER_ML_DSA_87_SECRET_KEY (32 + 32 + 64 + (7 + 8) * 32 * 3 + 8 * 32 * 13)
#define COFFER_ML_DSA_87_SIGNATURE (64 + 7 * 32 * 20 + 75 + 8)
#define COFFER_ML_DSA_87_CONTEXT_MAX 255

/* A header, h at 14 bits; a header, f and g at 6 or 5 bits, F at 8; the submission's bound of a signature. Not FN-DSA: FIPS 206 is not final. */
#define COFFER_FALCON_512 0x0206
#define COFFER_FALCON_512_SEED 48
#define COFFER_FALCON_512_PUBLIC_KEY (1 + 512 * 14 / 8)
#define COFFER_FALCON_512_SECRET_KEY (1 + 2 * 512 * 6 / 8 + 512)
#define COFFER_FALCON_512_SIGNATURE 666
#define COFFER_FALCON_512_CONTEXT_MAX 0

#define COFFER_FALCON_1024 0x0207
#define COFFER_FALCON_1024_SEED 48
#define COFFER_FALCON_1024_PUBLIC_KEY (1 + 1024 * 14 / 8)
#define COFFER_FALCON_1024_SECRET_KEY (1 + 2 * 1024 * 5 / 8 + 1024)
#define COFFER_FALCON_1024_SIGNATURE 1280
#define COFFER_FALCON_1024_CONTEXT_MAX 0

/* n bytes each of: a seed 3, a public key 2, a secret key 4; a signature 1 + k (1 + a) + h + d (2n + 3). The same for SHA2 and SHAKE. */
#define COFFER_SLH_DSA_SHA2_128S 0x0208
#define COFFER_SLH_DSA_SHA2_128F 0x0209
#define COFFER_SLH_DSA_SHA2_192S 0x020A
#define COFFER_SLH_DSA_SHA2_192F 0x020B
#define COFFER_SLH_DSA_SHA2_256S 0x020C
#define COFFER_SLH_DSA_SHA2_256F 0x020D
#define COFFER_SLH_DSA_SHAKE_128S 0x020E
#define COFFER_SLH_DSA_SHAKE_128F 0x020F
#define COFFER_SLH_DSA_SHAKE_192S 0x0210
#define COFFER_SLH_DSA_SHAKE_192F 0x0211
#define COFFER_SLH_DSA_SHAKE_256S 0x0212
#define COFFER_SLH_DSA_SHAKE_256F 0x0213
#define COFFER_SLH_DSA_128_SEED (3 * 16)
#define COFFER_SLH_DSA_128_PUBLIC_KEY (2 * 16)
#define COFFER_SLH_DSA_128_SECRET_KEY (4 * 16)
#define COFFER_SLH_DSA_128S_SIGNATURE (16 * (1 + 14 * (1 + 12) + 63 + 7 * (2 * 16 + 3)))
#define COFFER_SLH_DSA_128F_SIGNATURE (16 * (1 + 33 * (1 + 6) + 66 + 22 * (2 * 16 + 3)))
#define COFFER_SLH_DSA_192_SEED (3 * 24)
#define COFFER_SLH_DSA_192_PUBLIC_KEY (2 * 24)
#define COFFER_SLH_DSA_192_SECRET_KEY (4 * 24)
#define COFFER_SLH_DSA_192S_SIGNATURE (24 * (1 + 17 * (1 + 14) + 63 + 7 * (2 * 24 + 3)))
#define COFFER_SLH_DSA_192F_SIGNATURE (24 * (1 + 33 * (1 + 8) + 66 + 22 * (2 * 24 + 3)))
#define COFFER_SLH_DSA_256_SEED (3 * 32)
#define COFFER_SLH_DSA_256_PUBLIC_KEY (2 * 32)
#define COFFER_SLH_DSA_256_SECRET_KEY (4 * 32)
#define COFFER_SLH_DSA_256S_SIGNATURE (32 * (1 + 22 * (1 + 14) + 64 + 8 * (2 * 32 + 3)))
#define COFFER_SLH_DSA_256F_SIGNATURE (32 * (1 + 35 * (1 + 9) + 68 + 17 * (2 * 32 + 3)))
#define COFFER_SLH_DSA_CONTEXT_MAX 255

/* Hashes: FIPS 180-4, FIPS 202, Keccak-256 as Ethereum has it, RFC 7693. */
#define COFFER_SHA_256 0x0301
#define COFFER_SHA_256_DIGEST 32
#define COFFER_SHA_384 0x0302
#define COFFER_SHA_384_DIGEST 48
#define COFFER_SHA_512 0x0303
#define COFFER_SHA_512_DIGEST 64
#define COFFER_SHA3_224 0x0304
#define COFFER_SHA3_224_DIGEST 28
#define COFFER_SHA3_256 0x0305
#define COFFER_SHA3_256_DIGEST 32
#define COFFER_SHA3_384 0x0306
#define COFFER_SHA3_384_DIGEST 48
#define COFFER_SHA3_512 0x0307
#define COFFER_SHA3_512_DIGEST 64
#define COFFER_KECCAK_256 0x0308
#define COFFER_KECCAK_256_DIGEST 32
#define COFFER_BLAKE2B_256 0x0309
#define COFFER_BLAKE2B_256_DIGEST 32
#define COFFER_BLAKE2B_512 0x030A
#define COFFER_BLAKE2B_512_DIGEST 64

/* Variants of signing. */
#define COFFER_HEDGED 0        /* with random bytes of the system, where the algorithm has use for them */
#define COFFER_DETERMINISTIC 1 /* the same signature each time; a fault of the machine while it is made twice can give the key away */

#define COFFER_EVM_WORD 32

/* Bytes of an algorithm's things; 0 of what it has not. */
struct coffer_sizes {
    uint64_t seed;
    uint64_t public_key;
    uint64_t secret_key;
    uint64_t ciphertext;
    uint64_t shared;
    uint64_t signature;
    uint64_t context_max;
    uint64_t digest;
    uint64_t workspace; /* of every call of the algorithm; of a hash, of each that is open, in Coffer's own memory */
};

/* ---- the table -------------------------------------------------------------------------------------------------------------- */

struct coffer {
    uint64_t bytes;   /* of this table: sizeof(struct coffer), or more from a newer Coffer */
    uint64_t version; /* COFFER_VERSION; another one means other functions */

    /* Sizes of an algorithm; `sizes_bytes` is sizeof(struct coffer_sizes). */
    int32_t (*describe)(uint32_t algorithm, struct coffer_sizes *sizes, uint64_t sizes_bytes);

    /* A pair of keys of a KEM or signature scheme. Of a seed the same pair each time; of (NULL, 0) a new one, whose seed is drawn from the
     * system and kept by nobody. COFFER_INVALID: the seed makes no key (P-256, one in 2^32). */
    int32_t (*keygen)(uint32_t algorithm, const void *seed, uint64_t seed_bytes, void *public_key, uint64_t public_key_bytes, void *secret_key,
                      uint64_t secret_key_bytes, void *workspace, uint64_t workspace_bytes);

    /* A shared secret, and the ciphertext that brings it to who holds the secret key. COFFER_INVALID: the public key is none. */
    int32_t (*encapsulate)(uint32_t algorithm, const void *public_key, uint64_t public_key_bytes, void *ciphertext, uint64_t ciphertext_bytes,
                           void *shared, uint64_t shared_bytes, void *workspace, uint64_t workspace_bytes);

    /* The shared secret of a ciphertext. COFFER_INVALID: key or ciphertext are none that can be told (a point off the curve; a key that was
     * changed). ML-KEM and X-Wing answer a wrong ciphertext with another secret and COFFER_OK (FIPS 203, section 6.3). */
    int32_t (*decapsulate)(uint32_t algorithm, const void *secret_key, uint64_t secret_key_bytes, const void *ciphertext,
                           uint64_t ciphertext_bytes, void *shared, uint64_t shared_bytes, void *workspace, uint64_t workspace_bytes);

    /* Signs. COFFER_INVALID: the secret key is none. COFFER_VALUE: a variant that the algorithm has not. */
    int32_t (*sign)(uint32_t algorithm, uint32_t variant, const void *secret_key, uint64_t secret_key_bytes, const void *message,
                    uint64_t message_bytes, const void *context, uint64_t context_bytes, void *signature, uint64_t signature_bytes,
                    void *workspace, uint64_t workspace_bytes);

    /* Verifies. COFFER_OK is valid and nothing else is; COFFER_INVALID: another message, context, key or signer, or changed on the way. A
     * signature of another length is COFFER_LENGTH. */
    int32_t (*verify)(uint32_t algorithm, const void *public_key, uint64_t public_key_bytes, const void *message, uint64_t message_bytes,
                      const void *context, uint64_t context_bytes, const void *signature, uint64_t signature_bytes, void *workspace,
                      uint64_t workspace_bytes);

    /* Hashes at once. Takes one of Coffer's workspaces. */
    int32_t (*hash)(uint32_t algorithm, const void *data, uint64_t data_bytes, void *digest, uint64_t digest_bytes);

    /* Hashes in pieces: open, update any number of times, finish, which closes the handle; or close, which gives up. Each wipes the state. After
     * a refusal the handle goes on as if nothing had been. */
    int32_t (*hash_open)(uint32_t algorithm, uint64_t *hash);
    int32_t (*hash_update)(uint64_t hash, const void *data, uint64_t data_bytes);
    int32_t (*hash_finish)(uint64_t hash, void *digest, uint64_t digest_bytes);
    int32_t (*hash_close)(uint64_t hash);

    /* EVM memory (Yellow Paper, section 9.1 and appendix H.1): bytes that are zero until they are written, in whole words of 32 bytes. Writing
     * makes what is missing (COFFER_LIMIT, COFFER_FULL); reading does not (COFFER_BOUNDS): a load of the EVM is `evm_ensure`, then reading. A size
     * of 0 does nothing at any offset. No call takes gas: `evm_expansion_cost` says how much to take. */
    int32_t (*evm_create)(uint64_t *memory);  /* empty */
    int32_t (*evm_destroy)(uint64_t memory);  /* its pages go back to the system, which gives them out zero */
    int32_t (*evm_reset)(uint64_t memory);    /* empty again; what it is written to next reads zero first */
    int32_t (*evm_read_byte)(uint64_t memory, uint64_t offset, uint8_t *value);
    int32_t (*evm_write_byte)(uint64_t memory, uint64_t offset, uint32_t value);    /* 0..255; MSTORE8 */
    int32_t (*evm_read_word)(uint64_t memory, uint64_t offset, void *word);         /* 32 bytes, big-endian */
    int32_t (*evm_write_word)(uint64_t memory, uint64_t offset, const void *word);  /* the same; MSTORE */
    int32_t (*evm_read)(uint64_t memory, uint64_t offset, void *to, uint64_t bytes);
    int32_t (*evm_write)(uint64_t memory, uint64_t offset, const void *from, uint64_t bytes);
    int32_t (*evm_size)(uint64_t memory, uint64_t *bytes);     /* that are there: MSIZE */
    int32_t (*evm_capacity)(uint64_t memory, uint64_t *bytes); /* that there may be */
    int32_t (*evm_ensure)(uint64_t memory, uint64_t offset, uint64_t bytes);
    int32_t (*evm_expansion_cost)(uint64_t memory, uint64_t offset, uint64_t bytes, uint64_t *gas); /* changes nothing */
    int32_t (*evm_copy)(uint64_t memory, uint64_t to, uint64_t from, uint64_t bytes);               /* as memmove: MCOPY, EIP-5656 */
    int32_t (*evm_zero)(uint64_t memory, uint64_t offset, uint64_t bytes);

    /* Zeros, written by whom no compiler can leave out. Also when the table is closed. */
    int32_t (*wipe)(void *at, uint64_t bytes);

    /* Waits for the calls that are under way, wipes all that Coffer holds and gives it back. The table stays and answers COFFER_CLOSED. */
    int32_t (*close)(void);
};

#ifdef __cplusplus
}
#endif

#endif
