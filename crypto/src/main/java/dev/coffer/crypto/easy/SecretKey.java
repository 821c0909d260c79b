package dev.coffer.crypto.easy;

import java.lang.foreign.MemorySegment;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/// A secret key, as its standard encodes it. It leaves its place by nobody's hand but the caller's, who has [#segment].
///
/// @param <P>  of what
public final class SecretKey<P extends ParameterSet> extends FixedBytes<P> implements Destroyable {
    SecretKey(P set, MemorySegment memory, long at, @Nullable EasyCrypto owner, long piece) {
        super("secret key", set, memory, at, set.secretKeyBytes(), true, owner, piece);
    }

    /// {@return one over the caller's memory}
    ///
    /// @param set     such as `KemSet.MlKem768.SET`
    /// @param memory  off the heap, with [ParameterSet#secretKeyBytes] bytes from `at`; its as long as it is open
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is on the heap or read-only (caller's fault)
    public static <P extends ParameterSet> SecretKey<P> of(P set, MemorySegment memory, long at) {
        return new SecretKey<>(set, memory, at, null, 0);
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
