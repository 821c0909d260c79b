package dev.coffer.crypto.p256;

import dev.coffer.crypto.Mac;
import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.crypto.internal.limbs.Radix52;
import dev.coffer.crypto.internal.order.OrderField;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The nonces of RFC 6979 section 3.2 with HMAC-SHA-256, on a state in the caller's memory, which the caller wipes.
/// Stateless,
/// thread-safe; 0 heap bytes; depends on no secret in time or address, but for drawing again in a case of chance 2^-32.
final class Rfc6979 {
    private static final Mac HMAC = Mac.HMAC_SHA_256;

    private static final long K = 0;
    private static final long V = K + 32;
    private static final long SEPARATOR = V + 32;  // the byte that follows V in a message
    private static final long STATE = SEPARATOR + 8;
    /// Bytes of a state: K, V, a byte, and a running HMAC.
    static final long STATE_BYTES = STATE + HMAC.stateBytes();

    private Rfc6979() {}

    /// Steps b to g, with the extra input of section 3.6.
    ///
    /// @param hash  bits2octets(h1): 32 bytes of the state's segment, below n
    static void begin(MemorySegment w, long at, MemorySegment privateKey, long privateKeyAt, long hash,
            MemorySegment extra, long extraAt, long extraLength) {
        for (long i = 0; i < 32; i++) {
            w.set(ValueLayout.JAVA_BYTE, at + K + i, (byte) 0);
            w.set(ValueLayout.JAVA_BYTE, at + V + i, (byte) 1);
        }
        for (int separator = 0; separator < 2; separator++) {
            start(w, at, separator);
            HMAC.update(w, at + STATE, privateKey, privateKeyAt, 32);
            HMAC.update(w, at + STATE, w, hash, 32);
            HMAC.update(w, at + STATE, extra, extraAt, extraLength);
            HMAC.tag(w, at + STATE, w, at + K);
            next(w, at);
        }
    }

    /// Begins K = HMAC_K(V, separator, ...).
    private static void start(MemorySegment w, long at, int separator) {
        w.set(ValueLayout.JAVA_BYTE, at + SEPARATOR, (byte) separator);
        HMAC.init(w, at + STATE, w, at + K, 32);
        HMAC.update(w, at + STATE, w, at + V, 32 + 1);
    }

    /// V = HMAC_K(V).
    private static void next(MemorySegment w, long at) {
        HMAC.init(w, at + STATE, w, at + K, 32);
        HMAC.update(w, at + STATE, w, at + V, 32);
        HMAC.tag(w, at + STATE, w, at + V);
    }

    /// Step h: draws until the nonce is 1 to n - 1; writes it as a string and as a number.
    ///
    /// @param number  one element modulo n
    static void draw(MemorySegment w, long at, long nonce, long number) {
        next(w, at);
        Radix52.decodeBigEndian(w, number, w, at + V);
        while ((OrderField.P256.maskBelow(w, number) & ~Limbs.maskZero(w, number)) == 0) {
            again(w, at);
            next(w, at);
            Radix52.decodeBigEndian(w, number, w, at + V);
        }
        MemorySegment.copy(w, at + V, w, nonce, 32);
    }

    /// What step h does before it draws again.
    static void again(MemorySegment w, long at) {
        start(w, at, 0);
        HMAC.tag(w, at + STATE, w, at + K);
        next(w, at);
    }
}
