package dev.coffer.crypto.stream;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A sealed stream, written or read chunk by chunk over the caller's memory. No I/O of its own.
///
/// ```
///   header                                          176 bytes with one key, at most 32768; see docs/sealed-format.md
///   ciphertext 65536 | tag 16                       every chunk but the last
///   ciphertext 0..65536 | tag 16                    the last; empty only where the stream is
/// ```
///
/// The stream has a file key of its own, drawn from the [Entropy] that the writer hands in, as are salts. The header holds the file
/// key, wrapped once for each who can open it: keys of 32 bytes, passphrases, public keys; with each a check value that commits to
/// it, so that a wrong key ([SealedVerdict#WRONG_KEY]) and a changed stream ([SealedVerdict#CHANGED]) are told apart; and a MAC of itself. A
/// chunk's nonce is its number (88 bits) and one byte that is 1 for the last chunk.
///
/// ```
///   begin --> addKey, addPassphrase, addRecipient, ... --> endHeader --> sealChunk, ...      writing
///   takeHeader --> open, openWithPassphrase, ... --> openChunk, ...                          reading
/// ```
///
/// **It does not say who sealed it**: whoever can open a stream can make another one for the same recipients. Sign what must have a
/// sender.
///
/// For one thread at a time; 0 heap bytes, but for one small object for each passphrase stanza. Everything secret lies in the memory
/// given, and is wiped by [#close].
public final class SealedStream implements AutoCloseable {
    /// Bytes of the header that is written: of one key.
    public static final int HEADER_BYTES = SealedHeader.BYTES;
    /// Bytes of the longest header that is read.
    public static final int HEADER_BYTES_MAX = SealedHeader.HEADER_BYTES_MAX;
    /// Bytes that the longest kind of key, passphrase or recipient adds to a header, ML-KEM-1024's.
    public static final int STANZA_BYTES_MAX = 4 + 2 + 1568 + 32 + 48;
    /// Bytes of the part of a header that says how long it is.
    public static final int PREFIX_BYTES = SealedHeader.PREFIX_BYTES;
    /// Bytes of text of every chunk but the last.
    public static final int CHUNK_TEXT_BYTES = SealedChunks.TEXT_BYTES;
    /// Bytes of a whole sealed chunk.
    public static final int CHUNK_BYTES = CHUNK_TEXT_BYTES + Aead.TAG_BYTES;
    /// Bytes of the caller's key.
    public static final int KEY_BYTES = SealedChunks.KEY_BYTES;

    private static final String NAME = "sealed stream";

    // Layout of the memory: the header's, the chunks', a workspace for both.
    private static final long CHUNKS = SealedHeader.MEMORY_BYTES;
    private static final long WORK = Align.up(CHUNKS + SealedChunks.memoryBytes(), Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final SealedHeader header;
    private final SealedChunks chunks;
    private @Nullable Entropy entropy;  // null unless a header is being written
    private @Nullable SealedSuite composed;  // of the header that is being written
    private boolean taken;      // whether there is a header to try keys with

    /// Lays a stream out in memory of the caller's.
    ///
    /// @param memory  [#plan]`.totalBytes()` writable bytes off the heap, nobody else's until [#close]
    /// @throws IllegalArgumentException  memory of another size, on the heap, or read-only (caller's fault)
    public SealedStream(MemorySegment memory) {
        this(memory, SealedChunks.CHUNKS_MAX);
    }

    /// For tests, which cannot wait for 256 TiB.
    SealedStream(MemorySegment memory, long chunksMax) {
        if (memory.byteSize() != plan().totalBytes()) {
            throw new IllegalArgumentException("sealed stream: " + memory.byteSize() + " bytes (expected "
                    + plan().totalBytes() + ")");
        }
        Ranges.checkWorkspace(NAME, memory, 0, memory.byteSize());
        this.memory = memory;
        this.header = new SealedHeader(memory, WORK);
        this.chunks = new SealedChunks(memory, CHUNKS, WORK, chunksMax);
    }

    /// {@return what a stream holds beside the caller's chunk}
    public static MemoryPlan plan() {
        long work = Math.max(SealedHeader.workspaceBytes(), SealedChunks.workspaceBytes());
        return MemoryPlan.block(NAME, WORK + Align.up(work, Align.CACHE_LINE_BYTES));
    }

    /// Starts writing a header: draws the file key. There must be one who can open it before [#endHeader].
    ///
    /// @param entropy  where the file key and all salts come from; `Entropy.SYSTEM` but in tests
    /// @throws IllegalStateException  the source has no bytes, or filled nothing; there is no stream, not the one before either
    public void begin(SealedSuite suite, Entropy entropy) {
        Objects.requireNonNull(suite, "suite");
        Objects.requireNonNull(entropy, "entropy");
        close();
        boolean whole = false;
        try {
            header.begin(suite, entropy);
            this.entropy = entropy;
            composed = suite;
            whole = true;
        } finally {
            if (!whole) {
                close();
            }
        }
    }

    /// Lets a key open the stream.
    ///
    /// @param key  [#KEY_BYTES] bytes off the heap; read, not kept
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a key on the heap, or a range that overlaps the stream's memory (caller's fault);
    ///                                    nothing is written
    /// @throws IllegalStateException      no header was begun, or it is full (caller's fault); or the source has no bytes
    public void addKey(MemorySegment key, long keyAt) {
        checkKey(key, keyAt);
        Entropy source = composing(header.hasRoomForKey());
        boolean whole = false;
        try {
            header.addKey(key, keyAt, source);
            whole = true;
        } finally {
            closeUnless(whole);
        }
    }

    /// Lets a passphrase open the stream, at a price for each who tries one: Argon2id (RFC 9106).
    ///
    /// @param passphrase  any bytes off the heap, UTF-8 where it is text; read, not kept
    /// @param cost        what one derivation takes, also of who opens the stream
    /// @param blocks      [Argon2Cost#memoryBytes] off the heap from `blocksAt`; zero afterwards
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   memory on the heap, or ranges that overlap (caller's fault); nothing is written
    /// @throws IllegalStateException      as of [#addKey]
    public void addPassphrase(MemorySegment passphrase, long at, long length, Argon2Cost cost, MemorySegment blocks, long blocksAt) {
        checkPassphrase(passphrase, at, length, blocks, blocksAt, cost.memoryBytes());
        Entropy source = composing(header.hasRoomForPassphrase());
        boolean whole = false;
        try {
            header.addPassphrase(passphrase, at, length, cost, source, blocks, blocksAt);
            whole = true;
        } finally {
            closeUnless(whole);
        }
    }

    /// Lets the holder of a private key open the stream: HPKE (RFC 9180), mode base.
    ///
    /// @param key  of an algorithm that [#takes]
    /// @return false where it is no point or no key (the fault of who made it); the header is as it was
    /// @throws IllegalArgumentException  an algorithm that is not taken (caller's fault); nothing is written
    /// @throws IllegalStateException     as of [#addKey]
    public boolean addRecipient(PublicKey key) {
        HpkeKem kem = Recipients.taken(key.algorithm());
        Ranges.apart(NAME, memory, 0, memory.byteSize(), key.segment(), key.offset(), key.algorithm().publicKeyBytes());
        Entropy source = composing(header.hasRoomFor(kem));
        boolean whole = false;
        try {
            boolean added = header.addRecipient(kem, key.segment(), key.offset(), source);
            whole = true;
            return added;
        } finally {
            closeUnless(whole);
        }
    }

    /// {@return whether streams are sealed to keys of this algorithm: X-Wing, which is X25519 with ML-KEM-768; each of the two alone;
    /// ML-KEM-512 and -1024, P-256}
    public static boolean takes(KeyAlgorithm algorithm) {
        return Recipients.kem(algorithm) != null;
    }

    /// {@return where the header that was begun gets its random bytes}
    private Entropy composing(boolean room) {
        Entropy source = entropy;
        if (source == null || !room) {
            throw new IllegalStateException(NAME + (source == null ? ": no header was begun"
                    : ": a header of more than " + HEADER_BYTES_MAX + " bytes"));
        }
        return source;
    }

    /// {@return bytes of the header with all that were added so far}
    ///
    /// @throws IllegalStateException  no header was begun (caller's fault)
    public int headerBytes() {
        composing(true);
        return header.bytes();
    }

    /// Ends the header and writes it; chunks may be sealed from here on.
    ///
    /// @param output  writable, [#headerBytes()] bytes
    /// @return bytes written
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a range that overlaps the stream's memory (caller's fault); nothing is written
    /// @throws IllegalStateException      no header was begun, or nobody could open it (caller's fault); nothing is written
    public int endHeader(MemorySegment output, long outputAt) {
        int length = headerBytes();
        if (!header.hasStanza()) {
            throw new IllegalStateException(NAME + ": a header that nobody can open (expected a key, a passphrase or a recipient)");
        }
        Ranges.checkWritable(NAME, output, outputAt, length);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), output, outputAt, length);
        boolean whole = false;
        try {
            header.finish(chunks.keyAt());
            MemorySegment.copy(memory, SealedHeader.HEADER, output, outputAt, length);
            chunks.start(Objects.requireNonNull(composed, "begun"), true);
            whole = true;
        } finally {
            finish(whole);
        }
        return length;
    }

    /// [#begin], [#addKey] and [#endHeader] in one call: writes a header of [#HEADER_BYTES] for one key.
    ///
    /// @param key     [#KEY_BYTES] bytes off the heap; read, not kept
    /// @param output  writable, [#HEADER_BYTES] bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a key on the heap, or a range that overlaps the stream's memory (caller's fault);
    ///                                    nothing is written
    /// @throws IllegalStateException      the source has no bytes, or filled nothing; nothing is written, and there is no
    ///                                    stream, not the one before either
    public void writeHeader(SealedSuite suite, MemorySegment key, long keyAt, Entropy entropy, MemorySegment output,
            long outputAt) {
        Objects.requireNonNull(entropy, "entropy");
        checkKey(key, keyAt);
        Ranges.checkWritable(NAME, output, outputAt, HEADER_BYTES);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), output, outputAt, HEADER_BYTES);
        begin(suite, entropy);
        addKey(key, keyAt);
        endHeader(output, outputAt);
    }

    /// {@return bytes of the header that begins here, [#HEADER_BYTES_MAX] at most; or -1 where its first [#PREFIX_BYTES] are
    /// not those of a header that is known here: [SealedVerdict#UNKNOWN_FORMAT]}
    ///
    /// @throws IndexOutOfBoundsException  fewer bytes than [#PREFIX_BYTES] (caller's fault)
    public static int headerBytes(MemorySegment input, long inputAt) {
        Ranges.check(NAME, input, inputAt, PREFIX_BYTES);
        return SealedHeader.length(input, inputAt);
    }

    /// Takes a header to try keys with. Where that fails there is no stream, not the one before either.
    ///
    /// @param input   a header
    /// @param length  bytes of it that are there: [#headerBytes], or fewer where the input was cut
    /// @return VALID where keys may be tried, UNKNOWN_FORMAT or CHANGED
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   a range that overlaps the stream's memory (caller's fault)
    public SealedVerdict takeHeader(MemorySegment input, long inputAt, long length) {
        Ranges.check(NAME, input, inputAt, length);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), input, inputAt, length);
        close();
        if (length < PREFIX_BYTES) {
            return SealedVerdict.UNKNOWN_FORMAT;
        }
        try {
            // Copied first, then read: the input may change meanwhile.
            MemorySegment.copy(input, inputAt, memory, SealedHeader.HEADER, Math.min(length, HEADER_BYTES_MAX));
            int bytes = SealedHeader.length(memory, SealedHeader.HEADER);
            SealedVerdict verdict = bytes < 0 ? SealedVerdict.UNKNOWN_FORMAT : bytes > length ? SealedVerdict.CHANGED : header.take(bytes);
            taken = verdict == SealedVerdict.VALID;
            return verdict;
        } finally {
            closeUnless(taken);
        }
    }

    /// Tries a key with the header that was taken; chunks may be opened where it is VALID. After WRONG_KEY another may be tried, after
    /// CHANGED there is no header.
    ///
    /// @param key  [#KEY_BYTES] bytes off the heap; read, not kept
    /// @return VALID, WRONG_KEY or CHANGED
    /// @throws IllegalStateException      no header was taken (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   a key on the heap, or a range that overlaps the stream's memory (caller's fault)
    public SealedVerdict open(MemorySegment key, long keyAt) {
        checkKey(key, keyAt);
        checkTaken();
        SealedVerdict verdict = null;
        try {
            verdict = header.openWithKey(key, keyAt, chunks.keyAt());
            return verdict;
        } finally {
            tried(verdict);
        }
    }

    /// {@return how many passphrases open the stream whose header was taken}
    ///
    /// @throws IllegalStateException  no header was taken (caller's fault)
    public int passphrases() {
        checkTaken();
        return header.passphrases();
    }

    /// {@return bytes of memory that [#openWithPassphrase] takes for the costliest stanza that the limit allows; 0 where there is none}
    ///
    /// @throws IllegalStateException  no header was taken (caller's fault)
    public long passphraseBytes(PassphraseLimit limit) {
        checkTaken();
        return header.passphraseBytes(limit);
    }

    /// Tries a passphrase as [#open] tries a key.
    ///
    /// @param blocks       off the heap; stanzas that need more than `blocksBytes` from `blocksAt` are passed over, see
    ///                     [#passphraseBytes]; zero afterwards, as far as it was used
    /// @return VALID, WRONG_KEY, CHANGED, or TOO_COSTLY where not all could be tried; then another passphrase or limit may be tried
    /// @throws IllegalStateException      no header was taken (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or ranges that overlap (caller's fault)
    public SealedVerdict openWithPassphrase(MemorySegment passphrase, long at, long length, PassphraseLimit limit, MemorySegment blocks,
            long blocksAt, long blocksBytes) {
        checkPassphrase(passphrase, at, length, blocks, blocksAt, blocksBytes);
        checkTaken();
        SealedVerdict verdict = null;
        try {
            verdict = header.openWithPassphrase(passphrase, at, length, limit, blocks, blocksAt, blocksBytes, chunks.keyAt());
            return verdict;
        } finally {
            tried(verdict);
        }
    }

    /// Tries a private key as [#open] tries a key of 32 bytes.
    ///
    /// @param identity  of an algorithm that [#takes]; of ML-KEM one that [KeyPair#hasSeed]
    /// @return VALID, WRONG_KEY or CHANGED
    /// @throws IllegalStateException      no header was taken, or the pair is destroyed or closed to reading (caller's fault)
    /// @throws IllegalArgumentException   an algorithm that is not taken, or a seed that is not known (caller's fault)
    public SealedVerdict open(KeyPair identity) {
        HpkeKem kem = Recipients.taken(identity.algorithm());
        KeyAlgorithm algorithm = identity.algorithm();
        if (algorithm.hasSeeds() && !identity.hasSeed()) {
            throw new IllegalArgumentException(NAME + ": a key of " + algorithm + " without its seed (expected the form SEED or BOTH)");
        }
        checkTaken();
        MemorySegment secret = identity.secret().segment();
        long at = identity.secret().offset() + (algorithm.hasSeeds() ? algorithm.privateKeyBytes() + algorithm.publicKeyBytes() : 0);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), secret, at, kem.privateKeyBytes());
        SealedVerdict verdict = null;
        try {
            verdict = header.openWithRecipient(kem, secret, at, chunks.keyAt());
            return verdict;
        } finally {
            tried(verdict);
        }
    }

    /// [#takeHeader] and [#open] in one call. Where that fails there is no stream, not the one before either.
    ///
    /// @param key     [#KEY_BYTES] bytes off the heap; read, not kept
    /// @param input   a header
    /// @param length  bytes of it that are there: [#headerBytes], or fewer where the input was cut
    /// @return VALID, UNKNOWN_FORMAT, WRONG_KEY or CHANGED
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   a key on the heap, or a range that overlaps the stream's memory (caller's fault)
    public SealedVerdict readHeader(MemorySegment key, long keyAt, MemorySegment input, long inputAt, long length) {
        checkKey(key, keyAt);
        SealedVerdict verdict = takeHeader(input, inputAt, length);
        if (verdict == SealedVerdict.VALID) {
            verdict = open(key, keyAt);
            closeUnless(verdict == SealedVerdict.VALID);
        }
        return verdict;
    }

    private void checkTaken() {
        if (!taken) {
            throw new IllegalStateException(NAME + ": no header to try a key with (expected takeHeader before)");
        }
    }

    /// There is a stream now; or a header to try the next key with, and nothing derived; or nothing.
    private void tried(@Nullable SealedVerdict verdict) {
        if (verdict == SealedVerdict.WRONG_KEY || verdict == SealedVerdict.TOO_COSTLY) {
            header.wipe();
            return;
        }
        boolean whole = verdict == SealedVerdict.VALID;
        if (whole) {
            byte code = memory.get(ValueLayout.JAVA_BYTE, SealedHeader.HEADER + SealedHeader.SUITE);
            chunks.start(Objects.requireNonNull(SealedSuite.of(code), "taken"), false);
        }
        finish(whole);
    }

    private void closeUnless(boolean whole) {
        if (!whole) {
            close();
        }
    }

    private void checkKey(MemorySegment key, long keyAt) {
        Ranges.checkSecret(NAME, key, keyAt, KEY_BYTES);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), key, keyAt, KEY_BYTES);
    }

    private void checkPassphrase(MemorySegment passphrase, long at, long length, MemorySegment blocks, long blocksAt, long blocksBytes) {
        Ranges.checkSecret(NAME, passphrase, at, length);
        Ranges.checkWorkspace(NAME, blocks, blocksAt, blocksBytes);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), passphrase, at, length);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), blocks, blocksAt, blocksBytes);
        Ranges.apart(NAME, passphrase, at, length, blocks, blocksAt, blocksBytes);
    }

    /// Nothing that was derived stays but the schedule of the chunks, and that only where there is a stream now.
    private void finish(boolean whole) {
        if (whole) {
            header.wipe();
            entropy = null;
            composed = null;
            taken = false;
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
    /// @throws InternalError              or whatever else the chunk's memory answers in the middle, such as a mapped file that was
    ///                                    cut; there is no stream any more, as a nonce is used once
    public int sealChunk(MemorySegment segment, long at, int length, boolean last) {
        AeadKey key = chunks.sealing(length, last);
        Ranges.checkWritable(NAME, segment, at, length + (long) Aead.TAG_BYTES);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), segment, at, length + (long) Aead.TAG_BYTES);
        boolean whole = false;
        try {
            chunks.seal(key, segment, at, length, last);
            whole = true;
        } finally {
            closeUnless(whole);  // its nonce may be used, which must not be again
        }
        return length + Aead.TAG_BYTES;
    }

    /// Opens the next chunk in place. The caller knows whether it is the last by what follows it: nothing.
    ///
    /// @param length  bytes of the sealed chunk, any number that was read
    /// @return VALID, the text being the first `length - 16` bytes; else the chunk is untouched and the stream is over
    /// @throws IllegalStateException      no header was read (caller's fault)
    /// @throws IndexOutOfBoundsException  the chunk does not lie in its segment (caller's fault)
    public SealedVerdict openChunk(MemorySegment segment, long at, int length, boolean last) {
        AeadKey key = chunks.opening();
        Ranges.checkWritable(NAME, segment, at, length);
        Ranges.apart(NAME, memory, 0, memory.byteSize(), segment, at, length);
        return chunks.open(key, segment, at, length, last);
    }

    /// Wipes everything; the stream may be started again. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        Ending.wipe(memory, 0, memory.byteSize());
        chunks.end();
        entropy = null;
        composed = null;
        taken = false;
    }

    @Override
    public String toString() {
        return "SealedStream[" + chunks + "]";
    }
}
