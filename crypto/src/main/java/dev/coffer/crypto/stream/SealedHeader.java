package dev.coffer.crypto.stream;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.argon2.Argon2id;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The header of a sealed stream, written and read in the memory of a [SealedStream]: `docs/sealed-format.md` says what
/// each byte means and why. Owns its part of that memory; ranges of the caller's are checked before.
///
/// ```
///   "coffer\n" 7 | version u8 | suite u8 | zero u8 | header length u16      the prefix, 12 bytes
///   type u16 | length u16 | body                                            a stanza for each who can open it
///   digest 16 | MAC 32                                                      over all before, each
/// ```
///
/// Numbers are big-endian. Bodies: `salt 32 | check 32 | wrapped file key 48` for a key; `salt 32 | memory u32 | passes u32 |
/// lanes u32 | check 32 | wrapped 48` for a passphrase; for a public key see [Recipients].
final class SealedHeader {
    static final int PREFIX_BYTES = 7 + 1 + 1 + 1 + 2;
    static final int HEADER_BYTES_MAX = 1 << 15;

    static final int KEY_BYTES = 32;
    static final int CHECK_BYTES = 32;
    static final int WRAPPED_BYTES = KEY_BYTES + Aead.TAG_BYTES;
    private static final int SALT_BYTES = 32;
    private static final int COST_BYTES = 3 * Integer.BYTES;
    private static final int STANZA_HEAD_BYTES = 2 + 2;
    // Types of stanzas, and bytes of their bodies.
    private static final int KEY_STANZA = 1;
    private static final int KEY_STANZA_BYTES = SALT_BYTES + CHECK_BYTES + WRAPPED_BYTES;
    private static final int PASSPHRASE_STANZA = 2;
    private static final int PASSPHRASE_STANZA_BYTES = SALT_BYTES + COST_BYTES + CHECK_BYTES + WRAPPED_BYTES;
    private static final int RECIPIENT_STANZA = 3;
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

    // Offsets in the memory: the header, then what is derived while it is written or read, wiped before there is a stream.
    static final long HEADER = 0;
    private static final long WRAPPING = HEADER + HEADER_BYTES_MAX;    // two of a key or passphrase: wrapping key,
    private static final long CHECK = WRAPPING + KEY_BYTES;            // and check, right behind
    private static final long FILE_KEY = CHECK + CHECK_BYTES;
    private static final long DERIVED = FILE_KEY + WRAPPED_BYTES;      // of the file key: the MAC's key, then the chunks'
    private static final long COMPUTED = DERIVED + KEY_BYTES;          // a digest or MAC to compare with
    private static final long ZERO_NONCE = COMPUTED + 32;
    private static final long WRAP_SCHEDULE = ZERO_NONCE + 16;
    private static final Aead WRAP = Aead.CHACHA20_POLY1305;
    private static final long RECIPIENTS = WRAP_SCHEDULE + WRAP.scheduleBytes();
    static final long MEMORY_BYTES = RECIPIENTS + Recipients.memoryBytes();

    private static final Hkdf HKDF = Hkdf.SHA_256;
    private static final MemorySegment KEY_INFO = Recipients.info("coffer sealed 1 key");
    private static final MemorySegment PASSPHRASE_INFO = Recipients.info("coffer sealed 1 passphrase");
    private static final MemorySegment HEADER_INFO = Recipients.info("coffer sealed 1 header");
    private static final MemorySegment CHUNKS_INFO = Recipients.info("coffer sealed 1 chunks");

    private final MemorySegment memory;
    private final long workAt;
    private final AeadKey wrap;
    private final Recipients recipients;
    private int end;  // of the stanzas: where the next goes, or where the tail begins

    SealedHeader(MemorySegment memory, long workAt) {
        this.memory = memory;
        this.workAt = workAt;
        this.wrap = new AeadKey(WRAP, memory, workAt).at(memory, WRAP_SCHEDULE);
        this.recipients = new Recipients(memory, RECIPIENTS);
    }

    private static boolean sameCheck(MemorySegment memory, long mine, long theirs) {
        return ConstantTime.equal(memory, mine, memory, theirs, CHECK_BYTES);
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
        boolean known = SealedSuite.of(input.get(ValueLayout.JAVA_BYTE, at + SUITE)) != null
                && input.get(ValueLayout.JAVA_BYTE, at + ZERO) == 0;
        return known && length >= PREFIX_BYTES + STANZA_HEAD_BYTES + TAIL_BYTES && length <= HEADER_BYTES_MAX ? length : -1;
    }

    // Writing.

    /// Begins a header without a stanza, and draws the file key.
    void begin(SealedSuite suite, Entropy entropy) {
        BigEndian.i64(memory, HEADER, MAGIC | VERSION);
        memory.set(ValueLayout.JAVA_BYTE, HEADER + SUITE, (byte) suite.code());
        memory.set(ValueLayout.JAVA_BYTE, HEADER + ZERO, (byte) 0);
        end = PREFIX_BYTES;
        Drawn.fill("sealed stream", entropy, memory, FILE_KEY, KEY_BYTES);
    }

    /// {@return bytes of the header if it ended here}
    int bytes() {
        return end + TAIL_BYTES;
    }

    boolean hasStanza() {
        return end > PREFIX_BYTES;
    }

    /// {@return whether a body of so many bytes has room}
    private boolean hasRoom(int bodyBytes) {
        return end + STANZA_HEAD_BYTES + bodyBytes + TAIL_BYTES <= HEADER_BYTES_MAX;
    }

    boolean hasRoomForKey() {
        return hasRoom(KEY_STANZA_BYTES);
    }

    boolean hasRoomForPassphrase() {
        return hasRoom(PASSPHRASE_STANZA_BYTES);
    }

    boolean hasRoomFor(HpkeKem kem) {
        return hasRoom(Recipients.bodyBytes(kem));
    }

    private long body() {
        return HEADER + end + STANZA_HEAD_BYTES;
    }

    /// The body is written: from here on the stanza is part of the header.
    private void append(int type, int bodyBytes) {
        BigEndian.u16(memory, HEADER + end, type);
        BigEndian.u16(memory, HEADER + end + 2, bodyBytes);
        end += STANZA_HEAD_BYTES + bodyBytes;
    }

    void addKey(MemorySegment key, long keyAt, Entropy entropy) {
        long body = body();
        Drawn.fill("sealed stream", entropy, memory, body, SALT_BYTES);
        deriveOfKey(key, keyAt, body);
        wrapFileKey(body + SALT_BYTES);
        append(KEY_STANZA, KEY_STANZA_BYTES);
    }

    void addPassphrase(MemorySegment passphrase, long at, long length, Argon2Cost cost, Entropy entropy, MemorySegment blocks,
            long blocksAt) {
        long body = body();
        Drawn.fill("sealed stream", entropy, memory, body, SALT_BYTES);
        BigEndian.i32(memory, body + SALT_BYTES, cost.memoryKib());
        BigEndian.i32(memory, body + SALT_BYTES + 4, cost.passes());
        BigEndian.i32(memory, body + SALT_BYTES + 8, cost.lanes());
        deriveOfPassphrase(cost, passphrase, at, length, body, blocks, blocksAt);
        wrapFileKey(body + SALT_BYTES + COST_BYTES);
        append(PASSPHRASE_STANZA, PASSPHRASE_STANZA_BYTES);
    }

    /// {@return false where it is no public key; the header is as it was}
    boolean addRecipient(HpkeKem kem, MemorySegment publicKey, long publicAt, Entropy entropy) {
        if (!recipients.write(kem, publicKey, publicAt, entropy, FILE_KEY, body())) {
            return false;
        }
        append(RECIPIENT_STANZA, Recipients.bodyBytes(kem));
        return true;
    }

    /// Check and wrapped file key, of the two that were derived.
    private void wrapFileKey(long at) {
        MemorySegment.copy(memory, CHECK, memory, at, CHECK_BYTES);
        wrap.wipe();
        wrap.load(memory, WRAPPING);
        wrap.seal(memory, ZERO_NONCE, memory, 0, 0, memory, FILE_KEY, KEY_BYTES, memory, at + CHECK_BYTES);
    }

    /// Writes the tail, and the key of the chunks at `chunkKey`.
    ///
    /// @return bytes of the header
    int finish(long chunkKey) {
        int length = bytes();
        long digest = HEADER + end;
        BigEndian.u16(memory, HEADER + LENGTH, length);
        digest(length);
        MemorySegment.copy(memory, COMPUTED, memory, digest, DIGEST_BYTES);
        mac(length);
        MemorySegment.copy(memory, COMPUTED, memory, digest + DIGEST_BYTES, MAC_BYTES);
        deriveChunkKey(length, chunkKey);
        return length;
    }

    // Reading.

    /// Looks at the header at [#HEADER], of `length` bytes as its prefix says, whatever the key is: its digest, and its stanzas, each of
    /// the length that its type has, without a gap.
    ///
    /// @return VALID where it can be tried with a key, or CHANGED
    SealedVerdict take(int length) {
        end = length - TAIL_BYTES;
        digest(length);
        if (!ConstantTime.equal(memory, COMPUTED, memory, HEADER + end, DIGEST_BYTES)) {
            return SealedVerdict.CHANGED;
        }
        for (int at = PREFIX_BYTES; at < end; at = next(at)) {
            if (end - at < STANZA_HEAD_BYTES || end - at - STANZA_HEAD_BYTES < bodyBytes(at) || !isWhole(at)) {
                return SealedVerdict.CHANGED;
            }
        }
        return SealedVerdict.VALID;
    }

    private int type(int at) {
        return BigEndian.u16(memory, HEADER + at);
    }

    private int bodyBytes(int at) {
        return BigEndian.u16(memory, HEADER + at + 2);
    }

    private int next(int at) {
        return at + STANZA_HEAD_BYTES + bodyBytes(at);
    }

    private boolean isWhole(int at) {
        long body = HEADER + at + STANZA_HEAD_BYTES;
        return switch (type(at)) {
            case KEY_STANZA -> bodyBytes(at) == KEY_STANZA_BYTES;
            case PASSPHRASE_STANZA -> bodyBytes(at) == PASSPHRASE_STANZA_BYTES
                    && Argon2Cost.valid(memoryKib(body), passes(body), lanes(body));
            case RECIPIENT_STANZA -> Recipients.isWhole(memory, body, bodyBytes(at));
            default -> true;  // a kind that this version does not know
        };
    }

    private int memoryKib(long body) {
        return BigEndian.i32(memory, body + SALT_BYTES);
    }

    private int passes(long body) {
        return BigEndian.i32(memory, body + SALT_BYTES + 4);
    }

    private int lanes(long body) {
        return BigEndian.i32(memory, body + SALT_BYTES + 8);
    }

    /// {@return what the stanza asks for; [#take] has seen that these are costs}
    private Argon2Cost cost(int at) {
        long body = HEADER + at + STANZA_HEAD_BYTES;
        return new Argon2Cost(memoryKib(body), passes(body), lanes(body));
    }

    /// {@return how many stanzas there are of passphrases}
    int passphrases() {
        int count = 0;
        for (int at = PREFIX_BYTES; at < end; at = next(at)) {
            count += type(at) == PASSPHRASE_STANZA ? 1 : 0;
        }
        return count;
    }

    /// {@return bytes of memory that the costliest stanza takes which the limit allows; 0 where it allows none}
    long passphraseBytes(PassphraseLimit limit) {
        long bytes = 0;
        for (int at = PREFIX_BYTES; at < end; at = next(at)) {
            if (type(at) == PASSPHRASE_STANZA && limit.allows(cost(at))) {
                bytes = Math.max(bytes, cost(at).memoryBytes());
            }
        }
        return bytes;
    }

    SealedVerdict openWithKey(MemorySegment key, long keyAt, long chunkKey) {
        for (int at = PREFIX_BYTES; at < end; at = next(at)) {
            long body = HEADER + at + STANZA_HEAD_BYTES;
            if (type(at) == KEY_STANZA) {
                deriveOfKey(key, keyAt, body);
                if (sameCheck(memory, CHECK, body + SALT_BYTES)) {
                    return unwrap(body + SALT_BYTES + CHECK_BYTES, chunkKey);
                }
            }
        }
        return SealedVerdict.WRONG_KEY;
    }

    /// Tries stanzas in turn as long as the limit, and the memory there is, allow the next.
    SealedVerdict openWithPassphrase(MemorySegment passphrase, long at, long length, PassphraseLimit limit, MemorySegment blocks, long blocksAt,
            long blocksBytes, long chunkKey) {
        long workLeft = limit.workKib();
        SealedVerdict verdict = SealedVerdict.WRONG_KEY;
        for (int stanza = PREFIX_BYTES; stanza < end; stanza = next(stanza)) {
            long body = HEADER + stanza + STANZA_HEAD_BYTES;
            if (type(stanza) != PASSPHRASE_STANZA) {
                continue;
            }
            Argon2Cost cost = cost(stanza);
            if (!limit.allows(cost, workLeft) || cost.memoryBytes() > blocksBytes) {
                verdict = SealedVerdict.TOO_COSTLY;
                continue;
            }
            workLeft -= PassphraseLimit.workKib(cost);
            deriveOfPassphrase(cost, passphrase, at, length, body, blocks, blocksAt);
            if (sameCheck(memory, CHECK, body + SALT_BYTES + COST_BYTES)) {
                return unwrap(body + SALT_BYTES + COST_BYTES + CHECK_BYTES, chunkKey);
            }
        }
        return verdict;
    }

    SealedVerdict openWithRecipient(HpkeKem kem, MemorySegment privateKey, long privateAt, long chunkKey) {
        for (int at = PREFIX_BYTES; at < end; at = next(at)) {
            if (type(at) == RECIPIENT_STANZA) {
                Recipients.Stanza stanza = recipients.read(kem, privateKey, privateAt, HEADER + at + STANZA_HEAD_BYTES, CHECK, FILE_KEY);
                if (stanza != Recipients.Stanza.ANOTHERS) {
                    return stanza == Recipients.Stanza.CHANGED ? SealedVerdict.CHANGED : verify(chunkKey);
                }
            }
        }
        return SealedVerdict.WRONG_KEY;
    }

    /// The key is the right one: from here on whatever does not verify was changed.
    private SealedVerdict unwrap(long wrapped, long chunkKey) {
        wrap.wipe();
        wrap.load(memory, WRAPPING);
        return wrap.open(memory, ZERO_NONCE, memory, 0, 0, memory, wrapped, WRAPPED_BYTES, memory, FILE_KEY) ? verify(chunkKey)
                : SealedVerdict.CHANGED;
    }

    private SealedVerdict verify(long chunkKey) {
        int length = bytes();
        mac(length);
        if (!ConstantTime.equal(memory, COMPUTED, memory, HEADER + length - MAC_BYTES, MAC_BYTES)) {
            return SealedVerdict.CHANGED;
        }
        deriveChunkKey(length, chunkKey);
        return SealedVerdict.VALID;
    }

    // What is derived.

    /// The key's two: what wraps the file key, and the check, which commits to the key as the output of a hash does.
    private void deriveOfKey(MemorySegment key, long keyAt, long salt) {
        HKDF.derive(memory, workAt, memory, salt, SALT_BYTES, key, keyAt, KEY_BYTES, KEY_INFO, 0, KEY_INFO.byteSize(),
                memory, WRAPPING, KEY_BYTES + CHECK_BYTES);
    }

    /// The same two of a passphrase.
    private void deriveOfPassphrase(Argon2Cost cost, MemorySegment passphrase, long at, long length, long salt, MemorySegment blocks,
            long blocksAt) {
        Argon2id.derive(cost, passphrase, at, length, memory, salt, SALT_BYTES, memory, salt, 0, PASSPHRASE_INFO, 0,
                PASSPHRASE_INFO.byteSize(), memory, WRAPPING, KEY_BYTES + CHECK_BYTES, blocks, blocksAt);
    }

    private void digest(int length) {
        Hash.SHA_256.hash(memory, workAt, memory, HEADER, length - TAIL_BYTES, memory, COMPUTED);
    }

    private void mac(int length) {
        HKDF.derive(memory, workAt, memory, 0, 0, memory, FILE_KEY, KEY_BYTES, HEADER_INFO, 0, HEADER_INFO.byteSize(),
                memory, DERIVED, KEY_BYTES);
        Mac.HMAC_SHA_256.mac(memory, workAt, memory, DERIVED, KEY_BYTES, memory, HEADER, length - MAC_BYTES, memory,
                COMPUTED);
    }

    /// The header's MAC is the salt, so that chunks go with their very header.
    private void deriveChunkKey(int length, long chunkKey) {
        HKDF.derive(memory, workAt, memory, HEADER + length - MAC_BYTES, MAC_BYTES, memory, FILE_KEY, KEY_BYTES, CHUNKS_INFO,
                0, CHUNKS_INFO.byteSize(), memory, chunkKey, KEY_BYTES);
    }

    /// Wipes all that was derived, not the header.
    void wipe() {
        Wipe.bytes(memory, WRAPPING, MEMORY_BYTES - WRAPPING);
    }
}
