package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Where padding begins, at every length around words, beside the plainest way to find it.
class PaddingTest {
    private static int plain(MemorySegment memory, long at, int length) {
        int bytes = length;
        while (bytes > 0 && memory.get(ValueLayout.JAVA_BYTE, at + bytes - 1) == 0) {
            bytes--;
        }
        return bytes;
    }

    @Test
    void theLastOctetThatIsNotZeroIsFound() {
        SplittableRandom random = new SplittableRandom(7);
        MemorySegment memory = Arena.ofAuto().allocate(64);
        for (int at = 0; at < 9; at++) {
            for (int length = 0; length <= 41; length++) {
                for (int content = 0; content <= length; content++) {
                    for (int last : new int[] {1, 0x80, 0xff, 23}) {
                        memory.fill((byte) 0x77);  // before and behind it
                        for (int i = 0; i < length; i++) {
                            memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) (i < content && random.nextBoolean() ? random.nextInt() : 0));
                        }
                        if (content > 0) {
                            memory.set(ValueLayout.JAVA_BYTE, at + content - 1, (byte) last);
                        }
                        assertEquals(content, plain(memory, at, length));
                        assertEquals(content, Padding.before(memory, at, length), "of " + length + " at " + at);
                    }
                }
            }
        }
    }
}
