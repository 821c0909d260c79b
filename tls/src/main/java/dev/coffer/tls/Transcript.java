package dev.coffer.tls;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// The hash of all handshake messages up to here (RFC 8446, section 4.4.1), which goes on after it was asked. Over memory of
/// [#BYTES]; one thread at a time, 0 heap bytes.
final class Transcript {
    // The running state, and its copy that ends.
    private static final long RUNNING = 0;
    private static final long COPY = RUNNING + Hash.STATE_BYTES_MAX;
    private static final long HEADER = COPY + Hash.STATE_BYTES_MAX;
    /// Bytes of the memory: two states, and a message of one digest.
    static final long BYTES = HEADER + Wire.MESSAGE_HEADER_BYTES + Hash.DIGEST_BYTES_MAX;

    private final MemorySegment memory;
    private final long at;
    private Hash hash = Hash.SHA_256;  // until it begins

    Transcript(MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
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
        MemorySegment.copy(memory, at + RUNNING, memory, at + COPY, hash.stateBytes());
        hash.digest(memory, at + COPY, output, outputAt);
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
        Wipe.bytes(memory, at, BYTES);
    }
}
