package dev.coffer.crypto.easy;

import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Bytes of a fixed number off the heap, with a meaning: what public keys, secret keys, ciphertexts, shared secrets and signatures are.
///
/// Two kinds: one over the caller's memory (`of`), which is the caller's again after [#close]; and one of an [EasyCrypto], whose memory
/// goes back to it, wiped. Either is refused with [IllegalStateException] once it is closed. Secret kinds are wiped by [#close] in both
/// cases. `toString` names the kind and the parameter set, never the bytes. For one thread at a time.
///
/// @param <P>  of what
public abstract sealed class FixedBytes<P extends ParameterSet> implements AutoCloseable
        permits PublicKey, SecretKey, Ciphertext, SharedSecret, Signature {
    private final String kind;
    private final P set;
    private final MemorySegment memory;
    private final long at;
    private final int bytes;
    private final boolean secret;
    private final @Nullable EasyCrypto owner;  // null over the caller's memory
    private final long piece;
    private boolean closed;

    /// Over the caller's memory, or, with an owner, over a piece of its.
    FixedBytes(String kind, P set, MemorySegment memory, long at, int bytes, boolean secret, @Nullable EasyCrypto owner, long piece) {
        if (secret) {
            Ranges.checkWorkspace(kind, memory, at, bytes);
        } else {
            Ranges.check(kind, memory, at, bytes);
            if (!memory.isNative()) {
                throw new IllegalArgumentException(kind + ": memory on the heap (expected native memory)");
            }
        }
        this.kind = kind;
        this.set = set;
        this.memory = memory;
        this.at = at;
        this.bytes = bytes;
        this.secret = secret;
        this.owner = owner;
        this.piece = piece;
    }

    /// {@return the parameter set}
    public final P set() {
        return set;
    }

    /// {@return bytes; constant for a parameter set}
    public final int bytes() {
        return bytes;
    }

    /// {@return the memory it lies in, from [#offset] for [#bytes] bytes; borrowed}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public final MemorySegment segment() {
        if (closed) {
            throw new IllegalStateException(this + ": closed");
        }
        return memory;
    }

    /// {@return offset of its first byte in [#segment]}
    public final long offset() {
        return at;
    }

    long piece() {
        return piece;
    }

    /// {@return whether it is closed}
    public final boolean isClosed() {
        return closed;
    }

    /// Ends it. Secret bytes are zero afterwards. Twice is harmless; so is closing after the memory or the owner, which have wiped it.
    @Override
    public final void close() {
        if (closed) {
            return;
        }
        if (owner != null) {
            owner.release(piece);
        } else if (secret) {
            Ending.wipe(memory, at, bytes);
        }
        closed = true;
    }

    @Override
    public final String toString() {
        return kind + "[" + set + (closed ? ", closed" : "") + "]";
    }
}
