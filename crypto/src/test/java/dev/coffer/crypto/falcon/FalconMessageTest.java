package dev.coffer.crypto.falcon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Signature;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Messages in pieces: the same signatures as in one piece, whatever the cut, and nothing left of a state.
class FalconMessageTest {
    private static final long STATE_AND_MORE = 4096;

    private final SeededEntropy entropy = new SeededEntropy(7);
    private final MemorySegment state = Memory.zeros(FalconMessage.STATE_BYTES);

    static Stream<Falcon> sets() {
        return FalconCase.sets();
    }

    private MemorySegment random(long bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    private void update(MemorySegment message, int cut) {
        for (long at = 0; at < message.byteSize(); at += cut) {
            FalconMessage.update(message, at, Math.min(cut, message.byteSize() - at), state, 0);
        }
    }

    private void assertWiped() {
        assertEquals(0, RawMemory.nonZero(state), "the state");
    }

    @ParameterizedTest
    @MethodSource("sets")
    void signsAndVerifiesAsInOnePiece(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        MemorySegment small = Memory.zeros(falcon.verifyWorkspaceBytes());
        ExpandedSigningKey expanded = new ExpandedSigningKey(falcon, Memory.zeros(ExpandedSigningKey.bytes(falcon)), 0);
        assertTrue(expanded.expand(keys.sk(), 0, w, 0));
        int[][] cuts = {{0, 1}, {1, 1}, {95, 95}, {96, 96}, {97, 40}, {1000, 136}, {70_000, 65_536}};
        for (int[] cut : cuts) {
            for (FalconForm form : FalconForm.values()) {
                MemorySegment message = random(cut[0]);
                MemorySegment whole = set.sign(form, new SeededEntropy(cut[0]), keys.sk(), message);
                for (boolean tree : new boolean[] {false, true}) {
                    SeededEntropy source = new SeededEntropy(cut[0]);
                    FalconMessage.beginSigning(source, state, 0);
                    update(message, cut[1]);
                    MemorySegment signature = Memory.zeros(falcon.signatureBytesMax(form));
                    int length = tree ? expanded.signMessage(form, source, state, 0, signature, 0, w, 0)
                            : falcon.signMessage(form, source, keys.sk(), 0, state, 0, signature, 0, w, 0);
                    assertWiped();
                    assertEquals(0, RawMemory.nonZero(w), "the workspace");
                    assertEquals(Memory.hex(whole), Memory.hex(signature.asSlice(0, length)), "the same signature");
                }
                assertTrue(verify(set, form, keys.pk(), message, cut[1], whole, whole, small));
                MemorySegment other = set.sign(form, entropy, keys.sk(), message);
                assertFalse(verify(set, form, keys.pk(), message, cut[1], whole, other, small), "begun with another's salt");
                MemorySegment bent = Memory.of(Memory.bytes(whole));
                bent.set(ValueLayout.JAVA_BYTE, 1, (byte) (bent.get(ValueLayout.JAVA_BYTE, 1) ^ 1));
                assertFalse(verify(set, form, keys.pk(), message, cut[1], whole, bent, small), "a salt that was changed meanwhile");
                assertFalse(verify(set, form, keys.pk(), random(cut[0] + 1), cut[1], whole, whole, small), "another message");
                assertFalse(verify(set, form, keys.pk(), message, cut[1], whole.asSlice(0, 40), whole.asSlice(0, 40), small), "cut");
            }
        }
    }

    private boolean verify(FalconCase set, FalconForm form, MemorySegment pk, MemorySegment message, int cut, MemorySegment begun,
            MemorySegment signature, MemorySegment w) {
        FalconMessage.beginVerifying(begun, 0, begun.byteSize(), state, 0);
        update(message, cut);
        boolean valid = set.falcon().verifyMessage(form, pk, 0, state, 0, signature, 0, signature.byteSize(), w, 0);
        assertWiped();
        return valid;
    }

    @ParameterizedTest
    @MethodSource("sets")
    void aStateServesOnceAndForWhatItWasBegun(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        MemorySegment signature = Memory.zeros(falcon.signatureBytes());
        FalconForm form = FalconForm.PADDED;
        assertThrows(IllegalStateException.class, () -> falcon.signMessage(form, entropy, keys.sk(), 0, state, 0, signature, 0, w, 0));
        assertThrows(IllegalStateException.class, () -> FalconMessage.update(signature, 0, 5, state, 0));
        FalconMessage.beginVerifying(signature, 0, 666, state, 0);
        assertThrows(IllegalStateException.class, () -> falcon.signMessage(form, entropy, keys.sk(), 0, state, 0, signature, 0, w, 0));
        FalconMessage.beginSigning(entropy, state, 0);
        assertThrows(IllegalStateException.class,
                () -> falcon.verifyMessage(form, keys.pk(), 0, state, 0, signature, 0, signature.byteSize(), w, 0));
        assertThrows(IllegalArgumentException.class,
                () -> falcon.signMessage(form, Signature.DETERMINISTIC, keys.sk(), 0, state, 0, signature, 0, w, 0));
        MemorySegment around = Memory.zeros(STATE_AND_MORE);
        FalconMessage.beginSigning(entropy, around, 0);
        assertThrows(IllegalArgumentException.class, () -> falcon.signMessage(form, entropy, keys.sk(), 0, around, 0, around, 100, w, 0));
        assertThrows(IllegalArgumentException.class, () -> falcon.signMessage(form, entropy, around, 200, around, 0, signature, 0, w, 0));
        assertThrows(IllegalArgumentException.class, () -> FalconMessage.update(state, 0, 5, state, 0));
        assertThrows(IllegalArgumentException.class, () -> FalconMessage.beginSigning(Signature.DETERMINISTIC, state, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> FalconMessage.beginSigning(entropy, state, 1));
        assertThrows(IllegalArgumentException.class,
                () -> FalconMessage.beginSigning(entropy, MemorySegment.ofArray(new byte[1000]), 0));
        assertEquals(0, RawMemory.nonZero(signature), "nothing was written");
        assertTrue(falcon.signMessage(form, entropy, keys.sk(), 0, state, 0, signature, 0, w, 0) > 0, "after all those refusals");
        assertThrows(IllegalStateException.class, () -> falcon.signMessage(form, entropy, keys.sk(), 0, state, 0, signature, 0, w, 0));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void whereASourceOrAMessageFailsNothingStays(Falcon falcon) {
        Entropy none = (_, _, _) -> {
            throw new IllegalStateException("planted");
        };
        state.fill((byte) 5);
        assertThrows(IllegalStateException.class, () -> FalconMessage.beginSigning(none, state, 0));
        assertWiped();
        FalconMessage.beginSigning(entropy, state, 0);
        MemorySegment closed;
        try (Arena arena = Arena.ofConfined()) {
            closed = arena.allocate(40);
        }
        assertThrows(IllegalStateException.class, () -> FalconMessage.update(closed, 0, 40, state, 0));
        FalconMessage.beginSigning(entropy, state, 0);
        FalconCase.Keys keys = new FalconCase(falcon).keyPair(random(48));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        MemorySegment signature = Memory.zeros(falcon.signatureBytes());
        assertThrows(IllegalStateException.class,
                () -> falcon.signMessage(FalconForm.PADDED, none, keys.sk(), 0, state, 0, signature, 0, w, 0));
        assertWiped();
        assertEquals(0, RawMemory.nonZero(w), "the workspace");
        FalconMessage.beginSigning(entropy, state, 0);
        keys.sk().set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
        assertEquals(0, falcon.signMessage(FalconForm.PADDED, entropy, keys.sk(), 0, state, 0, signature, 0, w, 0), "no key");
        assertWiped();
    }
}
