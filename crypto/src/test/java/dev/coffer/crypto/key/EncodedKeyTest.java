package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Secret;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What was read says what it is before anything is taken for it, and what each algorithm takes is its own.
class EncodedKeyTest {
    private final MemorySegment workspace = Memory.zeros(Keys.WORKSPACE_BYTES);

    private KeyPair generate(KeyAlgorithm algorithm) {
        return KeyPair.generate(algorithm, KeyPairTest.room(algorithm), new SeededEntropy(3), workspace, 0);
    }

    @Test
    void twoPublicKeysBesideOnePrivateKeyAreOneAndTheSame() {
        KeyPair pair = generate(KeyAlgorithm.P256);
        MemorySegment der = Memory.zeros(Keys.DER_BYTES);
        int length = pair.encode(der, 0);  // 30 81 87, version 0, ... ECPrivateKey with the public key at its end
        String inner = Memory.hex(der.asSlice(0, length));
        String point = inner.substring(inner.length() - 130);
        String both = "3081" + HexFormat.of().toHexDigits((byte) (length - 3 + 68)) + "020101" + inner.substring(12);
        assertEquals(pair, read(both + "814200" + point));
        String other = point.substring(0, 129) + (point.endsWith("0") ? "1" : "0");
        String changed = both.substring(0, both.length() - 130) + other;
        assertEquals(Reason.MISMATCH, assertThrows(KeyFormatException.class, () -> read(changed + "814200" + point)).reason(),
                "the one within");
        assertEquals(Reason.MISMATCH, assertThrows(KeyFormatException.class, () -> read(both + "814200" + other)).reason());
    }

    private KeyPair read(String hex) {
        MemorySegment der = Memory.of(HexFormat.of().parseHex(hex));
        return Keys.decode(der, 0, der.byteSize(), KeyPairTest.room(KeyAlgorithm.P256), workspace, 0);
    }

    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, names = {"X25519", "ED25519", "P256"})
    void saysWhatItIsBeforeASecretIsTaken(KeyAlgorithm algorithm) {
        KeyPair pair = generate(algorithm);
        MemorySegment text = Memory.zeros(algorithm.pemBytesMax());
        int length = pair.encodePem(text, 0, workspace, 0);
        EncodedKey key = EncodedKey.in(text, 0, length);
        assertEquals(algorithm, key.algorithm());
        assertTrue(key.isPrivate());
        assertFalse(key.toString().contains("-----"), key.toString());
        assertEquals(pair, key.keyPair(KeyPairTest.room(algorithm), workspace, 0));
        assertEquals(pair, key.keyPair(KeyPairTest.room(algorithm), workspace, 0), "as often as one likes until it is closed");
        key.close();
        assertEquals(0, RawMemory.nonZero(text, 0, length), "what was read stays");
        assertThrows(IllegalStateException.class, () -> key.keyPair(KeyPairTest.room(algorithm), workspace, 0), "a pair of zeros");

        length = pair.publicKey(Memory.zeros(65), 0).encodePem(text, 0, workspace, 0);
        EncodedKey half = EncodedKey.in(text, 0, length);
        assertEquals(algorithm, half.algorithm());
        assertFalse(half.isPrivate());
        assertEquals(Reason.WRONG_KIND, assertThrows(KeyFormatException.class,
                () -> half.keyPair(KeyPairTest.room(algorithm), workspace, 0)).reason());
        MemorySegment home = Memory.zeros(algorithm.publicKeyBytes());
        half.publicKey(home, 0, workspace, 0);
        assertEquals(-1, home.mismatch(pair.publicKey(Memory.zeros(65), 0).segment().asSlice(0, home.byteSize())));
        half.close();
        half.close();
        assertEquals(0, RawMemory.nonZero(text, 0, length), "what was read stays");
    }

    @Test
    void aSecretOfAnotherLengthIsTheCallersFault() {
        MemorySegment text = Memory.zeros(16384);
        int length = generate(KeyAlgorithm.P256).encode(text, 0);
        try (EncodedKey key = EncodedKey.in(text, 0, length)) {
            Secret other = KeyPairTest.room(KeyAlgorithm.ED25519);
            assertThrows(IllegalArgumentException.class, () -> key.keyPair(other, workspace, 0));
            assertThrows(IllegalArgumentException.class, () -> key.keyPair(KeyPairTest.room(KeyAlgorithm.P256), text, 0), "overlap");
            assertThrows(IndexOutOfBoundsException.class, () -> key.keyPair(KeyPairTest.room(KeyAlgorithm.P256),
                    workspace.asSlice(0, KeyAlgorithm.P256.workspaceBytes() - 1), 0), "one byte less");
            key.keyPair(KeyPairTest.room(KeyAlgorithm.P256), workspace.asSlice(0, KeyAlgorithm.P256.workspaceBytes()), 0);
        }
    }

    @Test
    void aKeyAlgorithmIsCalledAsItsStandardCallsIt() {
        assertEquals("[X25519, Ed25519, P-256, ML-KEM-512, ML-KEM-768, ML-KEM-1024, X-Wing, ML-DSA-44, ML-DSA-65, ML-DSA-87, SLH-DSA-SHA2-128s]",
                Arrays.toString(Arrays.copyOf(KeyAlgorithm.values(), 11)));
        assertEquals("Falcon-512", KeyAlgorithm.FALCON_512.toString());
    }

    /// One size an algorithm: a user of X25519 is not charged for a verification of another.
    @Test
    void eachAlgorithmIsChargedForItselfAlone() {
        assertEquals(X25519.WORKSPACE_BYTES + 32 + 32 + 32, KeyAlgorithm.X25519.workspaceBytes());
        assertEquals(Ed25519.VERIFY_WORKSPACE_BYTES + 32 + 32 + 32, KeyAlgorithm.ED25519.workspaceBytes());
        long ec = Math.max(P256.WORKSPACE_BYTES,
                Math.max(EcdsaP256.SCHEME.workspaceBytes(), EcdsaP256.SCHEME.signWorkspaceBytes()));
        assertEquals(ec + 32 + 65 + 65, KeyAlgorithm.P256.workspaceBytes());
        for (KeyAlgorithm algorithm : Keys.CURVES) {
            MemorySegment own = Memory.zeros(algorithm.workspaceBytes());
            KeyPair pair = KeyPair.generate(algorithm, KeyPairTest.room(algorithm), new SeededEntropy(3), own, 0);
            MemorySegment out = Memory.zeros(200);
            if (algorithm.signs()) {
                pair.sign(out, 0, 10, out, 100, own, 0);
                assertTrue(pair.publicKey(Memory.zeros(65), 0).verify(out, 0, 10, out, 100, 64, own, 0));
            }
            if (algorithm.agrees()) {
                pair.agree(pair.publicKey(Memory.zeros(65), 0).segment(), 0, algorithm.publicKeyBytes(), out, 0, own, 0);
            }
        }
    }

    /// Written from their parts; what the standards print (RFC 8410 section 10, RFC 5480) and other tools write.
    @Test
    void sizesAndHeadsAreTheSumsOfTheirParts() {
        String[] heads = {"302e020100300506032b656e04220420", "302e020100300506032b657004220420",
                "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"};
        String[] publicHeads = {"302a300506032b656e032100", "302a300506032b6570032100",
                "3059301306072a8648ce3d020106082a8648ce3d030107034200"};
        for (KeyAlgorithm algorithm : Keys.CURVES) {
            KeyPair pair = generate(algorithm);
            MemorySegment out = Memory.zeros(algorithm.derBytesMax());
            assertEquals(algorithm.pkcs8Bytes(), pair.encode(out, 0));
            assertTrue(Memory.hex(out).startsWith(heads[algorithm.ordinal()]), Memory.hex(out));
            assertEquals(algorithm.spkiBytes(), pair.publicKey(Memory.zeros(65), 0).encode(out, 0));
            assertTrue(Memory.hex(out).startsWith(publicHeads[algorithm.ordinal()]), Memory.hex(out));
        }
    }

    @Test
    void derIsWrittenWithTheShortestLengthsAndIdentifiersInBaseOneHundredTwentyEight() {
        assertArrayEquals(HexFormat.of().parseHex("2b0601040182371514"), DerWriter.identifier("1.3.6.1.4.1.311.21.20"));
        assertArrayEquals(HexFormat.of().parseHex("6086480165030403 12".replace(" ", "")), DerWriter.identifier("2.16.840.1.101.3.4.3.18"));
        for (int content : new int[] {0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1234, 0xffff}) {
            MemorySegment out = Memory.zeros(8 + content);
            DerWriter der = new DerWriter(out, 0).open(DerReader.OCTET_STRING, content);
            der.copy(Memory.zeros(content + 1), 0, content);
            assertEquals(DerWriter.bytes(content), der.position());
            DerReader read = new DerReader(out, 0, der.position());
            assertEquals(content, read.open(DerReader.OCTET_STRING).left());
            read.finish();
        }
    }

    @Test
    void aFileIsReadIntoTheRoomThatThereIs(@TempDir Path folder) throws IOException {
        KeyPair pair = generate(KeyAlgorithm.X25519);
        Path file = folder.resolve("key.pem");
        pair.write(file, workspace, 0);
        long size = Files.size(file);
        MemorySegment room = Memory.zeros(size + 1).fill((byte) 0x55);
        try (EncodedKey key = EncodedKey.read(file, room, 0, size + 1)) {
            assertEquals(pair, key.keyPair(KeyPairTest.room(KeyAlgorithm.X25519), workspace, 0));
        }
        assertEquals(0, RawMemory.nonZero(room, 0, (int) size + 1));
        room.fill((byte) 0x55);
        assertEquals(Reason.TOO_LONG, assertThrows(KeyFormatException.class, () -> EncodedKey.read(file, room, 0, size)).reason());
        assertEquals(0, RawMemory.nonZero(room, 0, (int) size), "a key that was half read stays");
        assertThrows(NoSuchFileException.class, () -> EncodedKey.read(folder.resolve("none"), room, 0, size));
        MemorySegment more = Memory.zeros(EncodedKey.FILE_BYTES_MAX + 1);
        assertThrows(IllegalArgumentException.class, () -> EncodedKey.read(file, more, 0, more.byteSize()));
    }
}
