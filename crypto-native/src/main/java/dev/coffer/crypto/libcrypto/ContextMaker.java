package dev.coffer.crypto.libcrypto;

import java.lang.foreign.MemorySegment;

/// Makes the contexts of an algorithm; each step may be refused, and then nothing is held.
final class ContextMaker {
    private ContextMaker() {}

    /// @param memory  [CipherContext#BYTES] for each context from `at`, zero
    /// @throws LibcryptoException  the library lacks the cipher or has no memory left
    static CipherContexts make(NativeCipher cipher, int count, MemorySegment memory, long at) {
        return make(cipher, count, memory, at, true);
    }

    /// @param critical  whether calls that allocate nothing are critical ones
    static CipherContexts make(NativeCipher cipher, int count, MemorySegment memory, long at, boolean critical) {
        CipherContext[] contexts = new CipherContext[count];
        long fetched = LibraryCalls.fetch(cipher.fetchName());
        if (fetched == 0) {
            throw refused(cipher, "EVP_CIPHER_fetch");
        }
        int made = 0;
        boolean whole = false;
        try {
            for (; made < count; made++) {
                contexts[made] = context(cipher, fetched, memory, at + made * CipherContext.BYTES, critical);
            }
            CipherContexts result = new CipherContexts(cipher.pureName(), cipher.keyBytes(), cipher.nonceBytes(), contexts);
            whole = true;
            return result;
        } finally {
            LibraryCalls.cipherFree(fetched);  // each context keeps a reference of its own
            for (int i = 0; !whole && i < made; i++) {
                contexts[i].close();
            }
        }
    }

    private static CipherContext context(NativeCipher cipher, long fetched, MemorySegment memory, long at, boolean critical) {
        long made = LibraryCalls.contextNew();
        if (made == 0) {
            throw refused(cipher, "EVP_CIPHER_CTX_new");
        }
        boolean whole = false;
        try {
            // A key of zeros: from here on a key is only exchanged, which allocates nothing.
            if (!LibraryCalls.load(made, fetched, memory.address() + at, cipher.nonceBytes() == 0 ? 0 : memory.address() + at,
                    CipherContext.SEAL)) {
                throw refused(cipher, "EVP_CipherInit_ex");
            }
            if (cipher.isPadded()) {  // else the library would be told again with each nonce, by a search for the option's name
                LibraryCalls.withoutPadding(made);
            }
            CipherContext result = new CipherContext(made, memory, at, cipher.keyBytes(), critical);
            whole = true;
            return result;
        } finally {
            if (!whole) {
                LibraryCalls.contextFree(made);
            }
        }
    }

    private static LibcryptoException refused(NativeCipher cipher, String function) {
        return new LibcryptoException(function + " of " + cipher.fetchName() + " was refused: its memory is spent"
                + " (LibcryptoConfig.keyBytes), or it lacks the cipher");
    }
}
