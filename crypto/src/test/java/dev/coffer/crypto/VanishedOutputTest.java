package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// An output whose memory ends in the midst of it, when much is computed and written: a mapped file that was cut. What an operation wrote
/// elsewhere is zero then, and so is its workspace, although the output itself can no more be wiped than written.
class VanishedOutputTest {
    private static final int PAGE = 4096;
    private static final byte MARK = 0x77;
    private static final MemorySegment NONE = Memory.zeros(0);

    @TempDir
    Path folder;

    interface Operation {
        void run(MemorySegment first, long firstAt, MemorySegment second, long secondAt, MemorySegment w);
    }

    /// {@return a mapping of `bytes` before a page's end, and as many behind it, which are gone}
    private MemorySegment halfGone(Arena arena, int bytes) {
        int pages = (2 * bytes / PAGE + 1) * PAGE;
        Path file = folder.resolve("mapped" + System.nanoTime());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.position(2 * pages - 1).write(ByteBuffer.allocate(1));
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 2 * pages, arena);
            channel.truncate(pages);
            return mapped.asSlice(pages - bytes, 2 * bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// Each output in turn ends behind its first byte, in its midst and before its last one.
    private void breaks(String what, int firstBytes, int secondBytes, long workBytes, Operation operation) {
        for (int which = 0; which < (secondBytes == 0 ? 1 : 2); which++) {
            int goneBytes = which == 0 ? firstBytes : secondBytes;
            for (int there : new int[] {1, goneBytes / 2, goneBytes - 1}) {
                try (Arena arena = Arena.ofShared()) {
                    MemorySegment gone = halfGone(arena, goneBytes);
                    gone.asSlice(0, goneBytes).fill(MARK);
                    long at = goneBytes - there;
                    MemorySegment other = arena.allocate(Math.max(1, which == 0 ? secondBytes : firstBytes));
                    MemorySegment w = arena.allocate(workBytes).fill(MARK);
                    boolean first = which == 0;
                    String name = what + ", of output " + which + " are there " + there;
                    assertThrows(InternalError.class, () -> operation.run(first ? gone : other, first ? at : 0, first ? other : gone, first ? 0 : at, w), name);
                    assertEquals(0, RawMemory.nonZero(other), "the other output: " + name);
                    assertEquals(0, RawMemory.nonZero(w), "the workspace: " + name);
                    assertEquals(MARK, gone.get(ValueLayout.JAVA_BYTE, 0), "before it: " + name);
                }
            }
        }
    }

    private static MemorySegment filled(long bytes) {
        MemorySegment memory = Memory.zeros(bytes);
        new SeededEntropy(3).fill(memory, 0, bytes);
        return memory;
    }

    static List<Kem> kems() {
        return KemContractTest.rows().stream().map(KemContractTest.Row::kem).toList();
    }

    static List<Signature> schemes() {
        return SignatureContractTest.signing().stream().map(SignatureContractTest.Scheme::signature).toList();
    }

    @ParameterizedTest
    @MethodSource("kems")
    void keysAndEncapsulations(Kem kem) {
        MemorySegment seed = filled(kem.seedBytes());
        breaks(kem.name() + ", keys", kem.encapsulationKeyBytes(), kem.decapsulationKeyBytes(), kem.workspaceBytes(),
                (ek, ekAt, dk, dkAt, w) -> kem.keyPair(seed, 0, ek, ekAt, dk, dkAt, w, 0));
        MemorySegment work = Memory.zeros(kem.workspaceBytes());
        MemorySegment ek = Memory.zeros(kem.encapsulationKeyBytes());
        MemorySegment dk = Memory.zeros(kem.decapsulationKeyBytes());
        assertTrue(kem.keyPair(seed, 0, ek, 0, dk, 0, work, 0));
        breaks(kem.name() + ", encapsulation", kem.ciphertextBytes(), kem.sharedBytes(), kem.workspaceBytes(),
                (ct, ctAt, shared, sharedAt, w) -> kem.encapsulate(new SeededEntropy(1), ek, 0, ct, ctAt, shared, sharedAt, w, 0));
        MemorySegment sealed = Memory.zeros(kem.ciphertextBytes());
        assertTrue(kem.encapsulate(new SeededEntropy(1), ek, 0, sealed, 0, Memory.zeros(kem.sharedBytes()), 0, work, 0));
        breaks(kem.name() + ", decapsulation", kem.sharedBytes(), 0, kem.workspaceBytes(),
                (shared, sharedAt, none, noneAt, w) -> kem.decapsulate(dk, 0, sealed, 0, shared, sharedAt, w, 0));
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void keysAndSignatures(Signature scheme) {
        MemorySegment seed = filled(scheme.seedBytes());
        breaks(scheme.name() + ", keys", scheme.publicKeyBytes(), scheme.privateKeyBytes(), scheme.workspaceBytes(),
                (pk, pkAt, sk, skAt, w) -> scheme.keyPair(seed, 0, pk, pkAt, sk, skAt, w, 0));
        MemorySegment sk = Memory.zeros(scheme.privateKeyBytes());
        assertTrue(scheme.keyPair(seed, 0, Memory.zeros(scheme.publicKeyBytes()), 0, sk, 0, Memory.zeros(scheme.workspaceBytes()), 0));
        Entropy entropy = new SeededEntropy(1);
        breaks(scheme.name() + ", signature", scheme.signatureBytes(), 0, scheme.signWorkspaceBytes(),
                (signature, at, none, noneAt, w) -> scheme.sign(entropy, sk, 0, seed, 0, 20, NONE, 0, 0, signature, at, w, 0));
    }

    @ParameterizedTest
    @EnumSource
    void sharesOfBothSides(HybridGroup group) {
        breaks(group + ", client", group.clientShareBytes(), HybridGroup.CLIENT_SECRET_BYTES, HybridGroup.WORKSPACE_BYTES,
                (share, shareAt, secret, secretAt, w) -> group.share(new SeededEntropy(1), secret, secretAt, share, shareAt, w, 0));
        MemorySegment client = Memory.zeros(group.clientShareBytes());
        MemorySegment work = Memory.zeros(HybridGroup.WORKSPACE_BYTES);
        group.share(new SeededEntropy(1), Memory.zeros(HybridGroup.CLIENT_SECRET_BYTES), 0, client, 0, work, 0);
        breaks(group + ", server", group.serverShareBytes(), HybridGroup.SHARED_BYTES, HybridGroup.ANSWER_WORKSPACE_BYTES,
                (share, shareAt, shared, sharedAt, w) -> group.answer(new SeededEntropy(1), client, 0, client.byteSize(), share, shareAt, shared,
                        sharedAt, w, 0));
    }

    /// The helper itself: whichever ranges are gone, the others are zero.
    @Test
    void whatIsThereIsWipedWhateverIsGone() {
        for (int gone = 0; gone < 8; gone++) {
            for (boolean whole : new boolean[] {false, true}) {
                MemorySegment[] memory = new MemorySegment[3];
                for (int i = 0; i < 3; i++) {
                    if ((gone >> i & 1) == 0) {
                        memory[i] = Memory.zeros(40).fill(MARK);
                    } else {
                        try (Arena arena = Arena.ofConfined()) {
                            memory[i] = arena.allocate(40);
                        }
                    }
                }
                boolean fails = (gone & (whole ? 4 : 7)) != 0;
                Runnable end = () -> dev.coffer.crypto.internal.Ending.end(whole, memory[0], 1, 38, memory[1], 1, 38, memory[2], 1, 38);
                if (fails) {
                    assertThrows(IllegalStateException.class, end::run);
                } else {
                    end.run();
                }
                for (int i = 0; i < 3; i++) {
                    if ((gone >> i & 1) == 0) {
                        boolean wiped = i == 2 || !whole;
                        assertEquals(wiped ? 2 : 40, RawMemory.nonZero(memory[i], 0, 40), "range " + i + " of " + gone + ", whole " + whole);
                    }
                }
            }
        }
    }
}
