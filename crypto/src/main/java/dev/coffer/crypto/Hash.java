package dev.coffer.crypto;

import dev.coffer.crypto.blake2.Blake2b;
import dev.coffer.crypto.internal.HashFunction;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.keccak.Sha3;
import dev.coffer.crypto.sha2.Sha256;
import dev.coffer.crypto.sha2.Sha512;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A hash function over the caller's memory: [#init], [#update] any number of times, [#digest]; or [#hash] in one call.
///
/// ```java
/// Hash sha = Hash.SHA_256;
/// MemorySegment state = region.carve("transcript");   // at least sha.stateBytes()
/// sha.init(state, 0);
/// sha.update(state, 0, message, 0, message.byteSize());
/// sha.digest(state, 0, out, 0);                        // writes sha.digestBytes() bytes, wipes the state
/// ```
///
/// ```
///   zeros, or anything else --init--> running --update--> running --digest--> zeros
/// ```
///
/// One rule for every state of this package: it is started by `init`, and whatever else is done to a state that was not
/// started, that has ended or that another algorithm started is an [IllegalStateException] which changes nothing. An
/// operation that ends in an exception of the memory (a segment closed or another thread's) wipes the state, so it has
/// ended.
///
/// Stateless, thread-safe; a state is for one thread at a time and lies off the heap, at any alignment. 0 heap bytes. A
/// state may be copied by its bytes, to go on from it twice. All is scalar and free of secret-dependent branches and
/// indices, so secrets may be hashed.
public final class Hash {
    /// SHA-256 (FIPS 180-4, section 6.2): 32 bytes.
    public static final Hash SHA_256 = new Hash(new Sha256());
    /// SHA-384 (FIPS 180-4, section 6.5): 48 bytes.
    public static final Hash SHA_384 = new Hash(new Sha512(48));
    /// SHA-512 (FIPS 180-4, section 6.4): 64 bytes.
    public static final Hash SHA_512 = new Hash(new Sha512(64));
    /// SHA3-224 (FIPS 202, section 6.1): 28 bytes.
    public static final Hash SHA3_224 = new Hash(new Sha3("SHA3-224", 28, Sha3.SUFFIX_FIPS_202));
    /// SHA3-256 (FIPS 202, section 6.1): 32 bytes.
    public static final Hash SHA3_256 = new Hash(new Sha3("SHA3-256", 32, Sha3.SUFFIX_FIPS_202));
    /// SHA3-384 (FIPS 202, section 6.1): 48 bytes.
    public static final Hash SHA3_384 = new Hash(new Sha3("SHA3-384", 48, Sha3.SUFFIX_FIPS_202));
    /// SHA3-512 (FIPS 202, section 6.1): 64 bytes.
    public static final Hash SHA3_512 = new Hash(new Sha3("SHA3-512", 64, Sha3.SUFFIX_FIPS_202));
    /// Keccak-256 as Ethereum uses it: SHA3-256 with the padding of the Keccak submission, which is not FIPS 202's.
    public static final Hash KECCAK_256 = new Hash(new Sha3("Keccak-256", 32, Sha3.SUFFIX_KECCAK));
    /// BLAKE2b with 32 bytes (RFC 7693), without a key.
    public static final Hash BLAKE2B_256 = new Hash(new Blake2b(32));
    /// BLAKE2b with 64 bytes (RFC 7693), without a key.
    public static final Hash BLAKE2B_512 = new Hash(new Blake2b(64));

    /// Bytes of the largest state, SHA-512's: the phase, chaining value and count, a message schedule. The plan of a hash of unknown kind.
    public static final long STATE_BYTES_MAX = Phase.BYTES + 8 * Long.BYTES + Long.BYTES + 80 * Long.BYTES;
    /// Bytes of the largest digest: SHA-512, SHA3-512.
    public static final int DIGEST_BYTES_MAX = 64;
    /// Bytes of the largest block: SHA3-224's rate, 200 - 2 * 28.
    public static final int BLOCK_BYTES_MAX = 200 - 2 * 28;

    // A state: what was started, then the function's own.
    private static final long STATE = Phase.BYTES;

    private final HashFunction function;
    private final String name;
    private final int digestBytes;
    private final long stateBytes;
    private final long running;  // the phase between init and digest

    private Hash(HashFunction function) {
        this.function = function;
        this.name = function.name();
        this.digestBytes = function.digestBytes();
        this.stateBytes = STATE + function.stateBytes();
        this.running = Phase.of(name);
    }

    /// {@return the standard's name, such as `SHA-256`}
    public String name() {
        return name;
    }

    /// {@return bytes of a digest}
    public int digestBytes() {
        return digestBytes;
    }

    /// {@return bytes of a block: what HMAC calls B}
    public int blockBytes() {
        return function.blockBytes();
    }

    /// {@return bytes of a state, at any alignment; at most [#STATE_BYTES_MAX]}
    public long stateBytes() {
        return stateBytes;
    }

    /// {@return bytes at the front of a running state that say all of it: what has to be kept between two calls where the state itself is in memory that others use meanwhile. Put back
    /// in front of [#stateBytes], whatever the rest is, it goes on. Of SHA-384 208 of 720}
    public long runningBytes() {
        return STATE + function.runningBytes();
    }

    HashFunction function() {
        return function;
    }

    /// Starts a message. Whatever lay there is overwritten.
    ///
    /// @param state  writable memory off the heap of [#stateBytes] bytes from `at`
    /// @param at     offset of the state
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault); nothing is written
    public void init(MemorySegment state, long at) {
        Ranges.checkWorkspace(name, state, at, stateBytes);
        function.begin(state, at + STATE);
        Phase.set(state, at, running);
    }

    /// Takes the next bytes of the message.
    ///
    /// @param state   a state after [#init]; its bytes are the caller's to keep
    /// @param input   memory that does not overlap the state
    /// @param length  bytes, 0 or more; a message of 2^61 bytes or more has no digest
    /// @throws IllegalStateException      the state is not running (caller's fault); it is unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    /// @throws IllegalArgumentException   input and state overlap, or the state is on the heap (caller's fault); the
    ///                                    state is unchanged
    public void update(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Ranges.checkWorkspace(name, state, at, stateBytes);
        Ranges.check(name, input, inputAt, length);
        Ranges.apart(name, input, inputAt, length, state, at, stateBytes);
        Phase.require(name, state, at, running);
        boolean whole = false;
        try {
            function.absorb(state, at + STATE, input, inputAt, length);
            whole = true;
        } finally {
            if (!whole) {
                Wipe.bytes(state, at, stateBytes);
            }
        }
    }

    /// Ends the message: writes [#digestBytes] bytes and wipes the state, also where the output cannot be written.
    ///
    /// @param output  writable memory that does not overlap the state
    /// @throws IllegalStateException      the state is not running (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    /// @throws IllegalArgumentException   output and state overlap, the output is read-only, or the state is on the heap
    ///                                    (caller's fault); the state is unchanged
    public void digest(MemorySegment state, long at, MemorySegment output, long outputAt) {
        Ranges.checkWorkspace(name, state, at, stateBytes);
        Ranges.checkWritable(name, output, outputAt, digestBytes);
        Ranges.apart(name, state, at, stateBytes, output, outputAt, digestBytes);
        Phase.require(name, state, at, running);
        try {
            function.finish(state, at + STATE, output, outputAt);
        } finally {
            Wipe.bytes(state, at, stateBytes);
        }
    }

    /// Hashes a message in one call.
    ///
    /// @param workspace  writable memory off the heap of [#stateBytes] bytes from `at`; wiped when this returns, however
    ///                   it returns
    /// @param input      memory that does not overlap the workspace; it may overlap the output
    /// @param output     writable memory for [#digestBytes] bytes that does not overlap the workspace
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap as they must not, the output is read-only, or the workspace is
    ///                                    on the heap (caller's fault); nothing is written
    public void hash(MemorySegment workspace, long at, MemorySegment input, long inputAt, long length,
            MemorySegment output, long outputAt) {
        Ranges.checkWorkspace(name, workspace, at, stateBytes);
        Ranges.check(name, input, inputAt, length);
        Ranges.checkWritable(name, output, outputAt, digestBytes);
        Ranges.apart(name, workspace, at, stateBytes, input, inputAt, length);
        Ranges.apart(name, workspace, at, stateBytes, output, outputAt, digestBytes);
        try {
            function.begin(workspace, at + STATE);
            function.absorb(workspace, at + STATE, input, inputAt, length);
            function.finish(workspace, at + STATE, output, outputAt);
        } finally {
            Wipe.bytes(workspace, at, stateBytes);
        }
    }

    /// Overwrites a state with zeros: for a message that is given up.
    ///
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault)
    public void wipe(MemorySegment state, long at) {
        Wipe.bytes(state, at, stateBytes);
    }

    @Override
    public String toString() {
        return name;
    }
}
