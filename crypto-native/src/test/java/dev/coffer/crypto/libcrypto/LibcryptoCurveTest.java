package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// X25519 and P-256 of libcrypto beside our own code: the same answers to vectors, to what is seeded, to what is no key, with a heap that is
/// spent, after the close, on many threads; nothing left, nothing on the heap.
class LibcryptoCurveTest {
    /// Allocations at either end of a call that are refused one by one.
    private static final long ENDS = 30;

    private static Libcrypto libcrypto;

    @BeforeAll
    static void open() {
        libcrypto = Presence.open(LibcryptoConfig.defaults().withContexts(1));
    }

    @AfterAll
    static void close() {
        if (libcrypto != null) {
            libcrypto.close();
        }
    }

    static Stream<Curve> curves() {
        return Stream.of(X25519.CURVE, P256.CURVE);
    }

    private static LibraryHeap heap() {
        return (LibraryHeap) libcrypto.accounts().getFirst();
    }

    /// What a form said: the agreement, and all that it may write.
    private record Said(String agreement, List<Byte> written) {}

    private static Said said(Curve curve, byte[] key, byte[] peer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(curve.workspaceBytes());
            MemorySegment out = arena.allocate(64L + 2 * curve.publicBytes()).fill((byte) 0x5a);
            MemorySegment secret = arena.allocate(32).copyFrom(MemorySegment.ofArray(key));
            MemorySegment zeros = arena.allocate(work.byteSize());
            Agreement agreement = curve.agree(secret, 0, MemorySegment.ofArray(peer), 0, out, 0, work, 0);
            assertEquals(-1, work.mismatch(zeros), "the workspace is not zero after an agreement");
            Agreement exchanged = curve.exchange(secret, 0, MemorySegment.ofArray(peer), 0, out, 32, out, 64, work, 0);
            assertEquals(-1, work.mismatch(zeros), "the workspace is not zero after an exchange");
            boolean published = curve.publicKey(secret, 0, out, 64 + curve.publicBytes(), work, 0);
            assertEquals(-1, work.mismatch(zeros), "the workspace is not zero after a public key");
            assertEquals(agreement, exchanged);
            return new Said(agreement + " " + published, Arrays.stream(boxed(out)).toList());
        }
    }

    private static Byte[] boxed(MemorySegment segment) {
        Byte[] all = new Byte[(int) segment.byteSize()];
        for (int i = 0; i < all.length; i++) {
            all[i] = segment.get(ValueLayout.JAVA_BYTE, i);
        }
        return all;
    }

    private static void wycheproof(String name, int expected, BiFunction<JsonObject, String, Boolean> run) throws IOException {
        String file = "wycheproof/" + name + "_test.json.gz";
        assumeTrue(Vectors.present(file), Vectors.absence(file));
        JsonObject root;
        try (Reader reader = Vectors.reader(file)) {
            root = JsonParser.parseReader(reader).getAsJsonObject();
        }
        int ran = 0;
        for (JsonElement group : root.getAsJsonArray("testGroups")) {
            for (JsonElement test : group.getAsJsonObject().getAsJsonArray("tests")) {
                ran += run.apply(test.getAsJsonObject(), name + " tcId " + test.getAsJsonObject().get("tcId")) ? 1 : 0;
            }
        }
        assertEquals(expected, ran, file);
    }

    @Test
    void wycheproofX25519() throws IOException {
        wycheproof("x25519", 398, (test, id) -> {
            byte[] key = HexFormat.of().parseHex(test.get("private").getAsString());
            byte[] peer = HexFormat.of().parseHex(test.get("public").getAsString());
            boolean zero = test.get("flags").toString().contains("ZeroSharedSecret");
            Said said = said(libcrypto.curve(X25519.CURVE), key, peer);
            assertEquals((zero ? "LOW_ORDER" : "AGREED") + " true", said.agreement, id);
            assertEquals(zero ? "5a".repeat(32) : test.get("shared").getAsString(), hex(said.written, 0), id);
            assertEquals(hex(said.written, 0), hex(said.written, 32), id);
            return true;
        });
    }

    private static String hex(List<Byte> written, int at) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < 32; i++) {
            bytes[i] = written.get(at + i);
        }
        return HexFormat.of().formatHex(bytes);
    }

    /// The points are the last 65 bytes of their encodings; what is told otherwise is for who reads keys, and compared with our own code.
    @Test
    void wycheproofEcdhOfP256() throws IOException {
        int[] valid = {0};
        wycheproof("ecdh_secp256r1", 452, (test, id) -> {
            byte[] number = new BigInteger(test.get("private").getAsString(), 16).toByteArray();
            byte[] key = new byte[32];
            int length = Math.min(32, number.length);
            System.arraycopy(number, number.length - length, key, 32 - length, length);
            byte[] spki = HexFormat.of().parseHex(test.get("public").getAsString());
            if (spki.length < 65) {
                return false;
            }
            byte[] peer = Arrays.copyOfRange(spki, spki.length - 65, spki.length);
            Said said = said(libcrypto.curve(P256.CURVE), key, peer);
            assertEquals(said(P256.CURVE, key, peer), said, id);
            if (test.get("result").getAsString().equals("valid") && peer[0] == 4) {
                assertEquals(test.get("shared").getAsString(), hex(said.written, 0), id);
                valid[0]++;
            }
            return true;
        });
        assertTrue(valid[0] > 200, valid[0] + " valid ones");
    }

    /// Keys and points that are seeded, and what is none of either: zeros, the order, above it, points off the curve, of other forms.
    @ParameterizedTest
    @MethodSource("curves")
    void answersAsOurOwnCodeDoes(Curve own) {
        Curve curve = libcrypto.curve(own);
        assertNotSame(own, curve);
        assertEquals(own.name(), curve.name());
        assertEquals(own.publicBytes(), curve.publicBytes());
        SeededEntropy entropy = new SeededEntropy(11);
        byte[] order = HexFormat.of().parseHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(8192);
            MemorySegment memory = arena.allocate(200);
            for (int i = 0; i < 60; i++) {
                entropy.fill(memory, 0, 200);
                byte[] key = memory.asSlice(0, 32).toArray(ValueLayout.JAVA_BYTE);
                if (i % 10 == 8) {
                    key = i == 8 ? new byte[32] : order.clone();
                    key[31] = (byte) (key[31] + i / 20);
                }
                assertTrue(own.publicKey(memory, 40, memory, 100, work, 0));
                byte[] peer = memory.asSlice(100, own.publicBytes()).toArray(ValueLayout.JAVA_BYTE);
                if (i % 10 == 9) {
                    peer[i % 20 == 9 ? 0 : 40 % peer.length] ^= (byte) (i / 10 + 1);
                }
                assertEquals(said(own, key, peer), said(curve, key, peer), own + " " + i);
            }
            assertEquals(said(own, order, new byte[own.publicBytes()]), said(curve, order, new byte[own.publicBytes()]));
        }
    }

    @ParameterizedTest
    @MethodSource("curves")
    void encapsulatesAsOurOwnCodeDoes(Curve own) {
        Kem kem = libcrypto.curve(own).kem();
        Kem pure = own.kem();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(Math.max(kem.workspaceBytes(), pure.workspaceBytes()));
            MemorySegment keys = arena.allocate(200);
            assertTrue(kem.keyPair(arena.allocate(32).fill((byte) 7), 0, keys, 0, keys, 100, work, 0));
            MemorySegment[] said = {arena.allocate(200), arena.allocate(200)};
            for (int i = 0; i < 2; i++) {
                Kem asked = i == 0 ? kem : pure;
                assertTrue(asked.encapsulate(new SeededEntropy(5), keys, 0, said[i], 0, said[i], 100, work, 0));
                assertTrue(asked.decapsulate(keys, 100, said[i], 0, said[i], 140, work, 0));
                assertEquals(-1, said[i].asSlice(100, 32).mismatch(said[i].asSlice(140, 32)));
            }
            assertEquals(-1, said[0].mismatch(said[1]));
        }
    }

    @Test
    void hybridGroupsOverItAnswerAsOverOurOwnCode() {
        for (HybridGroup group : HybridGroup.values()) {
            Curve curve = libcrypto.curve(group.curve());
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment work = arena.allocate(HybridGroup.WORKSPACE_BYTES);
                MemorySegment[] said = {arena.allocate(4000), arena.allocate(4000)};
                for (int i = 0; i < 2; i++) {
                    Curve asked = i == 0 ? curve : group.curve();
                    SeededEntropy entropy = new SeededEntropy(3);
                    group.share(asked, entropy, said[i], 0, said[i], 100, work, 0);
                    assertEquals(Agreement.AGREED, group.answer(asked, entropy, said[i], 100, group.clientShareBytes(), said[i], 1500, said[i],
                            3000, work, 0));
                    assertEquals(Agreement.AGREED, group.finish(asked, said[i], 0, said[i], 1500, group.serverShareBytes(), said[i], 3100, work, 0));
                }
                assertEquals(-1, said[0].mismatch(said[1]));
                assertEquals(-1, said[0].asSlice(3000, 64).mismatch(said[0].asSlice(3100, 64)));
                Curve other = group.curve() == X25519.CURVE ? P256.CURVE : X25519.CURVE;
                assertThrows(IllegalArgumentException.class, () -> group.share(other, new SeededEntropy(1), said[0], 0, said[0], 100, work, 0));
            }
        }
    }

    @Test
    void signsTheSameSignatures() {
        Signature native256 = libcrypto.signature(EcdsaP256.SCHEME);
        assertNotSame(EcdsaP256.SCHEME, native256);
        assertSame(Ed25519.SCHEME, libcrypto.signature(Ed25519.SCHEME));
        SeededEntropy keys = new SeededEntropy(4);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(Math.max(native256.signWorkspaceBytes(), native256.workspaceBytes()));
            MemorySegment memory = arena.allocate(400);
            for (int i = 0; i < 40; i++) {
                keys.fill(memory, 0, 200);
                assertTrue(native256.keyPair(memory, 0, memory, 200, memory, 270, work, 0));
                MemorySegment[] said = {arena.allocate(64), arena.allocate(64)};
                for (int form = 0; form < 2; form++) {
                    Signature asked = form == 0 ? native256 : EcdsaP256.SCHEME;
                    assertTrue(asked.sign(i % 2 == 0 ? Signature.DETERMINISTIC : new SeededEntropy(i), memory, 270, memory, 50, i, memory, 0, 0,
                            said[form], 0, work, 0));
                }
                assertEquals(-1, said[0].mismatch(said[1]));
                assertTrue(EcdsaP256.SCHEME.verify(memory, 200, memory, 50, i, memory, 0, 0, said[0], 0, 64, work, 0));
            }
            MemorySegment zero = arena.allocate(32);
            assertEquals(false, native256.sign(Signature.DETERMINISTIC, zero, 0, memory, 0, 5, memory, 0, 0, memory, 300, work, 0), "a key of zeros");
        }
    }

    /// An allocation of a call is the one that is refused, in turn: the answers are the same, and nothing stays. Each of the first, by which objects
    /// are made, and each of the last, by which the answer is written; between them, of a multiplication that asks for the same again and again,
    /// some.
    @ParameterizedTest
    @MethodSource("curves")
    void aSpentHeapIsAnsweredByOurOwnCode(Curve own) {
        Curve curve = libcrypto.curve(own);
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 0x41);
        byte[] peer = new byte[own.publicBytes()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(200).fill((byte) 0x42);
            own.publicKey(memory, 0, memory, 100, arena.allocate(own.workspaceBytes()), 0);
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 100, peer, 0, peer.length);
        }
        Said expected = said(own, key, peer);
        long before = heap().usedBytes();
        long calls = heap().calls();
        assertEquals(expected, said(curve, key, peer));
        long allocations = heap().calls() - calls;
        assertTrue(allocations > 10, "the library was asked: " + allocations);
        for (long n = 0; n <= allocations; n += n < ENDS || n >= allocations - ENDS ? 1 : 23) {
            heap().refuseAfter(n);
            try {
                assertEquals(expected, said(curve, key, peer), "allocation " + n);
            } finally {
                heap().refuseAfter(Long.MAX_VALUE);
            }
            assertEquals(before, heap().usedBytes(), "allocation " + n);
        }
        assertEquals(0, heap().faults());
    }

    @Test
    void afterTheCloseOurOwnCodeAnswers() {
        Libcrypto more = Libcrypto.open(LibcryptoConfig.defaults().withContexts(1));
        long before = heap().usedBytes();
        List<Curve> curves = List.of(more.curve(X25519.CURVE), more.curve(P256.CURVE));
        Signature ecdsa = more.signature(EcdsaP256.SCHEME);
        more.close();
        more.close();
        assertTrue(heap().usedBytes() < before);
        long calls = heap().calls();
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 9);
        for (Curve curve : curves) {
            Curve own = curve.name().equals("X25519") ? X25519.CURVE : P256.CURVE;
            assertEquals(said(own, key, new byte[own.publicBytes()]), said(curve, key, new byte[own.publicBytes()]));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(300).fill((byte) 1);
            MemorySegment work = arena.allocate(ecdsa.signWorkspaceBytes());
            assertTrue(ecdsa.sign(Signature.DETERMINISTIC, memory, 0, memory, 0, 5, memory, 0, 0, memory, 100, work, 0));
            assertTrue(EcdsaP256.SCHEME.sign(Signature.DETERMINISTIC, memory, 0, memory, 0, 5, memory, 0, 0, memory, 200, work, 0));
            assertEquals(-1, memory.asSlice(100, 64).mismatch(memory.asSlice(200, 64)));
        }
        assertEquals(calls, heap().calls(), "the library was asked after the close");
    }

    /// Threads that agree while the library is closed under them: every answer is right, and the threads end.
    @Test
    void isClosedUnderThreadsThatAgree() throws InterruptedException {
        Libcrypto more = Libcrypto.open(LibcryptoConfig.defaults().withContexts(1));
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 3);
        byte[] peer = new byte[32];
        peer[0] = 9;
        Said expected = said(X25519.CURVE, key, peer);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 30; i++) {
                        assertEquals(expected, said(more.curve(X25519.CURVE), key, peer));
                    }
                } catch (Throwable thrown) {
                    failed.set(thrown);
                }
            });
        }
        more.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(null, failed.get());
        assertEquals(0, heap().faults());
    }

    @Test
    void takesNoHeapBytes() {
        Signature ecdsa = libcrypto.signature(EcdsaP256.SCHEME);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(400).fill((byte) 0x21);
            MemorySegment work = arena.allocate(8192);
            Curve[] curves = curves().map(libcrypto::curve).toArray(Curve[]::new);
            assertEquals(0, HeapBytes.least(2, 3, () -> {
                for (int i = 0; i < 20; i++) {
                    for (Curve curve : curves) {
                        if (!curve.publicKey(memory, 0, memory, 100, work, 0)
                                || curve.exchange(memory, 32, memory, 100, memory, 200, memory, 240, work, 0) != Agreement.AGREED) {
                            throw new AssertionError(i);
                        }
                    }
                    if (!ecdsa.sign(Signature.DETERMINISTIC, memory, 0, memory, 0, 50, memory, 0, 0, memory, 320, work, 0)) {
                        throw new AssertionError(i);
                    }
                }
            }));
        }
    }

    @ParameterizedTest
    @MethodSource("curves")
    void rangesThatAreNoneAreRefusedBeforeTheLibraryIsAsked(Curve own) {
        Curve curve = libcrypto.curve(own);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(200);
            MemorySegment heap = MemorySegment.ofArray(new byte[200]);
            MemorySegment work = arena.allocate(curve.workspaceBytes());
            long calls = heap().calls();
            assertThrows(IllegalArgumentException.class, () -> curve.publicKey(heap, 0, memory, 50, work, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> curve.publicKey(memory, 169, memory, 50, work, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> curve.publicKey(memory, 0, memory, 199, work, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> curve.publicKey(memory, 0, memory, 50, work, 1));
            assertThrows(IllegalArgumentException.class, () -> curve.publicKey(memory, 0, memory.asReadOnly(), 50, work, 0));
            assertThrows(IllegalArgumentException.class, () -> curve.agree(memory, 0, memory, 50, heap, 0, work, 0));
            assertThrows(IllegalArgumentException.class, () -> curve.agree(memory, 0, memory, 50, work, 0, work, 0));
            assertThrows(IllegalArgumentException.class, () -> curve.agree(work, 0, memory, 50, memory, 0, work, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> curve.agree(memory, 0, memory, 199, memory, 0, work, 0));
            assertEquals(calls, heap().calls());
        }
    }
}
