package dev.coffer.crypto.stream;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.ConstantTime;
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
///   "coffer1\n" 8 | suite u8 | zero 7 | salt 32     header, 48 bytes
///   ciphertext 65536 | tag 16                       every chunk but the last
///   ciphertext 0..65536 | tag 16                    the last; empty only where the stream is
/// ```
///
/// The stream's key is HKDF-SHA-256 of the caller's key, with the salt as salt and the whole header as info, so a
/// changed header opens nothing. A chunk's nonce is its number (u32 after seven zero bytes) and one byte that is 1 for
/// the last chunk.
///
/// For one thread at a time; 0 heap bytes. Everything secret lies in the memory given, and is wiped by [#close].
public final class SealedStream implements AutoCloseable {
    /// Bytes of the header.
    public static final int HEADER_BYTES = 8 + 1 + 7 + 32;
    /// Bytes of text of every chunk but the last.
    public static final int CHUNK_TEXT_BYTES = 1 << 16;
    /// Bytes of a whole sealed chunk.
    public static final int CHUNK_BYTES = CHUNK_TEXT_BYTES + Aead.TAG_BYTES;
    /// Bytes of the caller's key.
    public static final int KEY_BYTES = 32;
    /// Bytes of the salt in the header: random, new for each stream.
    public static final int SALT_BYTES = 32;

    private static final long MAGIC = 0x636f66666572310aL;  // "coffer1\n"
    private static final int SUITE = 8;
    private static final int SALT = HEADER_BYTES - SALT_BYTES;
    private static final long CHUNKS_MAX = 1L << 32;
    private static final int NONCE_BYTES = 12;
    private static final Hkdf HKDF = Hkdf.SHA_256;

    // Layout of the memory.
    private static final long HEADER = 0;
    private static final long NONCE = 64;
    private static final long KEY = 96;
    private static final long SCHEDULE = 128;

    /// The AEADs that a header can name.
    public enum Suite {
        /// ChaCha20-Poly1305 (RFC 8439).
        CHACHA20_POLY1305(1, Aead.CHACHA20_POLY1305),
        /// AES-256-GCM (SP 800-38D), bitsliced.
        AES_256_GCM(2, Aead.AES_256_GCM);

        private final int code;
        private final Aead aead;

        Suite(int code, Aead aead) {
            this.code = code;
            this.aead = aead;
        }

        private static Suite of(int code) {
            return code == CHACHA20_POLY1305.code ? CHACHA20_POLY1305 : code == AES_256_GCM.code ? AES_256_GCM : null;
        }
    }

    /// What became of a chunk or header that was read.
    public enum Verdict {
        VALID,
        /// Not a header of this format, or of a suite that this version does not know.
        UNKNOWN_FORMAT,
        /// The tag does not verify: another key, another header, a changed, moved or missing chunk.
        FORGED,
        /// More chunks than a stream may have, or a chunk after the last.
        OUT_OF_PLACE
    }

    private final MemorySegment memory;
    private final long workAt;
    private Aead aead;          // null until a header was written or read
    private long chunk;         // number of the next
    private boolean writing;    // else reading: one key and number must not seal twice
    private boolean ended;

    /// Lays a stream out in memory of the caller's.
    ///
    /// @param memory  [#plan]`.totalBytes()` bytes
    /// @throws IllegalArgumentException  memory of another size (caller's fault)
    public SealedStream(MemorySegment memory) {
        if (memory.byteSize() != plan().totalBytes()) {
            throw new IllegalArgumentException("sealed stream: " + memory.byteSize() + " bytes (expected "
                    + plan().totalBytes() + ")");
        }
        this.memory = memory;
        this.workAt = workAt();
    }

    private static long workAt() {
        return Align.up(SCHEDULE + Math.max(Aead.CHACHA20_POLY1305.scheduleBytes(), Aead.AES_256_GCM.scheduleBytes()),
                Align.CACHE_LINE_BYTES);
    }

    /// {@return what a stream holds beside the caller's chunk}
    public static MemoryPlan plan() {
        long work = Math.max(HKDF.workspaceBytes(),
                Math.max(Aead.CHACHA20_POLY1305.workspaceBytes(), Aead.AES_256_GCM.workspaceBytes()));
        return MemoryPlan.block("sealed stream", workAt() + Align.up(work, Align.CACHE_LINE_BYTES));
    }

    /// Starts writing: a header goes to `output`.
    ///
    /// @param key     [#KEY_BYTES] bytes; read, not kept
    /// @param salt    [#SALT_BYTES] random bytes, never used before with the key
    /// @param output  writable, [#HEADER_BYTES] bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void writeHeader(Suite suite, MemorySegment key, long keyAt, MemorySegment salt, long saltAt,
            MemorySegment output, long outputAt) {
        Objects.checkFromIndexSize(outputAt, HEADER_BYTES, output.byteSize());
        Objects.checkFromIndexSize(saltAt, SALT_BYTES, salt.byteSize());
        Objects.checkFromIndexSize(keyAt, KEY_BYTES, key.byteSize());
        Wipe.bytes(memory, HEADER, HEADER_BYTES);
        BigEndian.i64(memory, HEADER, MAGIC);
        memory.set(ValueLayout.JAVA_BYTE, HEADER + SUITE, (byte) suite.code);
        MemorySegment.copy(salt, saltAt, memory, HEADER + SALT, SALT_BYTES);
        MemorySegment.copy(memory, HEADER, output, outputAt, HEADER_BYTES);
        start(suite, key, keyAt);
        writing = true;
    }

    /// Starts reading. Where that fails there is no stream, not the one before either.
    ///
    /// @param key    [#KEY_BYTES] bytes; read, not kept. Whether it is the right one shows at the first chunk
    /// @param input  [#HEADER_BYTES] bytes
    /// @return VALID or UNKNOWN_FORMAT
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public Verdict readHeader(MemorySegment key, long keyAt, MemorySegment input, long inputAt) {
        Objects.checkFromIndexSize(inputAt, HEADER_BYTES, input.byteSize());
        Objects.checkFromIndexSize(keyAt, KEY_BYTES, key.byteSize());
        close();
        MemorySegment.copy(input, inputAt, memory, HEADER, HEADER_BYTES);
        Suite suite = Suite.of(memory.get(ValueLayout.JAVA_BYTE, HEADER + SUITE));
        if (BigEndian.i64(memory, HEADER) != MAGIC || suite == null
                || !ConstantTime.isZero(memory, HEADER + SUITE + 1, SALT - SUITE - 1)) {
            return Verdict.UNKNOWN_FORMAT;
        }
        start(suite, key, keyAt);
        writing = false;
        return Verdict.VALID;
    }

    private void start(Suite suite, MemorySegment key, long keyAt) {
        HKDF.derive(memory, workAt, memory, HEADER + SALT, SALT_BYTES, key, keyAt, KEY_BYTES, memory, HEADER,
                HEADER_BYTES, memory, KEY, KEY_BYTES);
        suite.aead.expand(memory, KEY, memory, SCHEDULE);
        Wipe.bytes(memory, KEY, KEY_BYTES);
        aead = suite.aead;
        chunk = 0;
        ended = false;
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
        if (aead == null || !writing || ended || chunk == CHUNKS_MAX) {
            throw new IllegalStateException("sealed stream: chunk " + chunk + (ended ? " after the last" : "")
                    + (aead == null ? " before a header" : writing ? "" : " of a stream that is being read"));
        }
        if (length < 0 || length > CHUNK_TEXT_BYTES || !last && length < CHUNK_TEXT_BYTES
                || last && length == 0 && chunk > 0) {
            throw new IllegalArgumentException("sealed stream: chunk of " + length + " bytes (expected "
                    + CHUNK_TEXT_BYTES + "; 1.." + CHUNK_TEXT_BYTES + " in the last of several, 0 in an empty stream)");
        }
        nonce(last);
        aead.seal(memory, SCHEDULE, memory, workAt, memory, NONCE, NONCE_BYTES, memory, HEADER, 0, segment, at, length,
                segment, at);
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
        if (aead == null || writing) {
            throw new IllegalStateException("sealed stream: chunk before a header that was read");
        }
        Objects.checkFromIndexSize(at, length, segment.byteSize());
        int text = length - Aead.TAG_BYTES;
        if (ended || chunk == CHUNKS_MAX) {
            return Verdict.OUT_OF_PLACE;
        }
        if (text < 0 || text > CHUNK_TEXT_BYTES || !last && text < CHUNK_TEXT_BYTES || text == 0 && chunk > 0) {
            ended = true;
            return Verdict.FORGED;
        }
        nonce(last);
        boolean verified = aead.open(memory, SCHEDULE, memory, workAt, memory, NONCE, NONCE_BYTES, memory, HEADER, 0,
                segment, at, length, segment, at);
        chunk++;
        ended = last || !verified;
        return verified ? Verdict.VALID : Verdict.FORGED;
    }

    private void nonce(boolean last) {
        BigEndian.i64(memory, NONCE, chunk >>> 24);
        BigEndian.i32(memory, NONCE + Long.BYTES, (int) (chunk << 8) | (last ? 1 : 0));
    }

    /// Wipes everything; the stream may be started again.
    @Override
    public void close() {
        Wipe.segment(memory);
        aead = null;
        ended = false;
    }

    @Override
    public String toString() {
        return "SealedStream[" + (aead == null ? "no header" : aead + ", chunk " + chunk) + (ended ? ", ended" : "") + "]";
    }
}
