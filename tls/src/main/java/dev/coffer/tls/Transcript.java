package dev.coffer.tls;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// The hash of all handshake messages up to here (RFC 8446, section 4.4.1), which goes on after it was asked. Over memory of
/// [#BYTES], or of [#LENT_BYTES] and a workspace ([#copyTo]); one thread at a time, 0 heap bytes.
final class Transcript {
    // The running state, and its copy that ends.
    private static final long RUNNING = 0;
    private static final long HEADER = RUNNING + Hash.STATE_BYTES_MAX;
    private static final long COPY = HEADER + Wire.MESSAGE_HEADER_BYTES + Hash.DIGEST_BYTES_MAX;
    /// Bytes of the memory: a state, and a message of one digest.
    static final long LENT_BYTES = COPY;
    /// Likewise, with the place of its copy.
    static final long BYTES = COPY + Hash.STATE_BYTES_MAX;

    private final MemorySegment memory;
    private final long at;
    private MemorySegment copy;         // where a state ends
    private long copyAt;
    private boolean lent;               // that is zero between two calls
    private Hash hash = Hash.SHA_256;   // until it begins

    Transcript(MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
        this.copy = memory;
        this.copyAt = at + COPY;
    }

    /// Digests are made in a workspace from here on.
    ///
    /// @param work  [Hash#STATE_BYTES_MAX] at `workAt`, zero; it is again after each
    void copyTo(MemorySegment work, long workAt) {
        copy = work;
        copyAt = workAt;
        lent = true;
    }

    void begin(Hash with) {
        hash = with;
        hash.init(memory, at + RUNNING);
    }

    void add(MemorySegment message, long messageAt, long length) {
        hash.update(memory, at + RUNNING, message, messageAt, length);
    }

    /// Writes the digest of what was added; more may be.
    void digest(MemorySegment output, long outputAt) {
        MemorySegment.copy(memory, at + RUNNING, copy, copyAt, hash.stateBytes());
        hash.digest(copy, copyAt, output, outputAt);
        if (lent) {
            Wipe.bytes(copy, copyAt, hash.stateBytes());
        }
    }

    /// Puts one message of its hash in the place of the first hello, as a retry wants (section 4.4.1).
    void retry() {
        int digest = hash.digestBytes();
        Wire.u8(memory, at + HEADER, Wire.MESSAGE_HASH);
        BigEndian.u24(memory, at + HEADER + 1, digest);
        hash.digest(memory, at + RUNNING, memory, at + HEADER + Wire.MESSAGE_HEADER_BYTES);
        hash.init(memory, at + RUNNING);
        add(memory, at + HEADER, Wire.MESSAGE_HEADER_BYTES + digest);
    }

    void wipe() {
        Wipe.bytes(memory, at, lent ? LENT_BYTES : BYTES);
    }
}
