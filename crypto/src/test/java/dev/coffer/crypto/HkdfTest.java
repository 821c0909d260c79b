package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HKDF beside Wycheproof, Bouncy Castle and RFC 8448, and what it does with the caller's memory.
class HkdfTest {
    @ParameterizedTest
    @ValueSource(ints = {256, 512})
    void wycheproof(int bits) {
        Hkdf hkdf = bits == 256 ? Hkdf.SHA_256 : Hkdf.SHA_512;
        VectorCases.run("wycheproof/hkdf_sha" + bits + "_test.json.gz", (group, test, arena) -> {
            MemorySegment ikm = VectorCases.bytes(test, "ikm", arena);
            MemorySegment salt = VectorCases.bytes(test, "salt", arena);
            MemorySegment info = VectorCases.bytes(test, "info", arena);
            MemorySegment work = arena.allocate(hkdf.workspaceBytes());
            MemorySegment out = arena.allocate(test.get("size").getAsInt());
            if (test.get("result").getAsString().equals("invalid")) {
                assertThrows(IllegalArgumentException.class, () -> hkdf.derive(work, 0, salt, 0, salt.byteSize(), ikm, 0,
                        ikm.byteSize(), info, 0, info.byteSize(), out, 0, out.byteSize()));
                return VectorCases.Ran.PASSED;
            }
            hkdf.derive(work, 0, salt, 0, salt.byteSize(), ikm, 0, ikm.byteSize(), info, 0, info.byteSize(), out, 0,
                    out.byteSize());
            assertEquals(test.get("okm").getAsString(), VectorCases.hex(out));
            MemorySegment prk = arena.allocate(hkdf.hashBytes());
            hkdf.extract(work, 0, salt, 0, salt.byteSize(), ikm, 0, ikm.byteSize(), prk, 0);
            out.fill((byte) 0);
            hkdf.expand(work, 0, prk, 0, prk.byteSize(), info, 0, info.byteSize(), out, 0, out.byteSize());
            assertEquals(test.get("okm").getAsString(), VectorCases.hex(out));
            assertEquals(0, RawMemory.nonZero(work), "not wiped");
            return VectorCases.Ran.PASSED;
        });
    }

    @Test
    void sha384AgreesWithBouncyCastle() {
        Seeds.forEach(1, 100, random -> {
            byte[] salt = new byte[random.nextInt(200)];
            byte[] ikm = new byte[1 + random.nextInt(200)];
            byte[] info = new byte[random.nextInt(200)];
            byte[] expected = new byte[1 + random.nextInt(1000)];
            random.nextBytes(salt);
            random.nextBytes(ikm);
            random.nextBytes(info);
            HKDFBytesGenerator bc = new HKDFBytesGenerator(new SHA384Digest());
            bc.init(new HKDFParameters(ikm, salt, info));
            bc.generateBytes(expected, 0, expected.length);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment work = arena.allocate(Hkdf.SHA_384.workspaceBytes());
                MemorySegment out = arena.allocate(expected.length);
                Hkdf.SHA_384.derive(work, 0, Memory.of(salt), 0, salt.length, Memory.of(ikm), 0,
                        ikm.length, MemorySegment.ofArray(info), 0, info.length, out, 0, out.byteSize());
                assertArrayEquals(expected, out.toArray(ValueLayout.JAVA_BYTE));
            }
        });
    }

    /// RFC 8448, section 3: "derive secret for handshake tls13 derived", and the server's write key.
    @Test
    void expandLabelIsOfRfc8448() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(Hkdf.SHA_256.workspaceBytes());
            MemorySegment secret = hex(arena, "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
            MemorySegment context = hex(arena, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
            Hkdf.SHA_256.expandLabel(work, 0, secret, 0, text(arena, "derived"), 0, 7, context, 0, 32, secret, 0, 32);
            assertEquals("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba", VectorCases.hex(secret));
            assertEquals(0, RawMemory.nonZero(work), "not wiped");

            MemorySegment server = hex(arena, "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
            MemorySegment key = arena.allocate(16);
            Hkdf.SHA_256.expandLabel(work, 0, server, 0, text(arena, "key"), 0, 3, context, 0, 0, key, 0, 16);
            assertEquals("3fce516009c21727d0f2e4e86ee403bc", VectorCases.hex(key));
        }
    }

    private static MemorySegment hex(Arena arena, String hex) {
        MemorySegment segment = arena.allocate(hex.length() / 2);
        MemorySegment.copy(HexFormat.of().parseHex(hex), 0, segment, ValueLayout.JAVA_BYTE, 0, hex.length() / 2);
        return segment;
    }

    private static MemorySegment text(Arena arena, String text) {
        return arena.allocateFrom(text, StandardCharsets.US_ASCII);
    }

    @Test
    void passesAtTheLimitsAndRefusesPastThem() {
        Hkdf hkdf = Hkdf.SHA_256;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(hkdf.workspaceBytes());
            MemorySegment out = arena.allocate(hkdf.lengthMax() + 1);
            MemorySegment in = arena.allocate(300);
            hkdf.expand(work, 0, in, 0, 32, in, 0, 0, out, 0, hkdf.lengthMax());
            hkdf.expandLabel(work, 0, in, 0, in, 0, Hkdf.LABEL_BYTES_MAX, in, 0, Hkdf.CONTEXT_BYTES_MAX, out, 0, 9);
            out.fill((byte) 0x5a);
            Class<IllegalArgumentException> refused = IllegalArgumentException.class;
            assertThrows(refused, () -> hkdf.expand(work, 0, in, 0, 32, in, 0, 0, out, 0, hkdf.lengthMax() + 1));
            assertThrows(refused, () -> hkdf.expand(work, 0, in, 0, 32, out, 0, 8, out, 4, 8));
            assertThrows(refused, () -> hkdf.expandLabel(work, 0, in, 0, in, 0, 0, in, 0, 0, out, 0, 9));
            assertThrows(refused,
                    () -> hkdf.expandLabel(work, 0, in, 0, in, 0, Hkdf.LABEL_BYTES_MAX + 1, in, 0, 0, out, 0, 9));
            assertThrows(refused,
                    () -> hkdf.expandLabel(work, 0, in, 0, in, 0, 1, in, 0, Hkdf.CONTEXT_BYTES_MAX + 1, out, 0, 9));
            assertThrows(IndexOutOfBoundsException.class,
                    () -> hkdf.expand(work, 1, in, 0, 32, in, 0, 0, out, 0, 1));
            assertEquals(out.byteSize(), out.byteSize() - out.mismatch(arena.allocate(out.byteSize()).fill((byte) 0x5a))
                    - 1, "written to");
        }
    }

    @Test
    void allocatesNoHeapBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(Hkdf.SHA_512.workspaceBytes());
            MemorySegment in = arena.allocate(300);
            MemorySegment out = arena.allocate(300);
            assertEquals(0, HeapBytes.least(3, 5, () -> {
                for (int i = 0; i < 300; i++) {
                    Hkdf.SHA_256.derive(work, 0, in, 0, i, in, 0, i, in, 0, i, out, 0, i);
                    Hkdf.SHA_512.derive(work, 0, in, 0, i, in, 0, i, in, 0, i, out, 0, i);
                    Hkdf.SHA_384.expandLabel(work, 0, in, 0, in, 0, 12, in, 0, i & 63, out, 0, i);
                }
            }));
        }
    }
}
