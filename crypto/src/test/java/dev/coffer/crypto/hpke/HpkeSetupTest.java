package dev.coffer.crypto.hpke;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/// How a context begins: sizes, keys that are none, modes and what they take, and what is left where it does not begin.
class HpkeSetupTest {
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

    @ParameterizedTest
    @MethodSource("kems")
    void anEncapsulatedKeyOfAnotherLengthIsNone(HpkeKem kem) {
        HpkeLink link = new HpkeLink(of(kem), entropy);
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
        MemorySegment point = new HpkeLink(of(HpkeKem.DHKEM_P256), entropy).publicKey;
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
        HpkeLink link = new HpkeLink(of(kem), entropy);
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
        HpkeLink link = new HpkeLink(of(HpkeKem.DHKEM_P256), entropy).ready();
        link.receiver.wipe();
        for (MemorySegment none : List.of(Memory.zeros(32), Memory.hex("ff".repeat(32)))) {
            assertEquals(HpkeSetup.NO_PRIVATE_KEY, link.receiver.setup(none, link.enc, NONE));
            assertThrows(IllegalArgumentException.class, () -> link.receiver.openOnce(none, 0, link.enc, 0, 65, NONE, 0, 0, NONE, 0, 0,
                    link.sealed, 0, 21, link.opened, 0));
            HpkeLink auth = new HpkeLink(of(HpkeKem.DHKEM_P256), entropy);
            assertEquals(HpkeSetup.NO_PRIVATE_KEY,
                    auth.sender.setupAuth(entropy, auth.publicKey, 0, none, 0, NONE, 0, 0, auth.enc, 0));
            auth.assertAllIsWiped();
        }
    }

    @ParameterizedTest
    @MethodSource("kems")
    void aContextOfAnotherInfoOrModeOpensNothing(HpkeKem kem) {
        HpkeLink link = new HpkeLink(of(kem), entropy).ready();
        link.receiver.wipe();
        assertEquals(HpkeSetup.READY, link.receiver.setup(link.privateKey, link.enc, Memory.of(new byte[1])));
        assertFalse(link.passes());
        link.receiver.wipe();
        MemorySegment psk = Memory.zeros(32).fill((byte) 1);
        assertEquals(HpkeSetup.READY, link.receiver.setupPsk(link.privateKey, 0, link.enc, 0, link.enc.byteSize(), psk, 0, 32, psk, 0, 1,
                NONE, 0, 0));
        assertFalse(link.passes());
    }

    @Test
    void aPreSharedKeyOf31BytesIsRefusedAndOneOf32IsNot() {
        HpkeLink link = new HpkeLink(SUITE, entropy);
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
        HpkeLink link = new HpkeLink(SUITE, entropy);
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
        HpkeLink link = new HpkeLink(of(HpkeKem.X_WING), entropy);
        assertThrows(IllegalStateException.class,
                () -> link.sender.setupAuth(entropy, link.publicKey, 0, link.privateKey, 0, NONE, 0, 0, link.enc, 0));
        assertThrows(IllegalStateException.class, () -> link.receiver.setupAuth(link.privateKey, 0, link.publicKey, 0, link.enc, 0,
                link.enc.byteSize(), NONE, 0, 0));
        assertThrows(IllegalStateException.class, () -> HpkeKem.X_WING.deriveKeyPair(link.privateKey, 0, 32, link.publicKey, 0,
                Memory.zeros(32), 0, Memory.zeros(HpkeKem.X_WING.workspaceBytes()), 0));
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
            HpkeLink link = new HpkeLink(of(kem), entropy);
            assertThrows(OutOfMemoryError.class, () -> link.sender.setup(source, link.publicKey, NONE, link.enc));
            assertEquals(0, nonZero(link.enc, 0, link.enc.byteSize()), "encapsulated key");
            link.assertAllIsWiped();
        }
    }

    /// An input that closes before it is read stops the key schedule when encapsulation is over.
    @Test
    void aSetupThatBreaksOffLeavesNothing() {
        HpkeLink link = new HpkeLink(SUITE, entropy);
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

    /// The seed is drawn into the workspace, which is zero afterwards.
    @Test
    void keysFollowFromWhatTheSourceGaveAndNothingOfItStays() {
        HpkeKem kem = SUITE.kem();
        MemorySegment keys = Memory.zeros(2L * (kem.publicKeyBytes() + kem.privateKeyBytes()));
        MemorySegment work = Memory.zeros(kem.workspaceBytes());
        long secondAt = kem.publicKeyBytes() + (long) kem.privateKeyBytes();
        for (int i = 0; i < 2; i++) {
            kem.generate(new SeededEntropy(40 + i), keys, i * secondAt, keys, i * secondAt + kem.publicKeyBytes(), work, 0);
            assertEquals(0, nonZero(work, 0, work.byteSize()), "workspace");
        }
        assertNotEquals(-1, MemorySegment.mismatch(keys, 0, secondAt, keys, secondAt, 2 * secondAt), "two sources, one key");
    }

    /// Keying material and candidates lie in the workspace, which is zero afterwards; a key whose memory is gone takes the other with it.
    @Test
    void derivingKeysLeavesNothing() {
        for (HpkeKem kem : List.of(HpkeKem.DHKEM_X25519, HpkeKem.DHKEM_P256)) {
            MemorySegment publicKey = Memory.zeros(kem.publicKeyBytes());
            MemorySegment work = Memory.zeros(kem.workspaceBytes());
            MemorySegment material = Memory.zeros(40).fill((byte) 3);
            assertTrue(kem.deriveKeyPair(material, 0, 40, publicKey, 0, Memory.zeros(32), 0, work, 0));
            assertTrue(nonZero(publicKey, 0, publicKey.byteSize()) > 0);
            assertEquals(0, nonZero(work, 0, work.byteSize()), "workspace of " + kem);
            MemorySegment closed;
            try (Arena arena = Arena.ofConfined()) {
                closed = arena.allocate(32);
            }
            assertThrows(IllegalStateException.class, () -> kem.deriveKeyPair(material, 0, 40, publicKey, 0, closed, 0, work, 0));
            assertEquals(0, nonZero(publicKey, 0, publicKey.byteSize()), "a public key without its private one");
            assertEquals(0, nonZero(work, 0, work.byteSize()), "workspace of " + kem);
        }
    }

    /// The setup was whole, so its encapsulated key was written: it opens nothing without the message.
    @Test
    void aSingleMessageThatBreaksOffLeavesNoEncapsulatedKey() {
        HpkeLink link = new HpkeLink(SUITE, entropy);
        MemorySegment text;
        try (Arena arena = Arena.ofConfined()) {
            text = arena.allocate(5);
        }
        MemorySegment closed = text;
        link.enc.fill((byte) 9);
        assertThrows(IllegalStateException.class, () -> link.sender.sealOnce(entropy, link.publicKey, 0, NONE, 0, 0, NONE, 0, 0, closed, 0, 5,
                link.enc, 0, link.sealed, 0));
        assertEquals(0, nonZero(link.enc, 0, 32), "an encapsulated key that belongs to nothing");
        link.assertAllIsWiped();
        assertEquals(HpkeSetup.READY, link.sender.sealOnce(entropy, link.publicKey, 0, NONE, 0, 0, NONE, 0, 0, link.text, 0, 5, link.enc, 0,
                link.sealed, 0));
        link.assertAllIsWiped();
    }
}
