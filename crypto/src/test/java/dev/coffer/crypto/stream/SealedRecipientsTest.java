package dev.coffer.crypto.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.memory.Secret;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Sealed streams to passphrases and public keys, one and several, beside a reader on Bouncy Castle and the JDK, and files that every
/// later version must open.
class SealedRecipientsTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Argon2Cost CHEAP = new Argon2Cost(32, 2, 2);
    private static final byte[] HELLO = "hello\n".getBytes(StandardCharsets.US_ASCII);
    private static final List<KeyAlgorithm> TAKEN = Stream.of(KeyAlgorithm.values()).filter(SealedStream::takes).toList();

    private final MemorySegment memory = Memory.zeros(SealedStream.plan().totalBytes());
    private final SealedStream stream = new SealedStream(memory);
    private final MemorySegment blocks = Memory.zeros(CHEAP.memoryBytes());
    private final MemorySegment passphrase = Memory.of("correct horse".getBytes(StandardCharsets.US_ASCII));
    private final MemorySegment key = Memory.zeros(32).fill((byte) 7);

    private static KeyPair pair(KeyAlgorithm algorithm, long seed) {
        return KeyPair.generate(algorithm, Secret.of(Memory.zeros(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes()),
                new SeededEntropy(seed), Memory.zeros(algorithm.workspaceBytes()), 0);
    }

    private static PublicKey publicKey(KeyPair pair) {
        return pair.publicKey(Memory.zeros(pair.algorithm().publicKeyBytes()), 0);
    }

    /// For X-Wing, X25519 and the passphrase, in this order, with the bytes of one seed.
    private byte[] kept() {
        stream.begin(SealedSuite.CHACHA20_POLY1305, new SeededEntropy(64));
        assertTrue(stream.addRecipient(publicKey(pair(KeyAlgorithm.X_WING, 1))));
        assertTrue(stream.addRecipient(publicKey(pair(KeyAlgorithm.X25519, 2))));
        stream.addPassphrase(passphrase, 0, passphrase.byteSize(), CHEAP, blocks, 0);
        return sealed();
    }

    private byte[] sealed() {
        MemorySegment place = Memory.zeros(SealedStream.CHUNK_BYTES);
        int expected = stream.headerBytes();
        int length = stream.endHeader(place, 0);
        assertEquals(expected, length);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(place.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        MemorySegment.copy(HELLO, 0, place, ValueLayout.JAVA_BYTE, 0, HELLO.length);
        file.writeBytes(place.asSlice(0, stream.sealChunk(place, 0, HELLO.length, true)).toArray(ValueLayout.JAVA_BYTE));
        return file.toByteArray();
    }

    private SealedVerdict take(byte[] file) {
        return stream.takeHeader(Memory.of(file), 0, file.length);
    }

    private SealedVerdict tryPassphrase(MemorySegment text) {
        return stream.openWithPassphrase(text, 0, text.byteSize(), PassphraseLimit.DEFAULT, blocks, 0, blocks.byteSize());
    }

    private byte[] text(byte[] file) {
        MemorySegment all = Memory.of(file);
        int at = SealedStream.headerBytes(all, 0);
        assertEquals(SealedVerdict.VALID, stream.openChunk(all, at, file.length - at, true));
        return all.asSlice(at, file.length - at - 16).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void everyAlgorithmThatAgreesOrEncapsulatesReceives() {
        assertEquals(6, TAKEN.size());
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            assertEquals(!algorithm.signs() || algorithm == KeyAlgorithm.P256, SealedStream.takes(algorithm), algorithm.toString());
        }
        for (KeyAlgorithm algorithm : TAKEN) {
            KeyPair mine = pair(algorithm, 5);
            stream.begin(SealedSuite.AES_256_GCM, new SeededEntropy(3));
            assertTrue(stream.addRecipient(publicKey(mine)));
            byte[] file = sealed();
            assertEquals(SealedVerdict.VALID, take(file));
            assertEquals(SealedVerdict.WRONG_KEY, stream.open(pair(algorithm, 6)), algorithm.toString());
            assertEquals(SealedVerdict.VALID, stream.open(mine), algorithm.toString());
            assertArrayEquals(HELLO, text(file));
        }
    }

    @Test
    void oneFileOpensByEachOfItsKeysPassphrasesAndRecipientsAndByNoOther() {
        stream.begin(SealedSuite.CHACHA20_POLY1305, new SeededEntropy(3));
        stream.addKey(key, 0);
        for (KeyAlgorithm algorithm : TAKEN) {
            assertTrue(stream.addRecipient(publicKey(pair(algorithm, 10 + algorithm.ordinal()))));
            assertTrue(stream.addRecipient(publicKey(pair(algorithm, 100 + algorithm.ordinal()))));
        }
        stream.addPassphrase(passphrase, 0, 7, CHEAP, blocks, 0);
        stream.addPassphrase(passphrase, 0, 13, CHEAP, blocks, 0);
        byte[] file = sealed();
        for (KeyAlgorithm algorithm : TAKEN) {
            for (int seed : new int[] {10, 100}) {
                assertEquals(SealedVerdict.VALID, take(file));
                assertEquals(SealedVerdict.WRONG_KEY, stream.open(pair(algorithm, 999)));
                assertEquals(SealedVerdict.VALID, stream.open(pair(algorithm, seed + algorithm.ordinal())));
                assertArrayEquals(HELLO, text(file));
            }
        }
        for (int length : new int[] {7, 13}) {
            assertEquals(SealedVerdict.VALID, take(file));
            assertEquals(2, stream.passphrases());
            assertEquals(SealedVerdict.WRONG_KEY, tryPassphrase(passphrase.asSlice(0, 8)));
            assertEquals(SealedVerdict.VALID, tryPassphrase(passphrase.asSlice(0, length)));
            assertArrayEquals(HELLO, text(file));
        }
        assertEquals(SealedVerdict.VALID, take(file));
        assertEquals(SealedVerdict.WRONG_KEY, stream.open(Memory.zeros(32), 0));
        assertEquals(SealedVerdict.VALID, stream.open(key, 0));
        assertArrayEquals(HELLO, text(file));
    }

    @Test
    void theKeptFileIsWrittenByteForByteAndOpens() throws IOException {
        byte[] file = file();
        assertArrayEquals(kept(), file);
        for (KeyPair identity : List.of(pair(KeyAlgorithm.X_WING, 1), pair(KeyAlgorithm.X25519, 2))) {
            assertEquals(SealedVerdict.VALID, take(file));
            assertEquals(SealedVerdict.VALID, stream.open(identity));
            assertArrayEquals(HELLO, text(file));
        }
        assertEquals(SealedVerdict.VALID, take(file));
        assertEquals(SealedVerdict.VALID, tryPassphrase(passphrase));
        assertArrayEquals(HELLO, text(file));
    }

    private static byte[] file() throws IOException {
        try (var in = SealedRecipientsTest.class.getResourceAsStream("/vectors/sealed/recipients.sealed")) {
            return in.readAllBytes();
        }
    }

    @Test
    void theKeptFileOpensByThePageAlone() throws Exception {
        byte[] file = file();
        assertArrayEquals(HELLO, PlainSealedFile.open(file, (type, body) -> type == 2
                ? PlainRecipients.ofPassphrase(body, Memory.bytes(passphrase))
                : null));
        for (int kem : new int[] {PlainRecipients.X_WING, PlainRecipients.X25519}) {
            KeyPair pair = kem == PlainRecipients.X_WING ? pair(KeyAlgorithm.X_WING, 1) : pair(KeyAlgorithm.X25519, 2);
            byte[] secret = Memory.bytes(pair.secret().segment().asSlice(pair.secret().offset(), 32));
            assertArrayEquals(HELLO, PlainSealedFile.open(file, (type, body) -> type == 3
                    ? PlainRecipients.ofPrivateKey(body, kem, secret)
                    : null));
            secret[0] ^= 8;
            assertEquals("wrong key", assertThrows(IllegalArgumentException.class, () -> PlainSealedFile.open(file, (type, body) -> type == 3
                    ? PlainRecipients.ofPrivateKey(body, kem, secret)
                    : null)).getMessage());
        }
    }

    /// The page gives the secrets of the kept file: they are those.
    @Test
    void thePageNamesTheSecretsOfTheKeptFile() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/sealed-format.md"));
        for (KeyPair pair : List.of(pair(KeyAlgorithm.X_WING, 1), pair(KeyAlgorithm.X25519, 2))) {
            String secret = Memory.hex(pair.secret().segment().asSlice(pair.secret().offset(), 32));
            assertTrue(page.contains(secret), secret);
        }
        assertTrue(page.contains("correct horse"));
    }

    /// A header that was changed, its digest mended: whatever a right key has not authenticated yet reads as another's.
    @Test
    void aMendedDigestHidesNothingFromWhoHasTheKey() throws Exception {
        byte[] file = file();
        KeyPair identity = pair(KeyAlgorithm.X25519, 2);
        int stanza = 12 + 4 + 2 + 1120 + 80;  // X25519's
        assertEquals(0x0020, Short.toUnsignedInt(ByteBuffer.wrap(file).getShort(stanza + 4)));
        for (int at = stanza + 6; at < stanza + 6 + 32 + 80; at++) {
            assertEquals(SealedVerdict.VALID, take(mended(file, at)));
            boolean wrapped = at >= stanza + 6 + 64;
            assertEquals(wrapped ? SealedVerdict.CHANGED : SealedVerdict.WRONG_KEY, stream.open(identity), "byte " + at);
        }
        assertEquals(SealedVerdict.VALID, take(mended(file, 100)));
        assertEquals(SealedVerdict.CHANGED, stream.open(identity), "another's stanza is under the MAC too");
        assertEquals(0, RawMemory.nonZero(memory), "something stays");
        assertThrows(IllegalStateException.class, () -> stream.open(identity));
        byte[] other = file.clone();
        other[16] = 0;
        other[17] = 0x20;  // X25519, whose bodies are shorter
        assertEquals(SealedVerdict.CHANGED, take(mend(other)), "a body that is longer than its KEM has it");
        other[16] = 0x7f;  // a KEM that is not known here: passed over, and the MAC does not fit
        assertEquals(SealedVerdict.VALID, take(mend(other)));
        assertEquals(SealedVerdict.CHANGED, stream.open(identity));
    }

    private static byte[] mended(byte[] file, int at) throws Exception {
        byte[] changed = file.clone();
        changed[at] ^= 1;
        return mend(changed);
    }

    private static byte[] mend(byte[] changed) throws Exception {
        int length = Short.toUnsignedInt(ByteBuffer.wrap(changed).getShort(10));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(changed, length - 48));
        System.arraycopy(digest, 0, changed, length - 48, 16);
        return changed;
    }

    /// What a header may ask of who opens it: the costs are its writer's to choose, the limit is the reader's.
    @Test
    void aHeaderThatAsksForMoreThanTheLimitIsTooCostly() throws Exception {
        stream.begin(SealedSuite.CHACHA20_POLY1305, new SeededEntropy(3));
        stream.addPassphrase(passphrase, 0, 13, CHEAP, blocks, 0);
        byte[] file = sealed();
        assertEquals(SealedVerdict.VALID, take(file));
        PassphraseLimit exact = new PassphraseLimit(32, 64);
        assertEquals(CHEAP.memoryBytes(), stream.passphraseBytes(exact));
        for (PassphraseLimit below : List.of(new PassphraseLimit(31, 64), new PassphraseLimit(32, 63))) {
            assertEquals(0, stream.passphraseBytes(below));
            assertEquals(SealedVerdict.TOO_COSTLY, stream.openWithPassphrase(passphrase, 0, 13, below, blocks, 0, blocks.byteSize()));
        }
        assertEquals(SealedVerdict.TOO_COSTLY, stream.openWithPassphrase(passphrase, 0, 13, exact, blocks, 0, blocks.byteSize() - 1));
        assertEquals(SealedVerdict.VALID, stream.openWithPassphrase(passphrase, 0, 13, exact, blocks, 0, blocks.byteSize()));

        assertEquals(SealedVerdict.TOO_COSTLY, costing(file, 4 << 20, 1, 1), "4 GiB");
        assertEquals(SealedVerdict.TOO_COSTLY, costing(file, 32, Integer.MAX_VALUE, 1), "hours");
        assertEquals(SealedVerdict.TOO_COSTLY, costing(file, Integer.MAX_VALUE, Integer.MAX_VALUE, Argon2Cost.LANES_MAX));
        assertEquals(SealedVerdict.CHANGED, costing(file, 32, -1, 2), "no cost at all");
        assertEquals(SealedVerdict.CHANGED, costing(file, 32, 0, 2));
        assertEquals(SealedVerdict.CHANGED, costing(file, 31, 1, 4));
        assertEquals(SealedVerdict.WRONG_KEY, costing(file, 32, 1, 2), "the costs go into what is derived");
    }

    private SealedVerdict costing(byte[] file, int memoryKib, int passes, int lanes) throws Exception {
        byte[] changed = file.clone();
        ByteBuffer.wrap(changed).putInt(12 + 4 + 32, memoryKib).putInt(12 + 4 + 36, passes).putInt(12 + 4 + 40, lanes);
        SealedVerdict verdict = take(mend(changed));
        return verdict == SealedVerdict.VALID ? tryPassphrase(passphrase) : verdict;
    }

    /// Two hundred stanzas that are each within the limit are not, together.
    @Test
    void workIsCountedOverAllStanzas() {
        stream.begin(SealedSuite.CHACHA20_POLY1305, new SeededEntropy(3));
        for (int i = 0; i < 5; i++) {
            stream.addPassphrase(passphrase, 0, 1, CHEAP, blocks, 0);
        }
        stream.addPassphrase(passphrase, 0, 13, CHEAP, blocks, 0);
        byte[] file = sealed();
        assertEquals(SealedVerdict.VALID, take(file));
        assertEquals(SealedVerdict.TOO_COSTLY,
                stream.openWithPassphrase(passphrase, 0, 13, new PassphraseLimit(32, 6 * 64 - 1), blocks, 0, blocks.byteSize()));
        assertEquals(SealedVerdict.VALID,
                stream.openWithPassphrase(passphrase, 0, 13, new PassphraseLimit(32, 6 * 64), blocks, 0, blocks.byteSize()));
    }

    /// 26 * 1206 + 3 * 116 + 2 * 118 + 6 * 128 + 60 = 32768; with 11 keys behind the 26 there are 76 bytes left.
    @Test
    void aHeaderIsFullAtItsLimitAndStaysWhole() {
        KeyPair hybrid = pair(KeyAlgorithm.X_WING, 1);
        KeyPair curve = pair(KeyAlgorithm.X25519, 1);
        full(hybrid, 11);
        assertEquals(SealedStream.HEADER_BYTES_MAX - 76, stream.headerBytes());
        assertThrows(IllegalStateException.class, () -> stream.addKey(key, 0));
        assertThrows(IllegalStateException.class, () -> stream.addRecipient(publicKey(curve)));
        assertThrows(IllegalStateException.class, () -> stream.addPassphrase(passphrase, 0, 1, CHEAP, blocks, 0));
        full(hybrid, 3);
        for (int i = 0; i < 6; i++) {
            stream.addPassphrase(passphrase, 0, 1 + i, CHEAP, blocks, 0);
        }
        assertTrue(stream.addRecipient(publicKey(curve)));
        assertTrue(stream.addRecipient(publicKey(curve)));
        assertEquals(SealedStream.HEADER_BYTES_MAX, stream.headerBytes());
        byte[] file = sealed();
        assertEquals(SealedVerdict.VALID, take(file));
        assertEquals(SealedVerdict.VALID, stream.open(curve));
        assertArrayEquals(HELLO, text(file));
    }

    private void full(KeyPair hybrid, int keys) {
        stream.begin(SealedSuite.CHACHA20_POLY1305, new SeededEntropy(3));
        for (int i = 0; i < 26; i++) {
            assertTrue(stream.addRecipient(publicKey(hybrid)));
        }
        for (int i = 0; i < keys; i++) {
            stream.addKey(key, 0);
        }
    }

    @Test
    void whatIsNoKeyAddsNothingAndIllegalStepsAreRefused() throws Exception {
        KeyPair mine = pair(KeyAlgorithm.X25519, 1);
        MemorySegment place = Memory.zeros(1000);
        Class<IllegalStateException> state = IllegalStateException.class;
        assertThrows(state, () -> stream.addKey(key, 0));
        assertThrows(state, () -> stream.endHeader(place, 0));
        assertThrows(state, () -> stream.open(mine));
        assertThrows(state, stream::passphrases);
        stream.begin(SealedSuite.CHACHA20_POLY1305, new SeededEntropy(3));
        assertThrows(state, () -> stream.endHeader(place, 0), "nobody could open it");
        assertFalse(stream.addRecipient(PublicKey.of(KeyAlgorithm.X25519, Memory.zeros(32), 0)), "a point of low order");
        assertFalse(stream.addRecipient(PublicKey.of(KeyAlgorithm.P256, Memory.zeros(65), 0)), "no point");
        assertEquals(12 + 48, stream.headerBytes());
        assertThrows(IllegalArgumentException.class, () -> stream.addRecipient(publicKey(pair(KeyAlgorithm.ED25519, 1))));
        assertThrows(IndexOutOfBoundsException.class, () -> {
            stream.addKey(key, 0);
            stream.endHeader(place, 1000 - 175);
        });
        stream.endHeader(place, 1000 - 176);
        assertThrows(state, () -> stream.addKey(key, 0), "the header is written");

        KeyPair expanded = withoutSeed(pair(KeyAlgorithm.ML_KEM_768, 1));
        assertEquals(SealedVerdict.VALID, take(file()));
        assertThrows(IllegalArgumentException.class, () -> stream.open(expanded));
        assertEquals(SealedVerdict.VALID, stream.open(pair(KeyAlgorithm.X25519, 2)), "the header is still there");
        stream.close();
        assertEquals(0, RawMemory.nonZero(memory));
    }

    private static KeyPair withoutSeed(KeyPair pair) {
        KeyAlgorithm algorithm = pair.algorithm();
        MemorySegment der = Memory.zeros(algorithm.pkcs8Bytes());
        int length = pair.encode(PrivateKeyForm.EXPANDED, der, 0);
        try (EncodedKey encoded = EncodedKey.in(der, 0, length)) {
            return encoded.keyPair(Secret.of(Memory.zeros(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes()),
                    Memory.zeros(algorithm.workspaceBytes()), 0);
        }
    }

    /// Entropy that ends at each of its draws: no stream stays, and nothing of what was drawn.
    @Test
    void aSourceThatEndsLeavesNothing() {
        for (int draws = 0; draws < 4; draws++) {
            int until = draws;
            int[] drawn = {0};
            SeededEntropy honest = new SeededEntropy(9);
            assertThrows(IllegalStateException.class, () -> {
                stream.begin(SealedSuite.CHACHA20_POLY1305, (segment, at, length) -> {
                    if (drawn[0]++ == until) {
                        throw new IllegalStateException("no more");
                    }
                    honest.fill(segment, at, length);
                });
                stream.addPassphrase(passphrase, 0, 13, CHEAP, blocks, 0);
                stream.addKey(key, 0);
                stream.addRecipient(publicKey(pair(KeyAlgorithm.X_WING, 1)));
            });
            assertEquals(0, RawMemory.nonZero(memory), "after draw " + draws);
        }
        assertEquals("SealedStream[no header]", stream.toString());
    }

    /// Makes the kept file anew, on purpose only: `-Dcoffer.write.sealed=FILE`.
    @Test
    void writesTheKeptFileWhereItIsAskedTo() throws IOException {
        String target = System.getProperty("coffer.write.sealed");
        if (target != null) {
            Files.write(Path.of(target), kept());
            System.out.println(HexFormat.of().formatHex(Memory.bytes(pair(KeyAlgorithm.X_WING, 1).secret().segment()), 0, 32));
            System.out.println(HexFormat.of().formatHex(Memory.bytes(pair(KeyAlgorithm.X25519, 2).secret().segment()), 0, 32));
        }
    }
}
