package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.key.EncodedRsaKey;
import org.jspecify.annotations.Nullable;

/// The RSA keys of one opening of the library: as many as were planned. Any thread.
final class RsaKeys {
    private final @Nullable NativeRsaKey[] keys;
    private final RsaTurns turns;

    RsaKeys(int keys, int calls) {
        this.keys = new NativeRsaKey[keys];
        this.turns = new RsaTurns(calls);
    }

    /// {@return a key of those numbers, which has signed once}
    ///
    /// @throws LibcryptoException  there is no place, no memory or no RSA, or it answers wrongly; nothing is held
    synchronized NativeRsaKey add(EncodedRsaKey numbers) {
        if (!RsaCalls.OBSTACLE.isEmpty()) {
            throw new LibcryptoException(RsaCalls.OBSTACLE);
        }
        for (int i = 0; i < keys.length; i++) {
            NativeRsaKey before = keys[i];
            if (before == null || before.isClosed()) {
                NativeRsaKey made = NativeRsaKey.make(numbers, turns);
                keys[i] = made;
                return made;
            }
        }
        throw new LibcryptoException("room for " + keys.length + " RSA keys (LibcryptoConfig.rsaKeys), and no more");
    }

    synchronized void close() {
        for (NativeRsaKey key : keys) {
            if (key != null) {
                key.close();
            }
        }
    }
}
