package dev.coffer.crypto.hybrid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Both groups against a peer made of the JDK's X25519, ECDH and ML-KEM, and what peers may send instead.
class HybridGroupTest {
    private final SeededEntropy entropy = new SeededEntropy(3);
    private final MemorySegment w = Memory.zeros(HybridGroup.WORKSPACE_BYTES);

    @Test
    void sizesAndCodepointsAreTheRegistrys() {
        assertEquals(0x11ec, HybridGroup.X25519_MLKEM768.codepoint());
        assertEquals(1216, HybridGroup.X25519_MLKEM768.clientShareBytes());
        assertEquals(1120, HybridGroup.X25519_MLKEM768.serverShareBytes());
        assertEquals(0x11eb, HybridGroup.SECP256R1_MLKEM768.codepoint());
        assertEquals(1249, HybridGroup.SECP256R1_MLKEM768.clientShareBytes());
        assertEquals(1153, HybridGroup.SECP256R1_MLKEM768.serverShareBytes());
        assertEquals(64, HybridGroup.SHARED_BYTES);
        assertEquals(96, HybridGroup.CLIENT_SECRET_BYTES);
        assertEquals(8768, HybridGroup.WORKSPACE_BYTES);
        assertEquals(5256, HybridGroup.ANSWER_WORKSPACE_BYTES, "no keys of ML-KEM");
        assertEquals(HybridGroup.WORKSPACE_BYTES, HybridGroup.plan().totalBytes());
    }

    /// A share taken apart, the curve's part and ML-KEM's.
    private static byte[][] parts(HybridGroup group, byte[] share) {
        int point = group == HybridGroup.X25519_MLKEM768 ? 32 : 65;
        return group == HybridGroup.X25519_MLKEM768
                ? new byte[][] {Arrays.copyOfRange(share, share.length - point, share.length), Arrays.copyOf(share, share.length - point)}
                : new byte[][] {Arrays.copyOf(share, point), Arrays.copyOfRange(share, point, share.length)};
    }

    private static byte[] join(HybridGroup group, byte[] curve, byte[] kem) {
        byte[] first = group == HybridGroup.X25519_MLKEM768 ? kem : curve;
        byte[] second = group == HybridGroup.X25519_MLKEM768 ? curve : kem;
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static KeyPair curvePair(HybridGroup group) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(group == HybridGroup.X25519_MLKEM768 ? "X25519" : "EC");
        if (group == HybridGroup.SECP256R1_MLKEM768) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        return generator.generateKeyPair();
    }

    private static byte[] encode(PublicKey key) {
        if (key instanceof XECPublicKey x) {
            return reversed(fixed(x.getU()));
        }
        ECPoint point = ((ECPublicKey) key).getW();
        byte[] out = new byte[65];
        out[0] = 4;
        System.arraycopy(fixed(point.getAffineX()), 0, out, 1, 32);
        System.arraycopy(fixed(point.getAffineY()), 0, out, 33, 32);
        return out;
    }

    private static byte[] fixed(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[32];
        int length = Math.min(32, bytes.length);
        System.arraycopy(bytes, bytes.length - length, out, 32 - length, length);
        return out;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }

    private static byte[] agree(HybridGroup group, KeyPair mine, byte[] peer) throws Exception {
        PublicKey key;
        if (group == HybridGroup.X25519_MLKEM768) {
            key = KeyFactory.getInstance("X25519")
                    .generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, reversed(peer))));
        } else {
            AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
            curve.init(new ECGenParameterSpec("secp256r1"));
            key = KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(new ECPoint(
                    new BigInteger(1, Arrays.copyOfRange(peer, 1, 33)), new BigInteger(1, Arrays.copyOfRange(peer, 33, 65))),
                    curve.getParameterSpec(ECParameterSpec.class)));
        }
        KeyAgreement agreement = KeyAgreement.getInstance(group == HybridGroup.X25519_MLKEM768 ? "X25519" : "ECDH");
        agreement.init(mine.getPrivate());
        agreement.doPhase(key, true);
        return agreement.generateSecret();
    }

    /// Every pair of ranges that the words call apart, overlapping by one byte, both ways round; and side by side.
    @ParameterizedTest
    @EnumSource(HybridGroup.class)
    void rangesThatOverlapAreRefusedAndNothingIsWritten(HybridGroup group) {
        MemorySegment m = Memory.zeros(4 * STRIDE);
        long share = 20;
        long secret = share + group.clientShareBytes();
        long work = 4000;
        group.share(entropy, m, secret, m, share, m, work);
        MemorySegment client = Memory.of(Memory.bytes(m.asSlice(share, group.clientShareBytes())));
        MemorySegment kept = Memory.of(Memory.bytes(m.asSlice(secret, HybridGroup.CLIENT_SECRET_BYTES)));
        MemorySegment server = Memory.zeros(group.serverShareBytes());
        MemorySegment shared = Memory.zeros(HybridGroup.SHARED_BYTES);
        assertEquals(Agreement.AGREED, group.answer(entropy, client, 0, client.byteSize(), server, 0, shared, 0, w, 0));

        long[] share3 = {HybridGroup.CLIENT_SECRET_BYTES, group.clientShareBytes(), HybridGroup.WORKSPACE_BYTES};
        pairs(share3, at -> group.share(entropy, m, at[0], m, at[1], m, at[2]), new MemorySegment[3], m);
        long[] answer4 = {client.byteSize(), group.serverShareBytes(), HybridGroup.SHARED_BYTES, HybridGroup.ANSWER_WORKSPACE_BYTES};
        pairs(answer4, at -> group.answer(entropy, m, at[0], client.byteSize(), m, at[1], m, at[2], m, at[3]),
                new MemorySegment[] {client, null, null, null}, m);
        long[] finish4 = {HybridGroup.CLIENT_SECRET_BYTES, server.byteSize(), HybridGroup.SHARED_BYTES, HybridGroup.WORKSPACE_BYTES};
        pairs(finish4, at -> group.finish(m, at[0], m, at[1], server.byteSize(), m, at[2], m, at[3]),
                new MemorySegment[] {kept, server, null, null}, m);
    }

    private static final long STRIDE = 30_000;  // longer than any two of the ranges, so that no third one is met

    /// Two inputs may overlap, all else must not.
    private static void pairs(long[] lengths, java.util.function.Consumer<long[]> call, MemorySegment[] inputs, MemorySegment m) {
        for (int a = 0; a < lengths.length; a++) {
            for (int b = 0; b < lengths.length; b++) {
                if (a == b || inputs[a] != null && inputs[b] != null) {
                    continue;
                }
                long[] at = new long[lengths.length];
                for (int i = 0; i < at.length; i++) {
                    at[i] = i * STRIDE;
                }
                String which = "ranges " + a + " and " + b;
                m.fill((byte) 0);
                at[b] = at[a] + lengths[a] - 1;
                long[] wrong = at.clone();
                byte[] before = Memory.bytes(m);
                assertThrows(IllegalArgumentException.class, () -> call.accept(wrong), which);
                assertArrayEquals(before, Memory.bytes(m), which);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientOfTheJdkSharesASecretWithOurServer(HybridGroup group) throws Exception {
        for (int round = 0; round < 5; round++) {
            KeyPair curve = curvePair(group);
            KeyPair kem = KeyPairGenerator.getInstance("ML-KEM-768").generateKeyPair();
            byte[] spki = kem.getPublic().getEncoded();
            byte[] client = join(group, encode(curve.getPublic()), Arrays.copyOfRange(spki, spki.length - 1184, spki.length));
            MemorySegment share = Memory.zeros(group.serverShareBytes());
            MemorySegment shared = Memory.zeros(64);
            assertEquals(Agreement.AGREED,
                    group.answer(entropy, MemorySegment.ofArray(client), 0, client.length, share, 0, shared, 0, w, 0));
            byte[][] answer = parts(group, Memory.bytes(share));
            byte[] secret = KEM.getInstance("ML-KEM").newDecapsulator(kem.getPrivate()).decapsulate(answer[1]).getEncoded();
            assertArrayEquals(join(group, agree(group, curve, answer[0]), secret), Memory.bytes(shared));
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourClientSharesASecretWithAServerOfTheJdk(HybridGroup group) throws Exception {
        byte[] spki = KeyPairGenerator.getInstance("ML-KEM-768").generateKeyPair().getPublic().getEncoded();
        for (int round = 0; round < 5; round++) {
            MemorySegment secret = Memory.zeros(HybridGroup.CLIENT_SECRET_BYTES);
            MemorySegment share = Memory.zeros(group.clientShareBytes());
            group.share(entropy, secret, 0, share, 0, w, 0);
            byte[][] client = parts(group, Memory.bytes(share));
            System.arraycopy(client[1], 0, spki, spki.length - 1184, 1184);
            KEM.Encapsulated made = KEM.getInstance("ML-KEM")
                    .newEncapsulator(KeyFactory.getInstance("ML-KEM").generatePublic(new X509EncodedKeySpec(spki))).encapsulate();
            KeyPair curve = curvePair(group);
            byte[] server = join(group, encode(curve.getPublic()), made.encapsulation());
            MemorySegment shared = Memory.zeros(64);
            assertEquals(Agreement.AGREED,
                    group.finish(secret, 0, MemorySegment.ofArray(server), 0, server.length, shared, 0, w, 0));
            assertArrayEquals(join(group, agree(group, curve, client[0]), made.key().getEncoded()), Memory.bytes(shared));
        }
    }

    /// Every answer of the outline; the workspace is zero and outputs are as they were after each refusal.
    @ParameterizedTest
    @EnumSource
    void whatIsNoShareIsRefusedAndNothingIsWritten(HybridGroup group) {
        MemorySegment secret = Memory.zeros(96);
        MemorySegment client = Memory.zeros(group.clientShareBytes());
        group.share(entropy, secret, 0, client, 0, w, 0);
        MemorySegment server = Memory.zeros(group.serverShareBytes());
        MemorySegment shared = Memory.zeros(64);
        assertEquals(Agreement.AGREED, answer(group, client, client.byteSize(), server, shared));
        MemorySegment other = Memory.zeros(64);
        assertEquals(Agreement.AGREED, finish(group, secret, server, server.byteSize(), other));
        assertEquals(-1, shared.mismatch(other));

        byte[] answers = Memory.bytes(server);
        byte[] before = Memory.bytes(shared);
        boolean x = group == HybridGroup.X25519_MLKEM768;
        long curveOfClient = x ? 1184 : 0;
        long curveOfServer = x ? 1088 : 0;
        MemorySegment longer = Memory.zeros(2000).fill((byte) 9);
        assertEquals(Agreement.NO_SHARE, answer(group, longer, client.byteSize() + 1, server, shared));
        assertEquals(Agreement.NO_SHARE, answer(group, client, client.byteSize() - 1, server, shared));
        assertEquals(Agreement.NO_SHARE, finish(group, secret, longer, server.byteSize() + 1, shared));
        assertEquals(Agreement.NO_SHARE, finish(group, secret, server, server.byteSize() - 1, shared));
        MemorySegment bad = Memory.of(Memory.bytes(client));
        bad.asSlice(curveOfClient, x ? 32 : 65).fill((byte) 0);
        assertEquals(x ? Agreement.LOW_ORDER : Agreement.NO_POINT, answer(group, bad, bad.byteSize(), server, shared));
        MemorySegment overflow = Memory.of(Memory.bytes(client));
        overflow.asSlice(x ? 0 : 65, 3).fill((byte) -1);
        assertEquals(Agreement.NO_SHARE, answer(group, overflow, overflow.byteSize(), server, shared));
        assertArrayEquals(answers, Memory.bytes(server));
        MemorySegment badServer = Memory.of(answers);
        badServer.asSlice(curveOfServer, x ? 32 : 65).fill((byte) 0);
        assertEquals(x ? Agreement.LOW_ORDER : Agreement.NO_POINT, finish(group, secret, badServer, badServer.byteSize(), shared));
        assertArrayEquals(before, Memory.bytes(shared), "nothing is written");

        MemorySegment changed = Memory.of(answers);
        long bit = x ? 5 : 70;
        changed.set(ValueLayout.JAVA_BYTE, bit, (byte) (changed.get(ValueLayout.JAVA_BYTE, bit) ^ 1));
        assertEquals(Agreement.AGREED, finish(group, secret, changed, changed.byteSize(), other));
        long same = other.mismatch(shared);
        assertEquals(x ? 0 : 32, same, "the curve's half agrees, ML-KEM's is another");
    }

    private Agreement answer(HybridGroup group, MemorySegment client, long length, MemorySegment server, MemorySegment shared) {
        return zeroAfter(group.answer(entropy, client, 0, length, server, 0, shared, 0, w, 0));
    }

    private Agreement finish(HybridGroup group, MemorySegment secret, MemorySegment server, long length, MemorySegment shared) {
        return zeroAfter(group.finish(secret, 0, server, 0, length, shared, 0, w, 0));
    }

    private Agreement zeroAfter(Agreement answer) {
        assertEquals(0, RawMemory.nonZero(w), "workspace after " + answer);
        return answer;
    }

    /// A source that ends at its n-th draw, for every n: nothing stays behind.
    @ParameterizedTest
    @EnumSource
    void aSourceThatEndsLeavesNothing(HybridGroup group) {
        MemorySegment secret = Memory.zeros(96);
        MemorySegment client = Memory.zeros(group.clientShareBytes());
        MemorySegment server = Memory.zeros(group.serverShareBytes());
        MemorySegment shared = Memory.zeros(64);
        for (int n = 0; n < 2; n++) {
            Entropy first = ends(n);
            assertThrows(IllegalStateException.class, () -> group.share(first, secret, 0, client, 0, w, 0));
            assertEquals(0, RawMemory.nonZero(secret, 0, 96) + RawMemory.nonZero(client)
                    + RawMemory.nonZero(w));
        }
        group.share(entropy, secret, 0, client, 0, w, 0);
        for (int n = 0; n < 2; n++) {
            Entropy then = ends(n);
            assertThrows(IllegalStateException.class,
                    () -> group.answer(then, client, 0, client.byteSize(), server, 0, shared, 0, w, 0));
            assertEquals(0, RawMemory.nonZero(server) + RawMemory.nonZero(shared, 0, 64)
                    + RawMemory.nonZero(w));
        }
        assertTrue(RawMemory.nonZero(secret, 0, 96) > 0);
    }

    private Entropy ends(int after) {
        int[] left = {after};
        return (segment, at, length) -> {
            if (left[0]-- == 0) {
                throw new IllegalStateException("no bytes");
            }
            entropy.fill(segment, at, length);
        };
    }
}
