package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// A message of any length in pieces, for every parameter set: its salt, and SHAKE256 over salt and message (section 3.7), in a state of the
/// caller's memory. Stateless, thread-safe; 0 heap bytes. A state is for one thread at a time.
///
/// ```
///   beginSigning(entropy, ...)    --> update, ... --> Falcon.signMessage
///   beginVerifying(signature, ..) --> update, ... --> Falcon.verifyMessage
/// ```
///
/// **A state that is to be signed is never copied.** Two signatures of one message under one salt are two short vectors for one point, and give
/// the private key away; signing wipes the state so that it cannot happen with one.
public final class FalconMessage {
    private static final String NAME = "Falcon message";
    private static final long HASH = 0;
    private static final long SALT = HASH + Xof.STATE_BYTES;
    private static final long KIND = SALT + Parameters.SALT_BYTES;  // u64: what it was begun for
    private static final long SIGNS = 0x666e_7369_676eL;
    private static final long VERIFIES = ~SIGNS;

    /// Bytes of a state: SHAKE256, the salt, and what it is for; at any alignment.
    public static final long STATE_BYTES = KIND + Long.BYTES;

    private FalconMessage() {}

    /// Begins a message that is to be signed: draws its salt.
    ///
    /// @param entropy  not [Signature#DETERMINISTIC]
    /// @param state    [#STATE_BYTES] off the heap from `at`; whatever lay there is overwritten
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is read-only or on the heap, or no randomness is asked for (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes, or gives zeros; the state is wiped
    public static void beginSigning(Entropy entropy, MemorySegment state, long at) {
        Ranges.checkWorkspace(NAME, state, at, STATE_BYTES);
        if (entropy == Signature.DETERMINISTIC) {
            throw new IllegalArgumentException(NAME + ": there is no deterministic variant (expected a source of random bytes)");
        }
        begin(state, at, SIGNS, entropy, null, 0);
    }

    /// Begins a message that is to be verified: takes the salt of its signature.
    ///
    /// @param signature  its first 41 bytes from `signatureAt`, apart from the state; of a shorter one the bytes that are there, and it
    ///                   verifies as false
    /// @param state      [#STATE_BYTES] off the heap from `at`; whatever lay there is overwritten
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or the state is read-only or on the heap (caller's fault); nothing is written
    public static void beginVerifying(MemorySegment signature, long signatureAt, long signatureLength, MemorySegment state, long at) {
        Ranges.checkWorkspace(NAME, state, at, STATE_BYTES);
        Ranges.check(NAME, signature, signatureAt, signatureLength);
        apart(state, at, signature, signatureAt, signatureLength);
        begin(state, at, VERIFIES, null, signature, signatureLength < Parameters.HEAD_BYTES ? -1 : signatureAt + 1);
    }

    /// @param entropy  null for the salt of a signature, at `saltAt`, or zeros where that is negative
    private static void begin(MemorySegment state, long at, long kind, @Nullable Entropy entropy, @Nullable MemorySegment signature, long saltAt) {
        boolean begun = false;
        try {
            Wipe.bytes(state, at, STATE_BYTES);
            if (entropy != null) {
                Drawn.fill(NAME, entropy, state, at + SALT, Parameters.SALT_BYTES);
            } else if (saltAt >= 0) {
                MemorySegment.copy(signature, saltAt, state, at + SALT, Parameters.SALT_BYTES);
            }
            Xof.SHAKE_256.init(state, at + HASH);
            Xof.SHAKE_256.absorb(state, at + HASH, state, at + SALT, Parameters.SALT_BYTES);
            state.set(ValueLayout.JAVA_LONG_UNALIGNED, at + KIND, kind);
            begun = true;
        } finally {
            if (!begun) {
                Wipe.bytes(state, at, STATE_BYTES);
            }
        }
    }

    /// Takes the next piece, of any length.
    ///
    /// @throws IllegalStateException      nothing was begun (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is taken
    /// @throws IllegalArgumentException   the piece lies in the state (caller's fault); nothing is taken
    public static void update(MemorySegment message, long messageAt, long length, MemorySegment state, long at) {
        Ranges.checkWorkspace(NAME, state, at, STATE_BYTES);
        apart(state, at, message, messageAt, length);
        Xof.SHAKE_256.absorb(state, at + HASH, message, messageAt, length);
    }

    static void apart(MemorySegment state, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(NAME, state, at, STATE_BYTES, segment, segmentAt, length);
    }

    static void require(MemorySegment state, long at, boolean signs) {
        Ranges.checkWorkspace(NAME, state, at, STATE_BYTES);
        if (state.get(ValueLayout.JAVA_LONG_UNALIGNED, at + KIND) != (signs ? SIGNS : VERIFIES)) {
            throw new IllegalStateException(NAME + ": none that is to be " + (signs ? "signed" : "verified") + " (expected it to be begun)");
        }
    }

    /// Ends the message: its point and its salt go to a workspace.
    static void hash(MemorySegment state, long at, int n, FalconLayout layout, MemorySegment w, long workspaceAt) {
        MemorySegment.copy(state, at + SALT, w, workspaceAt + layout.salt, Parameters.SALT_BYTES);
        MemorySegment.copy(state, at + HASH, w, workspaceAt + layout.hash, Xof.STATE_BYTES);
        HashToPoint.point(w, workspaceAt + layout.hash, workspaceAt + layout.block, n, workspaceAt + layout.point);
    }
}
