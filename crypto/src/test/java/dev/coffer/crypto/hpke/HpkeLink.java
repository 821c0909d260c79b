package dev.coffer.crypto.hpke;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;

/// Both sides of a suite and what lies between them.
final class HpkeLink {
    private static final MemorySegment NONE = Memory.zeros(0);

    final HpkeSuite suite;
    private final Entropy entropy;
    final MemorySegment publicKey;
    final MemorySegment privateKey;
    final MemorySegment enc;
    final MemorySegment senderMemory;
    final MemorySegment receiverMemory;
    final HpkeSender sender;
    final HpkeReceiver receiver;
    final MemorySegment text = Memory.of(new byte[] {1, 2, 3, 4, 5});
    final MemorySegment sealed = Memory.zeros(5 + 16);
    final MemorySegment opened = Memory.zeros(5);

    HpkeLink(HpkeSuite suite, Entropy entropy) {
        this.suite = suite;
        this.entropy = entropy;
        this.publicKey = Memory.zeros(suite.kem().publicKeyBytes());
        this.privateKey = Memory.zeros(suite.kem().privateKeyBytes());
        this.enc = Memory.zeros(suite.kem().encapsulatedKeyBytes());
        this.senderMemory = Memory.zeros(suite.plan("sender").totalBytes());
        this.receiverMemory = Memory.zeros(suite.plan("receiver").totalBytes());
        this.sender = HpkeSender.in(suite, senderMemory);
        this.receiver = HpkeReceiver.in(suite, receiverMemory);
        suite.kem().generate(entropy, publicKey, 0, privateKey, 0, Memory.zeros(suite.kem().workspaceBytes()), 0);
    }

    HpkeLink ready() {
        assertEquals(HpkeSetup.READY, sender.setup(entropy, publicKey, NONE, enc));
        assertEquals(HpkeSetup.READY, receiver.setup(privateKey, enc, NONE));
        assertWorkspacesAreWiped();
        return this;
    }

    void assertWorkspacesAreWiped() {
        assertEquals(0, nonZero(senderMemory, suite.contextBytes(), suite.workspaceBytes()), "sender's workspace");
        assertEquals(0, nonZero(receiverMemory, suite.contextBytes(), suite.workspaceBytes()), "receiver's workspace");
    }

    void assertAllIsWiped() {
        assertEquals(0, nonZero(senderMemory, 0, senderMemory.byteSize()), "sender");
        assertEquals(0, nonZero(receiverMemory, 0, receiverMemory.byteSize()), "receiver");
    }

    boolean passes() {
        sender.seal(NONE, text, sealed);
        return receiver.open(NONE, sealed, opened);
    }

    private static int nonZero(MemorySegment memory, long at, long length) {
        return RawMemory.nonZero(memory, at, (int) length);
    }
}
