package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Hash;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The transcript beside the JDK's hashes, over memory of its own that is no longer than it says, and a workspace that others write to between two calls.
class TranscriptTest {
    private static final int MESSAGES = 40;
    private static final int MESSAGE_BYTES_MAX = 300;
    private static final byte OTHERS = 0x5a;

    private final MemorySegment memory = Arena.ofAuto().allocate(Transcript.LENT_BYTES);  // not a byte more
    private final MemorySegment work = Arena.ofAuto().allocate(Transcript.WORK_BYTES);
    private final MemorySegment said = Arena.ofAuto().allocate(MESSAGE_BYTES_MAX);
    private final MemorySegment digest = Arena.ofAuto().allocate(KeySchedule.SECRET_BYTES_MAX);

    private static Hash hash(MessageDigest of) {
        return of.getDigestLength() == Hash.SHA_256.digestBytes() ? Hash.SHA_256 : Hash.SHA_384;
    }

    /// The workspace is zero, and others may use it.
    private void useWork() {
        assertEquals(0, RawMemory.nonZero(work), "left in the workspace");
        work.fill(OTHERS);
        work.fill((byte) 0);
    }

    private void hear(Transcript transcript, MessageDigest jdk, byte[] message) throws CloneNotSupportedException {
        MemorySegment.copy(message, 0, said, ValueLayout.JAVA_BYTE, 0, message.length);
        transcript.add(said, 0, message.length);
        jdk.update(message);
        useWork();
        transcript.digest(digest, 0);
        useWork();
        assertArrayEquals(((MessageDigest) jdk.clone()).digest(), Arrays.copyOf(digest.toArray(ValueLayout.JAVA_BYTE), jdk.getDigestLength()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHA-256", "SHA-384"})
    void goesOnAfterEachMessageAndKeepsNothingInTheWorkspace(String name) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        MessageDigest jdk = MessageDigest.getInstance(name);
        Transcript transcript = new Transcript(memory, 0);
        transcript.workIn(work, 0);
        transcript.begin(hash(jdk));
        useWork();
        for (int i = 0; i < MESSAGES; i++) {
            byte[] message = new byte[random.nextInt(MESSAGE_BYTES_MAX + 1)];
            random.nextBytes(message);
            hear(transcript, jdk, message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHA-256", "SHA-384"})
    void aRetryPutsTheHashOfTheHelloInItsPlace(String name) throws Exception {
        MessageDigest jdk = MessageDigest.getInstance(name);
        Transcript transcript = new Transcript(memory, 0);
        transcript.workIn(work, 0);
        transcript.begin(hash(jdk));
        hear(transcript, jdk, new byte[] {1, 0, 0, 2, 7, 7});
        transcript.retry();
        useWork();
        byte[] hello = jdk.digest();
        jdk.update(new byte[] {(byte) 0xfe, 0, 0, (byte) hello.length});  // RFC 8446, section 4.4.1: message_hash
        jdk.update(hello);
        hear(transcript, jdk, new byte[] {2, 0, 0, 1, 9});
    }
}
