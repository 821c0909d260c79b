package dev.coffer.crypto.hpke;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every suite in every mode that it has, in both directions, with Bouncy Castle on the other side.
class HpkeCrossTest {
    private static final byte[] INFO = {1, 2, 3};
    private static final byte[] PSK = Memory.bytes(filled(40, 5));
    private static final byte[] PSK_ID = {9};
    private static final byte[] AAD = {7, 7};
    private final Entropy entropy = new SeededEntropy(11);

    static List<HpkeKem> kems() {
        return List.of(HpkeKem.DHKEM_P256, HpkeKem.DHKEM_X25519, HpkeKem.ML_KEM_512, HpkeKem.ML_KEM_768, HpkeKem.ML_KEM_1024,
                HpkeKem.X_WING);
    }

    static List<HpkeSuite> suites() {
        List<HpkeSuite> suites = new ArrayList<>();
        for (HpkeKem kem : kems()) {
            for (HpkeKdf kdf : HpkeKdf.values()) {
                for (HpkeAead aead : HpkeAead.values()) {
                    suites.add(HpkeSuite.of(kem, kdf, aead));
                }
            }
        }
        return suites;
    }

    private static MemorySegment filled(int bytes, long seed) {
        MemorySegment memory = Memory.zeros(bytes);
        new SeededEntropy(seed).fill(memory, 0, bytes);
        return memory;
    }

    /// A key pair of ours, and the same as Bouncy Castle has it.
    private record Both(MemorySegment publicKey, MemorySegment privateKey, AsymmetricCipherKeyPair theirs) {}

    private Both pair(HpkeSuite suite, HPKE peer) {
        HpkeKem kem = suite.kem();
        MemorySegment publicKey = Memory.zeros(kem.publicKeyBytes());
        MemorySegment privateKey = Memory.zeros(kem.privateKeyBytes());
        kem.generate(entropy, publicKey, 0, privateKey, 0, Memory.zeros(kem.workspaceBytes()), 0);
        AsymmetricCipherKeyPair theirs = peer.deserializePrivateKey(Memory.bytes(privateKey), Memory.bytes(publicKey));
        assertArrayEquals(Memory.bytes(publicKey), peer.serializePublicKey(theirs.getPublic()), "public key");
        if (kem != HpkeKem.DHKEM_X25519) {  // theirs is clamped
            assertArrayEquals(Memory.bytes(privateKey), peer.serializePrivateKey(theirs.getPrivate()), "private key");
        }
        return new Both(publicKey, privateKey, theirs);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void bothSidesOpenWhatTheOtherSealed(HpkeSuite suite) throws InvalidCipherTextException {
        for (byte mode = 0; mode <= (suite.kem().authenticates() ? 3 : 1); mode++) {
            HPKE peer = new HPKE(mode, (short) suite.kem().id(), (short) suite.kdf().id(), (short) suite.aead().id());
            Both recipient = pair(suite, peer);
            Both sender = suite.kem().authenticates() ? pair(suite, peer) : recipient;
            toThem(suite, mode, peer, recipient, sender);
            fromThem(suite, mode, peer, recipient, sender);
        }
    }

    private void toThem(HpkeSuite suite, byte mode, HPKE peer, Both recipient, Both from) throws InvalidCipherTextException {
        HpkeSender ours = HpkeSender.in(suite, Memory.zeros(suite.plan("sender").totalBytes()));
        MemorySegment enc = Memory.zeros(suite.kem().encapsulatedKeyBytes());
        MemorySegment info = Memory.of(INFO);
        MemorySegment psk = Memory.of(PSK);
        MemorySegment id = Memory.of(PSK_ID);
        MemorySegment key = recipient.publicKey;
        assertEquals(HpkeSetup.READY, switch (mode) {
            case 0 -> ours.setup(entropy, key, info, enc);
            case 1 -> ours.setupPsk(entropy, key, 0, psk, 0, psk.byteSize(), id, 0, 1, info, 0, 3, enc, 0);
            case 2 -> ours.setupAuth(entropy, key, 0, from.privateKey, 0, info, 0, 3, enc, 0);
            default -> ours.setupAuthPsk(entropy, key, 0, from.privateKey, 0, psk, 0, psk.byteSize(), id, 0, 1, info, 0, 3, enc, 0);
        });
        byte[] encapsulated = Memory.bytes(enc);
        AsymmetricKeyParameter sender = from.theirs.getPublic();
        HPKEContext theirs = switch (mode) {
            case 0 -> peer.setupBaseR(encapsulated, recipient.theirs, INFO);
            case 1 -> peer.setupPSKR(encapsulated, recipient.theirs, INFO, PSK, PSK_ID);
            case 2 -> peer.setupAuthR(encapsulated, recipient.theirs, INFO, sender);
            default -> peer.setupAuthPSKR(encapsulated, recipient.theirs, INFO, PSK, PSK_ID, sender);
        };
        if (suite.aead() != HpkeAead.EXPORT_ONLY) {
            for (int length = 0; length < 100; length += 33) {
                MemorySegment sealed = Memory.zeros(length + 16);
                ours.seal(Memory.of(AAD), filled(length, length), sealed);
                assertArrayEquals(Memory.bytes(filled(length, length)), theirs.open(AAD, Memory.bytes(sealed)));
            }
        }
        assertExportsAgree(ours, theirs);
    }

    private void fromThem(HpkeSuite suite, byte mode, HPKE peer, Both recipient, Both from) throws InvalidCipherTextException {
        AsymmetricKeyParameter key = recipient.theirs.getPublic();
        HPKEContextWithEncapsulation theirs = switch (mode) {
            case 0 -> peer.setupBaseS(key, INFO);
            case 1 -> peer.SetupPSKS(key, INFO, PSK, PSK_ID);
            case 2 -> peer.setupAuthS(key, INFO, from.theirs);
            default -> peer.setupAuthPSKS(key, INFO, PSK, PSK_ID, from.theirs);
        };
        HpkeReceiver ours = HpkeReceiver.in(suite, Memory.zeros(suite.plan("receiver").totalBytes()));
        MemorySegment enc = Memory.of(theirs.getEncapsulation());
        long encBytes = enc.byteSize();
        MemorySegment info = Memory.of(INFO);
        MemorySegment psk = Memory.of(PSK);
        MemorySegment id = Memory.of(PSK_ID);
        MemorySegment own = recipient.privateKey;
        MemorySegment sender = from.publicKey;
        assertEquals(HpkeSetup.READY, switch (mode) {
            case 0 -> ours.setup(own, enc, info);
            case 1 -> ours.setupPsk(own, 0, enc, 0, encBytes, psk, 0, psk.byteSize(), id, 0, 1, info, 0, 3);
            case 2 -> ours.setupAuth(own, 0, sender, 0, enc, 0, encBytes, info, 0, 3);
            default -> ours.setupAuthPsk(own, 0, sender, 0, enc, 0, encBytes, psk, 0, psk.byteSize(), id, 0, 1, info, 0, 3);
        });
        if (suite.aead() != HpkeAead.EXPORT_ONLY) {
            for (int length = 0; length < 100; length += 33) {
                byte[] text = Memory.bytes(filled(length, length));
                MemorySegment opened = Memory.zeros(length);
                assertTrue(ours.open(Memory.of(AAD), Memory.of(theirs.seal(AAD, text)), opened));
                assertArrayEquals(text, Memory.bytes(opened));
            }
        }
        assertExportsAgree(ours, theirs);
    }

    private static void assertExportsAgree(HpkeContext ours, HPKEContext theirs) {
        for (int length : new int[] {1, 32, 65, 200}) {
            MemorySegment out = Memory.zeros(length);
            ours.export(Memory.of(AAD), 0, AAD.length, out, 0, length);
            assertArrayEquals(theirs.export(AAD, length), Memory.bytes(out), length + " bytes exported");
        }
    }
}
