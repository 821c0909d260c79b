package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Bit flips, changed bytes, truncations and extensions of keys and signatures, in memory of exactly their length: what
/// reads past its input throws IndexOutOfBoundsException, and that fails here.
class MutationTest {
    private static final int CAPACITY = 512;

    private final MemorySegment workspace = Memory.zeros(Keys.WORKSPACE_BYTES);
    private final MemorySegment room = Memory.zeros(CAPACITY);
    private final Map<KeyFormatException.Reason, Integer> reasons = new EnumMap<>(KeyFormatException.Reason.class);
    private final int[] accepted = new int[5];
    private final int[] refused = new int[5];

    private static byte[][] keys() {
        HexFormat hex = HexFormat.of();
        MemorySegment workspace = Memory.zeros(Keys.WORKSPACE_BYTES);
        byte[][] all = new byte[3 * 4 + 1][];
        int count = 0;
        for (KeyAlgorithm algorithm : Keys.CURVES) {
            KeyPair pair = KeyPair.generate(algorithm, KeyPairTest.room(algorithm),
                    (segment, at, length) -> segment.asSlice(at, length).fill((byte) 0x37), workspace, 0);
            MemorySegment der = Memory.zeros(200);
            MemorySegment text = Memory.zeros(400);
            int length = pair.encode(der, 0);
            all[count++] = Memory.bytes(der.asSlice(0, length));
            all[count++] = Memory.bytes(text.asSlice(0, Pem.encode(Pem.PRIVATE, der, 0, length, text, 0)));
            length = pair.publicKey(Memory.zeros(65), 0).encode(der, 0);
            all[count++] = Memory.bytes(der.asSlice(0, length));
            all[count++] = Memory.bytes(text.asSlice(0, Pem.encode(Pem.PUBLIC, der, 0, length, text, 0)));
        }
        byte[] ec = all[8];  // P-256, PKCS#8: the ECPrivateKey in it, with parameters put in
        String inner = hex.formatHex(ec).substring(2 * 29);
        all[count] = hex.parseHex("3077" + inner.substring(0, 2 * 37) + "a00a06082a8648ce3d030107" + inner.substring(2 * 37));
        return all;
    }

    private int mutate(SplittableRandom random, byte[] from, byte[] to) {
        int length = from.length;
        System.arraycopy(from, 0, to, 0, length);
        for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
            switch (random.nextInt(5)) {
                case 0 -> to[random.nextInt(Math.max(length, 1))] ^= (byte) (1 << random.nextInt(8));
                case 1 -> to[random.nextInt(Math.max(length, 1))] = (byte) random.nextInt();
                case 2 -> length = random.nextInt(length + 1);
                case 3 -> {
                    int more = random.nextInt(1, 16);
                    for (int i = 0; i < more && length < CAPACITY; i++) {
                        to[length++] = (byte) random.nextInt();
                    }
                }
                default -> to[random.nextInt(Math.max(Math.min(length, 40), 1))] += (byte) (random.nextBoolean() ? 1 : -1);
            }
        }
        return length;
    }

    /// @param inputs  gives each of its seeds' generators to what it is given
    private void run(boolean thorough, Consumer<Consumer<SplittableRandom>> inputs) {
        byte[][] keys = keys();
        MemorySegment raw = Memory.zeros(64);
        MemorySegment edKey = Memory.zeros(32);
        MemorySegment edSignature = Memory.zeros(64);
        MemorySegment seed = Memory.hex("11".repeat(32));
        Ed25519.publicKey(seed, 0, edKey, 0, workspace, 0);
        Ed25519.sign(seed, 0, seed, 0, 32, edSignature, 0, workspace, 0);
        EcdsaP256.sign(seed, 0, seed, 0, 32, raw, 0, workspace, 0);
        MemorySegment der = Memory.zeros(EcdsaSignature.DER_BYTES_MAX);
        byte[] derBytes = Memory.bytes(der.asSlice(0, EcdsaSignature.toDer(raw, 0, der, 0)));
        byte[] edBytes = Memory.bytes(edSignature);
        byte[] mutated = new byte[CAPACITY];
        MemorySegment out = Memory.zeros(64);
        inputs.accept(random -> {
            int kind = random.nextInt(8);
            if (kind < 5) {
                byte[] key = keys[random.nextInt(keys.length)];
                MemorySegment input = put(mutated, mutate(random, key, mutated));
                if ((kind & 1) == 0) {
                    decodePrivate(input);
                } else {
                    decodePublic(input);
                }
            } else if (kind < 7) {
                MemorySegment input = put(mutated, mutate(random, derBytes, mutated));
                count(2, EcdsaSignature.fromDer(input, 0, input.byteSize(), out, 0));
            } else {
                MemorySegment input = put(mutated, mutate(random, edBytes, mutated));
                if (random.nextInt(8) == 0) {  // a verification is slow
                    boolean same = input.mismatch(edSignature) == -1;  // a change may undo another
                    count(3, same ^ Ed25519.verify(edKey, 0, seed, 0, 32, input, 0, input.byteSize(), workspace, 0));
                }
            }
        });
        System.out.println("mutated inputs: private keys " + accepted[0] + " accepted, " + refused[0]
                + " refused; public keys " + accepted[1] + ", " + refused[1] + "; DER signatures " + accepted[2] + ", "
                + refused[2] + "; Ed25519 signatures " + accepted[3] + ", " + refused[3] + "; reasons " + reasons);
        assertTrue(accepted[3] == 0);
        assertTrue(!thorough || accepted[0] > 0 && accepted[1] > 0 && accepted[2] > 0);
        assertTrue(!thorough || reasons.size() >= 8, "refusals of many depths: " + reasons);
    }

    /// Exactly the bytes, in memory that ends behind them.
    private MemorySegment put(byte[] bytes, int length) {
        MemorySegment.copy(bytes, 0, room, ValueLayout.JAVA_BYTE, CAPACITY - length, length);
        return room.asSlice(CAPACITY - length, length);
    }

    private void count(int kind, boolean good) {
        (good ? accepted : refused)[kind]++;
    }

    private void decodePrivate(MemorySegment input) {
        MemorySegment copy = Memory.of(Memory.bytes(input));
        try (EncodedKey key = EncodedKey.in(copy, 0, copy.byteSize())) {
            key.keyPair(KeyPairTest.room(key.algorithm()), workspace, 0);  // it says what it is first
            count(0, true);
        } catch (KeyFormatException e) {
            reasons.merge(e.reason(), 1, Integer::sum);
            count(0, false);
        }
    }

    private void decodePublic(MemorySegment input) {
        try {
            Keys.decodePublic(input, 0, input.byteSize(), Memory.zeros(4096), 0, workspace, 0);
            count(1, true);
        } catch (KeyFormatException e) {
            reasons.merge(e.reason(), 1, Integer::sum);
            count(1, false);
        }
    }

    @Test
    void hundredThousandMutatedInputsGiveTypedRefusalsOnly() {
        run(Long.getLong("coffer.seed") == null, one -> Seeds.forEach(1, 100_000, one));
    }

    @Test
    @Tag("long")
    void mutatedInputsGiveTypedRefusalsOnlyForLong() {
        run(false, one -> LongRun.of("keys and signatures", one));
    }
}
