package dev.coffer.tls;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// The hash of all handshake messages up to here (RFC 8446, section 4.4.1), which goes on after it was asked. Between two calls the front of a state is kept ([Hash#runningBytes]); the rest,
/// a schedule, is where the work is done. Over memory of [#BYTES], or of [#LENT_BYTES] and a workspace ([#workIn]); one thread at a time, 0 heap bytes.
final class Transcript {
    /// Bytes of what is kept, SHA-384's, which is the longest of TLS.
    static final long LENT_BYTES = Hash.SHA_384.runningBytes();
    // The work: a state, and a message of one digest.
    private static final long MESSAGE = Hash.STATE_BYTES_MAX;
    /// Bytes of the workspace.
    static final long WORK_BYTES = MESSAGE + Wire.MESSAGE_HEADER_BYTES + KeySchedule.SECRET_BYTES_MAX;
    /// Bytes of the memory that has both.
    static final long BYTES = LENT_BYTES + WORK_BYTES;

    private final MemorySegment memory;
    private final long at;
    private MemorySegment work;         // zero between two calls
    private long workAt;
    private Hash hash = Hash.SHA_256;   // until it begins

    Transcript(MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
        this.work = memory;
        this.workAt = at + LENT_BYTES;
    }

    /// Works in a workspace from here on.
    ///
    /// @param in  [#WORK_BYTES] at `inAt`, zero; it is again after each call
    void workIn(MemorySegment in, long inAt) {
        work = in;
        workAt = inAt;
    }

    void begin(Hash with) {
        hash = with;
        hash.init(work, workAt);
        keep();
    }

    void add(MemorySegment message, long messageAt, long length) {
        goOn();
        hash.update(work, workAt, message, messageAt, length);
        keep();
    }

    /// Writes the digest of what was added; more may be.
    void digest(MemorySegment output, long outputAt) {
        goOn();
        hash.digest(work, workAt, output, outputAt);
    }

    /// Puts one message of its hash in the place of the first hello, as a retry wants (section 4.4.1).
    void retry() {
        int digest = hash.digestBytes();
        long message = workAt + MESSAGE;
        Wire.u8(work, message, Wire.MESSAGE_HASH);
        BigEndian.u24(work, message + 1, digest);
        digest(work, message + Wire.MESSAGE_HEADER_BYTES);
        begin(hash);
        add(work, message, Wire.MESSAGE_HEADER_BYTES + digest);
        Wipe.bytes(work, message, Wire.MESSAGE_HEADER_BYTES + digest);
    }

    private void goOn() {
        MemorySegment.copy(memory, at, work, workAt, hash.runningBytes());
    }

    private void keep() {
        MemorySegment.copy(work, workAt, memory, at, hash.runningBytes());
        hash.wipe(work, workAt);
    }
}
