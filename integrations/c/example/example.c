/*
 * Coffer from C: a signature, a shared secret, a hash, EVM memory, and what each kind of misuse is answered with, by number.
 *
 *   as a program:   example/run, or: cc -std=c11 -I include ... example.c -ljvm; ./example CLASS_PATH      (embeds the JVM)
 *   as a library:   cc -shared -fPIC -DLIBRARY -I include example.c; Java calls coffer_example(CTable.address())
 */
#include "coffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int wrong; /* answers that were not the expected ones */

static void expect(const char *what, int32_t answer, int32_t expected) {
    wrong += answer != expected;
    printf("%-62s %3" PRId32 "%s\n", what, answer, answer == expected ? "" : "  NOT EXPECTED");
}

static void use(const struct coffer *c) {
    static uint8_t pk[COFFER_ML_KEM_768_PUBLIC_KEY], sk[COFFER_ML_KEM_768_SECRET_KEY], ct[COFFER_ML_KEM_768_CIPHERTEXT];
    static uint8_t vk[COFFER_ML_DSA_65_PUBLIC_KEY], xk[COFFER_ML_DSA_65_SECRET_KEY], sig[COFFER_ML_DSA_65_SIGNATURE];
    static const char text[] = "a message";
    uint8_t one[32], two[32], word[32] = {0};
    uint64_t memory = 0, size = 0, gas = 0;

    expect("keygen ML-KEM-768", c->keygen(COFFER_ML_KEM_768, NULL, 0, pk, sizeof pk, sk, sizeof sk, NULL, 0), COFFER_OK);
    expect("encapsulate", c->encapsulate(COFFER_ML_KEM_768, pk, sizeof pk, ct, sizeof ct, one, 32, NULL, 0), COFFER_OK);
    expect("decapsulate", c->decapsulate(COFFER_ML_KEM_768, sk, sizeof sk, ct, sizeof ct, two, 32, NULL, 0), COFFER_OK);
    expect("both sides have one secret", memcmp(one, two, 32), 0);
    expect("keygen ML-DSA-65", c->keygen(COFFER_ML_DSA_65, NULL, 0, vk, sizeof vk, xk, sizeof xk, NULL, 0), COFFER_OK);
    expect("sign", c->sign(COFFER_ML_DSA_65, COFFER_HEDGED, xk, sizeof xk, text, 9, NULL, 0, sig, sizeof sig, NULL, 0), COFFER_OK);
    expect("verify", c->verify(COFFER_ML_DSA_65, vk, sizeof vk, text, 9, NULL, 0, sig, sizeof sig, NULL, 0), COFFER_OK);
    expect("hash SHA3-256", c->hash(COFFER_SHA3_256, text, 9, one, 32), COFFER_OK);

    expect("evm_create", c->evm_create(&memory), COFFER_OK);
    word[31] = 42;
    expect("evm_expansion_cost of a word at 1024", c->evm_expansion_cost(memory, 1024, 32, &gas), COFFER_OK);
    expect("evm_write_word at 1024", c->evm_write_word(memory, 1024, word), COFFER_OK);
    expect("evm_copy to 0", c->evm_copy(memory, 0, 1024, 32), COFFER_OK);
    expect("evm_read_byte at 31", c->evm_read_byte(memory, 31, &word[0]), COFFER_OK);
    expect("evm_size", c->evm_size(memory, &size), COFFER_OK);
    printf("the byte is %d, the memory has %" PRIu64 " bytes and cost %" PRIu64 " gas\n", word[0], size, gas);

    expect(" 1 verify another message", c->verify(COFFER_ML_DSA_65, vk, sizeof vk, "A message", 9, NULL, 0, sig, sizeof sig, NULL, 0), COFFER_INVALID);
    expect(" 2 hash with the number of a KEM", c->hash(COFFER_ML_KEM_768, text, 9, one, 32), COFFER_ALGORITHM);
    expect(" 3 a ciphertext one byte short", c->decapsulate(COFFER_ML_KEM_768, sk, sizeof sk, ct, sizeof ct - 1, two, 32, NULL, 0), COFFER_LENGTH);
    expect(" 4 a secret to nowhere", c->decapsulate(COFFER_ML_KEM_768, sk, sizeof sk, ct, sizeof ct, NULL, 32, NULL, 0), COFFER_POINTER);
    expect(" 5 a number at an odd address", c->evm_size(memory, (uint64_t *)(void *)(word + 1 + ((uintptr_t)word & 1))), COFFER_ALIGNMENT);
    expect(" 6 a secret over the key it comes from", c->decapsulate(COFFER_ML_KEM_768, sk, sizeof sk, ct, sizeof ct, sk + 9, 32, NULL, 0), COFFER_OVERLAP);
    expect(" 7 a variant that is none", c->sign(COFFER_ML_DSA_65, 7, xk, sizeof xk, text, 9, NULL, 0, sig, sizeof sig, NULL, 0), COFFER_VALUE);
    expect(" 8 a handle made up", c->evm_reset(memory ^ (UINT64_C(1) << 40)), COFFER_HANDLE);
    expect(" 9 a handle of another kind", c->hash_update(memory, text, 9), COFFER_HANDLE);
    expect("10 a workspace of one byte", c->encapsulate(COFFER_ML_KEM_768, pk, sizeof pk, ct, sizeof ct, one, 32, two, 1), COFFER_LENGTH);
    expect("11 bytes that are not there", c->evm_read(memory, size - 1, two, 2), COFFER_BOUNDS);
    expect("12 an offset that no gas pays for", c->evm_write_byte(memory, UINT64_C(1) << 40, 1), COFFER_LIMIT);
    expect("13 a byte of 256", c->evm_write_byte(memory, 0, 256), COFFER_VALUE);
    expect("evm_destroy", c->evm_destroy(memory), COFFER_OK);
    expect("14 a memory that is gone", c->evm_read_byte(memory, 0, word), COFFER_HANDLE);
    while (c->evm_create(&memory) == COFFER_OK) {
    }
    expect("15 one memory more than was planned", c->evm_create(&memory), COFFER_FULL);
    expect("wipe", c->wipe(sk, sizeof sk) | c->wipe(xk, sizeof xk) | c->wipe(two, sizeof two), COFFER_OK);
}

/* Called by Java with the table's address, or by main. */
int coffer_example(const struct coffer *c) {
    if (c->version != COFFER_VERSION || c->bytes < sizeof *c) {
        return 2;
    }
    use(c);
    return wrong != 0;
}

#ifndef LIBRARY
#include <jni.h>

int main(int argc, char **argv) {
    static char path[1 << 16];
    JavaVMOption options[] = {{.optionString = path}, {.optionString = "--enable-native-access=ALL-UNNAMED"}, {.optionString = "-Xmx64m"}};
    JavaVMInitArgs arguments = {.version = JNI_VERSION_21, .nOptions = 3, .options = options};
    JavaVM *vm;
    JNIEnv *env;
    if (argc != 2 || snprintf(path, sizeof path, "-Djava.class.path=%s", argv[1]) >= (int)sizeof path ||
        JNI_CreateJavaVM(&vm, (void **)&env, &arguments) != JNI_OK) {
        return 2;
    }
    jclass type = (*env)->FindClass(env, "dev/coffer/c/CTable");
    jmethodID address = type == NULL ? NULL : (*env)->GetStaticMethodID(env, type, "address", "()J");
    jlong at = address == NULL ? 0 : (*env)->CallStaticLongMethod(env, type, address);
    if ((*env)->ExceptionCheck(env)) {
        (*env)->ExceptionDescribe(env);
        return 2;
    }
    const struct coffer *c = (const struct coffer *)(uintptr_t)at;
    int result = coffer_example(c);
    expect("close", c->close(), COFFER_OK);
    expect("16 a call after close", c->hash(COFFER_SHA3_256, "", 0, path, 32), COFFER_CLOSED);
    (*vm)->DestroyJavaVM(vm);
    return result | (wrong != 0);
}
#endif
