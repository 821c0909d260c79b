package dev.coffer.c;

import static dev.coffer.c.Native.none;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.memory.ConstantTime;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each call of each algorithm beside the same in Java, on the same seed.
class KeyCallsTest {
    private Native c;

    @BeforeEach
    void open() {
        c = new Native();
    }

    @AfterEach
    void close() {
        c.close();
    }

    static IntStream kems() {
        return IntStream.rangeClosed(Algorithms.KEM + 1, Algorithms.KEM + Algorithms.kems());
    }

    static IntStream signatures() {
        return IntStream.rangeClosed(Algorithms.SIGNATURE + 1, Algorithms.SIGNATURE + Algorithms.signatures());
    }

    static IntStream hashes() {
        return IntStream.rangeClosed(Algorithms.HASH + 1, Algorithms.HASH + Algorithms.hashes());
    }

    private List<Long> sizes(int algorithm) {
        MemorySegment sizes = c.bytes(8L * KeyCalls.SIZES + 8);
        MemorySegment aligned = sizes.asSlice(-sizes.address() & 7, 8L * KeyCalls.SIZES);
        assertEquals("OK", c.call("describe", algorithm, aligned));
        return IntStream.range(0, KeyCalls.SIZES).mapToObj(i -> aligned.get(JAVA_LONG, 8L * i)).toList();
    }

    /// A point that is none to who encapsulates and to who decapsulates (of small order, off the curve), and a key that was changed.
    @Test
    void whatIsNoKeyAndNoCiphertextIsInvalidAndGivesNothing() {
        for (int algorithm : new int[] {0x0101, 0x0105, 0x0106}) {  // ML-KEM-512, X25519, P-256
            Kem kem = Algorithms.kem(algorithm);
            boolean hasPoint = kem.ciphertextBytes() < 100;
            MemorySegment ek = c.bytes(kem.encapsulationKeyBytes());
            MemorySegment dk = c.bytes(kem.decapsulationKeyBytes());
            assertEquals("OK", c.call("keygen", algorithm, c.random(kem.seedBytes(), 1), ek, dk, none()));
            MemorySegment ciphertext = c.bytes(kem.ciphertextBytes());
            MemorySegment shared = c.bytes(kem.sharedBytes());
            if (!hasPoint) {
                dk.set(JAVA_BYTE, dk.byteSize() - 40, (byte) (dk.get(JAVA_BYTE, dk.byteSize() - 40) ^ 1));  // of the hash of ek
            }
            assertEquals("INVALID", c.call("decapsulate", algorithm, dk, ciphertext, shared, none()));
            ek.fill((byte) (hasPoint ? 0 : -1));
            assertEquals("INVALID", c.call("encapsulate", algorithm, ek, ciphertext, shared, none()));
            assertEquals("00".repeat(kem.sharedBytes()), Native.hex(shared));
        }
    }

    @ParameterizedTest
    @MethodSource("kems")
    void aMechanismIsWhatItIsInJava(int algorithm) {
        Kem kem = Algorithms.kem(algorithm);
        long workspaceBytes = Algorithms.SEED_ROOM_BYTES + kem.workspaceBytes();
        assertEquals(Stream.of(kem.seedBytes(), kem.encapsulationKeyBytes(), kem.decapsulationKeyBytes(), kem.ciphertextBytes(),
                kem.sharedBytes(), 0, 0, 0, (int) workspaceBytes).map(Integer::longValue).toList(), sizes(algorithm));
        for (MemorySegment workspace : new MemorySegment[] {none(), c.random(workspaceBytes, 3), c.random(workspaceBytes + 1, 4)}) {
            MemorySegment seed = c.random(kem.seedBytes(), algorithm);
            MemorySegment ek = c.bytes(kem.encapsulationKeyBytes());
            MemorySegment dk = c.bytes(kem.decapsulationKeyBytes());
            assertEquals("OK", c.call("keygen", algorithm, seed, ek, dk, workspace));
            MemorySegment javaEk = c.bytes(ek.byteSize());
            MemorySegment javaDk = c.bytes(dk.byteSize());
            MemorySegment javaWorkspace = c.bytes(kem.workspaceBytes());
            assertTrue(kem.keyPair(seed, 0, javaEk, 0, javaDk, 0, javaWorkspace, 0));
            assertEquals(Native.hex(javaEk), Native.hex(ek));
            assertEquals(Native.hex(javaDk), Native.hex(dk));

            MemorySegment ciphertext = c.bytes(kem.ciphertextBytes());
            MemorySegment shared = c.bytes(kem.sharedBytes());
            MemorySegment javaShared = c.bytes(kem.sharedBytes());
            assertEquals("OK", c.call("encapsulate", algorithm, ek, ciphertext, shared, workspace));
            assertTrue(kem.decapsulate(dk, 0, ciphertext, 0, javaShared, 0, javaWorkspace, 0));
            assertEquals(Native.hex(javaShared), Native.hex(shared));
            shared.fill((byte) 0);
            assertEquals("OK", c.call("decapsulate", algorithm, dk, ciphertext, shared, workspace));
            assertEquals(Native.hex(javaShared), Native.hex(shared));
            String first = Native.hex(ciphertext);
            assertEquals("OK", c.call("encapsulate", algorithm, ek, ciphertext, shared, workspace));
            assertNotEquals(first, Native.hex(ciphertext), "drawn anew");
            zeroUpTo(workspace, kem.workspaceBytes());
        }
    }

    /// Of a workspace that was brought, what the call used is zero; all but the seed's room where no seed was drawn.
    private static void zeroUpTo(MemorySegment workspace, long bytes) {
        if (workspace.byteSize() != 0) {
            assertTrue(ConstantTime.isZero(workspace, 0, bytes), "the workspace that was brought");
        }
    }

    /// The small and fast of SLH-DSA alone: the others are the same calls with other sizes, and take seconds.
    static IntStream quick() {
        return signatures().filter(n -> !Algorithms.signature(n).name().matches("SLH-DSA-.*(s|192f|256f)"));
    }

    @ParameterizedTest
    @MethodSource("quick")
    void aSchemeIsWhatItIsInJava(int algorithm) {
        Signature scheme = Algorithms.signature(algorithm);
        MemorySegment seed = c.random(scheme.seedBytes(), algorithm);
        MemorySegment publicKey = c.bytes(scheme.publicKeyBytes());
        MemorySegment secretKey = c.bytes(scheme.privateKeyBytes());
        MemorySegment workspace = c.random(KeyCalls.workspaceBytes(scheme), 1);
        assertEquals("OK", c.call("keygen", algorithm, seed, publicKey, secretKey, workspace));
        MemorySegment javaPublic = c.bytes(publicKey.byteSize());
        MemorySegment javaSecret = c.bytes(secretKey.byteSize());
        MemorySegment javaWorkspace = c.bytes(Math.max(scheme.workspaceBytes(), scheme.signWorkspaceBytes()));
        assertTrue(scheme.keyPair(seed, 0, javaPublic, 0, javaSecret, 0, javaWorkspace, 0));
        assertEquals(Native.hex(javaPublic), Native.hex(publicKey));
        assertEquals(Native.hex(javaSecret), Native.hex(secretKey));

        MemorySegment message = c.random(100, 5);
        MemorySegment context = c.random(scheme.contextBytesMax(), 6);
        MemorySegment signature = c.bytes(scheme.signatureBytes());
        boolean hasTwo = !(scheme instanceof Falcon);
        if (hasTwo) {
            MemorySegment javaSignature = c.bytes(scheme.signatureBytes());
            assertEquals("OK", c.call("sign", algorithm, SignatureCalls.DETERMINISTIC, secretKey, message, context, signature, workspace));
            assertTrue(scheme.sign(Signature.DETERMINISTIC, secretKey, 0, message, 0, 100, context, 0, scheme.contextBytesMax(), javaSignature, 0,
                    javaWorkspace, 0));
            assertEquals(Native.hex(javaSignature), Native.hex(signature));
        } else {
            assertEquals("VALUE", c.call("sign", algorithm, SignatureCalls.DETERMINISTIC, secretKey, message, context, signature, workspace));
            assertEquals("OK", c.call("sign", algorithm, SignatureCalls.HEDGED, secretKey, message, context, signature, workspace));
        }
        assertEquals("OK", c.call("sign", algorithm, SignatureCalls.HEDGED, secretKey, message, context, signature, none()));
        assertTrue(scheme.verify(publicKey, 0, message, 0, 100, context, 0, scheme.contextBytesMax(), signature, 0, signature.byteSize(),
                javaWorkspace, 0));
        assertEquals("OK", c.call("verify", algorithm, publicKey, message, context, signature, none()));
        assertEquals("OK", c.call("verify", algorithm, publicKey, message, context, signature, workspace));
        message.set(JAVA_BYTE, 50, (byte) (message.get(JAVA_BYTE, 50) ^ 1));
        assertEquals("INVALID", c.call("verify", algorithm, publicKey, message, context, signature, none()));
        zeroUpTo(workspace, scheme.signWorkspaceBytes());
    }

    /// Messages of no byte, of one, about a block of SHAKE256, and about 64 KiB: nothing is bounded there, and nothing is cut.
    @Test
    void messagesOfEveryLengthAreSignedAsInJava() {
        for (int algorithm : new int[] {0x0201, 0x0203, 0x0206}) {  // Ed25519, ML-DSA-44, Falcon-512
            Signature scheme = Algorithms.signature(algorithm);
            MemorySegment publicKey = c.bytes(scheme.publicKeyBytes());
            MemorySegment secretKey = c.bytes(scheme.privateKeyBytes());
            MemorySegment javaWorkspace = c.bytes(Math.max(scheme.workspaceBytes(), scheme.signWorkspaceBytes()));
            MemorySegment signature = c.bytes(scheme.signatureBytes());
            assertEquals("OK", c.call("keygen", algorithm, none(), publicKey, secretKey, none()));
            for (int bytes : new int[] {0, 1, 127, 128, 129, 135, 136, 137, 65_535, 65_536, 65_537}) {
                MemorySegment message = c.random(bytes, bytes);
                Object given = bytes == 0 ? none() : message;
                assertEquals("OK", c.call("sign", algorithm, SignatureCalls.HEDGED, secretKey, given, none(), signature, none()));
                assertTrue(scheme.verify(publicKey, 0, message, 0, bytes, message, 0, 0, signature, 0, signature.byteSize(), javaWorkspace, 0),
                        scheme.name() + " " + bytes);
                assertEquals("OK", c.call("verify", algorithm, publicKey, given, none(), signature, none()));
                for (long other : new long[] {bytes - 1L, bytes + 1L}) {
                    if (other >= 0) {
                        MemorySegment longer = c.random(bytes + 1L, bytes);
                        assertEquals("INVALID", c.call("verify", algorithm, publicKey, longer.address(), other, 0L, 0L, signature, none()));
                    }
                }
            }
        }
    }

    static IntStream slow() {
        return signatures().filter(n -> quick().noneMatch(q -> q == n));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("slow")
    void aSlowSchemeIsWhatItIsInJava(int algorithm) {
        aSchemeIsWhatItIsInJava(algorithm);
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void aHashIsWhatItIsInJava(int algorithm) {
        Hash hash = Algorithms.hash(algorithm);
        assertEquals(List.of(0L, 0L, 0L, 0L, 0L, 0L, 0L, (long) hash.digestBytes(), hash.stateBytes()), sizes(algorithm));
        for (int bytes : new int[] {0, 1, hash.blockBytes() - 1, hash.blockBytes(), hash.blockBytes() + 1, 1000}) {
            MemorySegment data = c.random(bytes, bytes);
            MemorySegment expected = c.bytes(hash.digestBytes());
            hash.hash(c.bytes(hash.stateBytes()), 0, data, 0, bytes, expected, 0);
            MemorySegment digest = c.bytes(hash.digestBytes());
            assertEquals("OK", c.call("hash", algorithm, bytes == 0 ? none() : data, digest));
            assertEquals(Native.hex(expected), Native.hex(digest));

            MemorySegment handle = c.number();
            digest.fill((byte) 0);
            assertEquals("OK", c.call("hash_open", algorithm, handle));
            assertEquals("OK", c.call("hash_update", Native.value(handle), data.address(), bytes / 3));
            assertEquals("OK", c.call("hash_update", Native.value(handle), data.address() + bytes / 3, bytes - bytes / 3));
            assertEquals("OK", c.call("hash_finish", Native.value(handle), digest));
            assertEquals(Native.hex(expected), Native.hex(digest));
            assertEquals("HANDLE", c.call("hash_finish", Native.value(handle), digest));
        }
    }

    @Test
    void aNewPairIsAnotherEachTimeAndWorks() {
        for (int algorithm : IntStream.concat(kems(), quick()).toArray()) {
            List<Long> sizes = sizes(algorithm);
            MemorySegment publicKey = c.bytes(sizes.get(1));
            MemorySegment secretKey = c.bytes(sizes.get(2));
            assertEquals("OK", c.call("keygen", algorithm, none(), publicKey, secretKey, none()));
            String first = Native.hex(publicKey);
            MemorySegment workspace = c.random(sizes.get(8), 9);
            assertEquals("OK", c.call("keygen", algorithm, none(), publicKey, secretKey, workspace));
            assertNotEquals(first, Native.hex(publicKey));
            zeroUpTo(workspace, sizes.get(0));
        }
    }
}
