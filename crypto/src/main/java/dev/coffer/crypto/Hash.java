package dev.coffer.crypto;

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
/// Stateless, thread-safe; a state is for one thread at a time. 0 heap bytes. A state may be copied by its bytes, to go
/// on from it twice. All is scalar and free of secret-dependent branches and indices, so secrets may be hashed.
public abstract sealed class Hash permits Sha256, Sha512, Sha3 {
    /// SHA-256 (FIPS 180-4, section 6.2): 32 bytes.
    public static final Hash SHA_256 = new Sha256();
    /// SHA-384 (FIPS 180-4, section 6.5): 48 bytes.
    public static final Hash SHA_384 = new Sha512(48);
    /// SHA-512 (FIPS 180-4, section 6.4): 64 bytes.
    public static final Hash SHA_512 = new Sha512(64);
    /// SHA3-224 (FIPS 202, section 6.1): 28 bytes.
    public static final Hash SHA3_224 = new Sha3("SHA3-224", 28, Sha3.SUFFIX_FIPS_202);
    /// SHA3-256 (FIPS 202, section 6.1): 32 bytes.
    public static final Hash SHA3_256 = new Sha3("SHA3-256", 32, Sha3.SUFFIX_FIPS_202);
    /// SHA3-384 (FIPS 202, section 6.1): 48 bytes.
    public static final Hash SHA3_384 = new Sha3("SHA3-384", 48, Sha3.SUFFIX_FIPS_202);
    /// SHA3-512 (FIPS 202, section 6.1): 64 bytes.
    public static final Hash SHA3_512 = new Sha3("SHA3-512", 64, Sha3.SUFFIX_FIPS_202);
    /// Keccak-256 as Ethereum uses it: SHA3-256 with the padding of the Keccak submission, which is not FIPS 202's.
    public static final Hash KECCAK_256 = new Sha3("Keccak-256", 32, Sha3.SUFFIX_KECCAK);

    /// Bytes of the largest state: SHA-512's and SHA-3's are both below this; the plan of a hash of unknown kind.
    public static final long STATE_BYTES_MAX = 256;
    /// Bytes of the largest digest: SHA-512, SHA3-512.
    public static final int DIGEST_BYTES_MAX = 64;
    /// Bytes of the largest block: SHA3-224's rate, 200 - 2 * 28.
    public static final int BLOCK_BYTES_MAX = 200 - 2 * 28;

    private final String name;
    private final int digestBytes;
    private final int blockBytes;
    private final long stateBytes;

    /// For the implementations.
    ///
    /// @param name         the standard's name
    /// @param digestBytes  bytes of the digest
    /// @param blockBytes   bytes of a block
    /// @param stateBytes   bytes of a state
    protected Hash(String name, int digestBytes, int blockBytes, long stateBytes) {
        this.name = name;
        this.digestBytes = digestBytes;
        this.blockBytes = blockBytes;
        this.stateBytes = stateBytes;
    }

    /// {@return the standard's name, such as `SHA-256`}
    public final String name() {
        return name;
    }

    /// {@return bytes of a digest}
    public final int digestBytes() {
        return digestBytes;
    }

    /// {@return bytes of a block: what HMAC calls B}
    public final int blockBytes() {
        return blockBytes;
    }

    /// {@return bytes of a state, at any alignment; at most [#STATE_BYTES_MAX]}
    public final long stateBytes() {
        return stateBytes;
    }

    /// Starts a message. Whatever lay there is overwritten.
    ///
    /// @param state  writable memory of [#stateBytes] bytes from `at`
    /// @param at     offset of the state
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault); nothing is written
    public final void init(MemorySegment state, long at) {
        Ranges.checkWritable(name, state, at, stateBytes);
        begin(state, at);
    }

    /// Takes the next bytes of the message.
    ///
    /// @param state   a state after [#init]; its bytes are the caller's to keep, undefined if they were never `init`ed
    /// @param input   memory that does not overlap the state
    /// @param length  bytes, 0 or more; a message of 2^61 bytes or more has no digest
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    public final void update(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Ranges.checkWritable(name, state, at, stateBytes);
        Ranges.check(name, input, inputAt, length);
        absorb(state, at, input, inputAt, length);
    }

    /// Ends the message: writes [#digestBytes] bytes and wipes the state, also where the output cannot be written.
    ///
    /// @param output  writable memory that does not overlap the state
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    public final void digest(MemorySegment state, long at, MemorySegment output, long outputAt) {
        Ranges.checkWritable(name, state, at, stateBytes);
        Ranges.checkWritable(name, output, outputAt, digestBytes);
        try {
            finish(state, at, output, outputAt);
        } finally {
            Wipe.bytes(state, at, stateBytes);
        }
    }

    /// Hashes a message in one call.
    ///
    /// @param workspace  writable memory of [#stateBytes] bytes from `at`; wiped when this returns, however it returns
    /// @param input      memory that does not overlap the workspace; it may overlap the output
    /// @param output     writable memory for [#digestBytes] bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public final void hash(MemorySegment workspace, long at, MemorySegment input, long inputAt, long length,
            MemorySegment output, long outputAt) {
        Ranges.checkWritable(name, workspace, at, stateBytes);
        Ranges.check(name, input, inputAt, length);
        Ranges.checkWritable(name, output, outputAt, digestBytes);
        try {
            begin(workspace, at);
            absorb(workspace, at, input, inputAt, length);
            finish(workspace, at, output, outputAt);
        } finally {
            Wipe.bytes(workspace, at, stateBytes);
        }
    }

    /// Overwrites a state with zeros: for a message that is given up.
    ///
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault)
    public final void wipe(MemorySegment state, long at) {
        Wipe.bytes(state, at, stateBytes);
    }

    /// Writes a state that has seen nothing; ranges are checked.
    protected abstract void begin(MemorySegment state, long at);

    /// Takes bytes; ranges are checked.
    protected abstract void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length);

    /// Pads and writes the digest; ranges are checked, and the caller wipes.
    protected abstract void finish(MemorySegment state, long at, MemorySegment output, long outputAt);

    @Override
    public final String toString() {
        return name;
    }
}
