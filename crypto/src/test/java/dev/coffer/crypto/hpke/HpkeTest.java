package dev.coffer.crypto.hpke;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.AeadLimits;
import dev.coffer.crypto.KeySpentException;
import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a context does at its edges: sequence and limits, whose place it is, and what is left behind.
class HpkeTest {
    private static final MemorySegment NONE = Memory.zeros(0);
    private static final HpkeSuite SUITE = HpkeSuite.of(HpkeKem.DHKEM_X25519, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);

    private final Entropy entropy = new SeededEntropy(7);

    static List<HpkeKem> kems() {
        return HpkeCrossTest.kems();
    }

    private static int nonZero(MemorySegment memory, long at, long length) {
        return RawMemory.nonZero(memory, at, (int) length);
    }

    private static HpkeSuite of(HpkeKem kem) {
        return HpkeSuite.of(kem, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);
    }

    @Test
    void messagesOpenInTheOrderInWhichTheyWereSealedOnly() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        MemorySegment second = Memory.zeros(21);
        link.sender.seal(NONE, link.text, link.sealed);
        link.sender.seal(NONE, link.text, second);
        assertFalse(link.receiver.open(NONE, second, link.opened), "too early");
        assertEquals(0, link.receiver.sequence());
        assertTrue(link.receiver.open(NONE, link.sealed, link.opened));
        assertFalse(link.receiver.open(NONE, link.sealed, link.opened), "repeated");
        assertTrue(link.receiver.open(NONE, second, link.opened), "what failed before changed nothing");
        assertEquals(2, link.receiver.sequence());
    }

    @Test
    void aChangedBitAnywhereIsRefusedAndNothingIsWritten() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        MemorySegment aad = Memory.of(new byte[] {1});
        link.sender.seal(aad, link.text, link.sealed);
        link.opened.fill((byte) 9);
        for (int bit = 0; bit < 8 * 21; bit++) {
            MemorySegment changed = Memory.of(Memory.bytes(link.sealed));
            changed.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (changed.get(ValueLayout.JAVA_BYTE, bit / 8) ^ 1 << bit % 8));
            assertFalse(link.receiver.open(aad, changed, link.opened));
        }
        assertFalse(link.receiver.open(NONE, link.sealed, link.opened), "other associated data");
        for (int length = 0; length < 21; length++) {
            assertFalse(link.receiver.open(aad, 0, 1, link.sealed, 0, length, link.opened, 0), length + " bytes");
        }
        assertEquals("0909090909", Memory.hex(link.opened));
        assertTrue(link.receiver.open(aad, link.sealed, link.opened));
    }

    @Test
    void sealsToItsLimitAndNotOnePast() {
        HpkeLink link = new HpkeLink(SUITE.withLimits(new AeadLimits(3, 2)), entropy).ready();
        for (int i = 0; i < 3; i++) {
            assertTrue(link.passes());
        }
        link.sealed.fill((byte) 9);
        assertThrows(KeySpentException.class, () -> link.sender.seal(NONE, link.text, link.sealed));
        assertEquals("09".repeat(21), Memory.hex(link.sealed));
        assertEquals(3, link.sender.sequence());
        link.assertWorkspacesAreWiped();
        assertFalse(link.receiver.open(NONE, link.sealed, link.opened));
        assertFalse(link.receiver.open(NONE, link.sealed, link.opened));
    }

    @Test
    void opensNothingMoreAfterItsForgeries() {
        for (int forgeries = 1; forgeries <= 2; forgeries++) {
            HpkeLink link = new HpkeLink(SUITE.withLimits(new AeadLimits(3, 2)), entropy).ready();
            MemorySegment forged = Memory.zeros(21);
            for (int i = 0; i < forgeries; i++) {
                assertFalse(link.receiver.open(NONE, forged, link.opened));
            }
            assertEquals(forgeries < 2, link.passes());
        }
    }

    /// A text that is gone when it is read: part of the message may be sealed by then.
    @Test
    void noNumberIsUsedForTwoMessagesAlsoWhereTheFirstBrokeOff() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        MemorySegment closed;
        try (Arena arena = Arena.ofConfined()) {
            closed = arena.allocate(5);
        }
        MemorySegment gone = closed;
        assertThrows(IllegalStateException.class, () -> link.sender.seal(NONE, gone, link.sealed));
        assertEquals(1, link.sender.sequence());
        link.assertWorkspacesAreWiped();
        assertFalse(link.passes(), "the receiver waits for the first");
    }

    @Test
    void misuseDoesNotCostANumber() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        assertThrows(IndexOutOfBoundsException.class, () -> link.sender.seal(NONE, link.text, Memory.zeros(20)));
        assertThrows(IllegalArgumentException.class, () -> link.sender.seal(NONE, link.text, link.sealed.asReadOnly()));
        assertThrows(IllegalArgumentException.class,
                () -> link.sender.seal(NONE, 0, 0, link.text, 0, 5, link.senderMemory, SUITE.contextBytes() - 1));
        assertThrows(IllegalArgumentException.class, () -> link.sender.seal(NONE, 0, 0, link.text, 0, 5, link.senderMemory, 16));
        MemorySegment partly = Memory.zeros(40);
        assertThrows(IllegalArgumentException.class, () -> link.sender.seal(NONE, 0, 0, partly, 0, 5, partly, 1), "found by the AEAD's key");
        assertEquals(0, link.sender.sequence());
        assertTrue(link.passes());
    }

    @ParameterizedTest
    @MethodSource("kems")
    void aMessageAtOnceOpensAtOnceAndNothingStays(HpkeKem kem) {
        HpkeLink link = new HpkeLink(of(kem), entropy);
        MemorySegment aad = Memory.of(new byte[] {5});
        assertEquals(HpkeSetup.READY, link.sender.sealOnce(entropy, link.publicKey, 0, aad, 0, 1, aad, 0, 1, link.text, 0, 5, link.enc, 0,
                link.sealed, 0));
        assertTrue(link.receiver.openOnce(link.privateKey, 0, link.enc, 0, link.enc.byteSize(), aad, 0, 1, aad, 0, 1, link.sealed, 0, 21,
                link.opened, 0));
        assertEquals(Memory.hex(link.text), Memory.hex(link.opened));
        assertFalse(link.receiver.openOnce(link.privateKey, 0, link.enc, 0, link.enc.byteSize(), aad, 0, 1, NONE, 0, 0, link.sealed, 0, 21,
                link.opened, 0));
        assertFalse(link.receiver.openOnce(link.privateKey, 0, link.enc, 0, 5, aad, 0, 1, aad, 0, 1, link.sealed, 0, 21, link.opened, 0));
        link.assertAllIsWiped();
    }

    @Test
    void aPlaceIsTakenOnlyWhenItIsFreeAndKnowsItsSuiteAndSide() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        assertThrows(IllegalStateException.class, () -> link.sender.setup(entropy, link.publicKey, NONE, link.enc));
        assertThrows(IllegalStateException.class, () -> link.sender.sealOnce(entropy, link.publicKey, 0, NONE, 0, 0, NONE, 0, 0, link.text,
                0, 5, link.enc, 0, link.sealed, 0));
        assertTrue(link.passes(), "it is still there");
        HpkeReceiver other = new HpkeReceiver(SUITE, Memory.zeros(SUITE.workspaceBytes()), 0).at(link.senderMemory, 0);
        assertFalse(other.isReady());
        assertThrows(IllegalStateException.class, () -> other.open(NONE, link.sealed, link.opened));
        assertThrows(IllegalStateException.class, () -> other.setup(link.privateKey, link.enc, NONE));
        HpkeSuite aes = HpkeSuite.of(HpkeKem.DHKEM_X25519, HpkeKdf.HKDF_SHA384, HpkeAead.CHACHA20_POLY1305);
        MemorySegment wide = Memory.zeros(2 * aes.contextBytes());
        MemorySegment.copy(link.senderMemory, 0, wide, 0, SUITE.contextBytes());
        HpkeSender wrong = new HpkeSender(aes, Memory.zeros(aes.workspaceBytes()), 0).at(wide, 0);
        assertThrows(IllegalStateException.class, () -> wrong.seal(NONE, link.text, link.sealed));
        MemorySegment secret = Memory.zeros(32);
        assertThrows(IllegalStateException.class, () -> other.export(NONE, 0, 0, secret, 0, 32), "another side's");
        assertThrows(IllegalStateException.class, () -> wrong.export(NONE, 0, 0, secret, 0, 32), "another suite's");
        HpkeLink unready = new HpkeLink(SUITE, entropy);
        assertThrows(IllegalStateException.class, () -> unready.sender.export(NONE, 0, 0, secret, 0, 32), "no context yet");
        assertThrows(IllegalStateException.class, () -> unready.receiver.export(NONE, 0, 0, secret, 0, 32), "no context yet");
        assertEquals(0, nonZero(secret, 0, 32), "no secret of a context that is none");
        assertTrue(link.passes(), "it is still there");
    }

    @Test
    void oneObjectServesManyContexts() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        MemorySegment places = Memory.zeros(3 * SUITE.contextBytes());
        HpkeSender finger = new HpkeSender(SUITE, Memory.zeros(SUITE.workspaceBytes()), 0);
        assertThrows(IllegalStateException.class, () -> finger.setup(entropy, link.publicKey, NONE, link.enc), "it points nowhere");
        MemorySegment[] encs = {Memory.zeros(32), Memory.zeros(32), Memory.zeros(32)};
        for (int i = 0; i < 3; i++) {
            assertEquals(HpkeSetup.READY, finger.at(places, i * SUITE.contextBytes()).setup(entropy, link.publicKey, NONE, encs[i]));
        }
        for (int i = 2; i >= 0; i--) {
            finger.at(places, i * SUITE.contextBytes()).seal(NONE, link.text, link.sealed);
            link.receiver.wipe();
            assertEquals(HpkeSetup.READY, link.receiver.setup(link.privateKey, encs[i], NONE));
            assertTrue(link.receiver.open(NONE, link.sealed, link.opened));
        }
    }

    @Test
    void exportsToItsLimitAndNotOnePast() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        int most = SUITE.kdf().exportBytesMax();
        assertEquals(255 * 32, most);
        MemorySegment out = Memory.zeros(most + 1);
        link.sender.export(NONE, 0, 0, out, 0, most);
        link.assertWorkspacesAreWiped();
        assertEquals(most + 1, out.byteSize());
        String kept = Memory.hex(out);
        assertThrows(IllegalArgumentException.class, () -> link.sender.export(NONE, 0, 0, out, 0, most + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> link.sender.export(NONE, 0, 0, out, 0, -1));
        assertThrows(IllegalArgumentException.class, () -> link.sender.export(out, 0, 40, out, 39, 10), "context and secret");
        assertThrows(IllegalArgumentException.class, () -> link.sender.export(NONE, 0, 0, link.senderMemory, 100, 32), "the context's own");
        assertThrows(IllegalArgumentException.class,
                () -> link.sender.export(NONE, 0, 0, MemorySegment.ofArray(new byte[32]), 0, 32), "on the heap");
        assertEquals(kept, Memory.hex(out));
        assertTrue(link.passes());
    }

    @Test
    void anExportOnlySuiteSealsNothing() {
        HpkeLink link = new HpkeLink(HpkeSuite.of(HpkeKem.DHKEM_X25519, HpkeKdf.HKDF_SHA256, HpkeAead.EXPORT_ONLY), entropy).ready();
        assertThrows(IllegalStateException.class, () -> link.sender.seal(NONE, link.text, link.sealed));
        assertThrows(IllegalStateException.class, () -> link.receiver.open(NONE, link.sealed, link.opened));
        assertThrows(IllegalStateException.class, () -> link.suite.withLimits(new AeadLimits(1, 1)));
        link.sender.close();
        link.receiver.close();
        link.assertAllIsWiped();
    }

    @Test
    void closingWipesAndSaysNothing() {
        HpkeLink link = new HpkeLink(SUITE, entropy).ready();
        assertTrue(link.passes());
        assertEquals("HPKE sender[DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, next message 1]", link.sender.toString());
        link.sender.close();
        link.receiver.close();
        link.sender.close();
        link.assertAllIsWiped();
        assertEquals("HPKE sender[DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, no place]", link.sender.toString());
        assertThrows(IllegalStateException.class, () -> link.sender.seal(NONE, link.text, link.sealed));
        Arena arena = Arena.ofConfined();
        HpkeSender late = HpkeSender.in(SUITE, arena.allocate(SUITE.plan("late").totalBytes()));
        arena.close();
        late.close();
    }

    @Test
    void rangesThatOverlapOrLieOnTheHeapAreRefusedAndNothingIsWritten() {
        HpkeLink link = new HpkeLink(SUITE, entropy);
        MemorySegment heap = MemorySegment.ofArray(new byte[32]);
        long work = SUITE.contextBytes();
        List<Executable> misuses = List.of(
                () -> link.sender.setup(entropy, link.senderMemory, 0, NONE, 0, 0, link.enc, 0),
                () -> link.sender.setup(entropy, link.publicKey, 0, link.senderMemory, work + 5, 1, link.enc, 0),
                () -> link.sender.setup(entropy, link.publicKey, 0, NONE, 0, 0, link.senderMemory, work - 32),
                () -> link.sender.setup(entropy, link.publicKey, 0, NONE, 0, 0, link.publicKey, 0),
                () -> link.sender.setup(entropy, link.publicKey, 0, link.enc, 31, 1, link.enc, 0),
                () -> link.sender.setup(entropy, link.publicKey, NONE, link.enc.asReadOnly()),
                () -> link.sender.setupAuth(entropy, link.publicKey, 0, heap, 0, NONE, 0, 0, link.enc, 0),
                () -> link.sender.setupAuth(entropy, link.publicKey, 0, link.enc, 0, NONE, 0, 0, link.enc, 0),
                () -> link.sender.setupPsk(entropy, link.publicKey, 0, heap, 0, 32, heap, 0, 1, NONE, 0, 0, link.enc, 0),
                () -> link.receiver.setup(heap, link.enc, NONE),
                () -> link.receiver.setup(link.receiverMemory, 0, link.enc, 0, 32, NONE, 0, 0),
                () -> link.receiver.setup(link.privateKey, 0, link.receiverMemory, work, 32, NONE, 0, 0),
                () -> new HpkeSender(SUITE, MemorySegment.ofArray(new byte[20_000]), 0),
                () -> new HpkeSender(SUITE, link.senderMemory, 0).at(link.senderMemory, SUITE.workspaceBytes() - 1),
                () -> HpkeKem.DHKEM_X25519.generate(entropy, link.publicKey, 0, heap, 0, Memory.zeros(20_000), 0),
                () -> HpkeKem.DHKEM_X25519.deriveKeyPair(link.privateKey, 0, 31, link.publicKey, 0, Memory.zeros(32), 0,
                        Memory.zeros(20_000), 0));
        String publicKey = Memory.hex(link.publicKey);
        for (Executable misuse : misuses) {
            assertThrows(IllegalArgumentException.class, misuse);
        }
        assertThrows(IndexOutOfBoundsException.class, () -> link.sender.setup(entropy, link.publicKey, 1, NONE, 0, 0, link.enc, 0));
        assertThrows(IllegalArgumentException.class, () -> link.sender.setup(entropy, Memory.zeros(33), NONE, link.enc));
        assertEquals(0, nonZero(link.enc, 0, 32));
        assertEquals(publicKey, Memory.hex(link.publicKey));
        link.assertAllIsWiped();
    }
}
