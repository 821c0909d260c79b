package dev.coffer.crypto.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.internal.kernel.Kernels;
import dev.coffer.crypto.internal.kernel.VectorKernels;
import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.crypto.sha2.CompressBatch;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import org.bouncycastle.crypto.engines.ChaCha7539Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The vector kernels beside their scalar forms and Bouncy Castle, whatever the self-test chose on this machine.
class LanesTest {
    /// What is no wider than the machine's vectors can run; what is wider says so, and stands all the same in the tests below: the JDK makes it of narrower ones.
    @ParameterizedTest
    @EnumSource(VectorKernels.Kernel.class)
    void aKernelCanRunWhereTheMachinesVectorsAreWideEnough(VectorKernels.Kernel kernel) {
        int bits = switch (kernel) {
            case CHACHA20, KECCAK, SHA_256 -> 256;
            case KECCAK_WIDE -> 512;
        };
        int most = switch (kernel) {
            case CHACHA20, SHA_256 -> IntVector.SPECIES_PREFERRED.vectorBitSize();
            case KECCAK, KECCAK_WIDE -> LongVector.SPECIES_PREFERRED.vectorBitSize();
        };
        assertEquals(most < bits ? "the machine's vectors are too narrow" : null, new JdkVectors().obstacle(kernel), most + " bits");
    }

    @Test
    void theyAreFoundAsAService() {
        assertEquals(List.of(JdkVectors.class), ServiceLoader.load(VectorKernels.class).stream()
                .map(ServiceLoader.Provider::type).toList());
    }

    /// One constant that is wrong, in one lane: a kernel that costs nothing and answers wrongly is not chosen.
    @Test
    void theSelfTestComparesAnswersAndSaysWhatIsWrong() {
        Kernels.Work right = memory -> KeccakLanes.permute(memory, 0, 0);
        for (int at : new int[] {0, 7, 400, 799}) {
            Kernels.Work wrong = memory -> {
                KeccakLanes.permute(memory, 0, 0);
                memory.set(ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ 1));
            };
            String obstacle = Kernels.obstacle(2048, wrong, right, 0, 800);
            assertTrue(obstacle != null && obstacle.contains("at byte " + at), obstacle);
        }
        String none = Kernels.obstacle(2048, right, memory -> {
            for (int j = 0; j < KeccakBatch.STATES; j++) {
                Keccak.permute(memory, 8L * j, 8 * KeccakBatch.STATES);
            }
        }, 0, 800);
        assertTrue(none == null || none.contains("heap bytes"), none);  // a compiler that is late is no wrong answer
    }

    /// Both widths, by each form of the code.
    private enum Width {
        FOUR(KeccakBatch.STATES, KeccakBatch.BYTES, KeccakLanes::permute, KeccakBatch::permute),
        EIGHT(KeccakBatch.WIDE_STATES, KeccakBatch.WIDE_BYTES, KeccakWideLanes::permute, KeccakBatch::permuteWide);

        private final int states;
        private final int bytes;
        private final List<Permutation> forms;

        Width(int states, int bytes, Permutation... forms) {
            this.states = states;
            this.bytes = bytes;
            this.forms = List.of(forms);
        }

        int statesBytes() {
            return states * Keccak.STATE_BYTES;
        }
    }

    private interface Permutation {
        void run(MemorySegment states, long from, long at);
    }

    @ParameterizedTest
    @EnumSource(Width.class)
    void permutationsSideBySideAreThoseOfOne(Width width) {
        Seeds.forEach(1, 50, random -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment before = arena.allocate(3 + width.bytes);
                MemorySegment alone = arena.allocate(Keccak.STATE_BYTES);
                int special = random.nextInt(4);
                if (special == 1) {
                    before.fill((byte) 0xff);
                } else if (special > 1) {
                    new SeededEntropy(random.nextLong()).fill(before, 0, before.byteSize());
                }
                for (Permutation form : width.forms) {
                    MemorySegment states = arena.allocate(before.byteSize()).copyFrom(before);
                    form.run(states, 3, 3);
                    assertEquals(-1, MemorySegment.mismatch(before, 0, 3, states, 0, 3), "what lies before them");
                    for (int j = 0; j < width.states; j++) {
                        deinterleave(before, 3, width.states, j, alone);
                        Keccak.permute(alone, 0);
                        byte[] expected = alone.toArray(ValueLayout.JAVA_BYTE);
                        deinterleave(states, 3, width.states, j, alone);
                        assertArrayEquals(expected, alone.toArray(ValueLayout.JAVA_BYTE), "state " + j);
                    }
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Width.class)
    void statesThatArePermutedElsewhereStayAsTheyAre(Width width) {
        Seeds.forEach(2, 20, random -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment all = arena.allocate(width.bytes + 5L + width.statesBytes());
                long from = width.bytes + 5L;
                new SeededEntropy(random.nextLong()).fill(all, 0, all.byteSize());
                byte[] before = all.asSlice(from).toArray(ValueLayout.JAVA_BYTE);
                MemorySegment inPlace = arena.allocate(width.bytes);
                MemorySegment.copy(all, from, inPlace, 0, width.statesBytes());
                width.forms.getLast().run(inPlace, 0, 0);
                for (Permutation form : width.forms) {
                    form.run(all, from, 0);
                    assertArrayEquals(before, all.asSlice(from).toArray(ValueLayout.JAVA_BYTE));
                    assertEquals(-1, MemorySegment.mismatch(all, 0, width.statesBytes(), inPlace, 0, width.statesBytes()));
                }
            }
        });
    }

    private static void deinterleave(MemorySegment states, long at, int count, int j, MemorySegment alone) {
        for (int i = 0; i < 25; i++) {
            alone.set(ValueLayout.JAVA_LONG_UNALIGNED, 8 * i,
                    states.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8 * (count * i + j)));
        }
    }

    /// A width has to be a constant of its class, so there are two of one text.
    @Test
    void theTwoWidthsOfKeccakAreOneText() throws IOException {
        assertEquals(text("KeccakLanes"), text("KeccakWideLanes").replace("KeccakWideLanes", "KeccakLanes").replace("SPECIES_512", "SPECIES_256")
                .replace("int ROW = 8 * ", "int ROW = 4 * "));
    }

    /// Without the comment before the class.
    private static String text(String className) throws IOException {
        Path source = Path.of(System.getProperty("basedir", ".")).resolve("src/main/java/dev/coffer/crypto/vector/" + className + ".java");
        String all = Files.readString(source);
        return all.substring(all.indexOf("\nfinal class"));
    }

    /// Messages of up to 55 bytes are one block, padded here; all ones, and all kinds.
    @Test
    void eightCompressionsAreEightDigests() {
        Seeds.forEach(1, 50, random -> {
            try (Arena arena = Arena.ofConfined()) {
                long at = 3;
                MemorySegment lanes = arena.allocate(at + CompressBatch.BYTES);
                byte[][] expected = new byte[CompressBatch.LANES][];
                for (int j = 0; j < CompressBatch.LANES; j++) {
                    byte[] message = new byte[random.nextInt(56)];
                    random.nextBytes(message);
                    expected[j] = sha256(message);
                    ByteBuffer block = ByteBuffer.allocate(64).put(message).put((byte) 0x80).putInt(60, 8 * message.length);
                    for (int i = 0; i < 16; i++) {
                        word(lanes, at + CompressBatch.SCHEDULE, i, j, block.getInt(4 * i));
                    }
                    for (int i = 0; i < 8; i++) {
                        word(lanes, at + CompressBatch.CHAIN, i, j, IV[i]);
                    }
                }
                byte[] before = lanes.toArray(ValueLayout.JAVA_BYTE);
                Sha256Lanes.compress(lanes, at + CompressBatch.CHAIN, at + CompressBatch.SCHEDULE, at + CompressBatch.OUT);
                for (int j = 0; j < CompressBatch.LANES; j++) {
                    ByteBuffer digest = ByteBuffer.allocate(32);
                    for (int i = 0; i < 8; i++) {
                        digest.putInt(lanes.get(ValueLayout.JAVA_INT_UNALIGNED, at + CompressBatch.OUT + 4 * (8 * i + j)));
                    }
                    assertArrayEquals(expected[j], digest.array(), "lane " + j);
                }
                byte[] after = lanes.toArray(ValueLayout.JAVA_BYTE);
                assertArrayEquals(Arrays.copyOf(before, 3 + CompressBatch.OUT), Arrays.copyOf(after, 3 + CompressBatch.OUT), "the chains stay");
                int blocks = 3 + CompressBatch.SCHEDULE;
                assertArrayEquals(Arrays.copyOfRange(before, blocks, blocks + 512), Arrays.copyOfRange(after, blocks, blocks + 512),
                        "the blocks stay");
            }
        });
    }

    // FIPS 180-4, section 5.3.3.
    private static final int[] IV = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    private static void word(MemorySegment lanes, long at, int i, int j, int word) {
        lanes.set(ValueLayout.JAVA_INT_UNALIGNED, at + 4L * (8 * i + j), word);
    }

    private static byte[] sha256(byte[] message) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void keyStreamIsThatOfBouncyCastleAtOddSizesAndExtremes() {
        Seeds.forEach(1, 200, random -> {
            byte[] key = new byte[32];
            byte[] nonce = new byte[12];
            byte[] text = new byte[random.nextInt(3000)];
            random.nextBytes(key);
            random.nextBytes(nonce);
            random.nextBytes(text);
            int counter = random.nextBoolean() ? 1 : Integer.MAX_VALUE - random.nextInt(10);  // across the sign
            ChaCha7539Engine bc = new ChaCha7539Engine();
            bc.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
            bc.seekTo(64L * counter);
            byte[] expected = new byte[text.length];
            bc.processBytes(text, 0, text.length, expected, 0);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(1 + text.length);
                MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, 1, text.length);
                long done = ChaCha20Lanes.xor(MemorySegment.ofArray(key), 0, MemorySegment.ofArray(nonce), 0, counter,
                        memory, 1, text.length, memory, 1, arena.allocate(VectorKernels.CHACHA20_SCRATCH_BYTES_MAX), 0);
                assertEquals(0, done % 64);
                assertTrue(done <= text.length && done > text.length - 1024, done + " of " + text.length);
                for (int i = 0; i < text.length; i++) {
                    assertEquals(i < done ? expected[i] : text[i], memory.get(ValueLayout.JAVA_BYTE, 1 + i), "byte " + i);
                }
            }
        });
    }
}
