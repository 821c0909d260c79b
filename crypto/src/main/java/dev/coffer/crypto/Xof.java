package dev.coffer.crypto;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.keccak.Shake;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// An extendable-output function over the caller's memory: [#init], [#absorb] any number of times, [#squeeze] any
/// number of times, [#wipe]; or [#expand] in one call. Output does not depend on how either side is cut.
///
/// Stateless, thread-safe; a state is for one thread at a time. 0 heap bytes. Scalar, free of secret-dependent branches
/// and indices.
public abstract sealed class Xof permits Shake {
    /// SHAKE128 (FIPS 202, section 6.2): rate 168 bytes.
    public static final Xof SHAKE_128 = new Shake(128, new byte[0], new byte[0]);
    /// SHAKE256 (FIPS 202, section 6.2): rate 136 bytes.
    public static final Xof SHAKE_256 = new Shake(256, new byte[0], new byte[0]);

    /// Bytes of a state, at any alignment: 200 of Keccak, position and phase.
    public static final long STATE_BYTES = 200 + 2 * Integer.BYTES;

    private final String name;
    private final int rateBytes;

    /// For the implementations.
    ///
    /// @param name       the standard's name
    /// @param rateBytes  bytes that one permutation absorbs or yields
    protected Xof(String name, int rateBytes) {
        this.name = name;
        this.rateBytes = rateBytes;
    }

    /// {@return cSHAKE (SP 800-185, section 3); made at start, it keeps what it needs of its arguments, which are public}
    ///
    /// @param strengthBits   128 or 256
    /// @param function       N of the standard, kept for NIST's own functions; may be empty
    /// @param customization  S of the standard; may be empty
    /// @throws IllegalArgumentException  another strength (caller's fault)
    public static Xof cshake(int strengthBits, byte[] function, byte[] customization) {
        return new Shake(strengthBits, function, customization);
    }

    /// {@return the standard's name, such as `SHAKE128`}
    public final String name() {
        return name;
    }

    /// {@return bytes that one permutation absorbs or yields}
    public final int rateBytes() {
        return rateBytes;
    }

    /// Starts a message. Whatever lay there is overwritten.
    ///
    /// @param state  writable memory of [#STATE_BYTES] bytes from `at`
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault); nothing is written
    public final void init(MemorySegment state, long at) {
        Ranges.checkWritable(name, state, at, STATE_BYTES);
        begin(state, at);
    }

    /// Takes the next bytes of the message.
    ///
    /// @param input   memory that does not overlap the state
    /// @param length  bytes, 0 or more
    /// @throws IllegalStateException      it is being squeezed already (caller's fault); the state is unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    public final void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Ranges.checkWritable(name, state, at, STATE_BYTES);
        Ranges.check(name, input, inputAt, length);
        take(state, at, input, inputAt, length);
    }

    /// Writes the next bytes of output. The first call ends the message.
    ///
    /// @param output  writable memory that does not overlap the state
    /// @param length  bytes, 0 or more
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    public final void squeeze(MemorySegment state, long at, MemorySegment output, long outputAt, long length) {
        Ranges.checkWritable(name, state, at, STATE_BYTES);
        Ranges.checkWritable(name, output, outputAt, length);
        give(state, at, output, outputAt, length);
    }

    /// Absorbs one message and squeezes one output.
    ///
    /// @param workspace  writable memory of [#STATE_BYTES] bytes from `at`; wiped when this returns, however it returns
    /// @param input      memory that does not overlap the workspace; it may overlap the output
    /// @param output     writable memory for `outputLength` bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public final void expand(MemorySegment workspace, long at, MemorySegment input, long inputAt, long inputLength,
            MemorySegment output, long outputAt, long outputLength) {
        Ranges.checkWritable(name, workspace, at, STATE_BYTES);
        Ranges.check(name, input, inputAt, inputLength);
        Ranges.checkWritable(name, output, outputAt, outputLength);
        try {
            begin(workspace, at);
            take(workspace, at, input, inputAt, inputLength);
            give(workspace, at, output, outputAt, outputLength);
        } finally {
            Wipe.bytes(workspace, at, STATE_BYTES);
        }
    }

    /// Overwrites a state with zeros: the end of every use but [#expand].
    ///
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault)
    public final void wipe(MemorySegment state, long at) {
        Wipe.bytes(state, at, STATE_BYTES);
    }

    /// Writes a state that has seen nothing; ranges are checked.
    protected abstract void begin(MemorySegment state, long at);

    /// Takes bytes; ranges are checked.
    protected abstract void take(MemorySegment state, long at, MemorySegment input, long inputAt, long length);

    /// Writes bytes; ranges are checked.
    protected abstract void give(MemorySegment state, long at, MemorySegment output, long outputAt, long length);

    @Override
    public final String toString() {
        return name;
    }
}
