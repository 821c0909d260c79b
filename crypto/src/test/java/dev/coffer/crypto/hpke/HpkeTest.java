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

/// What a context does at its edges: sequence and limits, what peers may send instead, whose place it is, and what is left behind.
class HpkeTest {
    private static final MemorySegment NONE = Memory.zeros(0);
    private static final HpkeSuite SUITE = HpkeSuite.of(HpkeKem.DHKEM_X25519, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);

    private final Entropy entropy = new SeededEntropy(7);

    static List<HpkeKem> kems() {
        return HpkeCrossTest.kems();
    }

    /// Both sides of a suite and what lies between them.
    private final class Link {
        final HpkeSuite suite;
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

        Link(HpkeSuite suite) {
            this.suite = suite;
            this.publicKey = Memory.zeros(suite.kem().publicKeyBytes());
            this.privateKey = Memory.zeros(suite.kem().privateKeyBytes());
            this.enc = Memory.zeros(suite.kem().encapsulatedKeyBytes());
            this.senderMemory = Memory.zeros(suite.plan("sender").totalBytes());
            this.receiverMemory = Memory.zeros(suite.plan("receiver").totalBytes());
            this.sender = HpkeSender.in(suite, senderMemory);
            this.receiver = HpkeReceiver.in(suite, receiverMemory);
            suite.kem().generate(entropy, publicKey, 0, privateKey, 0, Memory.zeros(suite.kem().workspaceBytes()), 0);
        }

        Link ready() {
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
    }

    private static int nonZero(MemorySegment memory, long at, long length) {
        return RawMemory.nonZero(memory.address() + at, (int) length);
    }

    private static HpkeSuite of(HpkeKem kem) {
        return HpkeSuite.of(kem, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);
    }

    @Test
    void sizesAreTheRegistrys() {
        int[][] sizes = {{0x10, 65, 32, 65}, {0x20, 32, 32, 32}, {0x40, 800, 64, 768}, {0x41, 1184, 64, 1088}, {0x42, 1568, 64, 1568},
                {0x647a, 1216, 32, 1120}};
        for (int i = 0; i < sizes.length; i++) {
            HpkeKem kem = kems().get(i);
            assertEquals(sizes[i][0], kem.id());
            assertEquals(sizes[i][1], kem.publicKeyBytes());
            assertEquals(sizes[i][2], kem.privateKeyBytes());
            assertEquals(sizes[i][3], kem.encapsulatedKeyBytes());
            assertEquals(32, kem.kem().sharedBytes());
        }
    }

    @Test
    void noWorkspaceIsLongerThanThePackageSays() {
        for (HpkeSuite suite : HpkeCrossTest.suites()) {
            assertTrue(suite.workspaceBytes() <= 11_457, suite + ": " + suite.workspaceBytes());
            assertEquals(suite.contextBytes() + suite.workspaceBytes(), suite.plan("x").totalBytes());
        }
        assertEquals(112, SUITE.contextBytes());
    }

    @Test
    void messagesOpenInTheOrderInWhichTheyWereSealedOnly() {
        Link link = new Link(SUITE).ready();
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
        Link link = new Link(SUITE).ready();
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
        Link link = new Link(SUITE.withLimits(new AeadLimits(3, 2))).ready();
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
            Link link = new Link(SUITE.withLimits(new AeadLimits(3, 2))).ready();
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
        Link link = new Link(SUITE).ready();
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
        Link link = new Link(SUITE).ready();
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
    void anEncapsulatedKeyOfAnotherLengthIsNone(HpkeKem kem) {
        Link link = new Link(of(kem));
        MemorySegment longer = Memory.zeros(kem.encapsulatedKeyBytes() + 1);
        for (long length : new long[] {0, 1, kem.encapsulatedKeyBytes() - 1, kem.encapsulatedKeyBytes() + 1}) {
            assertEquals(HpkeSetup.NO_ENCAPSULATED_KEY, link.receiver.setup(link.privateKey, 0, longer, 0, length, NONE, 0, 0));
        }
        link.assertAllIsWiped();
        assertThrows(IllegalStateException.class, () -> link.receiver.open(NONE, link.sealed, link.opened));
    }

    /// RFC 9180, section 7.1.4: points of small order of X25519, points off the curve and other encodings of P-256.
    @Test
    void keysThatAreNoneAreTold() {
        for (String low : new String[] {"00".repeat(32), "01" + "00".repeat(31),
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
            assertTold(HpkeKem.DHKEM_X25519, Memory.hex(low));
        }
        MemorySegment point = new Link(of(HpkeKem.DHKEM_P256)).publicKey;
        MemorySegment off = Memory.of(Memory.bytes(point));
        off.set(ValueLayout.JAVA_BYTE, 64, (byte) (off.get(ValueLayout.JAVA_BYTE, 64) ^ 1));
        assertTold(HpkeKem.DHKEM_P256, off);
        for (int first : new int[] {0, 2, 3, 5, 6, 7}) {
            MemorySegment other = Memory.of(Memory.bytes(point));
            other.set(ValueLayout.JAVA_BYTE, 0, (byte) first);
            assertTold(HpkeKem.DHKEM_P256, other);
        }
        assertTold(HpkeKem.DHKEM_P256, Memory.zeros(65));
    }

    private void assertTold(HpkeKem kem, MemorySegment none) {
        Link link = new Link(of(kem));
        link.enc.fill((byte) 9);
        assertEquals(HpkeSetup.NO_PUBLIC_KEY, link.sender.setup(entropy, none, NONE, link.enc));
        assertEquals(HpkeSetup.NO_PUBLIC_KEY,
                link.sender.setupAuth(entropy, none, 0, link.privateKey, 0, NONE, 0, 0, link.enc, 0));
        assertEquals("09".repeat(kem.encapsulatedKeyBytes()), Memory.hex(link.enc));
        assertEquals(HpkeSetup.NO_ENCAPSULATED_KEY, link.receiver.setup(link.privateKey, none, NONE));
        assertEquals(HpkeSetup.READY, link.sender.setup(entropy, link.publicKey, NONE, link.enc));
        assertEquals(HpkeSetup.NO_PUBLIC_KEY,
                link.receiver.setupAuth(link.privateKey, 0, none, 0, link.enc, 0, link.enc.byteSize(), NONE, 0, 0));
        link.sender.wipe();
        link.assertAllIsWiped();
    }

    @Test
    void aPrivateKeyOfP256ThatIsNoneIsTold() {
        Link link = new Link(of(HpkeKem.DHKEM_P256)).ready();
        link.receiver.wipe();
        for (MemorySegment none : List.of(Memory.zeros(32), Memory.hex("ff".repeat(32)))) {
            assertEquals(HpkeSetup.NO_PRIVATE_KEY, link.receiver.setup(none, link.enc, NONE));
            assertThrows(IllegalArgumentException.class, () -> link.receiver.openOnce(none, 0, link.enc, 0, 65, NONE, 0, 0, NONE, 0, 0,
                    link.sealed, 0, 21, link.opened, 0));
            Link auth = new Link(of(HpkeKem.DHKEM_P256));
            assertEquals(HpkeSetup.NO_PRIVATE_KEY,
                    auth.sender.setupAuth(entropy, auth.publicKey, 0, none, 0, NONE, 0, 0, auth.enc, 0));
            auth.assertAllIsWiped();
        }
    }

    @ParameterizedTest
    @MethodSource("kems")
    void aContextOfAnotherInfoOrModeOpensNothing(HpkeKem kem) {
        Link link = new Link(of(kem)).ready();
        link.receiver.wipe();
        assertEquals(HpkeSetup.READY, link.receiver.setup(link.privateKey, link.enc, Memory.of(new byte[1])));
        assertFalse(link.passes());
        link.receiver.wipe();
        MemorySegment psk = Memory.zeros(32).fill((byte) 1);
        assertEquals(HpkeSetup.READY, link.receiver.setupPsk(link.privateKey, 0, link.enc, 0, link.enc.byteSize(), psk, 0, 32, psk, 0, 1,
                NONE, 0, 0));
        assertFalse(link.passes());
    }

    @ParameterizedTest
    @MethodSource("kems")
    void aMessageAtOnceOpensAtOnceAndNothingStays(HpkeKem kem) {
        Link link = new Link(of(kem));
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
        Link link = new Link(SUITE).ready();
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
        Link unready = new Link(SUITE);
        assertThrows(IllegalStateException.class, () -> unready.sender.export(NONE, 0, 0, secret, 0, 32), "no context yet");
        assertThrows(IllegalStateException.class, () -> unready.receiver.export(NONE, 0, 0, secret, 0, 32), "no context yet");
        assertEquals(0, nonZero(secret, 0, 32), "no secret of a context that is none");
        assertTrue(link.passes(), "it is still there");
    }

    @Test
    void oneObjectServesManyContexts() {
        Link link = new Link(SUITE).ready();
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
        Link link = new Link(SUITE).ready();
        int most = SUITE.kdf().exportBytesMax();
        assertEquals(255 * 32, most);
        MemorySegment out = Memory.zeros(most + 1);
        link.sender.export(NONE, 0, 0, out, 0, most);
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
    void aPreSharedKeyOf31BytesIsRefusedAndOneOf32IsNot() {
        Link link = new Link(SUITE);
        MemorySegment psk = Memory.zeros(32).fill((byte) 1);
        Executable weak = () -> link.sender.setupPsk(entropy, link.publicKey, 0, psk, 0, 31, psk, 0, 1, NONE, 0, 0, link.enc, 0);
        assertThrows(IllegalArgumentException.class, weak);
        assertThrows(IllegalArgumentException.class,
                () -> link.sender.setupPsk(entropy, link.publicKey, 0, psk, 0, 32, psk, 0, 0, NONE, 0, 0, link.enc, 0), "no id");
        link.assertAllIsWiped();
        assertEquals(HpkeSetup.READY, link.sender.setupPsk(entropy, link.publicKey, 0, psk, 0, 32, psk, 0, 1, NONE, 0, 0, link.enc, 0));
    }

    /// Who looks a key up and finds none must not get a context that anyone can make.
    @Test
    void aModeWithoutItsKeyIsRefusedOnBothSides() {
        Link link = new Link(SUITE);
        MemorySegment psk = Memory.zeros(32).fill((byte) 1);
        MemorySegment own = link.privateKey;
        MemorySegment enc = link.publicKey;  // a point, so that nothing but the key is missing
        List<Executable> misuses = List.of(
                () -> link.sender.setupAuth(entropy, link.publicKey, 0, null, 0, NONE, 0, 0, link.enc, 0),
                () -> link.sender.setupPsk(entropy, link.publicKey, 0, null, 0, 32, psk, 0, 1, NONE, 0, 0, link.enc, 0),
                () -> link.sender.setupPsk(entropy, link.publicKey, 0, psk, 0, 32, null, 0, 1, NONE, 0, 0, link.enc, 0),
                () -> link.sender.setupAuthPsk(entropy, link.publicKey, 0, own, 0, null, 0, 32, psk, 0, 1, NONE, 0, 0, link.enc, 0),
                () -> link.sender.setupAuthPsk(entropy, link.publicKey, 0, null, 0, psk, 0, 32, psk, 0, 1, NONE, 0, 0, link.enc, 0),
                () -> link.receiver.setupAuth(own, 0, null, 0, enc, 0, 32, NONE, 0, 0),
                () -> link.receiver.setupPsk(own, 0, enc, 0, 32, null, 0, 32, psk, 0, 1, NONE, 0, 0),
                () -> link.receiver.setupPsk(own, 0, enc, 0, 32, psk, 0, 32, null, 0, 1, NONE, 0, 0),
                () -> link.receiver.setupAuthPsk(own, 0, enc, 0, enc, 0, 32, null, 0, 32, psk, 0, 1, NONE, 0, 0),
                () -> link.receiver.setupAuthPsk(own, 0, null, 0, enc, 0, 32, psk, 0, 32, psk, 0, 1, NONE, 0, 0));
        for (Executable misuse : misuses) {
            assertThrows(NullPointerException.class, misuse);
            link.assertAllIsWiped();
        }
        assertEquals(0, nonZero(link.enc, 0, 32));
    }

    @Test
    void aKemWithoutAuthenticationSaysSo() {
        Link link = new Link(of(HpkeKem.X_WING));
        assertThrows(IllegalStateException.class,
                () -> link.sender.setupAuth(entropy, link.publicKey, 0, link.privateKey, 0, NONE, 0, 0, link.enc, 0));
        assertThrows(IllegalStateException.class, () -> link.receiver.setupAuth(link.privateKey, 0, link.publicKey, 0, link.enc, 0,
                link.enc.byteSize(), NONE, 0, 0));
        assertThrows(IllegalStateException.class, () -> HpkeKem.X_WING.deriveKeyPair(link.privateKey, 0, 32, link.publicKey, 0,
                Memory.zeros(32), 0, Memory.zeros(HpkeKem.X_WING.workspaceBytes()), 0));
        link.assertAllIsWiped();
    }

    @Test
    void anExportOnlySuiteSealsNothing() {
        Link link = new Link(HpkeSuite.of(HpkeKem.DHKEM_X25519, HpkeKdf.HKDF_SHA256, HpkeAead.EXPORT_ONLY)).ready();
        assertThrows(IllegalStateException.class, () -> link.sender.seal(NONE, link.text, link.sealed));
        assertThrows(IllegalStateException.class, () -> link.receiver.open(NONE, link.sealed, link.opened));
        assertThrows(IllegalStateException.class, () -> link.suite.withLimits(new AeadLimits(1, 1)));
        link.sender.close();
        link.receiver.close();
        link.assertAllIsWiped();
    }

    /// The source throws at each of its draws; memory that is closed in the middle is the next test's.
    @ParameterizedTest
    @MethodSource("kems")
    void aSourceThatFailsLeavesNothing(HpkeKem kem) {
        for (int failing = 0; failing < (kem == HpkeKem.X_WING ? 2 : 1); failing++) {
            int[] draws = {failing};
            Entropy source = (target, at, length) -> {
                if (draws[0]-- == 0) {
                    throw new OutOfMemoryError("planted");
                }
                entropy.fill(target, at, length);
            };
            Link link = new Link(of(kem));
            assertThrows(OutOfMemoryError.class, () -> link.sender.setup(source, link.publicKey, NONE, link.enc));
            assertEquals(0, nonZero(link.enc, 0, link.enc.byteSize()), "encapsulated key");
            link.assertAllIsWiped();
        }
    }

    /// An input that closes before it is read stops the key schedule when encapsulation is over.
    @Test
    void aSetupThatBreaksOffLeavesNothing() {
        Link link = new Link(SUITE);
        MemorySegment info;
        try (Arena arena = Arena.ofConfined()) {
            info = arena.allocate(100);
        }
        MemorySegment closed = info;
        link.enc.fill((byte) 9);
        assertThrows(IllegalStateException.class, () -> link.sender.setup(entropy, link.publicKey, closed, link.enc));
        assertEquals(0, nonZero(link.enc, 0, 32), "an encapsulated key that belongs to nothing");
        assertThrows(IllegalStateException.class, () -> link.receiver.setup(link.privateKey, link.publicKey, closed));
        link.assertAllIsWiped();
        link.ready();
        assertTrue(link.passes(), "the place is free and works");
    }

    @Test
    void closingWipesAndSaysNothing() {
        Link link = new Link(SUITE).ready();
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
        Link link = new Link(SUITE);
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
