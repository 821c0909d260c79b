package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every AEAD in every form beside Bouncy Castle and the JDK, and what it does with the caller's memory.
class AeadTest {
    private static final int GUARD = 5;

    static Stream<Aead> aeads() {
        return Stream.of(Aead.CHACHA20_POLY1305, Aead.XCHACHA20_POLY1305, Aead.AES_128_GCM, Aead.AES_256_GCM);
    }

    /// One key with its memory.
    private record Keyed(Aead aead, MemorySegment key, AeadKey loaded, MemorySegment work, MemorySegment nonce) {
        static Keyed of(Aead aead, Arena arena, SeededEntropy entropy) {
            MemorySegment key = arena.allocate(aead.keyBytes());
            MemorySegment nonce = arena.allocate(aead.nonceBytes());
            MemorySegment place = arena.allocate(aead.scheduleBytes() + GUARD);
            MemorySegment work = arena.allocate(aead.workspaceBytes() + GUARD);
            entropy.fill(key, 0, key.byteSize());
            entropy.fill(nonce, 0, nonce.byteSize());
            AeadKey loaded = new AeadKey(aead, work, GUARD).at(place, GUARD);
            loaded.load(key, 0);
            return new Keyed(aead, key, loaded, work, nonce);
        }

        void seal(MemorySegment aad, long aadLength, MemorySegment text, long at, long length, MemorySegment out, long to) {
            loaded.seal(nonce, 0, aad, 0, aadLength, text, at, length, out, to);
            assertWiped();
        }

        boolean open(MemorySegment aad, long aadLength, MemorySegment sealed, long at, long length, MemorySegment out,
                long to) {
            boolean opened = loaded.open(nonce, 0, aad, 0, aadLength, sealed, at, length, out, to);
            assertWiped();
            return opened;
        }

        private void assertWiped() {
            assertEquals(0, RawMemory.nonZero(work), "workspace not wiped");
        }

        byte[] bouncyCastle(byte[] text, byte[] aad) throws Exception {
            byte[] out = new byte[text.length + Aead.TAG_BYTES];
            byte[] iv = nonce.toArray(ValueLayout.JAVA_BYTE);
            byte[] raw = key.toArray(ValueLayout.JAVA_BYTE);
            AEADCipher cipher = aead.name().startsWith("AES")
                    ? GCMBlockCipher.newInstance(AESEngine.newInstance()) : new ChaCha20Poly1305();
            cipher.init(true, new AEADParameters(new KeyParameter(raw), 128, iv, aad));
            int done = cipher.processBytes(text, 0, text.length, out, 0);
            cipher.doFinal(out, done);
            return out;
        }

        byte[] jdk(byte[] text, byte[] aad) throws Exception {
            boolean aes = aead.name().startsWith("AES");
            Cipher cipher = Cipher.getInstance(aes ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
            byte[] iv = nonce.toArray(ValueLayout.JAVA_BYTE);
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.toArray(ValueLayout.JAVA_BYTE), aes ? "AES" : "ChaCha20"),
                    aes ? new GCMParameterSpec(128, iv) : new IvParameterSpec(iv));
            cipher.updateAAD(aad);
            return cipher.doFinal(text);
        }
    }

    private static IntStream lengths() {
        return IntStream.concat(IntStream.rangeClosed(0, 300), IntStream.of(512, 1024, 1088, 2048, 4096, 5000)
                .flatMap(n -> IntStream.rangeClosed(n - 17, n + 17)));
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void agreesWithTheOracles(Aead aead) throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        SeededEntropy entropy = new SeededEntropy(3);
        for (int length : lengths().toArray()) {
            try (Arena arena = Arena.ofConfined()) {
                Keyed keyed = Keyed.of(aead, arena, entropy);
                byte[] text = new byte[length];
                byte[] aad = new byte[random.nextInt(50)];
                random.nextBytes(text);
                random.nextBytes(aad);
                MemorySegment aadMemory = arena.allocate(aad.length + 1);
                MemorySegment.copy(aad, 0, aadMemory, ValueLayout.JAVA_BYTE, 0, aad.length);
                MemorySegment memory = arena.allocate(GUARD + length + Aead.TAG_BYTES + GUARD).fill((byte) 0x5a);
                MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, GUARD, length);
                MemorySegment out = arena.allocate(GUARD + length + Aead.TAG_BYTES + GUARD).fill((byte) 0x5a);
                byte[] expected;
                if (aead.nonceBytes() == 12) {
                    expected = keyed.bouncyCastle(text, aad);
                    assertArrayEquals(expected, keyed.jdk(text, aad), "the oracles differ");
                } else {  // no oracle for the long nonce but Wycheproof's file: here only what it does with memory
                    MemorySegment apart = arena.allocate(length + Aead.TAG_BYTES);
                    keyed.seal(aadMemory, aad.length, memory, GUARD, length, apart, 0);
                    expected = apart.toArray(ValueLayout.JAVA_BYTE);
                }
                keyed.seal(aadMemory, aad.length, memory, GUARD, length, out, GUARD);
                assertFramed(expected, out, "apart");
                keyed.seal(aadMemory, aad.length, memory, GUARD, length, memory, GUARD);
                assertFramed(expected, memory, "in place");
                assertTrue(keyed.open(aadMemory, aad.length, memory, GUARD, expected.length, out, GUARD));
                assertArrayEquals(text, out.asSlice(GUARD, length).toArray(ValueLayout.JAVA_BYTE), "opened apart");
                assertTrue(keyed.open(aadMemory, aad.length, memory, GUARD, expected.length, memory, GUARD));
                assertArrayEquals(text, memory.asSlice(GUARD, length).toArray(ValueLayout.JAVA_BYTE), "opened in place");
            }
        }
    }

    private static void assertFramed(byte[] expected, MemorySegment framed, String message) {
        byte[] all = framed.toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < GUARD; i++) {
            assertEquals(0x5a, all[i], "written before its range");
            assertEquals(0x5a, all[all.length - 1 - i], "written past its range");
        }
        assertArrayEquals(expected, java.util.Arrays.copyOfRange(all, GUARD, all.length - GUARD), message);
    }

    @Test
    void fastIsTheStrictFormWhereTheModuleOfKernelsIsAbsent() {
        aeads().forEach(aead -> assertTrue(aead.fast() == aead, aead.name()));
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void refusesMisuseBeforeItWrites(Aead aead) {
        try (Arena arena = Arena.ofConfined()) {
            Keyed keyed = Keyed.of(aead, arena, new SeededEntropy(4));
            MemorySegment text = arena.allocate(200);
            MemorySegment out = arena.allocate(200).fill((byte) 0x5a);
            Class<IllegalArgumentException> refused = IllegalArgumentException.class;
            Class<IndexOutOfBoundsException> outside = IndexOutOfBoundsException.class;
            assertThrows(outside, () -> keyed.seal(text, 0, text, 1, 200, out, 0));
            assertThrows(outside, () -> keyed.seal(text, 0, text, 0, 185, out, 0));
            assertThrows(outside, () -> keyed.seal(text, 201, text, 0, 10, out, 0));
            assertThrows(outside, () -> keyed.seal(text, 0, text, 0, -1, out, 0));
            assertThrows(outside, () -> keyed.open(text, 0, text, 0, 201, out, 0));
            assertThrows(outside, () -> keyed.open(text, 0, text, 0, 200, out, 17));
            assertThrows(refused, () -> keyed.seal(text, 0, text, 0, 10, out.asReadOnly(), 0));
            assertThrows(refused, () -> keyed.open(text, 0, text, 0, 26, out.asReadOnly(), 0));
            assertThrows(refused, () -> keyed.seal(text, 0, text, 0, 100, text, 1), "overlap");
            assertThrows(refused, () -> keyed.seal(text, 0, text, 16, 100, text, 0), "overlap");
            assertThrows(refused, () -> keyed.seal(text, 13, text, 100, 50, text, 5), "overlap with associated data");
            assertThrows(refused, () -> keyed.open(text, 0, text, 1, 100, text, 0), "overlap");
            for (int wrong : new int[] {0, 8, 11, 12, 13, 16, 23, 24, 25}) {
                if (wrong != aead.nonceBytes()) {
                    MemorySegment nonce = arena.allocate(wrong);
                    assertThrows(refused, () -> keyed.loaded.seal(nonce, text.asSlice(0, 10), out));
                    assertThrows(refused, () -> keyed.loaded.open(nonce, text.asSlice(0, 26), out));
                    assertThrows(refused, () -> keyed.loaded.seal(nonce, text, text.asSlice(0, 10), out));
                    assertThrows(refused, () -> keyed.loaded.open(nonce, text, text.asSlice(0, 26), out));
                }
            }
            MemorySegment place = arena.allocate(aead.scheduleBytes());
            MemorySegment both = arena.allocate(aead.workspaceBytes() + aead.scheduleBytes());
            assertThrows(refused, () -> new AeadKey(aead, keyed.work, 0).at(place.asReadOnly(), 0));
            assertThrows(refused, () -> new AeadKey(aead, both, 0).at(both, aead.workspaceBytes() - 1), "overlap");
            assertThrows(refused, () -> new AeadKey(aead, keyed.work, 0).at(place, 0).load(place, 1), "overlap");
            assertEquals(-1, out.mismatch(MemorySegment.ofArray(untouched(200))), "written to");
        }
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void wipesTheWorkspaceOnExceptions(Aead aead) {
        try (Arena arena = Arena.ofConfined()) {
            Keyed keyed = Keyed.of(aead, arena, new SeededEntropy(5));
            MemorySegment text = arena.allocate(200);
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(200);
            closed.close();
            assertThrows(IllegalStateException.class, () -> keyed.seal(text, 0, gone, 0, 200, arena.allocate(216), 0));
            assertThrows(IllegalStateException.class, () -> keyed.seal(text, 0, text, 0, 100, gone, 0));
            assertThrows(IllegalStateException.class, () -> keyed.open(text, 0, gone, 0, 100, text, 0));
            keyed.assertWiped();
        }
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void allocatesNoHeapBytes(Aead aead) {
        try (Arena arena = Arena.ofConfined()) {
            Keyed keyed = Keyed.of(aead, arena, new SeededEntropy(6));
            MemorySegment text = arena.allocate(3000);
            Runnable work = () -> {
                for (int i = 0; i < 500; i++) {
                    keyed.loaded.wipe();
                    keyed.loaded.load(keyed.key, 0);
                    keyed.loaded.seal(keyed.nonce, 0, text, 2990, 10, text, 0, 4 * i, text, 0);
                    boolean opened = keyed.loaded.open(keyed.nonce, 0, text, 2990, 10, text, 0, 4 * i + 16, text, 0);
                    boolean forged = keyed.loaded.open(keyed.nonce, 0, text, 2990, 9, text, 0, 4 * i + 16, text, 0);
                    if (!opened || forged) {
                        throw new AssertionError(i);
                    }
                }
            };
            assertEquals(0, HeapBytes.least(3, 8, work));
        }
    }

    /// The table of issue 4: bytes that each operation works with, as the code asks for them.
    @Test
    void workingMemoryIsWithinTheTable() {
        System.out.println("| operation | schedule or state | workspace | limit |");
        aeads().forEach(aead -> {
            System.out.printf("| %s seal/open | %d | %d | 65536 |%n", aead, aead.scheduleBytes(), aead.workspaceBytes());
            assertTrue(aead.scheduleBytes() + aead.workspaceBytes() <= 64 * 1024);
        });
        HashCrossTest.hashes().forEach(hash -> {
            System.out.printf("| %s | %d | 0 | 4096 |%n", hash, hash.stateBytes());
            assertTrue(hash.stateBytes() <= Hash.STATE_BYTES_MAX && Hash.STATE_BYTES_MAX <= 4096);
            assertTrue(hash.digestBytes() <= Hash.DIGEST_BYTES_MAX && hash.blockBytes() <= Hash.BLOCK_BYTES_MAX);
        });
        MacTest.macs().forEach(mac -> {
            System.out.printf("| %s | %d | 0 | 4096 |%n", mac, mac.stateBytes());
            assertTrue(mac.stateBytes() <= 4096);
        });
    }

    /// 1,000,000 inputs with bits flipped, cut, or grown; each is refused and shows nothing, or is the original.
    @Test
    @Tag("long")
    void mutatedInputsAreRefused() {
        mutate(1_000_000 / 4);
    }

    @Test
    void someMutatedInputsAreRefused() {
        mutate(2_000);
    }

    private static void mutate(int each) {
        SplittableRandom random = new SplittableRandom(7);
        for (Aead aead : aeads().limit(4).toList()) {
            long accepted = 0;
            long refused = 0;
            long reached = 0;
            try (Arena arena = Arena.ofConfined()) {
                Keyed keyed = Keyed.of(aead, arena, new SeededEntropy(7));
                MemorySegment aad = arena.allocate(13);
                MemorySegment out = arena.allocate(700);
                for (int i = 0; i < each; i++) {
                    int length = random.nextInt(200);
                    MemorySegment sealed = MemorySegment.ofArray(new byte[700]);
                    keyed.loaded.seal(keyed.nonce, 0, aad, 0, 13, sealed, 0, length, sealed, 0);
                    long given = length + Aead.TAG_BYTES;
                    boolean same = false;
                    switch (random.nextInt(4)) {
                        case 0 -> same = true;
                        case 1 -> {
                            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                                long at = random.nextLong(given);
                                sealed.set(ValueLayout.JAVA_BYTE, at,
                                        (byte) (sealed.get(ValueLayout.JAVA_BYTE, at) ^ 1 << random.nextInt(3 * flips) % 8));
                            }
                        }
                        case 2 -> given = random.nextLong(given);
                        default -> given += 1 + random.nextInt(300);
                    }
                    out.fill((byte) 0x5a);
                    boolean opened = keyed.loaded.open(keyed.nonce, 0, aad, 0, 13, sealed, 0, given, out, 0);
                    accepted += opened ? 1 : 0;
                    refused += opened ? 0 : 1;
                    reached += given >= Aead.TAG_BYTES ? 1 : 0;
                    if (same && !opened) {
                        throw new AssertionError(aead + ": refused its own");
                    }
                    if (!opened) {
                        assertEquals(-1, out.mismatch(MemorySegment.ofArray(untouched(700))), "output touched");
                    }
                }
            }
            System.out.printf("mutated %s: %d inputs, %d accepted, %d refused, %d reached the tag%n", aead, each, accepted,
                    refused, reached);
            assertTrue(accepted >= each / 5 && refused >= each / 2, "the mutations do not mutate");
        }
    }

    private static byte[] untouched(int bytes) {
        byte[] all = new byte[bytes];
        java.util.Arrays.fill(all, (byte) 0x5a);
        return all;
    }

    @Test
    void refusesTextsPastTheLimit() {
        // Reserved, not touched: a segment of no memory but its size.
        MemorySegment huge = MemorySegment.ofAddress(1).reinterpret(1L << 40);
        try (Arena arena = Arena.ofConfined()) {
            for (Aead aead : aeads().toList()) {
                Keyed keyed = Keyed.of(aead, arena, new SeededEntropy(8));
                assertThrows(IllegalArgumentException.class,
                        () -> keyed.seal(huge, 0, huge, 0, aead.lengthMax() + 1, huge, 0));
                assertFalse(keyed.open(huge, 0, huge, 0, aead.lengthMax() + 17, huge, 0));
                assertFalse(keyed.open(huge, 0, huge, 0, 15, huge, 0));
            }
        }
    }
}
