package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Key files of ML-KEM (RFC 9935), ML-DSA (RFC 9881), SLH-DSA (RFC 9909) and Falcon (none): every form, there and back, beside the JDK and Bouncy Castle.
class PostQuantumKeysTest {
    private final MemorySegment workspace = Memory.zeros(Keys.WORKSPACE_BYTES);

    private static Stream<KeyAlgorithm> all() {
        return Arrays.stream(KeyAlgorithm.values()).filter(algorithm -> !Keys.CURVES.contains(algorithm));
    }

    static Stream<KeyAlgorithm> slow() {
        return all().filter(algorithm -> algorithm.name().startsWith("SLH") && algorithm.name().endsWith("S"));
    }

    static Stream<KeyAlgorithm> quick() {
        return all().filter(algorithm -> slow().noneMatch(algorithm::equals));
    }

    /// Bouncy Castle 1.86 has X-Wing, and no file form of its keys.
    static Stream<KeyAlgorithm> quickAndKnownToBouncyCastle() {
        return quick().filter(algorithm -> algorithm != KeyAlgorithm.X_WING && !(algorithm.signature() instanceof Falcon));
    }

    static Stream<KeyAlgorithm> falcons() {
        return all().filter(algorithm -> algorithm.signature() instanceof Falcon);
    }

    static Stream<KeyAlgorithm> seeded() {
        return all().filter(KeyAlgorithm::hasSeeds);
    }

    private KeyPair generate(KeyAlgorithm algorithm) {
        return KeyPair.generate(algorithm, KeyPairTest.room(algorithm), new SeededEntropy(algorithm.ordinal()), workspace, 0);
    }

    private static byte[] encoded(KeyPair pair, PrivateKeyForm form) {
        MemorySegment out = Memory.zeros(pair.algorithm().pkcs8Bytes(form));
        assertEquals(out.byteSize(), pair.encode(form, out, 0));
        return Memory.bytes(out);
    }

    private static byte[] encodedPublic(KeyPair pair) {
        MemorySegment out = Memory.zeros(pair.algorithm().spkiBytes());
        assertEquals(out.byteSize(), pair.publicKey(Memory.zeros(pair.algorithm().publicKeyBytes()), 0).encode(out, 0));
        return Memory.bytes(out);
    }

    private KeyPair decode(KeyAlgorithm algorithm, byte[] encoded) {
        return Keys.decode(Memory.of(encoded), 0, encoded.length, KeyPairTest.room(algorithm), workspace, 0);
    }

    private Reason refusal(KeyAlgorithm algorithm, byte[] encoded) {
        Reason reason = assertThrows(KeyFormatException.class, () -> decode(algorithm, encoded)).reason();
        assertEquals(0, RawMemory.nonZero(workspace), "the workspace after a refusal");
        return reason;
    }

    private static List<PrivateKeyForm> forms(KeyAlgorithm algorithm) {
        return algorithm.hasSeeds() ? List.of(PrivateKeyForm.values()) : List.of(PrivateKeyForm.EXPANDED);
    }

    @ParameterizedTest
    @MethodSource("quick")
    void everyFormIsReadAsItWasWritten(KeyAlgorithm algorithm, @TempDir Path folder) throws IOException {
        KeyPair pair = generate(algorithm);
        assertEquals(algorithm.hasSeeds(), pair.hasSeed());
        for (PrivateKeyForm form : forms(algorithm)) {
            byte[] der = encoded(pair, form);
            KeyPair read = decode(algorithm, der);
            boolean seed = algorithm.hasSeeds() && form != PrivateKeyForm.EXPANDED;
            assertEquals(seed, read.hasSeed());
            assertArrayEquals(der, encoded(read, form));
            assertArrayEquals(encodedPublic(pair), encodedPublic(read));
            if (seed || !algorithm.hasSeeds()) {
                assertEquals(pair, read, form.toString());
            }
            Path file = folder.resolve(form + ".pem");
            pair.write(form, file, workspace, 0);
            assertTrue(Files.size(file) + 2048 <= algorithm.fileBytesMax());
            KeyPair again = Keys.read(file, KeyPairTest.room(algorithm), workspace, 0);
            assertEquals(read, again);
        }
        byte[] half = encodedPublic(pair);
        MemorySegment home = Memory.zeros(algorithm.publicKeyBytes());
        Keys.decodePublic(Memory.of(half), 0, half.length, home, 0, workspace, 0);
        assertEquals(-1, home.mismatch(pair.publicKey(Memory.zeros(algorithm.publicKeyBytes()), 0).segment()));
        MemorySegment text = Memory.zeros(algorithm.pemBytesMax());
        int length = pair.publicKey(home, 0).encodePem(text, 0, workspace, 0);
        assertEquals(algorithm, EncodedKey.in(text, 0, length).algorithm());
    }

    @ParameterizedTest
    @MethodSource("quick")
    void aPairDoesWhatItsAlgorithmDoes(KeyAlgorithm algorithm) {
        KeyPair pair = generate(algorithm);
        MemorySegment message = Memory.zeros(50);
        PublicKey half = pair.publicKey(Memory.zeros(algorithm.publicKeyBytes()), 0);
        MemorySegment own = Memory.zeros(algorithm.workspaceBytes());  // no more than it says
        if (algorithm.signs()) {
            int length = algorithm.signatureBytes();
            MemorySegment signature = Memory.zeros(length);
            if (algorithm.signature() instanceof Falcon) {
                assertThrows(IllegalArgumentException.class, () -> pair.sign(message, 0, 50, signature, 0, own, 0), "no such variant");
                pair.sign(Entropy.SYSTEM, message, 0, 50, signature, 0, own, 0);
            } else {
                pair.sign(message, 0, 50, signature, 0, own, 0);
            }
            MemorySegment hedged = Memory.zeros(length);
            pair.sign(Entropy.SYSTEM, message, 0, 50, hedged, 0, own, 0);
            assertTrue(half.verify(message, 0, 50, signature, 0, length, own, 0) && half.verify(message, 0, 50, hedged, 0, length, own, 0));
            assertTrue(signature.mismatch(hedged) >= 0);
            assertFalse(half.verify(message, 0, 49, signature, 0, length, own, 0));
        } else {
            Kem kem = algorithm.kem();
            MemorySegment ciphertext = Memory.zeros(kem.ciphertextBytes());
            MemorySegment shared = Memory.zeros(64);
            assertTrue(kem.encapsulate(Entropy.SYSTEM, half.segment(), 0, ciphertext, 0, shared, 0, own, 0));
            assertTrue(kem.decapsulate(pair.secret().segment(), pair.secret().offset(), ciphertext, 0, shared, 32, own, 0));
            assertEquals(-1, shared.asSlice(0, 32).mismatch(shared.asSlice(32)));
            assertThrows(IllegalStateException.class, () -> pair.sign(message, 0, 50, ciphertext, 0, own, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("quickAndKnownToBouncyCastle")
    void keysInterchangeWithBouncyCastle(KeyAlgorithm algorithm) throws IOException {
        interchanges(generate(algorithm));
    }

    @ParameterizedTest
    @Tag("long")
    @MethodSource("slow")
    void keysOfSlowSetsInterchangeWithBouncyCastle(KeyAlgorithm algorithm) throws IOException {
        interchanges(generate(algorithm));
    }

    private void interchanges(KeyPair pair) throws IOException {
        KeyAlgorithm algorithm = pair.algorithm();
        byte[] half = encodedPublic(pair);
        assertArrayEquals(half, SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(PublicKeyFactory.createKey(half)).getEncoded("DER"));
        for (PrivateKeyForm form : forms(algorithm)) {
            byte[] ours = encoded(pair, form);
            AsymmetricKeyParameter theirs = PrivateKeyFactory.createKey(ours);
            byte[] written = PrivateKeyInfoFactory.createPrivateKeyInfo(inForm(theirs, form)).getEncoded("DER");
            assertArrayEquals(ours, algorithm.hasSeeds() ? written : withoutPublicKey(written, ours.length), form.toString());
            assertArrayEquals(ours, encoded(decode(algorithm, written), form), "and back");
        }
    }

    /// Theirs is another factory, for what is no standard yet; both forms are its own, byte for byte.
    @ParameterizedTest
    @MethodSource("falcons")
    void keysOfFalconInterchangeWithBouncyCastle(KeyAlgorithm algorithm) throws IOException {
        KeyPair pair = generate(algorithm);
        byte[] half = encodedPublic(pair);
        assertArrayEquals(half, org.bouncycastle.pqc.crypto.util.SubjectPublicKeyInfoFactory
                .createSubjectPublicKeyInfo(org.bouncycastle.pqc.crypto.util.PublicKeyFactory.createKey(half)).getEncoded("DER"));
        byte[] ours = encoded(pair, PrivateKeyForm.EXPANDED);
        byte[] written = org.bouncycastle.pqc.crypto.util.PrivateKeyInfoFactory
                .createPrivateKeyInfo(org.bouncycastle.pqc.crypto.util.PrivateKeyFactory.createKey(ours)).getEncoded("DER");
        assertArrayEquals(ours, written);
        assertEquals(pair, decode(algorithm, written));
    }

    /// h that is another's, f that has no inverse, F of another key, a header of the other set, h alone.
    @ParameterizedTest
    @MethodSource("falcons")
    void whatIsNoKeyOfFalconIsRefused(KeyAlgorithm algorithm) {
        KeyPair pair = generate(algorithm);
        byte[] whole = encoded(pair, PrivateKeyForm.EXPANDED);
        int h = algorithm.publicKeyBytes() - 1;
        assertEquals(Reason.MISMATCH, refusal(algorithm, flipped(whole, whole.length - 1)), "h");
        int big = whole.length - h - 8 - 1;  // the last byte of F
        assertEquals(Reason.BAD_PRIVATE_KEY, refusal(algorithm, flipped(whole, big)), "F");
        int f = big + 1 - 2 * 4 - (algorithm.privateKeyBytes() - 1);
        byte[] zeros = whole.clone();
        Arrays.fill(zeros, f, f + 200, (byte) 0);
        assertEquals(Reason.BAD_PRIVATE_KEY, refusal(algorithm, zeros), "f");
        assertEquals(Reason.UNKNOWN_VERSION, refusal(algorithm, flipped(whole, f - 5)), "version 1");
        byte[] half = encodedPublic(pair);
        byte[] header = half.clone();
        header[half.length - h - 1] ^= 3;
        MemorySegment home = Memory.zeros(h + 1);
        for (byte[] bad : new byte[][] {header, Arrays.copyOf(half, half.length - 1)}) {
            assertThrows(KeyFormatException.class, () -> Keys.decodePublic(Memory.of(bad), 0, bad.length, home, 0, workspace, 0));
        }
        assertEquals(0, RawMemory.nonZero(home, 0, h + 1));
    }

    /// Bouncy Castle writes the public key of SLH-DSA too: version 1, and the key behind.
    private static byte[] withoutPublicKey(byte[] written, int length) {
        if (written.length == length) {
            return written;
        }
        MemorySegment out = Memory.zeros(length);
        int head = length - 2 >= 0x80 ? 3 : 2;
        int theirHead = written[1] == (byte) 0x81 ? 3 : 2;
        new DerWriter(out, 0).open(DerReader.SEQUENCE, length - head).copy(Memory.of(written), theirHead, length - head);
        out.set(ValueLayout.JAVA_BYTE, head + 2, (byte) 0);
        return Memory.bytes(out);
    }

    private static AsymmetricKeyParameter inForm(AsymmetricKeyParameter key, PrivateKeyForm form) {
        if (key instanceof MLDSAPrivateKeyParameters dsa) {
            return dsa.getParametersWithFormat(switch (form) {
                case SEED -> MLDSAPrivateKeyParameters.SEED_ONLY;
                case EXPANDED -> MLDSAPrivateKeyParameters.EXPANDED_KEY;
                case BOTH -> MLDSAPrivateKeyParameters.BOTH;
            });
        }
        if (key instanceof MLKEMPrivateKeyParameters kem) {
            return kem.withPreferredFormat(switch (form) {
                case SEED -> MLKEMPrivateKeyParameters.SEED_ONLY;
                case EXPANDED -> MLKEMPrivateKeyParameters.EXPANDED_KEY;
                case BOTH -> MLKEMPrivateKeyParameters.BOTH;
            });
        }
        return key;
    }

    /// The JDK of this release knows expanded keys alone, as they are in no CHOICE yet: an OCTET STRING in the OCTET STRING, which is the same.
    @ParameterizedTest
    @MethodSource("seeded")
    void keysInterchangeWithTheJdk(KeyAlgorithm algorithm) throws Exception {
        KeyPair pair = generate(algorithm);
        String name = algorithm.name().replace('_', '-');
        KeyFactory factory = KeyFactory.getInstance(name);
        byte[] ours = encoded(pair, PrivateKeyForm.EXPANDED);
        assertArrayEquals(ours, factory.generatePrivate(new PKCS8EncodedKeySpec(ours)).getEncoded());
        byte[] half = encodedPublic(pair);
        assertArrayEquals(half, factory.generatePublic(new X509EncodedKeySpec(half)).getEncoded());
        java.security.KeyPair theirs = KeyPairGenerator.getInstance(name).generateKeyPair();
        KeyPair read = decode(algorithm, theirs.getPrivate().getEncoded());
        assertFalse(read.hasSeed());
        assertArrayEquals(theirs.getPublic().getEncoded(), encodedPublic(read));
        assertArrayEquals(theirs.getPrivate().getEncoded(), encoded(read, PrivateKeyForm.EXPANDED));
    }

    /// What RFC 9935 and RFC 9881 print in their examples, and the sums of the parts.
    @Test
    void sizesAndHeadsAreTheStandards() {
        String[][] heads = {{"ML_KEM_512", "3054020100300b060960864801650304040104428040", "30820332300b06096086480165030404010382032100"},
                {"ML_DSA_44", "3034020100300b060960864801650304031104228020", "30820532300b06096086480165030403110382052100"},
                {"SLH_DSA_SHAKE_128F", "3052020100300b060960864801650304031b0440", "3030300b060960864801650304031b032100"}};
        for (String[] row : heads) {
            KeyPair pair = generate(KeyAlgorithm.valueOf(row[0]));
            MemorySegment out = Memory.zeros(pair.algorithm().pkcs8Bytes());
            int length = pair.encode(out, 0);
            assertTrue(Memory.hex(out).startsWith(row[1]), Memory.hex(out.asSlice(0, 40)));
            assertEquals(pair.algorithm().pkcs8Bytes(pair.hasSeed() ? PrivateKeyForm.SEED : PrivateKeyForm.EXPANDED), length);
            assertTrue(Memory.hex(Memory.of(encodedPublic(pair))).startsWith(row[2]), Memory.hex(Memory.of(encodedPublic(pair))));
        }
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            assertTrue(algorithm.fileBytesMax() <= EncodedKey.FILE_BYTES_MAX, algorithm.toString());
        }
        assertEquals(4096, KeyAlgorithm.X25519.fileBytesMax(), "who uses curves is not charged for lattices");
        assertTrue(KeyAlgorithm.ML_DSA_87.fileBytesMax() > 8192);
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    @ParameterizedTest
    @MethodSource("seeded")
    void partsThatDoNotBelongTogetherAreRefused(KeyAlgorithm algorithm) {
        KeyPair pair = generate(algorithm);
        byte[] both = encoded(pair, PrivateKeyForm.BOTH);
        int expandedAt = both.length - algorithm.privateKeyBytes();
        assertEquals(Reason.SEED_MISMATCH, refusal(algorithm, flipped(both, expandedAt - 5)), "the seed's last byte");
        for (int at : new int[] {expandedAt, expandedAt + 40, both.length - 1}) {
            assertEquals(Reason.SEED_MISMATCH, refusal(algorithm, flipped(both, at)), "byte " + at);
        }
        byte[] expanded = encoded(pair, PrivateKeyForm.EXPANDED);
        int start = expanded.length - algorithm.privateKeyBytes();
        boolean kem = algorithm.kem() != null;
        // s of ML-KEM; rho, tr, s1 and t0 of ML-DSA: K, as z of ML-KEM, follows from nothing
        int[] places = kem ? new int[] {start, start + 300, expanded.length - 40, expanded.length - 65, expanded.length - 100}
                : new int[] {start, start + 64, start + 128, expanded.length - 1};
        for (int at : places) {
            assertEquals(Reason.BAD_PRIVATE_KEY, refusal(algorithm, flipped(expanded, at)), "byte " + at);
        }
        byte[] seed = encoded(pair, PrivateKeyForm.SEED);
        assertArrayEquals(seed, encoded(decode(algorithm, seed), PrivateKeyForm.SEED));
        for (byte[] form : new byte[][] {seed, both, expanded}) {
            assertEquals(Reason.BAD_DER, refusal(algorithm, Arrays.copyOf(form, form.length - 1)));
            assertEquals(Reason.BAD_DER, refusal(algorithm, Arrays.copyOf(form, form.length + 1)));
        }
    }

    @ParameterizedTest
    @MethodSource("seeded")
    void aSeedThatIsNotKnownIsNotWritten(KeyAlgorithm algorithm) {
        KeyPair read = decode(algorithm, encoded(generate(algorithm), PrivateKeyForm.EXPANDED));
        MemorySegment out = Memory.zeros(algorithm.pkcs8Bytes());
        for (PrivateKeyForm form : new PrivateKeyForm[] {PrivateKeyForm.SEED, PrivateKeyForm.BOTH}) {
            assertThrows(IllegalStateException.class, () -> read.encode(form, out, 0));
            assertEquals(0, RawMemory.nonZero(out));
        }
        assertEquals(algorithm.pkcs8Bytes(PrivateKeyForm.EXPANDED), read.encode(out, 0));
        assertEquals(0, RawMemory.nonZero(read.secret().segment(), read.secret().offset() + algorithm.privateKeyBytes() + algorithm.publicKeyBytes(),
                algorithm.keyPairBytes() - algorithm.privateKeyBytes() - algorithm.publicKeyBytes()));
    }

    @Test
    void publicKeysThatAreNoneAreRefused() {
        byte[] kem = encodedPublic(generate(KeyAlgorithm.ML_KEM_768));
        Arrays.fill(kem, kem.length - 1184, kem.length - 1000, (byte) -1);  // coefficients from q on
        assertEquals(Reason.BAD_PUBLIC_KEY, assertThrows(KeyFormatException.class,
                () -> Keys.decodePublic(Memory.of(kem), 0, kem.length, Memory.zeros(1184), 0, workspace, 0)).reason());
        byte[] slh = encoded(generate(KeyAlgorithm.SLH_DSA_SHA2_128F), PrivateKeyForm.EXPANDED);
        assertEquals(Reason.BAD_PRIVATE_KEY, refusal(KeyAlgorithm.SLH_DSA_SHA2_128F, flipped(slh, slh.length - 1)), "PK.root");
        byte[] dsa = encodedPublic(generate(KeyAlgorithm.ML_DSA_44));
        dsa[dsa.length - 1312 - 7]++;  // the identifier of ML-DSA-65 around a key of ML-DSA-44
        MemorySegment home = Memory.zeros(1952);
        assertThrows(KeyFormatException.class, () -> Keys.decodePublic(Memory.of(dsa), 0, dsa.length, home, 0, workspace, 0));
        assertEquals(0, RawMemory.nonZero(home, 0, 1952));
    }
}
