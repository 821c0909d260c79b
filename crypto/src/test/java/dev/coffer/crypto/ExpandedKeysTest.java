package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.mldsa.ExpandedSigningKey;
import dev.coffer.crypto.mldsa.ExpandedVerifyingKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.ExpandedDecapsulationKey;
import dev.coffer.crypto.mlkem.ExpandedEncapsulationKey;
import dev.coffer.crypto.mlkem.MlKem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// Keys that are kept in the form in which they are used.
class ExpandedKeysTest {
    private static final MlDsa DSA = MlDsa.ML_DSA_44;
    private static final MlKem KEM = MlKem.ML_KEM_512;

    private interface Expanding {
        void expand(MemorySegment key, MemorySegment workspace);
    }

    /// The key's memory goes away (its region is closed, its file is cut): nothing of this key or the one before is left.
    @Test
    void aKeyThatCannotBeReadLeavesNothingBehind() {
        MemorySegment verifying = Memory.zeros(ExpandedVerifyingKey.bytes(DSA));
        ExpandedVerifyingKey verifier = new ExpandedVerifyingKey(DSA, verifying, 0);
        leavesNothing(verifying, DSA.publicKeyBytes(), DSA.workspaceBytes(), (key, w) -> verifier.expand(key, 0, w, 0));

        MemorySegment signing = Memory.zeros(ExpandedSigningKey.bytes(DSA));
        ExpandedSigningKey signer = new ExpandedSigningKey(DSA, signing, 0);
        leavesNothing(signing, DSA.privateKeyBytes(), DSA.signWorkspaceBytes(), (key, w) -> signer.expand(key, 0, w, 0));

        Falcon falcon = Falcon.FALCON_512;
        MemorySegment tree = Memory.zeros(dev.coffer.crypto.falcon.ExpandedSigningKey.bytes(falcon));
        var treeSigner = new dev.coffer.crypto.falcon.ExpandedSigningKey(falcon, tree, 0);
        leavesNothing(tree, falcon.privateKeyBytes(), falcon.signWorkspaceBytes(), (key, w) -> treeSigner.expand(key, 0, w, 0));

        MemorySegment encapsulating = Memory.zeros(ExpandedEncapsulationKey.bytes(KEM));
        ExpandedEncapsulationKey sender = new ExpandedEncapsulationKey(KEM, encapsulating, 0);
        leavesNothing(encapsulating, KEM.encapsulationKeyBytes(), KEM.workspaceBytes(), (key, w) -> sender.expand(key, 0, w, 0));

        MemorySegment decapsulating = Memory.zeros(ExpandedDecapsulationKey.bytes(KEM));
        ExpandedDecapsulationKey receiver = new ExpandedDecapsulationKey(KEM, decapsulating, 0);
        leavesNothing(decapsulating, KEM.decapsulationKeyBytes(), KEM.workspaceBytes(), (key, w) -> receiver.expand(key, 0, w, 0));
    }

    private static void leavesNothing(MemorySegment memory, long keyBytes, long workspaceBytes, Expanding expanding) {
        MemorySegment workspace = Memory.zeros(workspaceBytes);
        memory.fill((byte) 0x55);
        workspace.fill((byte) 0x55);
        Arena arena = Arena.ofConfined();
        MemorySegment gone = arena.allocate(keyBytes);
        arena.close();
        assertThrows(IllegalStateException.class, () -> expanding.expand(gone, workspace));
        assertZero(memory);
        assertZero(workspace);
    }

    private static void assertZero(MemorySegment memory) {
        assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[(int) memory.byteSize()])), "the first byte that is left");
        assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, memory.byteSize() - 1));
    }
}
