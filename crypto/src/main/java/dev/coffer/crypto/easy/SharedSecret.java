package dev.coffer.crypto.easy;

import java.lang.foreign.MemorySegment;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/// A secret that two sides have after one encapsulated and the other decapsulated; what [EasyCrypto] seals and opens with as well.
///
/// @param <P>  of what
public final class SharedSecret<P extends KemSet> extends FixedBytes<P> implements Destroyable {
    SharedSecret(P set, MemorySegment memory, long at, @Nullable EasyCrypto owner, long piece) {
        super("shared secret", set, memory, at, set.sharedSecretBytes(), true, owner, piece);
    }

    /// {@return one over the caller's memory}
    ///
    /// @param set     such as `KemSet.MlKem768.SET`
    /// @param memory  off the heap, with [KemSet#sharedSecretBytes] bytes from `at`; its as long as it is open
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is on the heap or read-only (caller's fault)
    public static <P extends KemSet> SharedSecret<P> of(P set, MemorySegment memory, long at) {
        return new SharedSecret<>(set, memory, at, null, 0);
    }

    /// The same as [#close].
    @Override
    public void destroy() {
        close();
    }

    /// {@return the same as [#isClosed]}
    @Override
    public boolean isDestroyed() {
        return isClosed();
    }
}
