package dev.coffer.crypto.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Secret;
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
    private static final int LENGTH_MAX = 1800;
    private static final int TAIL_BYTES = 16 + 32;  // digest and MAC

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment key = arena.allocate(32).fill((byte) 3);
    private final MemorySegment memory = arena.allocate(SealedStream.plan().totalBytes(), 64);
    private final SealedStream stream = new SealedStream(memory);
    private final MemorySegment place = arena.allocate(LENGTH_MAX);
    private static final Argon2Cost COST = new Argon2Cost(8, 1, 1);
    private static final PassphraseLimit LIMIT = new PassphraseLimit(16, 64);
    private final byte[][] headers = new byte[4][];
    private final MemorySegment passphrase = arena.allocate(9).fill((byte) 'x');
    private final MemorySegment blocks = arena.allocate(new Argon2Cost(16, 1, 1).memoryBytes());
    private final KeyPair identity;
    private final byte[] header = new byte[LENGTH_MAX];
    private final int[] verdicts = new int[SealedVerdict.values().length];
    private final MessageDigest sha256;

    HostileHeaderTest() throws NoSuchAlgorithmException {
        sha256 = MessageDigest.getInstance("SHA-256");
        for (SealedSuite suite : SealedSuite.values()) {
            stream.writeHeader(suite, key, 0, new SeededEntropy(suite.ordinal()), place, 0);
            headers[suite.ordinal()] = place.asSlice(0, SealedStream.HEADER_BYTES).toArray(ValueLayout.JAVA_BYTE);
        }
        KeyAlgorithm algorithm = KeyAlgorithm.X25519;
        identity = KeyPair.generate(algorithm, Secret.of(arena.allocate(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes()),
                new SeededEntropy(8), arena.allocate(algorithm.workspaceBytes()), 0);
        KeyPair hybrid = KeyPair.generate(KeyAlgorithm.X_WING,
                Secret.of(arena.allocate(KeyAlgorithm.X_WING.keyPairBytes()), 0, KeyAlgorithm.X_WING.keyPairBytes()),
                new SeededEntropy(8), arena.allocate(KeyAlgorithm.X_WING.workspaceBytes()), 0);
        headers[2] = header(() -> {
            stream.addRecipient(hybrid.publicKey(arena.allocate(KeyAlgorithm.X_WING.publicKeyBytes()), 0));
            stream.addRecipient(identity.publicKey(arena.allocate(32), 0));
            stream.addKey(key, 0);
        });
        headers[3] = header(() -> {
            stream.addPassphrase(passphrase, 0, 9, COST, blocks, 0);
            stream.addKey(key, 0);
        });
    }

    private byte[] header(Runnable stanzas) {
        stream.begin(SealedSuite.AES_256_GCM, new SeededEntropy(5));
        stanzas.run();
        return place.asSlice(0, stream.endHeader(place, 0)).toArray(ValueLayout.JAVA_BYTE);
    }

    /// With a key, a private key or a passphrase, whichever the header has.
    private SealedVerdict open(int kind, int length) {
        if (kind < 2) {
            return stream.readHeader(key, 0, place, 0, length);
        }
        SealedVerdict verdict = stream.takeHeader(place, 0, length);
        if (verdict != SealedVerdict.VALID) {
            return verdict;
        }
        assertTrue(stream.passphraseBytes(LIMIT) <= blocks.byteSize(), "more than the limit");
        verdict = kind == 2 ? stream.open(identity)
                : stream.openWithPassphrase(passphrase, 0, 9, LIMIT, blocks, 0, blocks.byteSize());
        if (verdict == SealedVerdict.WRONG_KEY || verdict == SealedVerdict.TOO_COSTLY) {
            stream.close();
        }
        return verdict;
    }

    private void read(SplittableRandom random) {
        int kind = random.nextInt(headers.length);
        byte[] written = headers[kind];
        Arrays.fill(header, (byte) 0);
        System.arraycopy(written, 0, header, 0, written.length);
        int length = written.length;
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            switch (random.nextInt(7)) {
                case 0 -> length = random.nextInt(8) == 0 ? random.nextInt(length + 1) : length;
                case 1 -> header[random.nextInt(SealedStream.PREFIX_BYTES + 4)] ^= (byte) (1 << random.nextInt(8));
                case 2 -> length = stanza(random, length);
                case 3 -> header[10 + random.nextInt(2)] += (byte) (random.nextInt(64) - 32);
                case 4 -> header[SealedStream.PREFIX_BYTES + 4 + 32 + random.nextInt(12)] ^= (byte) (1 << random.nextInt(8));  // costs
                default -> header[random.nextInt(length + 1)] ^= (byte) (1 << random.nextInt(8));
            }
        }
        if (random.nextBoolean()) {
            mend(length);
        }
        MemorySegment.copy(header, 0, place, ValueLayout.JAVA_BYTE, 0, LENGTH_MAX);
        SealedVerdict verdict = open(kind, length);
        verdicts[verdict.ordinal()]++;
        if (length >= written.length && Arrays.equals(header, 0, written.length, written, 0, written.length)) {
            assertEquals(SealedVerdict.VALID, verdict);
            stream.close();
        } else {
            assertNotEquals(SealedVerdict.VALID, verdict);
        }
        assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()), "something stays after " + verdict);
        assertTrue(ConstantTime.isZero(blocks, 0, blocks.byteSize()), "blocks stay after " + verdict);
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
        header[at + 1] = (byte) random.nextInt(5);
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
        Seeds.forEach(1, 40_000, this::read);
        for (SealedVerdict verdict : SealedVerdict.values()) {
            assertTrue(Long.getLong("coffer.seed") != null || verdict == SealedVerdict.OUT_OF_PLACE || verdicts[verdict.ordinal()] > 50,
                    verdict + " " + verdicts[verdict.ordinal()] + " times");
        }
    }

    @Test
    @Tag("long")
    void headersForLong() {
        LongRun.of("sealed headers", this::read);
    }
}
