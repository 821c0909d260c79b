package dev.coffer.crypto.easy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// What brings a shared secret to the holder of a secret key.
///
/// @param <P>  of what
public final class Ciphertext<P extends KemSet> extends FixedBytes<P> {
    Ciphertext(P set, MemorySegment memory, long at, @Nullable EasyCrypto owner, long piece) {
        super("ciphertext", set, memory, at, set.ciphertextBytes(), false, owner, piece);
    }

    /// {@return one over the caller's memory}
    ///
    /// @param set     such as `KemSet.MlKem768.SET`
    /// @param memory  off the heap, with [KemSet#ciphertextBytes] bytes from `at`; its as long as it is open
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is on the heap (caller's fault)
    public static <P extends KemSet> Ciphertext<P> of(P set, MemorySegment memory, long at) {
        return new Ciphertext<>(set, memory, at, null, 0);
    }

    /// {@return a copy of the bytes, on the heap: they are public}
    public byte[] toBytes() {
        byte[] copy = new byte[bytes()];
        MemorySegment.copy(segment(), ValueLayout.JAVA_BYTE, offset(), copy, 0, copy.length);
        return copy;
    }
}
