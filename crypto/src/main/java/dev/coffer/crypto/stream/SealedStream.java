package dev.coffer.crypto.stream;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// A sealed stream, written or read chunk by chunk over the caller's memory. No I/O of its own.
///
/// ```
///   header                                          176 bytes with one key, at most 4096; see docs/sealed-format.md
///   ciphertext 65536 | tag 16                       every chunk but the last
///   ciphertext 0..65536 | tag 16                    the last; empty only where the stream is
/// ```
///
/// The stream has a file key of its own, drawn from the [Entropy] that the writer hands in, as is the salt. The
/// header holds the file key, wrapped under the caller's key; a check value that commits to that key, so that a wrong key
/// ([Verdict#WRONG_KEY]) and a changed stream ([Verdict#CHANGED]) are told apart; and a MAC of itself. A chunk's nonce is
/// its number (88 bits) and one byte that is 1 for the last chunk.
///
/// For one thread at a time; 0 heap bytes. Everything secret lies in the memory given, and is wiped by [#close].
public final class SealedStream implements AutoCloseable {
    /// Bytes of the header that is written: of one key.
    public static final int HEADER_BYTES = SealedHeader.BYTES;
    /// Bytes of the longest header that is read.
    public static final int HEADER_BYTES_MAX = SealedHeader.HEADER_BYTES_MAX;
    /// Bytes of the part of a header that says how long it is.
    public static final int PREFIX_BYTES = SealedHeader.PREFIX_BYTES;
    /// Bytes of text of every chunk but the last.
    public static final int CHUNK_TEXT_BYTES = 1 << 16;
    /// Bytes of a whole sealed chunk.
    public static final int CHUNK_BYTES = CHUNK_TEXT_BYTES + Aead.TAG_BYTES;
    /// Bytes of the caller's key.
    public static final int KEY_BYTES = 32;

    private static final String NAME = "sealed stream";
    private static final long CHUNKS_MAX = 1L << 32;
    /// One key a stream: the number of a chunk is its nonce. With AES-GCM a stream of 2^32 chunks has 2^44 blocks, which leaves an
    /// attacker a chance of 2^-39 to tell it from random bytes (RFC 9001, appendix B.1.1), and of 2^-57 up to 512 GiB.
    private static final AeadLimits LIMITS = new AeadLimits(CHUNKS_MAX, 1L << 36);

    // Layout of the memory, behind the header's: nonce, key of the chunks, its schedule, workspace.
    private static final long NONCE = SealedHeader.MEMORY_BYTES;
    private static final long KEY = NONCE + 16;
    private static final long SCHEDULE = KEY + KEY_BYTES;

    /// The AEADs that a header can name.
    public enum Suite {
        /// ChaCha20-Poly1305 (RFC 8439).
        CHACHA20_POLY1305(1, Aead.CHACHA20_POLY1305),
        /// AES-256-GCM (SP 800-38D), bitsliced.
        AES_256_GCM(2, Aead.AES_256_GCM);

        private static final Suite[] SUITES = values();

        private final int code;
        private final Aead aead;

        Suite(int code, Aead aead) {
            this.code = code;
            this.aead = aead;
        }

        int code() {
            return code;
        }

        static Suite of(int code) {
            return code == CHACHA20_POLY1305.code ? CHACHA20_POLY1305 : code == AES_256_GCM.code ? AES_256_GCM : null;
        }
    }

    /// What became of a chunk or header that was read.
    public enum Verdict {
        VALID,
        /// Not a header of this format, or of a version or suite that is not known here.
        UNKNOWN_FORMAT,
        /// A whole header, and nothing in it was made for this key. (Who changes a header on purpose, and mends its digest,
        /// can make this of the next.)
        WRONG_KEY,
        /// The key is right, or was not yet asked, and what was sealed is no longer there: a header or chunk that was
        /// changed, moved, repeated or cut.
        CHANGED,
        /// More chunks than a stream may have, or a chunk after the last.
        OUT_OF_PLACE
    }

    private final MemorySegment memory;
    private final long workAt;
    private final long chunksMax;
    private final AeadKey[] keys;  // one for each suite, all on one place
    private final AeadKey wrap;    // of the header
    private AeadKey key;        // null until a header was written or read
    private long chunk;         // number of the next
    private boolean writing;    // else reading: one key and number must not seal twice
    private boolean ended;

    /// Lays a stream out in memory of the caller's.
    ///
    /// @param memory  [#plan]`.totalBytes()` writable bytes off the heap, nobody else's until [#close]
    /// @throws IllegalArgumentException  memory of another size, on the heap, or read-only (caller's fault)
    public SealedStream(MemorySegment memory) {
        this(memory, CHUNKS_MAX);
    }

    /// For tests, which cannot wait for 256 TiB.
    SealedStream(MemorySegment memory, long chunksMax) {
        if (memory.byteSize() != plan().totalBytes()) {
            throw new IllegalArgumentException("sealed stream: " + memory.byteSize() + " bytes (expected "
                    + plan().totalBytes() + ")");
        }
        Ranges.checkWorkspace(NAME, memory, 0, memory.byteSize());
        this.memory = memory;
        this.workAt = workAt();
        this.wrap = SealedHeader.wrap(memory, workAt);
        this.keys = new AeadKey[Suite.SUITES.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new AeadKey(Suite.SUITES[i].aead, memory, workAt).at(memory, SCHEDULE);
        }
        this.chunksMax = chunksMax;
    }

    private static long workAt() {
        return Align.up(SCHEDULE + Math.max(Aead.CHACHA20_POLY1305.scheduleBytes(), Aead.AES_256_GCM.scheduleBytes()),
                Align.CACHE_LINE_BYTES);
    }

    /// {@return what a stream holds beside the caller's chunk}
    public static MemoryPlan plan() {
        long work = Math.max(SealedHeader.workspaceBytes(),
                Math.max(Aead.CHACHA20_POLY1305.workspaceBytes(), Aead.AES_256_GCM.workspaceBytes()));
        return MemoryPlan.block(NAME, workAt() + Align.up(work, Align.CACHE_LINE_BYTES));
    }

    /// Starts writing: draws salt and file key, and writes a header of [#HEADER_BYTES] to `output`.
    ///
    /// @param key      [#KEY_BYTES] bytes off the heap; read, not kept
    /// @param entropy  where the salt and the file key come from; `Entropy.SYSTEM` but in tests
    /// @param output   writable, [#HEADER_BYTES] bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a key on the heap, or a range that overlaps the stream's memory (caller's fault);
    ///                                    nothing is written
    /// @throws IllegalStateException      the source has no bytes, or filled nothing; nothing is written, and there is no
    ///                                    stream, not the one before either
    public void writeHeader(Suite suite, MemorySegment key, long keyAt, Entropy entropy, MemorySegment output,
            long outputAt) {
        Objects.requireNonNull(entropy, "entropy");
        checkKey(key, keyAt);
        Ranges.checkWritable(NAME, output, outputAt, HEADER_BYTES);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), output, outputAt, HEADER_BYTES);
        close();
        boolean whole = false;
        try {
            SealedHeader.write(memory, workAt, wrap, suite, key, keyAt, entropy, KEY);
            MemorySegment.copy(memory, SealedHeader.HEADER, output, outputAt, HEADER_BYTES);
            start(suite);
            writing = true;
            whole = true;
        } finally {
            finish(whole);
        }
    }

    /// {@return bytes of the header that begins here, [#HEADER_BYTES_MAX] at most; or -1 where its first [#PREFIX_BYTES] are
    /// not those of a header that is known here: [Verdict#UNKNOWN_FORMAT]}
    ///
    /// @throws IndexOutOfBoundsException  fewer bytes than [#PREFIX_BYTES] (caller's fault)
    public static int headerBytes(MemorySegment input, long inputAt) {
        Ranges.check(NAME, input, inputAt, PREFIX_BYTES);
        return SealedHeader.length(input, inputAt);
    }

    /// Starts reading. Where that fails there is no stream, not the one before either.
    ///
    /// @param key     [#KEY_BYTES] bytes off the heap; read, not kept
    /// @param input   a header
    /// @param length  bytes of it that are there: [#headerBytes], or fewer where the input was cut
    /// @return VALID, UNKNOWN_FORMAT, WRONG_KEY or CHANGED
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   a key on the heap, or a range that overlaps the stream's memory (caller's fault)
    public Verdict readHeader(MemorySegment key, long keyAt, MemorySegment input, long inputAt, long length) {
        checkKey(key, keyAt);
        Ranges.check(NAME, input, inputAt, length);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), input, inputAt, length);
        close();
        if (length < PREFIX_BYTES) {
            return Verdict.UNKNOWN_FORMAT;
        }
        boolean whole = false;
        try {
            // Copied first, then read: the input may change meanwhile.
            MemorySegment.copy(input, inputAt, memory, SealedHeader.HEADER, Math.min(length, HEADER_BYTES_MAX));
            int bytes = SealedHeader.length(memory, SealedHeader.HEADER);
            if (bytes < 0) {
                return Verdict.UNKNOWN_FORMAT;
            }
            if (bytes > length) {
                return Verdict.CHANGED;
            }
            Verdict verdict = SealedHeader.read(memory, workAt, wrap, bytes, key, keyAt, KEY);
            if (verdict == Verdict.VALID) {
                start(Suite.of(memory.get(ValueLayout.JAVA_BYTE, SealedHeader.HEADER + SealedHeader.SUITE)));
                writing = false;
                whole = true;
            }
            return verdict;
        } finally {
            finish(whole);
        }
    }

    private void checkKey(MemorySegment key, long keyAt) {
        Ranges.checkSecret(NAME, key, keyAt, KEY_BYTES);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), key, keyAt, KEY_BYTES);
    }

    private void start(Suite suite) {
        key = keys[suite.ordinal()];
        key.wipe();  // that of the stream before
        key.load(memory, KEY, LIMITS);
        chunk = 0;
        ended = false;
    }

    /// Nothing that was derived stays but the schedule of the chunks, and that only where there is a stream now.
    private void finish(boolean whole) {
        if (whole) {
            SealedHeader.wipe(memory);
            Wipe.bytes(memory, KEY, KEY_BYTES);
        } else {
            close();
        }
    }

    /// Seals the next chunk in place: the tag goes behind the text.
    ///
    /// @param length  bytes of text: [#CHUNK_TEXT_BYTES], or fewer in the last chunk
    /// @param last    whether the stream ends here
    /// @return bytes of the sealed chunk
    /// @throws IllegalStateException      no header was written or one was read since, the last chunk was sealed, or the stream is full
    ///                                    (caller's fault)
    /// @throws IllegalArgumentException   a length that no such chunk may have (caller's fault)
    /// @throws IndexOutOfBoundsException  the chunk does not lie in its segment (caller's fault)
    public int sealChunk(MemorySegment segment, long at, int length, boolean last) {
        if (key == null || !writing || ended || chunk == chunksMax) {
            throw new IllegalStateException("sealed stream: chunk " + chunk + (ended ? " after the last" : "")
                    + (key == null ? " before a header" : writing ? "" : " of a stream that is being read"));
        }
        if (length < 0 || length > CHUNK_TEXT_BYTES || !last && length < CHUNK_TEXT_BYTES
                || last && length == 0 && chunk > 0) {
            throw new IllegalArgumentException("sealed stream: chunk of " + length + " bytes (expected "
                    + CHUNK_TEXT_BYTES + "; 1.." + CHUNK_TEXT_BYTES + " in the last of several, 0 in an empty stream)");
        }
        Ranges.checkWritable(NAME, segment, at, length + (long) Aead.TAG_BYTES);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), segment, at, length + (long) Aead.TAG_BYTES);
        nonce(memory, NONCE, chunk, last);
        key.seal(memory, NONCE, memory, 0, 0, segment, at, length, segment, at);
        chunk++;
        ended = last;
        return length + Aead.TAG_BYTES;
    }

    /// Opens the next chunk in place. The caller knows whether it is the last by what follows it: nothing.
    ///
    /// @param length  bytes of the sealed chunk, any number that was read
    /// @return VALID, the text being the first `length - 16` bytes; else the chunk is untouched and the stream is over
    /// @throws IllegalStateException      no header was read (caller's fault)
    /// @throws IndexOutOfBoundsException  the chunk does not lie in its segment (caller's fault)
    public Verdict openChunk(MemorySegment segment, long at, int length, boolean last) {
        if (key == null || writing) {
            throw new IllegalStateException("sealed stream: chunk before a header that was read");
        }
        Ranges.checkWritable(NAME, segment, at, length);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), segment, at, length);
        int text = length - Aead.TAG_BYTES;
        if (ended || chunk == chunksMax) {
            return Verdict.OUT_OF_PLACE;
        }
        if (text < 0 || text > CHUNK_TEXT_BYTES || !last && text < CHUNK_TEXT_BYTES || text == 0 && chunk > 0) {
            ended = true;
            return Verdict.CHANGED;
        }
        nonce(memory, NONCE, chunk, last);
        boolean verified = key.open(memory, NONCE, memory, 0, 0, segment, at, length, segment, at);
        chunk++;
        ended = last || !verified;
        return verified ? Verdict.VALID : Verdict.CHANGED;
    }

    /// Writes the nonce of a chunk: its number in 88 bits, and whether it is the last.
    static void nonce(MemorySegment memory, long at, long chunk, boolean last) {
        BigEndian.i64(memory, at, chunk >>> 24);
        BigEndian.i32(memory, at + Long.BYTES, (int) (chunk << 8) | (last ? 1 : 0));
    }

    /// Wipes everything; the stream may be started again. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        Ending.wipe(memory, 0, memory.byteSize());
        key = null;
        writing = false;
        ended = false;
    }

    @Override
    public String toString() {
        return "SealedStream[" + (key == null ? "no header" : key.aead() + ", chunk " + chunk) + (ended ? ", ended" : "") + "]";
    }
}
