package dev.coffer.crypto.slhdsa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The chains of the fast profile, side by side, whatever permutes and compresses them: with small trees of every size of a value, whose
/// last group is not whole, and with addresses of every byte, the strict form's keys, signatures and answers.
class SlhDsaLanesTest {
    @Test
    void chainsSideBySideAreChainsInARow() {
        for (int n : new int[] {16, 24, 32}) {
            for (boolean shake : new boolean[] {false, true}) {
                Parameters p = new Parameters("small", shake, n, 12, 6, 2, 4, 7);
                compare(new SlhDsa(p), new SlhDsa(p, true, false));
                if (shake) {
                    compare(new SlhDsa(p), new SlhDsa(p, true, true));
                }
            }
        }
    }

    private static void compare(SlhDsa strict, SlhDsa fast) {
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 4; i++) {
                MemorySegment seed = arena.allocate(strict.seedBytes());
                MemorySegment message = arena.allocate(40);
                new SeededEntropy(i).fill(seed, 0, seed.byteSize());
                new SeededEntropy(-i).fill(message, 0, message.byteSize());
                MemorySegment sk = keys(strict, seed, arena);
                assertEquals(-1, sk.mismatch(keys(fast, seed, arena)), "private keys with n " + strict.p.n());
                MemorySegment signature = sign(strict, sk, message, arena);
                assertEquals(-1, signature.mismatch(sign(fast, sk, message, arena)), "signatures with n " + strict.p.n());
                assertTrue(verify(fast, sk, message, signature, arena));
                Random random = new Random(i);
                for (int flips = 0; flips < 20; flips++) {
                    long at = random.nextLong(signature.byteSize());
                    byte signed = signature.get(ValueLayout.JAVA_BYTE, at);
                    signature.set(ValueLayout.JAVA_BYTE, at, (byte) (signed ^ 1 << random.nextInt(8)));
                    assertFalse(verify(fast, sk, message, signature, arena), "flipped at " + at);
                    signature.set(ValueLayout.JAVA_BYTE, at, signed);
                }
            }
        }
    }

    private static MemorySegment keys(SlhDsa set, MemorySegment seed, Arena arena) {
        MemorySegment sk = arena.allocate(set.privateKeyBytes());
        MemorySegment workspace = arena.allocate(set.workspaceBytes());
        assertTrue(set.keyPair(seed, 0, arena.allocate(set.publicKeyBytes()), 0, sk, 0, workspace, 0));
        wiped(workspace);
        return sk;
    }

    private static MemorySegment sign(SlhDsa set, MemorySegment sk, MemorySegment message, Arena arena) {
        MemorySegment signature = arena.allocate(set.signatureBytes());
        MemorySegment workspace = arena.allocate(set.workspaceBytes());
        assertTrue(set.sign(SlhDsa.DETERMINISTIC, sk, 0, message, 0, 40, message, 0, 7, signature, 0, workspace, 0));
        wiped(workspace);
        return signature;
    }

    private static boolean verify(SlhDsa set, MemorySegment sk, MemorySegment message, MemorySegment signature, Arena arena) {
        MemorySegment workspace = arena.allocate(set.workspaceBytes());
        boolean valid = set.verify(sk, 2L * set.p.n(), message, 0, 40, message, 0, 7, signature, 0, signature.byteSize(), workspace, 0);
        wiped(workspace);
        return valid;
    }

    private static void wiped(MemorySegment workspace) {
        assertEquals(-1, workspace.mismatch(MemorySegment.ofArray(new byte[(int) workspace.byteSize()])), "the workspace is not wiped");
    }
}
