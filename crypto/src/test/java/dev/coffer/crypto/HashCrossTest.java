package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every hash beside Bouncy Castle and the JDK, whole and cut, and what it does with the caller's memory.
class HashCrossTest {
    private static final int GUARD = 7;  // odd, so that every state and input is unaligned

    static Stream<Hash> hashes() {
        return Stream.of(Hash.SHA_256, Hash.SHA_384, Hash.SHA_512, Hash.SHA3_224, Hash.SHA3_256, Hash.SHA3_384,
                Hash.SHA3_512, Hash.KECCAK_256, Hash.BLAKE2B_256, Hash.BLAKE2B_512);
    }

    private static ExtendedDigest oracle(Hash hash) {
        return switch (hash.name()) {
            case "SHA-256" -> new SHA256Digest();
            case "SHA-384" -> new SHA384Digest();
            case "SHA-512" -> new SHA512Digest();
            case "BLAKE2b-256", "BLAKE2b-512" -> new Blake2bDigest(hash.digestBytes() * 8);
            case "Keccak-256" -> new KeccakDigest(256);
            default -> new SHA3Digest(hash.digestBytes() * 8);
        };
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void whatIsKeptOfARunningStateSaysAllOfIt(Hash hash) {
        SplittableRandom random = new SplittableRandom(2);
        byte[] message = new byte[3 * hash.blockBytes()];
        random.nextBytes(message);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment input = arena.allocate(message.length);
            input.copyFrom(MemorySegment.ofArray(message));
            MemorySegment state = arena.allocate(hash.stateBytes());
            MemorySegment kept = arena.allocate(hash.runningBytes());
            MemorySegment whole = arena.allocate(hash.digestBytes());
            MemorySegment parted = arena.allocate(hash.digestBytes());
            hash.hash(state, 0, input, 0, message.length, whole, 0);
            for (int cut = 0; cut <= message.length; cut++) {
                hash.init(state, 0);
                hash.update(state, 0, input, 0, cut);
                MemorySegment.copy(state, 0, kept, 0, hash.runningBytes());
                state.fill((byte) random.nextInt());  // others work there
                MemorySegment.copy(kept, 0, state, 0, hash.runningBytes());
                hash.update(state, 0, input, cut, message.length - cut);
                hash.digest(state, 0, parted, 0);
                assertEquals(-1, whole.mismatch(parted), hash + " cut at " + cut);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void agreesWithBouncyCastleAtEveryLengthAndSplit(Hash hash) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        MessageDigest jdk = hash == Hash.KECCAK_256 || hash.name().startsWith("BLAKE") ? null : MessageDigest.getInstance(hash.name());
        ExtendedDigest bc = oracle(hash);
        assertEquals(bc.getByteLength(), hash.blockBytes());
        byte[] expected = new byte[hash.digestBytes()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(GUARD + hash.stateBytes() + GUARD);
            MemorySegment out = arena.allocate(GUARD + hash.digestBytes() + GUARD);
            for (int length : lengths(hash.blockBytes())) {
                byte[] message = new byte[length];
                random.nextBytes(message);
                bc.update(message, 0, length);
                bc.doFinal(expected, 0);
                if (jdk != null) {
                    assertArrayEquals(expected, jdk.digest(message), "the oracles differ");
                }
                MemorySegment input = arena.allocate(length + 1);
                MemorySegment.copy(message, 0, input, ValueLayout.JAVA_BYTE, 1, length);

                state.fill((byte) 0x5a);
                out.fill((byte) 0x5a);
                hash.hash(state, GUARD, input, 1, length, out, GUARD);
                assertDigest(expected, out, hash + " of " + length);
                assertGuards(state, hash.stateBytes());
                assertEquals(0, RawMemory.nonZero(state, GUARD, (int) hash.stateBytes()), "state not wiped");

                hash.init(state, GUARD);
                for (int at = 0; at < length;) {
                    int part = Math.min(length - at, random.nextInt(1 + random.nextInt(2 * hash.blockBytes() + 2)));
                    hash.update(state, GUARD, input, 1 + at, part);
                    at += part;
                }
                out.fill((byte) 0x5a);
                hash.digest(state, GUARD, out, GUARD);
                assertDigest(expected, out, hash + " of " + length + ", cut");
                assertGuards(state, hash.stateBytes());
                assertEquals(0, RawMemory.nonZero(state, GUARD, (int) hash.stateBytes()), "state not wiped");
            }
        }
    }

    private static int[] lengths(int block) {
        return java.util.stream.IntStream.concat(java.util.stream.IntStream.rangeClosed(0, 300),
                java.util.stream.IntStream.of(1, 2, 3, 7, 64).flatMap(n -> java.util.stream.IntStream.rangeClosed(
                        n * block - 17, n * block + 17)))
                .toArray();
    }

    private static void assertDigest(byte[] expected, MemorySegment out, String message) {
        byte[] all = out.toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(expected, Arrays.copyOfRange(all, GUARD, all.length - GUARD), message);
        assertGuards(out, expected.length);
    }

    private static void assertGuards(MemorySegment segment, long bytes) {
        for (int i = 0; i < GUARD; i++) {
            assertEquals(0x5a, segment.get(ValueLayout.JAVA_BYTE, i), "written before its range");
            assertEquals(0x5a, segment.get(ValueLayout.JAVA_BYTE, GUARD + bytes + i), "written past its range");
        }
    }

    @Test
    void shakeAgreesWithBouncyCastleAtEveryLengthAndSplit() {
        Seeds.forEach(1, 300, random -> {
            for (Xof xof : new Xof[] {Xof.SHAKE_128, Xof.SHAKE_256}) {
                byte[] message = new byte[random.nextInt(3 * xof.rateBytes())];
                random.nextBytes(message);
                byte[] expected = new byte[random.nextInt(5 * xof.rateBytes())];
                SHAKEDigest bc = new SHAKEDigest(xof == Xof.SHAKE_128 ? 128 : 256);
                bc.update(message, 0, message.length);
                bc.doFinal(expected, 0, expected.length);
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment state = arena.allocate(Xof.STATE_BYTES);
                    MemorySegment input = arena.allocate(message.length + 1);
                    MemorySegment.copy(message, 0, input, ValueLayout.JAVA_BYTE, 0, message.length);
                    MemorySegment out = arena.allocate(expected.length + 1);
                    xof.expand(state, 0, input, 0, message.length, out, 0, expected.length);
                    assertArrayEquals(expected, out.asSlice(0, expected.length).toArray(ValueLayout.JAVA_BYTE));
                    assertEquals(0, RawMemory.nonZero(state, 0, (int) Xof.STATE_BYTES), "state not wiped");

                    out.fill((byte) 0);
                    xof.init(state, 0);
                    for (int at = 0; at < message.length;) {
                        int part = Math.min(message.length - at, random.nextInt(200));
                        xof.absorb(state, 0, input, at, part);
                        at += part;
                    }
                    for (int at = 0; at < expected.length;) {
                        int part = Math.min(expected.length - at, random.nextInt(200));
                        xof.squeeze(state, 0, out, at, part);
                        at += part;
                    }
                    assertArrayEquals(expected, out.asSlice(0, expected.length).toArray(ValueLayout.JAVA_BYTE));
                    xof.squeeze(state, 0, out, 0, 0);
                    assertThrows(IllegalStateException.class, () -> xof.absorb(state, 0, input, 0, 0));
                    xof.wipe(state, 0);
                    assertEquals(0, RawMemory.nonZero(state, 0, (int) Xof.STATE_BYTES), "state not wiped");
                }
            }
        });
    }

    @Test
    void keccak256IsEthereumsAndNotFips202s() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Hash.KECCAK_256.stateBytes());
            MemorySegment out = arena.allocate(32);
            Hash.KECCAK_256.hash(state, 0, out, 0, 0, out, 0);
            assertEquals("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
                    HexFormat.of().formatHex(out.toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    @Test
    void copiedStateGoesOnTwice() {
        Hash hash = Hash.SHA_256;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment states = arena.allocate(2 * hash.stateBytes());
            MemorySegment input = arena.allocateFrom("abc", StandardCharsets.US_ASCII);
            MemorySegment out = arena.allocate(64);
            hash.init(states, 0);
            hash.update(states, 0, input, 0, 2);
            MemorySegment.copy(states, 0, states, hash.stateBytes(), hash.stateBytes());
            hash.update(states, 0, input, 2, 1);
            hash.digest(states, 0, out, 0);
            hash.update(states, hash.stateBytes(), input, 2, 1);
            hash.digest(states, hash.stateBytes(), out, 32);
            String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-4, example
            assertEquals(abc + abc, HexFormat.of().formatHex(out.toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void refusesRangesOutsideBeforeItWrites(Hash hash) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(hash.stateBytes());
            MemorySegment small = arena.allocate(hash.stateBytes() - 1);
            MemorySegment out = arena.allocate(hash.digestBytes());
            Class<IndexOutOfBoundsException> outside = IndexOutOfBoundsException.class;
            assertThrows(outside, () -> hash.init(small, 0));
            assertThrows(outside, () -> hash.init(state, 1));
            assertThrows(outside, () -> hash.init(state, -1));
            hash.init(state, 0);
            byte[] before = RawMemory.read(state);
            assertThrows(outside, () -> hash.update(state, 0, out, 0, out.byteSize() + 1));
            assertThrows(outside, () -> hash.update(state, 0, out, 1, Long.MAX_VALUE));
            assertThrows(outside, () -> hash.update(state, 0, out, 0, -1));
            assertThrows(outside, () -> hash.digest(state, 0, out, 1));
            assertArrayEquals(before, RawMemory.read(state), "state after refusals");
            assertThrows(IllegalArgumentException.class, () -> hash.digest(state, 0, out.asReadOnly(), 0));
            assertArrayEquals(before, RawMemory.read(state), "state after refusals");
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(200);
            closed.close();
            assertThrows(IllegalStateException.class, () -> hash.digest(state, 0, gone, 0));
            assertEquals(0, RawMemory.nonZero(state, 0, (int) hash.stateBytes()), "state not wiped");
            state.fill((byte) 1);
            assertThrows(IllegalStateException.class, () -> hash.hash(state, 0, gone, 0, 200, out, 0));
            assertEquals(0, RawMemory.nonZero(state, 0, (int) hash.stateBytes()), "workspace not wiped");
        }
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void allocatesNoHeapBytes(Hash hash) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(hash.stateBytes());
            MemorySegment input = arena.allocate(1000);
            MemorySegment out = arena.allocate(hash.digestBytes());
            assertEquals(0, HeapBytes.least(3, 5, () -> {
                for (int i = 0; i < 1000; i++) {
                    hash.init(state, 0);
                    hash.update(state, 0, input, 0, i);
                    hash.update(state, 0, input, i, 1000 - i);
                    hash.digest(state, 0, out, 0);
                    hash.hash(state, 0, input, 0, i, out, 0);
                }
            }));
        }
    }
}
