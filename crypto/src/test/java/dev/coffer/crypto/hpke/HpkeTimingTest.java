package dev.coffer.crypto.hpke;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Statistics of time: a receiver is set up by one private key and by another, by an encapsulated key that is right or changed where that is
/// not answered, and opens what is wrong in the first or the last byte of its tag. What it cannot show: leaks below the machine's noise,
/// classes that it does not try, power, speculation, what another JIT makes of it.
@Tag("long")
class HpkeTimingTest {
    private static final int TEXT = 64;
    private static final MemorySegment NONE = Memory.zeros(0);

    static List<HpkeKem> kems() {
        return List.of(HpkeKem.DHKEM_X25519, HpkeKem.ML_KEM_512);
    }

    private final SeededEntropy entropy = new SeededEntropy(4);

    /// A key pair, an encapsulated key and a message, in places that the classes are copied to.
    private record Sent(MemorySegment privateKey, MemorySegment enc, MemorySegment sealed) {
        Sent copy() {
            return new Sent(Memory.of(Memory.bytes(privateKey)), Memory.of(Memory.bytes(enc)), Memory.of(Memory.bytes(sealed)));
        }

        void become(Sent other) {
            privateKey.copyFrom(other.privateKey);
            enc.copyFrom(other.enc);
            sealed.copyFrom(other.sealed);
        }

        Sent flip(MemorySegment part, long at) {
            Sent changed = copy();
            MemorySegment of = part == enc ? changed.enc : changed.sealed;
            of.set(ValueLayout.JAVA_BYTE, at, (byte) (of.get(ValueLayout.JAVA_BYTE, at) ^ 1));
            return changed;
        }
    }

    private Sent sent(HpkeSuite suite) {
        Sent made = new Sent(Memory.zeros(suite.kem().privateKeyBytes()), Memory.zeros(suite.kem().encapsulatedKeyBytes()),
                Memory.zeros(TEXT + suite.tagBytes()));
        MemorySegment publicKey = Memory.zeros(suite.kem().publicKeyBytes());
        suite.kem().generate(entropy, publicKey, 0, made.privateKey, 0, Memory.zeros(suite.kem().workspaceBytes()), 0);
        try (HpkeSender sender = HpkeSender.in(suite, Memory.zeros(suite.plan("sender").totalBytes()))) {
            assertEquals(HpkeSetup.READY, sender.setup(entropy, publicKey, NONE, made.enc));
            sender.seal(NONE, Memory.zeros(TEXT), made.sealed);
        }
        return made;
    }

    @ParameterizedTest
    @MethodSource("kems")
    void aReceiversTimeTellsNeitherItsKeyNorWhatWasWrong(HpkeKem kem) {
        HpkeSuite suite = HpkeSuite.of(kem, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);
        HpkeReceiver receiver = HpkeReceiver.in(suite, Memory.zeros(suite.plan("receiver").totalBytes()));
        Sent one = sent(suite);
        Sent other = sent(suite);
        Sent at = one.copy();
        MemorySegment text = Memory.zeros(TEXT);
        boolean[] opened = {false};
        Runnable opens = () -> {
            receiver.setup(at.privateKey, at.enc, NONE);
            opened[0] = receiver.open(NONE, at.sealed, text);
            receiver.wipe();
        };
        int[] turn = {0};
        assertTrue(t(kem + ", planted: one more hash by one key", kind -> {
            turn[0] = kind;
            at.become(one);
        }, () -> {
            opens.run();
            if (turn[0] == 0) {
                receiver.setup(at.privateKey, at.enc, NONE);
                receiver.wipe();
            }
        }) > TimeStatistics.SUSPECT, "the planted leak is not seen");
        if (kem.authenticates()) {  // else the matrix is sampled from the key's public part: how many blocks it takes is no secret
            assertTrue(t(kem + ", one key and another", kind -> at.become(kind == 0 ? one : other), opens) < TimeStatistics.SUSPECT);
            assertTrue(opened[0]);
        }
        Sent first = one.flip(one.sealed, TEXT);
        Sent last = one.flip(one.sealed, TEXT + suite.tagBytes() - 1L);
        assertTrue(t(kem + ", a tag wrong at its first and its last byte", kind -> at.become(kind == 0 ? first : last), opens) < TimeStatistics.SUSPECT);
        if (!kem.authenticates()) {  // ML-KEM and X-Wing answer with another context
            Sent changed = one.flip(one.enc, 7);
            Sent wrong = one.flip(one.sealed, TEXT);  // neither opens
            assertTrue(t(kem + ", an encapsulated key that is right and one that was changed", kind -> at.become(kind == 0 ? wrong : changed),
                    opens) < TimeStatistics.SUSPECT);
        }
    }

    private static double t(String name, IntConsumer prepare, Runnable operation) {
        return TimeStatistics.t("HPKE " + name, prepare, operation);
    }
}
