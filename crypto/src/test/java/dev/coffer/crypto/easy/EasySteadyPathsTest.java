package dev.coffer.crypto.easy;

import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The facade over the caller's memory: 0 heap bytes, whoever executes it.
class EasySteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noOperationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Facade.class));
    }

    static final class Facade implements SteadyPath {
        private final EasyCrypto crypto = EasyCrypto.open();
        private final KeyPair<KemSet.XWing768> sealing = crypto.keygen(Level.THREE);
        private final KeyPair<SignatureSet.MlDsa44> signing = crypto.keygenToSign(Level.ONE);
        private final MemorySegment memory = Arena.global().allocate(8192, 64).fill((byte) 3);
        private final Ciphertext<KemSet.XWing768> ciphertext = Ciphertext.of(KemSet.XWing768.SET, memory, 4096);
        private final SharedSecret<KemSet.XWing768> left = SharedSecret.of(KemSet.XWing768.SET, memory, 6000);
        private final SharedSecret<KemSet.XWing768> right = SharedSecret.of(KemSet.XWing768.SET, memory, 6032);
        private final Signature<SignatureSet.MlDsa44> signature = Signature.of(SignatureSet.MlDsa44.SET, memory, 4096);

        private static void expect(boolean holds) {
            if (!holds) {
                throw new AssertionError();
            }
        }

        @Override
        public void run() {
            crypto.seal(sealing.publicKey(), memory, 0, 10, memory, 0, 100, memory, 200);
            expect(crypto.open(sealing.secretKey(), memory, 0, 10, memory, 200, EasyCrypto.sealedBytes(KemSet.XWing768.SET, 100), memory, 100) == 100);
            crypto.encapsulate(sealing.publicKey(), ciphertext, left);
            crypto.decapsulate(sealing.secretKey(), ciphertext, right);
            expect(MemorySegment.mismatch(memory, 6000, 6032, memory, 6032, 6064) < 0);
            crypto.sign(signing.secretKey(), memory, 0, 100, signature);
            expect(crypto.verify(signing.publicKey(), memory, 0, 100, signature));
            expect(!crypto.verify(signing.publicKey(), memory, 0, 99, signature));
            crypto.hash(Level.FIVE, memory, 0, 100, memory, 3000);
        }

        @Override
        public int operations() {
            return 1;
        }
    }
}
