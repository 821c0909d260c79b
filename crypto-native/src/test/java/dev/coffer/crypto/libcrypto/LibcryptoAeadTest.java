package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.crypto.KeySpentException;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.HeaderProtection;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// libcrypto's AEADs beside the pure form and the JDK: the same bytes at every length around a block, a chunk and a call; nothing shown of
/// what is forged; keys that take turns in one context; limits; no heap bytes.
class LibcryptoAeadTest {
    private static final int GUARD = 5;
    private static Libcrypto libcrypto;

    @BeforeAll
    static void open() {
        libcrypto = Presence.open(LibcryptoConfig.defaults().withContexts(2));
    }

    @AfterAll
    static void close() {
        if (libcrypto != null) {
            libcrypto.close();
        }
    }

    static Stream<Aead> pure() {
        return Stream.of(Aead.AES_128_GCM, Aead.AES_256_GCM, Aead.CHACHA20_POLY1305);
    }

    private static int[] lengths() {
        int chunk = (int) CipherContext.CHUNK_BYTES;
        int call = (int) CipherContext.CALL_BYTES_MAX;
        return IntStream.of(0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, chunk - 1, chunk, chunk + 1,
                2 * chunk, 2 * chunk + 17, 16_384, 16_385, call - 1, call, call + 1, 2 * call + 33).toArray();
    }

    private static AeadKey key(Aead aead, Arena arena, MemorySegment secret) {
        AeadKey key = AeadKey.in(aead, arena.allocate(AeadKey.plan("key", aead).totalBytes()));
        key.load(secret, 0);
        return key;
    }

    /// Apart and in place, text and output on and off the heap, at an odd address.
    @ParameterizedTest
    @MethodSource("pure")
    void sealsAndOpensAsThePureFormAndTheJdk(Aead pure) throws Exception {
        Aead aead = libcrypto.aead(pure);
        SeededEntropy entropy = new SeededEntropy(7);
        for (int length : lengths()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment secret = filled(entropy, arena.allocate(pure.keyBytes()));
                MemorySegment nonce = filled(entropy, arena.allocate(12));
                MemorySegment aad = filled(entropy, arena.allocate(length % 7 == 0 ? 0 : 1 + length % 3000));
                MemorySegment text = filled(entropy, arena.allocate(length));
                MemorySegment expected = arena.allocate(length + Aead.TAG_BYTES);
                key(pure, arena, secret).seal(nonce, 0, aad, 0, aad.byteSize(), text, 0, length, expected, 0);
                assertArrayEquals(jdk(pure, secret, nonce, aad, text), expected.toArray(ValueLayout.JAVA_BYTE));
                AeadKey key = key(aead, arena, secret);
                MemorySegment heapAad = MemorySegment.ofArray(aad.toArray(ValueLayout.JAVA_BYTE));
                for (MemorySegment frame : List.of(arena.allocate(GUARD + length + Aead.TAG_BYTES + GUARD),
                        MemorySegment.ofArray(new byte[GUARD + length + Aead.TAG_BYTES + GUARD]))) {
                    sealsAndOpens(key, nonce, frame.isNative() ? aad : heapAad, text, expected, filled(entropy, frame));
                }
                key.wipe();
            }
        }
    }

    private static void sealsAndOpens(AeadKey key, MemorySegment nonce, MemorySegment aad, MemorySegment text, MemorySegment expected,
            MemorySegment frame) {
        long length = text.byteSize();
        byte[] before = frame.toArray(ValueLayout.JAVA_BYTE);
        key.seal(nonce, 0, aad, 0, aad.byteSize(), text, 0, length, frame, GUARD);
        assertEquals(-1, frame.asSlice(GUARD, length + Aead.TAG_BYTES).mismatch(expected), "apart, " + length);
        frame.asSlice(GUARD, length).copyFrom(text);
        key.seal(nonce, 0, aad, 0, aad.byteSize(), frame, GUARD, length, frame, GUARD);
        assertEquals(-1, frame.asSlice(GUARD, length + Aead.TAG_BYTES).mismatch(expected), "in place, " + length);
        assertTrue(key.open(nonce, 0, aad, 0, aad.byteSize(), frame, GUARD, length + Aead.TAG_BYTES, frame, GUARD), "in place, " + length);
        assertEquals(-1, frame.asSlice(GUARD, length).mismatch(text), "in place, " + length);
        frame.asSlice(GUARD, length + Aead.TAG_BYTES).copyFrom(MemorySegment.ofArray(before).asSlice(GUARD, length + Aead.TAG_BYTES));
        assertTrue(key.open(nonce, 0, aad, 0, aad.byteSize(), expected, 0, length + Aead.TAG_BYTES, frame, GUARD), "apart, " + length);
        assertEquals(-1, frame.asSlice(GUARD, length).mismatch(text), "apart, " + length);
        frame.asSlice(GUARD, length).copyFrom(MemorySegment.ofArray(before).asSlice(GUARD, length));
        assertArrayEquals(before, frame.toArray(ValueLayout.JAVA_BYTE), "written outside its range, " + length);
    }

    @ParameterizedTest
    @MethodSource("pure")
    void ofAForgedTextNothingIsShownNorChanged(Aead pure) {
        Aead aead = libcrypto.aead(pure);
        SeededEntropy entropy = new SeededEntropy(8);
        for (int length : lengths()) {
            try (Arena arena = Arena.ofConfined()) {
                AeadKey key = key(aead, arena, filled(entropy, arena.allocate(pure.keyBytes())));
                MemorySegment nonce = filled(entropy, arena.allocate(12));
                MemorySegment aad = filled(entropy, arena.allocate(13));
                for (MemorySegment sealed : List.of(arena.allocate(length + Aead.TAG_BYTES), MemorySegment.ofArray(new byte[length + Aead.TAG_BYTES]))) {
                    MemorySegment text = filled(entropy, arena.allocate(length));
                    key.seal(nonce, 0, aad, 0, 13, text, 0, length, sealed, 0);
                    MemorySegment out = filled(entropy, arena.allocate(length));
                    byte[] outBefore = out.toArray(ValueLayout.JAVA_BYTE);
                    for (long at : new long[] {0, length / 2, Math.max(0, length - 1), length, length + Aead.TAG_BYTES - 1}) {
                        sealed.set(ValueLayout.JAVA_BYTE, at, (byte) (sealed.get(ValueLayout.JAVA_BYTE, at) ^ 0x80));
                        byte[] before = sealed.toArray(ValueLayout.JAVA_BYTE);
                        long left = key.forgeriesLeft();
                        assertFalse(key.open(nonce, 0, aad, 0, 13, sealed, 0, length + Aead.TAG_BYTES, out, 0));
                        assertArrayEquals(outBefore, out.toArray(ValueLayout.JAVA_BYTE), length + " apart, byte " + at);
                        assertFalse(key.open(nonce, 0, aad, 0, 13, sealed, 0, length + Aead.TAG_BYTES, sealed, 0));
                        assertArrayEquals(before, sealed.toArray(ValueLayout.JAVA_BYTE), length + " in place, byte " + at);
                        assertEquals(left - 2, key.forgeriesLeft());
                        sealed.set(ValueLayout.JAVA_BYTE, at, (byte) (sealed.get(ValueLayout.JAVA_BYTE, at) ^ 0x80));
                    }
                }
                key.wipe();
            }
        }
    }

    /// The nonce may lie in the output: it is copied first, and again needed where a forged text is put back.
    @ParameterizedTest
    @MethodSource("pure")
    void aNonceInTheOutputIsOverwrittenAndAForgedTextIsPutBackAllTheSame(Aead pure) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = filled(new SeededEntropy(9), arena.allocate(400));
            AeadKey key = key(libcrypto.aead(pure), arena, memory);
            byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
            assertFalse(key.open(memory, 150, memory, 0, 0, memory, 100, 200, memory, 100));
            assertArrayEquals(before, memory.toArray(ValueLayout.JAVA_BYTE));
            assertFalse(key.open(memory, 150, memory, 0, 0, memory, 200, 150, memory, 60));
            assertArrayEquals(before, memory.toArray(ValueLayout.JAVA_BYTE));
            key.wipe();
        }
    }

    @ParameterizedTest
    @MethodSource("pure")
    void whatOverlapsInPartIsRefusedAndNothingIsWritten(Aead pure) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = filled(new SeededEntropy(10), arena.allocate(400));
            AeadKey key = key(libcrypto.aead(pure), arena, memory);
            byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
            assertThrows(IllegalArgumentException.class, () -> key.seal(memory, 0, memory, 0, 0, memory, 100, 50, memory, 101));
            assertThrows(IllegalArgumentException.class, () -> key.open(memory, 0, memory, 0, 0, memory, 100, 50, memory, 99));
            assertThrows(IllegalArgumentException.class, () -> key.seal(memory, 0, memory, 100, 20, memory, 110, 50, memory, 110));
            assertThrows(IndexOutOfBoundsException.class, () -> key.seal(memory, 0, memory, 0, 0, memory, 380, 20, memory, 380));
            assertArrayEquals(before, memory.toArray(ValueLayout.JAVA_BYTE));
            key.wipe();
        }
    }

    /// More keys than contexts, from one thread: each message is that of its own key.
    @ParameterizedTest
    @MethodSource("pure")
    void keysTakeTurnsInFewContexts(Aead pure) {
        Aead aead = libcrypto.aead(pure);
        SeededEntropy entropy = new SeededEntropy(11);
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(11);
            AeadKey[] keys = new AeadKey[9];
            AeadKey[] twins = new AeadKey[keys.length];
            for (int i = 0; i < keys.length; i++) {
                MemorySegment secret = filled(entropy, arena.allocate(pure.keyBytes()));
                keys[i] = key(aead, arena, secret);
                twins[i] = key(pure, arena, secret);
            }
            MemorySegment text = filled(entropy, arena.allocate(100));
            MemorySegment nonce = arena.allocate(12);
            MemorySegment mine = arena.allocate(116);
            MemorySegment theirs = arena.allocate(116);
            for (int round = 0; round < 400; round++) {
                int i = random.nextInt(keys.length);
                nonce.set(ValueLayout.JAVA_INT, 0, round);
                keys[i].seal(nonce, text, mine);
                twins[i].seal(nonce, text, theirs);
                assertEquals(-1, mine.mismatch(theirs), "round " + round);
                assertTrue(keys[i].open(nonce, theirs, theirs), "round " + round);
            }
            for (AeadKey key : keys) {
                key.wipe();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pure")
    void limitsAreCountedAsInThePureForm(Aead pure) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = filled(new SeededEntropy(12), arena.allocate(300));
            Aead aead = libcrypto.aead(pure);
            assertEquals(AeadLimits.tls(pure), AeadLimits.tls(aead));
            assertEquals(AeadLimits.quic(pure), AeadLimits.quic(aead));
            AeadKey key = AeadKey.in(aead, arena.allocate(AeadKey.plan("key", aead).totalBytes()));
            key.load(memory, 0, 1, 2);
            key.seal(memory, 0, memory, 0, 0, memory, 100, 20, memory, 100);
            assertThrows(KeySpentException.class, () -> key.seal(memory, 0, memory, 0, 0, memory, 100, 20, memory, 100));
            assertFalse(key.open(memory, 1, memory, 0, 0, memory, 100, 36, memory, 100));
            assertFalse(key.open(memory, 1, memory, 0, 0, memory, 100, 36, memory, 100));
            assertFalse(key.open(memory, 0, memory, 0, 0, memory, 100, 36, memory, 100), "authentic, but two forgeries were all");
            key.wipe();
        }
    }

    static Stream<CipherSuite> suites() {
        return Stream.of(CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256);
    }

    /// Records and packets of one form open in the other, headers too, over rests, resumes and key updates.
    @ParameterizedTest
    @MethodSource("suites")
    void recordsAndPacketsOfOneFormOpenInTheOther(CipherSuite pure) {
        CipherSuite suite = libcrypto.suite(pure);
        assertEquals(pure.toString(), suite.toString());
        for (PacketProtocol protocol : PacketProtocol.values()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment secret = filled(new SeededEntropy(13), arena.allocate(48));
                PacketProtection mine = protection(protocol, suite, arena, secret);
                PacketProtection theirs = protection(protocol, pure, arena, secret);
                MemorySegment packet = filled(new SeededEntropy(14), arena.allocate(200));
                byte[] before = packet.toArray(ValueLayout.JAVA_BYTE);
                for (int i = 0; i < 40; i++) {
                    PacketProtection from = i % 2 == 0 ? mine : theirs;
                    PacketProtection to = i % 2 == 0 ? theirs : mine;
                    from.seal(i, packet, 0, 20, 164);
                    to.rest();
                    to.resume();
                    assertTrue(to.open(i, packet, 0, 20, 180), protocol + " " + i);
                    packet.asSlice(184).copyFrom(MemorySegment.ofArray(before).asSlice(184));
                    assertArrayEquals(before, packet.toArray(ValueLayout.JAVA_BYTE));
                    if (i % 10 == 9 && protocol != PacketProtocol.TLS_1_3) {
                        mine.update();
                        theirs.update();
                    }
                }
                if (protocol != PacketProtocol.TLS_1_3) {
                    headers(protocol, suite, pure, arena, secret, packet);
                }
                mine.wipe();
            }
        }
    }

    private static PacketProtection protection(PacketProtocol protocol, CipherSuite suite, Arena arena, MemorySegment secret) {
        PacketProtection made = new PacketProtection(protocol, suite, arena.allocate(PacketProtection.workspaceBytes(suite)), 0)
                .at(arena.allocate(PacketProtection.bytes(suite)), 0);
        made.load(secret, 0);
        return made;
    }

    private static void headers(PacketProtocol protocol, CipherSuite suite, CipherSuite pure, Arena arena, MemorySegment secret,
            MemorySegment packet) {
        HeaderProtection mine = new HeaderProtection(protocol, suite, arena.allocate(HeaderProtection.workspaceBytes(suite)), 0)
                .at(arena.allocate(HeaderProtection.bytes(suite)), 0);
        HeaderProtection theirs = new HeaderProtection(protocol, pure, arena.allocate(HeaderProtection.workspaceBytes(pure)), 0)
                .at(arena.allocate(HeaderProtection.bytes(pure)), 0);
        mine.load(secret, 0);
        theirs.load(secret, 0);
        byte[] before = packet.toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < 20; i++) {
            mine.protect(packet, i, i + 5, 150);
            assertFalse(Arrays.equals(before, packet.toArray(ValueLayout.JAVA_BYTE)));
            theirs.unprotect(packet, i, i + 5, 150);
            assertArrayEquals(before, packet.toArray(ValueLayout.JAVA_BYTE), protocol + " " + pure + " " + i);
        }
        mine.wipe();
    }

    @ParameterizedTest
    @MethodSource("pure")
    void takesNoHeapBytes(Aead pure) {
        Aead aead = libcrypto.aead(pure);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(3000);
            AeadKey key = key(aead, arena, memory);
            AeadKey other = key(aead, arena, memory.asSlice(100));
            assertEquals(0, HeapBytes.least(3, 3, () -> {
                for (int i = 0; i < 300; i++) {
                    AeadKey next = i % 3 == 0 ? other : key;
                    next.seal(memory, 2900, memory, 2990, 10, memory, 0, 4 * i + 4, memory, 0);
                    if (!next.open(memory, 2900, memory, 2990, 10, memory, 0, 4 * i + 4 + Aead.TAG_BYTES, memory, 0)
                            || next.open(memory, 2900, memory, 2990, 10, memory, 0, 4 * i + 4 + Aead.TAG_BYTES, memory, 0)) {
                        throw new AssertionError(i);
                    }
                }
            }));
            key.wipe();
            other.wipe();
        }
    }

    private static MemorySegment filled(SeededEntropy entropy, MemorySegment memory) {
        entropy.fill(memory, 0, memory.byteSize());
        return memory;
    }

    private static byte[] jdk(Aead pure, MemorySegment key, MemorySegment nonce, MemorySegment aad, MemorySegment text) throws Exception {
        boolean gcm = pure.name().startsWith("AES");
        Cipher cipher = Cipher.getInstance(gcm ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
        byte[] iv = nonce.toArray(ValueLayout.JAVA_BYTE);
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.toArray(ValueLayout.JAVA_BYTE), gcm ? "AES" : "ChaCha20"),
                gcm ? new GCMParameterSpec(128, iv) : new IvParameterSpec(iv));
        cipher.updateAAD(aad.toArray(ValueLayout.JAVA_BYTE));
        return cipher.doFinal(text.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void namesAndSizesAreThoseOfThePureForm() {
        pure().forEach(pure -> {
            Aead aead = libcrypto.aead(pure);
            assertEquals(pure.name(), aead.name());
            assertEquals(pure.keyBytes(), aead.keyBytes());
            assertEquals(pure.nonceBytes(), aead.nonceBytes());
            assertEquals(pure.lengthMax(), aead.lengthMax());
            assertEquals(16 + pure.keyBytes(), aead.scheduleBytes());
        });
    }
}
