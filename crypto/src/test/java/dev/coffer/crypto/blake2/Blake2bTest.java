package dev.coffer.crypto.blake2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Memory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// BLAKE2b beside its RFC; lengths and cuts are compared with Bouncy Castle in `HashCrossTest`.
class Blake2bTest {
    private static final MemorySegment STATE = Memory.zeros(Blake2b.STATE_BYTES);

    /// RFC 7693, appendix A.
    @Test
    void abcIsOfRfc7693() {
        assertEquals("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
                Memory.hex(hash(64, Memory.zeros(0), Memory.hex("616263"))));
    }

    /// RFC 7693, appendix E: four lengths of digests, six of messages, each without and with a key, hashed together.
    @Test
    void theSelfTestIsOfRfc7693() {
        int[] digests = {20, 32, 48, 64};
        int[] messages = {0, 3, 128, 129, 255, 1024};
        MemorySegment together = Memory.zeros(Blake2b.STATE_BYTES);
        Blake2b.begin(together, 0, 32);
        for (int digest : digests) {
            for (int message : messages) {
                MemorySegment text = sequence(message, message);
                for (MemorySegment key : new MemorySegment[] {Memory.zeros(0), sequence(digest, digest)}) {
                    Blake2b.take(together, 0, hash(digest, key, text), 0, digest);
                }
            }
        }
        MemorySegment out = Memory.zeros(32);
        Blake2b.end(together, 0, out, 0, 32);
        assertEquals("c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475", Memory.hex(out));
    }

    private static MemorySegment hash(int digest, MemorySegment key, MemorySegment text) {
        MemorySegment out = Memory.zeros(digest);
        if (key.byteSize() == 0) {
            Blake2b.begin(STATE, 0, digest);
        } else {
            Blake2b.begin(STATE, 0, digest, key, 0, (int) key.byteSize());
        }
        Blake2b.take(STATE, 0, text, 0, text.byteSize());
        Blake2b.end(STATE, 0, out, 0, digest);
        return out;
    }

    /// `selftest_seq` of the appendix.
    private static MemorySegment sequence(int length, int seed) {
        byte[] bytes = new byte[length];
        int a = 0xdead4bad * seed;
        int b = 1;
        for (int i = 0; i < length; i++) {
            int t = a + b;
            a = b;
            b = t;
            bytes[i] = (byte) (t >>> 24);
        }
        return Memory.of(bytes);
    }
}
