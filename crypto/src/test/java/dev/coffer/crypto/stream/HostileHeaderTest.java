package dev.coffer.crypto.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.stream.SealedStream.Suite;
import dev.coffer.crypto.stream.SealedStream.Verdict;
import dev.coffer.memory.ConstantTime;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Headers of sealed streams, changed, cut, lengthened, with stanzas put in, half of them with their digest mended: none but the
/// one that was written is valid, and after any other the stream's memory is zero.
class HostileHeaderTest {
    private static final int LENGTH_MAX = 600;
    private static final int TAIL_BYTES = 16 + 32;  // digest and MAC

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment key = arena.allocate(32).fill((byte) 3);
    private final MemorySegment memory = arena.allocate(SealedStream.plan().totalBytes(), 64);
    private final SealedStream stream = new SealedStream(memory);
    private final MemorySegment place = arena.allocate(LENGTH_MAX);
    private final byte[][] headers = new byte[2][];
    private final byte[] header = new byte[LENGTH_MAX];
    private final int[] verdicts = new int[Verdict.values().length];
    private final MessageDigest sha256;

    HostileHeaderTest() throws NoSuchAlgorithmException {
        sha256 = MessageDigest.getInstance("SHA-256");
        for (Suite suite : Suite.values()) {
            stream.writeHeader(suite, key, 0, new SeededEntropy(suite.ordinal()), place, 0);
            headers[suite.ordinal()] = place.asSlice(0, SealedStream.HEADER_BYTES).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private void read(SplittableRandom random) {
        byte[] written = headers[random.nextInt(headers.length)];
        Arrays.fill(header, (byte) 0);
        System.arraycopy(written, 0, header, 0, written.length);
        int length = written.length;
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            switch (random.nextInt(6)) {
                case 0 -> length = random.nextInt(8) == 0 ? random.nextInt(length + 1) : length;
                case 1 -> header[random.nextInt(SealedStream.PREFIX_BYTES + 4)] ^= (byte) (1 << random.nextInt(8));
                case 2 -> length = stanza(random, length);
                case 3 -> header[10 + random.nextInt(2)] += (byte) (random.nextInt(64) - 32);
                default -> header[random.nextInt(length + 1)] ^= (byte) (1 << random.nextInt(8));
            }
        }
        if (random.nextBoolean()) {
            mend(length);
        }
        MemorySegment.copy(header, 0, place, ValueLayout.JAVA_BYTE, 0, LENGTH_MAX);
        Verdict verdict = stream.readHeader(key, 0, place, 0, length);
        verdicts[verdict.ordinal()]++;
        if (length >= written.length && Arrays.equals(header, 0, written.length, written, 0, written.length)) {
            assertEquals(Verdict.VALID, verdict);
            stream.close();
        } else {
            assertNotEquals(Verdict.VALID, verdict);
        }
        assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()), "something stays after " + verdict);
    }

    /// Puts a stanza of a kind that nobody knows, or of the known one, in front of the others.
    private int stanza(SplittableRandom random, int length) {
        int bytes = random.nextInt(40);
        if (length + 4 + bytes > LENGTH_MAX || length < SealedStream.PREFIX_BYTES) {
            return length;
        }
        int at = SealedStream.PREFIX_BYTES;
        System.arraycopy(header, at, header, at + 4 + bytes, length - at);
        header[at] = 0;
        header[at + 1] = (byte) random.nextInt(3);
        header[at + 2] = 0;
        header[at + 3] = (byte) (bytes + random.nextInt(3) - 1);
        int whole = length + 4 + bytes;
        header[10] = (byte) (whole >>> 8);
        header[11] = (byte) whole;
        return whole;
    }

    private void mend(int there) {
        int length = (header[10] & 0xff) << 8 | header[11] & 0xff;
        if (length >= TAIL_BYTES && length <= Math.min(there, LENGTH_MAX)) {
            sha256.update(header, 0, length - TAIL_BYTES);
            System.arraycopy(sha256.digest(), 0, header, length - TAIL_BYTES, 16);
        }
    }

    @Test
    void noneButTheOneThatWasWrittenIsValid() {
        Seeds.forEach(1, 3_000, this::read);
        for (Verdict verdict : Verdict.values()) {
            assertTrue(Long.getLong("coffer.seed") != null || verdict == Verdict.OUT_OF_PLACE || verdicts[verdict.ordinal()] > 50,
                    verdict + " " + verdicts[verdict.ordinal()] + " times");
        }
    }

    @Test
    @Tag("long")
    void headersForLong() {
        LongRun.of("sealed headers", this::read);
    }
}
