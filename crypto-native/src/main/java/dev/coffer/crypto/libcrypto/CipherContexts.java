package dev.coffer.crypto.libcrypto;

import dev.coffer.memory.ConstantTime;
import java.lang.foreign.MemorySegment;

/// The contexts of one algorithm: few, for any number of keys. A key is at home in one of them, by the place where it lies; where another
/// thread is in that one the next free one serves. Whoever finds none waits for the end of a call: they are short, and none blocks.
///
/// Any thread; 0 heap bytes.
final class CipherContexts {
    private static final long SCATTER = 0x9e3779b97f4a7c15L;

    private final String name;
    private final int keyBytes;
    private final int nonceBytes;
    private final CipherContext[] contexts;

    /// @param nonceBytes  0 for a cipher without one
    CipherContexts(String name, int keyBytes, int nonceBytes, CipherContext[] contexts) {
        this.name = name;
        this.keyBytes = keyBytes;
        this.nonceBytes = nonceBytes;
        this.contexts = contexts;
    }

    /// {@return a context for the key that lies there; [CipherContext#yieldClaim] follows}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    @SuppressWarnings("ThreadPriorityCheck")  // whoever is inside needs the processor, and soon is not
    CipherContext claim(MemorySegment key, long keyAt) {
        int home = (int) (((key.address() + keyAt) * SCATTER >>> Integer.SIZE) * contexts.length >>> Integer.SIZE);  // scaled, as a division takes longer
        while (true) {
            for (int i = 0; i < contexts.length; i++) {
                int at = home + i < contexts.length ? home + i : home + i - contexts.length;
                if (contexts[at].claim()) {
                    return contexts[at];
                }
            }
            checkOpen();
            Thread.yield();
        }
    }

    /// @throws IllegalStateException  closed (caller's fault)
    void checkOpen() {
        if (contexts[0].isClosed()) {  // the first that closes, and the others follow
            throw new IllegalStateException(name + ": its libcrypto is closed");
        }
    }

    /// Has every context forget a key.
    void forget(MemorySegment key, long keyAt) {
        if (ConstantTime.isZero(key, keyAt, keyBytes)) {
            return;  // a place that never held one
        }
        for (CipherContext context : contexts) {
            if (await(context)) {
                try {
                    context.forget(key, keyAt, nonceBytes);
                } finally {
                    context.yieldClaim();
                }
            }
        }
    }

    /// {@return whether it is claimed: not where it is closed}
    @SuppressWarnings("ThreadPriorityCheck")  // as above
    private static boolean await(CipherContext context) {
        while (!context.claim()) {
            if (context.isClosed()) {
                return false;
            }
            Thread.yield();
        }
        return true;
    }

    /// Waits for whoever is in one, and gives all back. Twice is harmless.
    void close() {
        for (CipherContext context : contexts) {
            if (await(context)) {
                context.close();
            }
        }
    }
}
