package dev.coffer.crypto;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.internal.XofFunction;
import dev.coffer.crypto.keccak.Shake;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// An extendable-output function over the caller's memory: [#init], [#absorb] any number of times, [#squeeze] any
/// number of times, [#wipe]; or [#expand] in one call. Output does not depend on how either side is cut.
///
/// ```
///   anything --init--> absorbing --absorb--> absorbing --squeeze--> squeezing --squeeze--> squeezing --wipe--> zeros
/// ```
///
/// States follow the rule of [Hash]: every other transition is an [IllegalStateException] which changes nothing, and an
/// exception of the memory ends the message and wipes its state.
///
/// Stateless, thread-safe; a state is for one thread at a time and lies off the heap, at any alignment. 0 heap bytes.
/// Scalar, free of secret-dependent branches and indices.
public final class Xof {
    /// SHAKE128 (FIPS 202, section 6.2): rate 168 bytes.
    public static final Xof SHAKE_128 = new Xof(new Shake(128, new byte[0], new byte[0]));
    /// SHAKE256 (FIPS 202, section 6.2): rate 136 bytes.
    public static final Xof SHAKE_256 = new Xof(new Shake(256, new byte[0], new byte[0]));

    private static final long STATE = Phase.BYTES;

    /// Bytes of a state, at any alignment: phase, 200 of Keccak, position.
    public static final long STATE_BYTES = STATE + Shake.STATE_BYTES;

    private final XofFunction function;
    private final String name;
    private final long absorbing;  // the phase up to the first squeeze
    private final long squeezing;  // the phase from there on

    private Xof(XofFunction function) {
        this.function = function;
        this.name = function.name();
        this.absorbing = Phase.of(name);
        this.squeezing = ~absorbing;
    }

    /// {@return cSHAKE (SP 800-185, section 3); made at start, it keeps what it needs of its arguments, which are public}
    ///
    /// @param strengthBits   128 or 256
    /// @param function       N of the standard, kept for NIST's own functions; may be empty
    /// @param customization  S of the standard; may be empty
    /// @throws IllegalArgumentException  another strength (caller's fault)
    public static Xof cshake(int strengthBits, byte[] function, byte[] customization) {
        return new Xof(new Shake(strengthBits, function, customization));
    }

    /// {@return the standard's name, such as `SHAKE128`}
    public String name() {
        return name;
    }

    /// {@return bytes that one permutation absorbs or yields}
    public int rateBytes() {
        return function.rateBytes();
    }

    /// Starts a message. Whatever lay there is overwritten.
    ///
    /// @param state  writable memory off the heap of [#STATE_BYTES] bytes from `at`
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault); nothing is written
    public void init(MemorySegment state, long at) {
        Ranges.checkWorkspace(name, state, at, STATE_BYTES);
        function.begin(state, at + STATE);
        Phase.set(state, at, absorbing);
    }

    /// Takes the next bytes of the message.
    ///
    /// @param input   memory that does not overlap the state
    /// @param length  bytes, 0 or more
    /// @throws IllegalStateException      it was not started or is being squeezed already (caller's fault); the state is
    ///                                    unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    /// @throws IllegalArgumentException   input and state overlap, or the state is on the heap (caller's fault); the
    ///                                    state is unchanged
    public void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Ranges.checkWorkspace(name, state, at, STATE_BYTES);
        Ranges.check(name, input, inputAt, length);
        Ranges.apart(name, input, inputAt, length, state, at, STATE_BYTES);
        Phase.require(name, state, at, absorbing);
        boolean whole = false;
        try {
            function.take(state, at + STATE, input, inputAt, length);
            whole = true;
        } finally {
            if (!whole) {
                Wipe.bytes(state, at, STATE_BYTES);
            }
        }
    }

    /// Writes the next bytes of output. The first call ends the message.
    ///
    /// @param output  writable memory that does not overlap the state
    /// @param length  bytes, 0 or more
    /// @throws IllegalStateException      it was not started (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    /// @throws IllegalArgumentException   output and state overlap, the output is read-only, or the state is on the heap
    ///                                    (caller's fault); the state is unchanged
    public void squeeze(MemorySegment state, long at, MemorySegment output, long outputAt, long length) {
        Ranges.checkWorkspace(name, state, at, STATE_BYTES);
        Ranges.checkWritable(name, output, outputAt, length);
        Ranges.apart(name, state, at, STATE_BYTES, output, outputAt, length);
        long phase = Phase.get(state, at);
        if (phase != squeezing) {
            Phase.require(name, state, at, absorbing);
        }
        boolean whole = false;
        try {
            if (phase == absorbing) {
                function.end(state, at + STATE);
                Phase.set(state, at, squeezing);
            }
            function.give(state, at + STATE, output, outputAt, length);
            whole = true;
        } finally {
            if (!whole) {
                Wipe.bytes(state, at, STATE_BYTES);
            }
        }
    }

    /// Absorbs one message and squeezes one output.
    ///
    /// @param workspace  writable memory off the heap of [#STATE_BYTES] bytes from `at`; wiped when this returns, however
    ///                   it returns
    /// @param input      memory that does not overlap the workspace; it may overlap the output
    /// @param output     writable memory for `outputLength` bytes that does not overlap the workspace
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap as they must not, the output is read-only, or the workspace is
    ///                                    on the heap (caller's fault); nothing is written
    public void expand(MemorySegment workspace, long at, MemorySegment input, long inputAt, long inputLength,
            MemorySegment output, long outputAt, long outputLength) {
        Ranges.checkWorkspace(name, workspace, at, STATE_BYTES);
        Ranges.check(name, input, inputAt, inputLength);
        Ranges.checkWritable(name, output, outputAt, outputLength);
        Ranges.apart(name, workspace, at, STATE_BYTES, input, inputAt, inputLength);
        Ranges.apart(name, workspace, at, STATE_BYTES, output, outputAt, outputLength);
        try {
            function.begin(workspace, at + STATE);
            function.take(workspace, at + STATE, input, inputAt, inputLength);
            function.end(workspace, at + STATE);
            function.give(workspace, at + STATE, output, outputAt, outputLength);
        } finally {
            Wipe.bytes(workspace, at, STATE_BYTES);
        }
    }

    /// Overwrites a state with zeros: the end of every use but [#expand].
    ///
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault)
    public void wipe(MemorySegment state, long at) {
        Wipe.bytes(state, at, STATE_BYTES);
    }

    @Override
    public String toString() {
        return name;
    }
}
