package dev.coffer.crypto.hpke;

import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Setting up, sealing, opening and exporting, with answers that are refused: 0 heap bytes, whoever executes it. One KEM of each code, as the sizes of
/// ML-KEM are one, and the modes that authenticate by the first, as both curves have one: a point of P-256 is what the interpreter is slow at.
class HpkeSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noOperationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Contexts.class));
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }

    static final class Contexts implements SteadyPath {
        private final HpkeKem[] kems = {HpkeKem.DHKEM_X25519, HpkeKem.DHKEM_P256, HpkeKem.ML_KEM_512, HpkeKem.X_WING};
        private final HpkeSender[] senders = new HpkeSender[kems.length];
        private final HpkeReceiver[] receivers = new HpkeReceiver[kems.length];
        private final MemorySegment places = memory(16 << 10);
        private final MemorySegment work = memory(16 << 10);
        private final MemorySegment keys = memory(8 << 10);
        private final MemorySegment enc = memory(2 << 10);
        private final MemorySegment data = memory(512).fill((byte) 3);

        Contexts() {
            HpkeKdf[] kdfs = HpkeKdf.values();
            HpkeAead[] aeads = HpkeAead.values();
            for (int i = 0; i < kems.length; i++) {
                HpkeSuite suite = HpkeSuite.of(kems[i], kdfs[i % kdfs.length], aeads[i % 3]);
                senders[i] = new HpkeSender(suite, work, 0).at(places, 0);
                receivers[i] = new HpkeReceiver(suite, work, 0).at(places, 8 << 10);
            }
        }

        @Override
        public void run() {
            for (int i = 0; i < kems.length; i++) {
                HpkeKem kem = kems[i];
                HpkeSender sender = senders[i];
                HpkeReceiver receiver = receivers[i];
                int encBytes = kem.encapsulatedKeyBytes();
                kem.generate(Entropy.SYSTEM, keys, 0, keys, 4096, work, 0);
                expect(sender.setup(Entropy.SYSTEM, keys, 0, data, 0, 20, enc, 0) == HpkeSetup.READY);
                expect(receiver.setup(keys, 4096, enc, 0, encBytes - 1, data, 0, 20) == HpkeSetup.NO_ENCAPSULATED_KEY);
                expect(receiver.setup(keys, 4096, enc, 0, encBytes, data, 0, 20) == HpkeSetup.READY);
                sender.seal(data, 0, 10, data, 0, 100, data, 128);
                expect(!receiver.open(data, 0, 9, data, 128, 116, data, 256));
                expect(receiver.open(data, 0, 10, data, 128, 116, data, 256) && receiver.sequence() == 1);
                sender.export(data, 0, 10, data, 128, 64);
                sender.wipe();
                receiver.wipe();
                if (i == 0) {  // the same setup again, whatever the mechanism
                    sender.sealOnce(Entropy.SYSTEM, keys, 0, data, 0, 20, data, 0, 0, data, 0, 50, enc, 0, data, 128);
                    expect(receiver.openOnce(keys, 4096, enc, 0, encBytes, data, 0, 20, data, 0, 0, data, 128, 66, data, 256));
                    authenticated(kem, sender, receiver, encBytes);
                }
            }
        }

        private void authenticated(HpkeKem kem, HpkeSender sender, HpkeReceiver receiver, int encBytes) {
            expect(kem.deriveKeyPair(data, 0, 32, keys, 2048, keys, 5120, work, 0));
            expect(sender.setupAuthPsk(Entropy.SYSTEM, keys, 0, keys, 5120, data, 0, 32, data, 0, 5, data, 0, 20, enc, 0) == HpkeSetup.READY);
            expect(receiver.setupAuthPsk(keys, 4096, keys, 2048, enc, 0, encBytes, data, 0, 32, data, 0, 5, data, 0, 20) == HpkeSetup.READY);
            sender.wipe();
            receiver.wipe();
        }

        @Override
        public int operations() {
            return 1;
        }
    }
}
