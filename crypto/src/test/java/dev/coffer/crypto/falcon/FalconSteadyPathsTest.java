package dev.coffer.crypto.falcon;

import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// 0 heap bytes an operation, whoever executes it: all forms, keys made, expanded and refused. The interpreter takes half a minute for a key
/// of Falcon-512; this set has polynomials of 64 coefficients, and goes through the same code.
class FalconSteadyPathsTest {
    /// Degree 64, with the deviations that its submission gives (a weak set, for tests).
    static final Falcon SMALL =
            new Falcon(new Parameters("Falcon-64", 6, 7, 122, 3842630, 0.0063486788828078995, 1.2144300507766139));

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noOperationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Path.class));
    }

    static final class Path implements SteadyPath {
        private static final FalconForm[] FORMS = FalconForm.values();

        private final Falcon falcon = SMALL;
        private final MemorySegment pk = Arena.global().allocate(falcon.publicKeyBytes());
        private final MemorySegment sk = Arena.global().allocate(falcon.privateKeyBytes());
        private final MemorySegment none = Arena.global().allocate(falcon.privateKeyBytes());
        private final MemorySegment text = Arena.global().allocate(256).fill((byte) 9);
        private final MemorySegment signature = Arena.global().allocate(2048);
        private final MemorySegment made = Arena.global().allocate(falcon.publicKeyBytes());
        private final MemorySegment state = Arena.global().allocate(FalconMessage.STATE_BYTES);
        private final MemorySegment w = Arena.global().allocate(falcon.signWorkspaceBytes(), 64);
        private final ExpandedSigningKey key =
                new ExpandedSigningKey(falcon, Arena.global().allocate(ExpandedSigningKey.bytes(falcon), 64), 0);
        private int turn;

        private static void expect(boolean holds) {
            if (!holds) {
                throw new AssertionError();
            }
        }

        @Override
        public void run() {
            expect(falcon.keyPair(text, 0, pk, 0, sk, 0, w, 0));
            expect(key.expand(sk, 0, w, 0));
            FalconForm form = FORMS[turn++ % FORMS.length];
            int length = falcon.sign(form, Entropy.SYSTEM, sk, 0, text, 100, 50, signature, 0, w, 0);
            expect(falcon.verify(form, pk, 0, text, 100, 50, signature, 0, length, w, 0));
            length = key.sign(form, Entropy.SYSTEM, text, 100, 50, signature, 0, w, 0);
            expect(falcon.verify(form, pk, 0, text, 100, 50, signature, 0, length, w, 0));
            FalconMessage.beginSigning(Entropy.SYSTEM, state, 0);
            FalconMessage.update(text, 0, 256, state, 0);
            length = turn % 2 == 0 ? falcon.signMessage(form, Entropy.SYSTEM, sk, 0, state, 0, signature, 0, w, 0)
                    : key.signMessage(form, Entropy.SYSTEM, state, 0, signature, 0, w, 0);
            FalconMessage.beginVerifying(signature, 0, length, state, 0);
            FalconMessage.update(text, 0, 256, state, 0);
            expect(falcon.verifyMessage(form, pk, 0, state, 0, signature, 0, length, w, 0));
            length = key.sign(form, Entropy.SYSTEM, text, 100, 50, signature, 0, w, 0);
            expect(falcon.publicKey(sk, 0, made, 0, w, 0));
            expect(!falcon.verify(form, pk, 0, text, 100, 49, signature, 0, length, w, 0));
            expect(!falcon.verify(form, pk, 0, text, 100, 50, signature, 0, length - 1, w, 0));
            expect(!falcon.sign(Entropy.SYSTEM, none, 0, text, 100, 50, text, 0, 0, signature, 0, w, 0));
        }

        @Override
        public int operations() {
            return 2;  // by a key and by an expanded one
        }
    }
}
