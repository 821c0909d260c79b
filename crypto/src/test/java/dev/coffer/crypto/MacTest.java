package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.macs.KMAC;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every MAC beside Bouncy Castle, Wycheproof's cases, and what it does with the caller's memory.
class MacTest {
    static Stream<Mac> macs() {
        return Stream.of(Mac.HMAC_SHA_256, Mac.HMAC_SHA_384, Mac.HMAC_SHA_512, Mac.HMAC_SHA3_224, Mac.HMAC_SHA3_256,
                Mac.HMAC_SHA3_384, Mac.HMAC_SHA3_512, Mac.KMAC_128, Mac.KMAC_256,
                Mac.kmac(128, 200, new byte[] {1, 2, 3}), Mac.kmac(256, 17, new byte[300]));
    }

    private static org.bouncycastle.crypto.Mac oracle(Mac mac) {
        byte[] custom = mac.tagBytes() == 200 ? new byte[] {1, 2, 3} : mac.tagBytes() == 17 ? new byte[300] : new byte[0];
        return switch (mac.name()) {
            case "HMAC-SHA-256" -> new HMac(new SHA256Digest());
            case "HMAC-SHA-384" -> new HMac(new SHA384Digest());
            case "HMAC-SHA-512" -> new HMac(new SHA512Digest());
            case "KMAC128" -> new KMAC(128, custom);
            case "KMAC256" -> new KMAC(256, custom);
            default -> new HMac(new SHA3Digest(mac.tagBytes() * 8));
        };
    }

    @ParameterizedTest
    @MethodSource("macs")
    void agreesWithBouncyCastle(Mac mac) {
        SplittableRandom random = new SplittableRandom(2);
        assertTrue(mac.stateBytes() <= 4096 && (mac.tagBytes() > 64 || mac.stateBytes() <= Mac.STATE_BYTES_MAX));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(mac.stateBytes() + 1);
            MemorySegment out = arena.allocate(mac.tagBytes() + 1);
            for (int length = 0; length <= 300; length++) {
                byte[] key = new byte[32 + random.nextInt(223)];  // lengths that Bouncy Castle takes for all of them
                byte[] message = new byte[length];
                random.nextBytes(key);
                random.nextBytes(message);
                org.bouncycastle.crypto.Mac bc = oracle(mac);
                bc.init(new KeyParameter(key));
                bc.update(message, 0, length);
                byte[] expected = new byte[mac.tagBytes()];
                if (bc instanceof KMAC kmac) {
                    kmac.doFinal(expected, 0, expected.length);
                } else {
                    bc.doFinal(expected, 0);
                }
                MemorySegment keyMemory = arena.allocate(key.length);
                MemorySegment.copy(key, 0, keyMemory, ValueLayout.JAVA_BYTE, 0, key.length);
                MemorySegment input = arena.allocate(length + 1);
                MemorySegment.copy(message, 0, input, ValueLayout.JAVA_BYTE, 0, length);

                mac.mac(state, 1, keyMemory, 0, key.length, input, 0, length, out, 1);
                assertArrayEquals(expected, out.asSlice(1).toArray(ValueLayout.JAVA_BYTE), mac + " of " + length);
                assertEquals(0, RawMemory.nonZero(state, 1, (int) mac.stateBytes()), "not wiped");

                mac.init(state, 1, keyMemory, 0, key.length);
                for (int again = 0; again < 3; again++) {  // the key is taken once
                    int cut = random.nextInt(length + 1);
                    mac.update(state, 1, input, 0, cut);
                    mac.update(state, 1, input, cut, length - cut);
                    if (again == 1) {
                        assertTrue(mac.verify(state, 1, out, 1, mac.tagBytes()), "verify");
                        mac.update(state, 1, input, 0, length);
                        assertFalse(mac.verify(state, 1, out, 1, mac.tagBytes() - 1), "a tag that the peer cut");
                        continue;
                    }
                    out.fill((byte) 0);
                    mac.tag(state, 1, out, 1);
                    assertArrayEquals(expected, out.asSlice(1).toArray(ValueLayout.JAVA_BYTE), mac + " again");
                }
                long bit = random.nextLong(8L * mac.tagBytes());
                byte old = out.get(ValueLayout.JAVA_BYTE, 1 + bit / 8);
                out.set(ValueLayout.JAVA_BYTE, 1 + bit / 8, (byte) (old ^ 1 << bit % 8));
                mac.update(state, 1, input, 0, length);
                assertFalse(mac.verify(state, 1, out, 1, mac.tagBytes()), "a flipped bit");
                mac.wipe(state, 1);
                assertEquals(0, RawMemory.nonZero(state, 1, (int) mac.stateBytes()), "not wiped");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"hmac_sha256_test", "hmac_sha3_256_test"})
    void wycheproof(String file) {
        Hash hash = file.contains("sha3") ? Hash.SHA3_256 : Hash.SHA_256;
        VectorCases.run("wycheproof/" + file + ".json.gz", (group, test, arena) -> {
            Mac mac = Mac.hmac(hash, group.get("tagSize").getAsInt() / Byte.SIZE);
            MemorySegment key = VectorCases.bytes(test, "key", arena);
            MemorySegment message = VectorCases.bytes(test, "msg", arena);
            MemorySegment tag = VectorCases.bytes(test, "tag", arena);
            MemorySegment state = arena.allocate(mac.stateBytes());
            mac.init(state, 0, key, 0, key.byteSize());
            mac.update(state, 0, message, 0, message.byteSize());
            assertEquals(test.get("result").getAsString().equals("valid"),
                    mac.verify(state, 0, tag, 0, tag.byteSize()));
            return VectorCases.Ran.PASSED;
        });
    }

    @ParameterizedTest
    @MethodSource("macs")
    void refusesRangesOutsideAndWipesOnFailure(Mac mac) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(mac.stateBytes());
            MemorySegment key = arena.allocate(32).fill((byte) 7);
            MemorySegment tag = arena.allocate(mac.tagBytes());
            mac.init(state, 0, key, 0, 32);
            byte[] before = RawMemory.read(state);
            assertThrows(IndexOutOfBoundsException.class, () -> mac.verify(state, 0, tag, 0, mac.tagBytes() + 1));
            assertThrows(IndexOutOfBoundsException.class, () -> mac.update(state, 0, key, 1, 32));
            assertThrows(IndexOutOfBoundsException.class, () -> mac.tag(state, 0, tag, 1));
            assertThrows(IllegalArgumentException.class, () -> mac.tag(state, 0, tag.asReadOnly(), 0));
            assertArrayEquals(before, RawMemory.read(state), "state after refusals");
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(32);
            closed.close();
            assertThrows(IllegalStateException.class,
                    () -> mac.mac(state, 0, key, 0, 32, gone, 0, 32, tag, 0));
            assertEquals(0, RawMemory.nonZero(state, 0, (int) mac.stateBytes()), "not wiped");
        }
    }

    @ParameterizedTest
    @MethodSource("macs")
    void allocatesNoHeapBytes(Mac mac) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(mac.stateBytes());
            MemorySegment input = arena.allocate(1000);
            MemorySegment out = arena.allocate(mac.tagBytes());
            assertEquals(0, HeapBytes.least(3, 5, () -> {
                for (int i = 0; i < 1000; i++) {
                    mac.init(state, 0, input, 0, i);
                    mac.update(state, 0, input, 0, i);
                    mac.tag(state, 0, out, 0);
                    mac.verify(state, 0, out, 0, mac.tagBytes());
                    mac.mac(state, 0, input, 0, 32, input, 0, i, out, 0);
                }
            }));
        }
    }

    @ParameterizedTest
    @MethodSource("macs")
    void theLengthOfATagIsTheVerifiersNotThePeers(Mac mac) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(mac.stateBytes());
            MemorySegment key = arena.allocate(32).fill((byte) 7);
            MemorySegment tag = arena.allocate(mac.tagBytes() + 8);
            mac.mac(state, 0, key, 0, 32, key, 0, 32, tag, 0);
            mac.init(state, 0, key, 0, 32);
            for (int length = 0; length <= tag.byteSize(); length++) {
                mac.update(state, 0, key, 0, 32);
                assertEquals(length == mac.tagBytes(), mac.verify(state, 0, tag, 0, length), "tag of " + length);
            }
        }
    }

    @Test
    void cutTagsAreTheFirstBytesAndHaveALimitOfTheirOwn() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(32).fill((byte) 7);
            MemorySegment tag = arena.allocate(32);
            Mac.HMAC_SHA_256.mac(arena.allocate(Mac.STATE_BYTES_MAX), 0, key, 0, 32, key, 0, 32, tag, 0);
            Mac half = Mac.hmac(Hash.SHA_256, 16);
            assertEquals("HMAC-SHA-256/128", half.toString());
            MemorySegment state = arena.allocate(half.stateBytes());
            MemorySegment cut = arena.allocate(16);
            half.mac(state, 0, key, 0, 32, key, 0, 32, cut, 0);
            assertEquals(-1, cut.mismatch(tag.asSlice(0, 16)), "the first bytes");
            half.init(state, 0, key, 0, 32);
            half.update(state, 0, key, 0, 32);
            cut.fill((byte) 0);
            half.tag(state, 0, cut, 0);
            assertEquals(-1, cut.mismatch(tag.asSlice(0, 16)), "the first bytes again");
            assertEquals(0, RawMemory.nonZero(state, half.stateBytes() - 32, 32), "the rest of the tag stays");
            half.update(state, 0, key, 0, 32);
            assertTrue(half.verify(state, 0, tag, 0, 16));
            assertEquals(0, RawMemory.nonZero(state, half.stateBytes() - 32, 32), "the expected tag stays");
            half.update(state, 0, key, 0, 32);
            assertFalse(half.verify(state, 0, tag, 0, 32), "a whole tag where half is agreed");
        }
        assertThrows(IllegalArgumentException.class, () -> Mac.hmac(Hash.SHA_256, 15));
        assertThrows(IllegalArgumentException.class, () -> Mac.hmac(Hash.SHA_256, 33));
        assertEquals(14, Mac.hmac(Hash.SHA3_224, 14).tagBytes());
        assertThrows(IllegalArgumentException.class, () -> Mac.hmac(Hash.SHA3_224, 13));
        assertThrows(IllegalArgumentException.class, () -> Mac.kmac(128, 15, new byte[0]));
        assertEquals(16, Mac.kmac(128, 16, new byte[0]).tagBytes());
    }

    @Test
    void customShakeIsOfSp800185() {
        // SP 800-185 samples, cSHAKE #1 and #3: N empty, S "Email Signature", input 00010203.
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Xof.STATE_BYTES);
            MemorySegment input = MemorySegment.ofArray(new byte[] {0, 1, 2, 3});
            byte[] email = "Email Signature".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            MemorySegment out = arena.allocate(32);
            Xof.cshake(128, new byte[0], email).expand(state, 0, input, 0, 4, out, 0, 32);
            assertEquals("c1c36925b6409a04f1b504fcbca9d82b4017277cb5ed2b2065fc1d3814d5aaf5", VectorCases.hex(out));
            org.bouncycastle.crypto.digests.CSHAKEDigest bc =
                    new org.bouncycastle.crypto.digests.CSHAKEDigest(256, new byte[0], email);
            byte[] expected = new byte[32];
            bc.update(new byte[] {0, 1, 2, 3}, 0, 4);
            bc.doFinal(expected, 0, 32);
            Xof.cshake(256, new byte[0], email).expand(state, 0, input, 0, 4, out, 0, 32);
            assertArrayEquals(expected, out.toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
