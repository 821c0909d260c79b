package dev.coffer.crypto.stream;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.crypto.stream.SealedStream.Suite;
import dev.coffer.crypto.stream.SealedStream.Verdict;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The header of a sealed stream, written and read in the memory of a [SealedStream]: `docs/sealed-format.md` says what
/// each byte means and why. Owns its part of that memory; ranges of the caller's are checked before.
///
/// ```
///   "coffer\n" 7 | version u8 | suite u8 | zero u8 | header length u16      the prefix, 12 bytes
///   type u16 | length u16 | body                                            a stanza for each recipient
///   digest 16 | MAC 32                                                      over all before, each
/// ```
///
/// Numbers are big-endian. What is written here has one stanza, for a key: `salt 32 | check 32 | wrapped file key 48`.
final class SealedHeader {
    static final int PREFIX_BYTES = 7 + 1 + 1 + 1 + 2;
    static final int HEADER_BYTES_MAX = 4096;

    private static final int KEY_BYTES = 32;
    private static final int SALT_BYTES = 32;
    private static final int CHECK_BYTES = 32;
    private static final int WRAPPED_BYTES = KEY_BYTES + Aead.TAG_BYTES;
    private static final int STANZA_HEAD_BYTES = 2 + 2;
    private static final int KEY_STANZA = 1;  // the type
    private static final int KEY_STANZA_BYTES = SALT_BYTES + CHECK_BYTES + WRAPPED_BYTES;
    private static final int DIGEST_BYTES = 16;
    private static final int MAC_BYTES = 32;
    private static final int TAIL_BYTES = DIGEST_BYTES + MAC_BYTES;
    /// Of a header with one stanza, for a key.
    static final int BYTES = PREFIX_BYTES + STANZA_HEAD_BYTES + KEY_STANZA_BYTES + TAIL_BYTES;

    private static final long MAGIC = 0x636f666665720a00L;  // "coffer\n", and room for the version
    private static final int VERSION = 1;
    // Offsets in the prefix, behind magic and version.
    static final int SUITE = 8;
    private static final int ZERO = 9;
    private static final int LENGTH = 10;

    // Offsets in the memory: the header, then what is derived while it is written or read, wiped before either returns.
    static final long HEADER = 0;
    private static final long WRAPPING = HEADER + HEADER_BYTES_MAX;    // the key's two: wrapping key,
    private static final long CHECK = WRAPPING + KEY_BYTES;            // and check, right behind
    private static final long FILE_KEY = CHECK + CHECK_BYTES;
    private static final long DERIVED = FILE_KEY + WRAPPED_BYTES;      // of the file key: the MAC's key, then the chunks'
    private static final long COMPUTED = DERIVED + KEY_BYTES;          // a digest or MAC to compare with
    private static final long ZERO_NONCE = COMPUTED + 32;
    private static final long WRAP_SCHEDULE = ZERO_NONCE + 16;
    private static final Aead WRAP = Aead.CHACHA20_POLY1305;
    static final long MEMORY_BYTES = WRAP_SCHEDULE + WRAP.scheduleBytes();

    private static final Hkdf HKDF = Hkdf.SHA_256;
    private static final MemorySegment KEY_INFO = info("coffer sealed 1 key");
    private static final MemorySegment HEADER_INFO = info("coffer sealed 1 header");
    private static final MemorySegment CHUNKS_INFO = info("coffer sealed 1 chunks");

    private SealedHeader() {}

    private static MemorySegment info(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)).asReadOnly();
    }

    /// {@return the key that wraps the file key, of the workspace that all calls share}
    static AeadKey wrap(MemorySegment memory, long workAt) {
        return new AeadKey(WRAP, memory, workAt).at(memory, WRAP_SCHEDULE);
    }

    /// {@return bytes of a workspace for all that is done here}
    static long workspaceBytes() {
        return Math.max(Math.max(HKDF.workspaceBytes(), Hash.SHA_256.stateBytes()),
                Math.max(WRAP.workspaceBytes(), Mac.HMAC_SHA_256.stateBytes()));
    }

    /// {@return bytes of the header that begins here, or -1 where no header of this version does}
    static int length(MemorySegment input, long at) {
        if (BigEndian.i64(input, at) != (MAGIC | VERSION)) {
            return -1;
        }
        int length = BigEndian.u16(input, at + LENGTH);
        boolean known = Suite.of(input.get(ValueLayout.JAVA_BYTE, at + SUITE)) != null
                && input.get(ValueLayout.JAVA_BYTE, at + ZERO) == 0;
        return known && length >= PREFIX_BYTES + STANZA_HEAD_BYTES + TAIL_BYTES && length <= HEADER_BYTES_MAX ? length : -1;
    }

    /// Writes a header at [#HEADER] and the key of the chunks at `chunkKey`.
    static void write(MemorySegment memory, long workAt, AeadKey wrap, Suite suite, MemorySegment key, long keyAt, Entropy entropy,
            long chunkKey) {
        long stanza = HEADER + PREFIX_BYTES + STANZA_HEAD_BYTES;
        BigEndian.i64(memory, HEADER, MAGIC | VERSION);
        memory.set(ValueLayout.JAVA_BYTE, HEADER + SUITE, (byte) suite.code());
        memory.set(ValueLayout.JAVA_BYTE, HEADER + ZERO, (byte) 0);
        BigEndian.u16(memory, HEADER + LENGTH, BYTES);
        BigEndian.u16(memory, HEADER + PREFIX_BYTES, KEY_STANZA);
        BigEndian.u16(memory, HEADER + PREFIX_BYTES + 2, KEY_STANZA_BYTES);
        Drawn.fill("sealed stream", entropy, memory, stanza, SALT_BYTES);
        Drawn.fill("sealed stream", entropy, memory, FILE_KEY, KEY_BYTES);
        deriveOfKey(memory, workAt, key, keyAt, stanza);
        MemorySegment.copy(memory, CHECK, memory, stanza + SALT_BYTES, CHECK_BYTES);
        wrap.wipe();
        wrap.load(memory, WRAPPING);
        wrap.seal(memory, ZERO_NONCE, memory, 0, 0, memory, FILE_KEY, KEY_BYTES, memory, stanza + SALT_BYTES + CHECK_BYTES);
        long digest = HEADER + BYTES - TAIL_BYTES;
        digest(memory, workAt, BYTES);
        MemorySegment.copy(memory, COMPUTED, memory, digest, DIGEST_BYTES);
        mac(memory, workAt, BYTES);
        MemorySegment.copy(memory, COMPUTED, memory, digest + DIGEST_BYTES, MAC_BYTES);
        deriveChunkKey(memory, workAt, BYTES, chunkKey);
    }

    /// Reads the header at [#HEADER], which is of `length` bytes as its prefix says, and derives the chunks' key.
    static Verdict read(MemorySegment memory, long workAt, AeadKey wrap, int length, MemorySegment key, long keyAt, long chunkKey) {
        long end = HEADER + length - TAIL_BYTES;
        digest(memory, workAt, length);
        if (!ConstantTime.equal(memory, COMPUTED, memory, end, DIGEST_BYTES)) {
            return Verdict.CHANGED;  // whatever the key is
        }
        for (long at = HEADER + PREFIX_BYTES; at < end;) {
            if (end - at < STANZA_HEAD_BYTES) {
                return Verdict.CHANGED;
            }
            int type = BigEndian.u16(memory, at);
            int bytes = BigEndian.u16(memory, at + 2);
            long body = at + STANZA_HEAD_BYTES;
            if (bytes > end - body || type == KEY_STANZA && bytes != KEY_STANZA_BYTES) {
                return Verdict.CHANGED;
            }
            if (type == KEY_STANZA) {
                deriveOfKey(memory, workAt, key, keyAt, body);
                if (ConstantTime.equal(memory, CHECK, memory, body + SALT_BYTES, CHECK_BYTES)) {
                    return unwrap(memory, workAt, wrap, length, body + SALT_BYTES + CHECK_BYTES, chunkKey);
                }
            }
            at = body + bytes;  // another key's, or a kind that this version does not know
        }
        return Verdict.WRONG_KEY;
    }

    /// The key is the right one: from here on whatever does not verify was changed.
    private static Verdict unwrap(MemorySegment memory, long workAt, AeadKey wrap, int length, long wrapped, long chunkKey) {
        wrap.wipe();
        wrap.load(memory, WRAPPING);
        if (!wrap.open(memory, ZERO_NONCE, memory, 0, 0, memory, wrapped, WRAPPED_BYTES, memory, FILE_KEY)) {
            return Verdict.CHANGED;
        }
        mac(memory, workAt, length);
        if (!ConstantTime.equal(memory, COMPUTED, memory, HEADER + length - MAC_BYTES, MAC_BYTES)) {
            return Verdict.CHANGED;
        }
        deriveChunkKey(memory, workAt, length, chunkKey);
        return Verdict.VALID;
    }

    /// The key's two: what wraps the file key, and the check, which commits to the key as the output of a hash does.
    private static void deriveOfKey(MemorySegment memory, long workAt, MemorySegment key, long keyAt, long salt) {
        HKDF.derive(memory, workAt, memory, salt, SALT_BYTES, key, keyAt, KEY_BYTES, KEY_INFO, 0, KEY_INFO.byteSize(),
                memory, WRAPPING, KEY_BYTES + CHECK_BYTES);
    }

    private static void digest(MemorySegment memory, long workAt, int length) {
        Hash.SHA_256.hash(memory, workAt, memory, HEADER, length - TAIL_BYTES, memory, COMPUTED);
    }

    private static void mac(MemorySegment memory, long workAt, int length) {
        HKDF.derive(memory, workAt, memory, 0, 0, memory, FILE_KEY, KEY_BYTES, HEADER_INFO, 0, HEADER_INFO.byteSize(),
                memory, DERIVED, KEY_BYTES);
        Mac.HMAC_SHA_256.mac(memory, workAt, memory, DERIVED, KEY_BYTES, memory, HEADER, length - MAC_BYTES, memory,
                COMPUTED);
    }

    /// The header's MAC is the salt, so that chunks go with their very header.
    private static void deriveChunkKey(MemorySegment memory, long workAt, int length, long chunkKey) {
        HKDF.derive(memory, workAt, memory, HEADER + length - MAC_BYTES, MAC_BYTES, memory, FILE_KEY, KEY_BYTES, CHUNKS_INFO,
                0, CHUNKS_INFO.byteSize(), memory, chunkKey, KEY_BYTES);
    }

    /// Wipes all that was derived, not the header.
    static void wipe(MemorySegment memory) {
        Wipe.bytes(memory, WRAPPING, MEMORY_BYTES - WRAPPING);
    }
}
