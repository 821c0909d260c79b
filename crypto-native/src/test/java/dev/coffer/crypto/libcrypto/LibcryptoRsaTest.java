package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.EncodedRsaKey;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.crypto.rsa.RsaPss;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RSA keys in the library's memory, beside `BigInteger` and the JDK's verifier; memory that is planned, spent, and given back.
class LibcryptoRsaTest {
    private static final Map<Integer, byte[]> PKCS8 = new HashMap<>();
    private static final LibcryptoConfig CONFIG = LibcryptoConfig.defaults().withContexts(1);

    private static Libcrypto libcrypto;

    @BeforeAll
    static void open() throws Exception {
        libcrypto = Presence.open(CONFIG.withRsa(3, 2));
        for (int bits : new int[] {2048, 3072, 4096}) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            PKCS8.put(bits, generator.generateKeyPair().getPrivate().getEncoded());
        }
    }

    @AfterAll
    static void close() {
        if (libcrypto != null) {
            libcrypto.close();
        }
    }

    private static LibraryHeap heap() {
        return (LibraryHeap) libcrypto.accounts().getFirst();
    }

    /// A key of the library, whose numbers are gone.
    private static RsaKey key(Libcrypto by, int bits) {
        byte[] pkcs8 = PKCS8.get(bits);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(pkcs8.length);
            MemorySegment.copy(pkcs8, 0, source, ValueLayout.JAVA_BYTE, 0, pkcs8.length);
            try (EncodedRsaKey numbers = EncodedRsaKey.in(source, 0, pkcs8.length, arena.allocate(EncodedRsaKey.WORKSPACE_BYTES), 0)) {
                return by.rsa(numbers);
            }
        }
    }

    private static RSAPrivateCrtKey jdk(int bits) throws Exception {
        return (RSAPrivateCrtKey) KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(PKCS8.get(bits)));
    }

    private static BigInteger number(MemorySegment memory, long at, int bytes) {
        return new BigInteger(1, memory.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE));
    }

    /// Past the 32nd call the library makes a new blinding.
    @ParameterizedTest
    @ValueSource(ints = {2048, 3072, 4096})
    void bothPrimitivesComputeAsBigIntegerDoes(int bits) throws Exception {
        RSAPrivateCrtKey theirs = jdk(bits);
        SplittableRandom random = new SplittableRandom(bits);
        try (RsaKey key = key(libcrypto, bits); Arena arena = Arena.ofConfined()) {
            assertEquals(bits, key.modulusBits());
            int bytes = key.modulusBytes();
            MemorySegment memory = arena.allocate(3L * bytes);
            for (int i = 0; i < 70; i++) {
                BigInteger asked = i == 0 ? BigInteger.ZERO : i == 1 ? BigInteger.ONE : i == 2 ? theirs.getModulus().subtract(BigInteger.ONE)
                        : new BigInteger(bits - 1, new java.util.Random(random.nextLong()));
                for (int at = 0; at < bytes; at++) {
                    memory.set(ValueLayout.JAVA_BYTE, at, asked.shiftRight(Byte.SIZE * (bytes - 1 - at)).byteValue());
                }
                assertTrue(key.signaturePrimitive(memory, 0, memory, bytes));
                assertEquals(asked.modPow(theirs.getPrivateExponent(), theirs.getModulus()), number(memory, bytes, bytes), "number " + i);
                assertTrue(key.verificationPrimitive(memory, bytes, memory, 2L * bytes));
                assertEquals(asked, number(memory, 2L * bytes, bytes), "back, number " + i);
            }
            memory.asSlice(0, bytes).fill((byte) -1);
            assertFalse(key.signaturePrimitive(memory, 0, memory, bytes), "a number past the modulus");
            assertFalse(key.verificationPrimitive(memory, 0, memory, bytes), "a number past the modulus");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 3072, 4096})
    void theJdkVerifiesWhatIsSigned(int bits) throws Exception {
        try (RsaKey key = key(libcrypto, bits); Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(1024);
            MemorySegment work = arena.allocate(RsaPss.WORKSPACE_BYTES);
            for (RsaPss pss : RsaPss.values()) {
                assertTrue(pss.sign(Entropy.SYSTEM, key, memory, 0, 100, memory, 200, work, 0));
                String hash = "SHA-" + pss.hash().digestBytes() * 8;
                Signature verifying = Signature.getInstance("RSASSA-PSS");
                verifying.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), pss.hash().digestBytes(), 1));
                verifying.initVerify(KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(key.publicKey())));
                verifying.update(new byte[100]);
                assertTrue(verifying.verify(memory.asSlice(200, key.modulusBytes()).toArray(ValueLayout.JAVA_BYTE)), hash);
            }
        }
    }

    /// Three keys of the longest and two signatures at a time, as planned: the heap's peak stays within what that adds; closed, all is given back.
    @Test
    void keysAndSignaturesTakeWhatIsPlannedAndGiveItBack() throws Exception {
        long before = heap().usedBytes();
        RsaKey[] keys = new RsaKey[3];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = key(libcrypto, 4096);
        }
        assertThrows(LibcryptoException.class, () -> key(libcrypto, 2048), "a fourth");
        long held = heap().usedBytes() - before;
        assertTrue(held <= keys.length * NativeRsaKey.KEY_BYTES, "three keys hold " + held);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            RsaKey key = keys[t % keys.length];
            threads[t] = Thread.ofPlatform().start(() -> {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment memory = arena.allocate(1024);
                    MemorySegment work = arena.allocate(RsaPss.WORKSPACE_BYTES);
                    for (int i = 0; i < 15; i++) {
                        assertTrue(RsaPss.SHA_256.sign(Entropy.SYSTEM, key, memory, 0, 64, memory, 100, work, 0));
                    }
                } catch (Throwable thrown) {
                    failed.set(thrown);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(null, failed.get());
        long signing = heap().peakBytes() - before - held;
        System.out.println("RSA of 4,096 bits: three keys hold " + held + " bytes, two signatures " + signing);
        assertTrue(signing <= 2 * NativeRsaKey.CALL_BYTES, "two signatures took " + signing);
        for (RsaKey key : keys) {
            assertFalse(key.isClosed());
            key.close();
            key.close();
            assertTrue(key.isClosed());
        }
        assertEquals(before, heap().usedBytes());
        assertEquals(0, heap().faults());
        key(libcrypto, 2048).close();  // a place is free again
    }

    /// Each allocation refused in turn: no key then, or no signature, and nothing is held.
    @Test
    void memoryThatIsSpentRefusesAndHoldsNothing() {
        long before = heap().usedBytes();
        long calls = heap().calls();
        key(libcrypto, 2048).close();
        long allocations = heap().calls() - calls;
        assertTrue(allocations > 20, "allocations " + allocations);
        for (long n = 0; n < allocations; n += n < 12 || n > allocations - 12 ? 1 : 5) {
            heap().refuseAfter(n);
            try {
                key(libcrypto, 2048).close();
            } catch (LibcryptoException refused) {
                assertTrue(refused.getMessage().contains("withRsa") || refused.getMessage().contains("otherwise"), refused.getMessage());
            } finally {
                heap().refuseAfter(Long.MAX_VALUE);
            }
            assertEquals(before, heap().usedBytes(), "allocation " + n);
        }
        try (RsaKey key = key(libcrypto, 2048); Arena arena = Arena.ofConfined()) {
            long held = heap().usedBytes();
            MemorySegment memory = arena.allocate(1024);
            MemorySegment work = arena.allocate(RsaPss.WORKSPACE_BYTES);
            int refused = 0;
            for (long n = 0; n < 60; n++) {
                heap().refuseAfter(n);
                boolean signed;
                try {
                    signed = RsaPss.SHA_256.sign(Entropy.SYSTEM, key, memory, 0, 64, memory, 100, work, 0);
                } finally {
                    heap().refuseAfter(Long.MAX_VALUE);
                }
                refused += signed ? 0 : 1;
                assertTrue(heap().usedBytes() <= held + 2 * NativeRsaKey.KEY_BYTES, "allocation " + n);
            }
            assertTrue(refused > 5, "refused " + refused);
            int more = 0;
            while (!RsaPss.SHA_256.sign(Entropy.SYSTEM, key, memory, 0, 64, memory, 100, work, 0)) {
                assertTrue(++more <= 32, "a blinding that was half made stays for 32 calls at most, and nothing of it is given out");
            }
        }
        assertEquals(before, heap().usedBytes());
        assertEquals(0, heap().faults());
    }

    @Test
    void afterAnyCloseNothingIsSigned() {
        Libcrypto more = Libcrypto.open(CONFIG.withRsa(2, 1));
        long before = heap().usedBytes();
        RsaKey first = key(more, 2048);
        RsaKey second = key(more, 2048);
        first.close();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(1024);
            MemorySegment work = arena.allocate(RsaPss.WORKSPACE_BYTES);
            assertFalse(RsaPss.SHA_256.sign(Entropy.SYSTEM, first, memory, 0, 64, memory, 100, work, 0));
            assertTrue(RsaPss.SHA_256.sign(Entropy.SYSTEM, second, memory, 0, 64, memory, 100, work, 0));
            more.close();
            assertTrue(second.isClosed());
            assertFalse(RsaPss.SHA_256.sign(Entropy.SYSTEM, second, memory, 0, 64, memory, 100, work, 0));
            assertFalse(second.verificationPrimitive(memory, 0, memory, 300));
        }
        assertTrue(heap().usedBytes() < before);
        assertThrows(IllegalStateException.class, () -> key(more, 2048));
        LibcryptoException none = assertThrows(LibcryptoException.class, () -> {
            try (Libcrypto without = Libcrypto.open(CONFIG)) {
                key(without, 2048);
            }
        });
        assertTrue(none.getMessage().contains("rsaKeys"), none.getMessage());
    }

    @Test
    void rangesThatAreNoneAreRefusedBeforeTheLibraryIsAsked() {
        try (RsaKey key = key(libcrypto, 2048); Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(512);
            MemorySegment heap = MemorySegment.ofArray(new byte[512]);
            long calls = heap().calls();
            assertThrows(IllegalArgumentException.class, () -> key.signaturePrimitive(heap, 0, memory, 256));
            assertThrows(IllegalArgumentException.class, () -> key.signaturePrimitive(memory, 0, heap, 256));
            assertThrows(IllegalArgumentException.class, () -> key.signaturePrimitive(memory, 0, memory, 255));
            assertThrows(IndexOutOfBoundsException.class, () -> key.signaturePrimitive(memory, 0, memory, 257));
            assertThrows(IndexOutOfBoundsException.class, () -> key.verificationPrimitive(memory, -1, memory, 256));
            assertThrows(IllegalArgumentException.class, () -> key.verificationPrimitive(memory, 0, memory.asReadOnly(), 256));
            assertEquals(calls, heap().calls());
        }
    }

    @Test
    void takesNoHeapBytes() {
        try (RsaKey key = key(libcrypto, 2048); Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(1024);
            MemorySegment work = arena.allocate(RsaPss.WORKSPACE_BYTES);
            assertEquals(0, HeapBytes.least(2, 3, () -> {
                for (int i = 0; i < 40; i++) {
                    if (!RsaPss.SHA_256.sign(Entropy.SYSTEM, key, memory, 0, 64, memory, 100, work, 0)) {
                        throw new AssertionError(i);
                    }
                }
            }));
        }
    }
}
