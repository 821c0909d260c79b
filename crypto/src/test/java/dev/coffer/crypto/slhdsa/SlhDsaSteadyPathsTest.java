package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.Prehash;
import dev.coffer.crypto.Signature;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// 0 heap bytes an operation, whoever executes it. Sets of the standard's make a hundred thousand hash values a signature, which the
/// interpreter takes half a minute for; these have two trees of two leaves and three of FORS, and go through the same code. A signature that is refused at
/// its end and one of a digest are made with the first functions alone: they differ in nothing that the functions do.
class SlhDsaSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noOperationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(WithSha2.class, WithSha512.class, WithShake.class));
    }

    abstract static class Path implements SteadyPath {
        private final SlhDsa dsa;
        private final boolean all;
        private final MemorySegment memory = Arena.global().allocate(8192, 64).fill((byte) 9);
        private final MemorySegment signature;
        private final MemorySegment w;

        Path(boolean shake, int n, boolean all) {
            this.all = all;
            dsa = new SlhDsa(new Parameters("small", shake, n, 2, 2, 1, 3, 3));
            signature = Arena.global().allocate(dsa.signatureBytes());
            w = Arena.global().allocate(dsa.workspaceBytes());
        }

        private static void expect(boolean holds) {
            if (!holds) {
                throw new AssertionError();
            }
        }

        /// Another message would hold once in 2,048 times: a digest of these sets has 11 bits.
        private void flipBehindRandomizer() {
            long at = dsa.publicKeyBytes() / 2;  // n
            signature.set(ValueLayout.JAVA_BYTE, at, (byte) ~signature.get(ValueLayout.JAVA_BYTE, at));
        }

        @Override
        public void run() {
            int length = dsa.signatureBytes();
            expect(dsa.keyPair(memory, 1000, memory, 0, memory, 100, w, 0));
            expect(dsa.sign(Entropy.SYSTEM, memory, 100, memory, 500, 50, memory, 600, 9, signature, 0, w, 0));
            expect(dsa.verify(memory, 0, memory, 500, 50, memory, 600, 9, signature, 0, length, w, 0));
            flipBehindRandomizer();
            expect(!dsa.verify(memory, 0, memory, 500, 50, memory, 600, 9, signature, 0, length, w, 0));
            flipBehindRandomizer();
            expect(!dsa.verify(memory, 0, memory, 500, 50, memory, 600, 9, signature, 0, length - 1, w, 0));
            if (all) {
                refusedAndPrehashed(length);
            }
        }

        private void refusedAndPrehashed(int length) {
            expect(!dsa.sign(Signature.DETERMINISTIC, memory, 1000, memory, 500, 50, memory, 600, 9, signature, 0, w, 0));
            expect(dsa.signPrehashed(Signature.DETERMINISTIC, memory, 100, Prehash.SHA_256, memory, 500, memory, 600, 9, signature, 0, w,
                    0));
            expect(dsa.verifyPrehashed(memory, 0, Prehash.SHA_256, memory, 500, memory, 600, 9, signature, 0, length, w, 0));
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    static final class WithSha2 extends Path {
        WithSha2() {
            super(false, 16, true);
        }
    }

    static final class WithSha512 extends Path {
        WithSha512() {
            super(false, 24, false);
        }
    }

    static final class WithShake extends Path {
        WithShake() {
            super(true, 16, false);
        }
    }
}
