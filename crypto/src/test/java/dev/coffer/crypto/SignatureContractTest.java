package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.RangesContract.Place;
import dev.coffer.crypto.RangesContract.Role;
import dev.coffer.crypto.SignatureStreams.Pieces;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One contract for every [Signature]: the same rules of misuse, edges, endings and streams, through the outline alone. An algorithm is a row
/// of the table; one without a row fails here.
class SignatureContractTest {
    private static final int MESSAGE = 100;
    private static final MemorySegment NONE = Memory.zeros(0);

    /// What a scheme is known for.
    enum Trait {
        /// It takes a context of up to 255 bytes; others take none.
        CONTEXT,
        /// It signs without asking for entropy.
        NEVER_ASKS,
        /// It has no deterministic variant.
        NEVER_DETERMINISTIC,
        /// There are private keys that are none: [Scheme#bad] says one.
        BAD_KEYS,
        /// The seed may lie where the private key will.
        IN_PLACE,
        /// It takes tens of milliseconds: what signs is done with others of its family.
        SLOW
    }

    /// @param pieces  a message in pieces; null where there are none, as SLH-DSA reads a message twice
    /// @param bad     what the private key's bytes become where they are none
    record Scheme(Signature signature, Set<Trait> traits, Pieces pieces, byte[] bad) {
        boolean is(Trait trait) {
            return traits.contains(trait);
        }

        @Override
        public String toString() {
            return signature.name();
        }
    }

    private static Scheme row(Signature signature, Pieces pieces, int bad, Trait... traits) {
        byte[] none = new byte[signature.privateKeyBytes()];
        Arrays.fill(none, (byte) bad);
        Set<Trait> all = EnumSet.noneOf(Trait.class);
        all.addAll(List.of(traits));
        return new Scheme(signature, all, pieces, none);
    }

    private static final List<Scheme> SCHEMES = table();

    private static List<Scheme> table() {
        List<Scheme> rows = new ArrayList<>(List.of(
                row(Ed25519.SCHEME, SignatureStreams.ED25519, 0, Trait.NEVER_ASKS, Trait.IN_PLACE),
                row(EcdsaP256.SCHEME, SignatureStreams.ECDSA, -1, Trait.BAD_KEYS, Trait.IN_PLACE)));
        for (MlDsa dsa : List.of(MlDsa.ML_DSA_44, MlDsa.ML_DSA_65, MlDsa.ML_DSA_87)) {
            rows.add(row(dsa, SignatureStreams.mlDsa(dsa), -1, Trait.CONTEXT, Trait.BAD_KEYS));
        }
        for (SlhDsa dsa : SlhDsa.SETS) {
            boolean signs = dsa == SlhDsa.SHA2_128F || dsa == SlhDsa.SHAKE_128F;
            rows.add(signs ? row(dsa, null, 7, Trait.CONTEXT, Trait.BAD_KEYS) : row(dsa, null, 7, Trait.CONTEXT, Trait.BAD_KEYS, Trait.SLOW));
        }
        for (Falcon falcon : List.of(Falcon.FALCON_512, Falcon.FALCON_1024)) {
            rows.add(row(falcon, SignatureStreams.falcon(falcon), -1, Trait.NEVER_DETERMINISTIC, Trait.BAD_KEYS));
        }
        return rows;
    }

    static List<Scheme> schemes() {
        return SCHEMES;
    }

    static List<Scheme> signing() {
        return SCHEMES.stream().filter(scheme -> !scheme.is(Trait.SLOW)).toList();
    }

    static List<Scheme> streaming() {
        return SCHEMES.stream().filter(scheme -> scheme.pieces != null).toList();
    }

    /// Keys and a signature of [#message], made once.
    record Signed(MemorySegment seed, MemorySegment publicKey, MemorySegment privateKey, MemorySegment context, MemorySegment signature) {}

    private static final Map<Scheme, Signed> MADE = new HashMap<>();
    private static final MemorySegment MESSAGE_BYTES = filled(MESSAGE, 5);

    private static MemorySegment filled(long bytes, long seed) {
        MemorySegment memory = Memory.zeros(bytes);
        new SeededEntropy(seed).fill(memory, 0, bytes);
        return memory;
    }

    private static MemorySegment work(Signature s) {
        return Memory.zeros(Math.max(s.workspaceBytes(), s.signWorkspaceBytes()));
    }

    private static MemorySegment copy(MemorySegment of) {
        return Memory.of(Memory.bytes(of));
    }

    /// Of what is slow the bytes mean nothing: what is refused is not read.
    private static Signed made(Scheme scheme) {
        return MADE.computeIfAbsent(scheme, row -> {
            Signature s = row.signature;
            Signed signed = new Signed(filled(s.seedBytes(), s.name().hashCode()), Memory.zeros(s.publicKeyBytes()), Memory.zeros(s.privateKeyBytes()),
                    filled(s.contextBytesMax(), 6), Memory.zeros(s.signatureBytes()));
            if (!row.is(Trait.SLOW)) {
                MemorySegment w = work(s);
                assertTrue(s.keyPair(signed.seed, 0, signed.publicKey, 0, signed.privateKey, 0, w, 0));
                assertTrue(sign(row, signed, new SeededEntropy(1), s.contextBytesMax(), signed.signature, w));
            }
            return signed;
        });
    }

    private static boolean sign(Scheme row, Signed signed, Entropy entropy, int contextLength, MemorySegment out, MemorySegment w) {
        return row.signature.sign(entropy, signed.privateKey, 0, MESSAGE_BYTES, 0, MESSAGE, signed.context, 0, contextLength, out, 0, w, 0);
    }

    private static boolean verify(Scheme row, MemorySegment publicKey, MemorySegment message, MemorySegment context, long contextLength,
            MemorySegment signature, long length) {
        MemorySegment w = Memory.zeros(row.signature.workspaceBytes()).fill((byte) 0x5a);
        boolean valid = row.signature.verify(publicKey, 0, message, 0, message.byteSize(), context, 0, (int) contextLength, signature, 0, length,
                w, 0);
        assertWiped(w);
        return valid;
    }

    private static boolean verify(Scheme row, Signed signed, MemorySegment signature) {
        return verify(row, signed.publicKey, MESSAGE_BYTES, signed.context, signed.context.byteSize(), signature, signature.byteSize());
    }

    private static void assertWiped(MemorySegment workspace) {
        assertEquals(0, RawMemory.nonZero(workspace), "workspace");
    }

    private static RangesContract keyPair(Scheme row) {
        Signature s = row.signature;
        return new RangesContract(s + ".keyPair", (m, at) -> s.keyPair(m[0], at[0], m[1], at[1], m[2], at[2], m[3], at[3]),
                row.is(Trait.IN_PLACE) ? List.of("seed", "private key") : List.of(), Place.in("seed", Role.SECRET, made(row).seed),
                Place.out("public key", Role.OPEN_OUTPUT, s.publicKeyBytes()), Place.out("private key", Role.SECRET_OUTPUT, s.privateKeyBytes()),
                Place.out("workspace", Role.WORKSPACE, s.workspaceBytes()));
    }

    private static RangesContract sign(Scheme row, MemorySegment privateKey) {
        Signature s = row.signature;
        List<Place> places = new ArrayList<>(List.of(Place.in("private key", Role.SECRET, privateKey),
                Place.in("message", Role.OPEN, MESSAGE_BYTES), Place.out("signature", Role.OPEN_OUTPUT, s.signatureBytes()),
                Place.out("workspace", Role.WORKSPACE, s.signWorkspaceBytes())));
        int context = row.is(Trait.CONTEXT) ? places.size() : 1;  // an empty one lies anywhere
        if (row.is(Trait.CONTEXT)) {
            places.add(Place.in("context", Role.OPEN, made(row).context));
        }
        return new RangesContract(s + ".sign", (m, at) -> s.sign(new SeededEntropy(1), m[0], at[0], m[1], at[1], MESSAGE, m[context], at[context],
                s.contextBytesMax(), m[2], at[2], m[3], at[3]), List.of(), places.toArray(Place[]::new));
    }

    private static RangesContract verify(Scheme row) {
        Signature s = row.signature;
        List<Place> places = new ArrayList<>(List.of(Place.in("public key", Role.OPEN, made(row).publicKey),
                Place.in("message", Role.OPEN, MESSAGE_BYTES), Place.in("signature", Role.OPEN, made(row).signature),
                Place.out("workspace", Role.WORKSPACE, s.workspaceBytes())));
        int context = row.is(Trait.CONTEXT) ? places.size() : 1;
        if (row.is(Trait.CONTEXT)) {
            places.add(Place.in("context", Role.OPEN, made(row).context));
        }
        return new RangesContract(s + ".verify", (m, at) -> s.verify(m[0], at[0], m[1], at[1], MESSAGE, m[context], at[context],
                s.contextBytesMax(), m[2], at[2], s.signatureBytes(), m[3], at[3]), List.of(), places.toArray(Place[]::new));
    }

    @Test
    void everyAlgorithmHasARow() {
        Set<Signature> known = new LinkedHashSet<>(SlhDsa.SETS);
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            if (algorithm.signs()) {
                known.add(algorithm.signature());
            }
        }
        known.removeAll(SCHEMES.stream().map(Scheme::signature).toList());
        assertEquals(Set.of(), known, "without a row");
        assertEquals(SCHEMES.size(), SCHEMES.stream().map(Scheme::toString).distinct().count(), "names");
    }

    /// Outside a segment, on the heap, read-only, over each other, closed: at each range of each operation.
    @ParameterizedTest
    @MethodSource("schemes")
    void aRangeThatIsWrongIsRefusedAndNothingIsWritten(Scheme row) {
        boolean slow = row.is(Trait.SLOW);
        int tried = keyPair(row).tried(slow) + sign(row, made(row).privateKey).tried(slow) + verify(row).tried(slow);
        assertTrue(tried > 130, "ways of misuse: " + tried);
    }

    @ParameterizedTest
    @MethodSource("signing")
    void whatIsRightWorksAtAnyPlaceAndLeavesTheWorkspaceZero(Scheme row) {
        MemorySegment[] pair = keyPair(row).runs(true);
        assertEquals(-1, pair[1].mismatch(made(row).publicKey));
        assertEquals(-1, pair[2].mismatch(made(row).privateKey));
        MemorySegment signature = sign(row, made(row).privateKey).runs(true)[2];
        assertEquals(-1, signature.mismatch(made(row).signature), "the same draws, the same signature");
        verify(row).runs(true);
        assertEquals(-1, sign(row, made(row).privateKey).runsOnTheHeap()[2].mismatch(signature), "what is public may lie on the heap");
        verify(row).runsOnTheHeap();
    }

    @ParameterizedTest
    @MethodSource("signing")
    void aPrivateKeyThatIsNoneIsAnsweredAndNothingIsShown(Scheme row) {
        if (row.is(Trait.BAD_KEYS)) {
            sign(row, Memory.of(row.bad)).runs(false);
        } else {
            sign(row, Memory.of(row.bad)).runs(true);
        }
    }

    /// 0 bytes, the most, and one more; what belongs to one context is worth nothing in another.
    @ParameterizedTest
    @MethodSource("signing")
    void aContextHasItsLengthAndItsMeaning(Scheme row) {
        Signed signed = made(row);
        MemorySegment w = work(row.signature);
        int most = row.signature.contextBytesMax();
        assertEquals(row.is(Trait.CONTEXT) ? 255 : 0, most);
        MemorySegment longer = filled(most + 1, 6);  // begins as the context does
        MemorySegment out = Memory.zeros(row.signature.signatureBytes()).fill((byte) 0x5a);
        String before = Memory.hex(out);
        assertThrows(IllegalArgumentException.class, () -> row.signature.sign(Entropy.SYSTEM, signed.privateKey, 0, MESSAGE_BYTES, 0, MESSAGE, longer, 0,
                most + 1, out, 0, w, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> row.signature.sign(Entropy.SYSTEM, signed.privateKey, 0, MESSAGE_BYTES, 0, MESSAGE, longer, 0,
                -1, out, 0, w, 0));
        assertEquals(before, Memory.hex(out));
        assertWiped(w);
        assertFalse(verify(row, signed.publicKey, MESSAGE_BYTES, longer, most + 1, signed.signature, signed.signature.byteSize()));
        MemorySegment ours = Memory.zeros(row.signature.workspaceBytes());
        for (long[] wrong : new long[][] {{0, -1}, {0, Integer.MIN_VALUE}, {1, most + 1}, {-1, 1}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> row.signature.verify(signed.publicKey, 0, MESSAGE_BYTES, 0, MESSAGE, longer, wrong[0],
                    (int) wrong[1], signed.signature, 0, signed.signature.byteSize(), ours, 0), "context at " + wrong[0] + ", " + wrong[1] + " bytes");
        }
        assertWiped(ours);
        if (most == 0) {
            return;
        }
        assertTrue(verify(row, signed, signed.signature), "the longest");
        assertFalse(verify(row, signed.publicKey, MESSAGE_BYTES, signed.context, most - 1, signed.signature, signed.signature.byteSize()));
        assertFalse(verify(row, signed.publicKey, MESSAGE_BYTES, NONE, 0, signed.signature, signed.signature.byteSize()));
        assertTrue(sign(row, signed, new SeededEntropy(1), 0, out, w));
        assertTrue(verify(row, signed.publicKey, MESSAGE_BYTES, NONE, 0, out, out.byteSize()), "none");
    }

    @ParameterizedTest
    @MethodSource("signing")
    void anotherLengthVerifiesAsFalse(Scheme row) {
        Signed signed = made(row);
        long length = signed.signature.byteSize();
        MemorySegment room = Memory.zeros(length + 1);
        MemorySegment.copy(signed.signature, 0, room, 0, length);
        for (long other : new long[] {0, 1, length - 1, length + 1}) {
            assertFalse(verify(row, signed.publicKey, MESSAGE_BYTES, signed.context, signed.context.byteSize(), room, other), "bytes: " + other);
        }
        assertTrue(verify(row, signed.publicKey, MESSAGE_BYTES, signed.context, signed.context.byteSize(), room, length));
        assertFalse(verify(row, signed.publicKey, MESSAGE_BYTES.asSlice(0, MESSAGE - 1), signed.context, signed.context.byteSize(), room, length));
        assertFalse(verify(row, signed.publicKey, NONE, signed.context, signed.context.byteSize(), room, length));
        MemorySegment w = Memory.zeros(row.signature.workspaceBytes());
        for (long[] wrong : new long[][] {{-1, length}, {MESSAGE, -1}, {MESSAGE, Long.MIN_VALUE}, {MESSAGE + 1, length}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> row.signature.verify(signed.publicKey, 0, MESSAGE_BYTES, 0, wrong[0], signed.context, 0,
                    (int) signed.context.byteSize(), room, 0, wrong[1], w, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("signing")
    void oneBitThatWasFlippedAnywhereVerifiesAsFalse(Scheme row) {
        Signed signed = made(row);
        SplittableRandom random = new SplittableRandom(3);
        for (MemorySegment of : new MemorySegment[] {signed.signature, signed.publicKey, MESSAGE_BYTES}) {
            for (int i = 0; i < 12; i++) {
                long at = i == 0 ? 0 : i == 1 ? of.byteSize() - 1 : random.nextLong(of.byteSize());
                int bit = random.nextInt(8);
                MemorySegment changed = copy(of);
                changed.set(ValueLayout.JAVA_BYTE, at, (byte) (changed.get(ValueLayout.JAVA_BYTE, at) ^ 1 << bit));
                assertFalse(verify(row, of == signed.publicKey ? changed : signed.publicKey, of == MESSAGE_BYTES ? changed : MESSAGE_BYTES,
                        signed.context, signed.context.byteSize(), of == signed.signature ? changed : signed.signature,
                        signed.signature.byteSize()), "byte " + at + " of " + of.byteSize() + ", bit " + bit);
            }
        }
    }

    /// What another scheme made is a key or a signature of this one in no way: an answer, never an error, and nothing left.
    @ParameterizedTest
    @MethodSource("signing")
    void aKeyOfAnotherKindIsAnswered(Scheme row) {
        Signed own = made(row);
        for (Scheme other : signing()) {
            if (other == row) {
                continue;
            }
            Signed foreign = made(other);
            MemorySegment publicKey = fitted(foreign.publicKey, own.publicKey.byteSize());
            assertFalse(verify(row, publicKey, MESSAGE_BYTES, own.context, own.context.byteSize(), own.signature, own.signature.byteSize()),
                    "public key of " + other);
            assertFalse(verify(row, own, fitted(foreign.signature, own.signature.byteSize())), "signature of " + other);
        }
        Scheme other = signing().get((signing().indexOf(row) + 1) % signing().size());
        MemorySegment w = work(row.signature);
        MemorySegment out = Memory.zeros(own.signature.byteSize());
        Signed foreign = new Signed(own.seed, own.publicKey, fitted(made(other).privateKey, own.privateKey.byteSize()), own.context, out);
        boolean signs = sign(row, foreign, new SeededEntropy(1), (int) own.context.byteSize(), out, w);
        assertWiped(w);
        assertTrue(!signs || !verify(row, own, out), "by a private key of " + other);
    }

    /// As many bytes of it, one behind the other.
    private static MemorySegment fitted(MemorySegment of, long bytes) {
        MemorySegment fitted = Memory.zeros(bytes);
        for (long at = 0; at < bytes; at += of.byteSize()) {
            MemorySegment.copy(of, 0, fitted, at, Math.min(of.byteSize(), bytes - at));
        }
        return fitted;
    }

    @ParameterizedTest
    @MethodSource("signing")
    void entropyIsAskedForByWhoNeedsItAndItsFailureLeavesNothing(Scheme row) {
        Signed signed = made(row);
        int context = (int) signed.context.byteSize();
        MemorySegment w = Memory.zeros(row.signature.signWorkspaceBytes());
        MemorySegment out = Memory.zeros(row.signature.signatureBytes()).fill((byte) 0x5a);
        String before = Memory.hex(out);
        Entropy empty = (segment, at, length) -> {
            throw new IllegalStateException("no bytes");
        };
        Error broken = new InternalError("the source broke");
        Entropy breaks = (segment, at, length) -> {
            throw broken;
        };
        Entropy idle = (segment, at, length) -> {};
        if (row.is(Trait.NEVER_ASKS)) {
            assertTrue(sign(row, signed, breaks, context, out, w));
            assertEquals(-1, out.mismatch(signed.signature));
            return;
        }
        w.fill((byte) 0x5a);
        assertThrows(IllegalStateException.class, () -> sign(row, signed, empty, context, out, w));
        assertWiped(w);
        w.fill((byte) 0x5a);
        assertSame(broken, assertThrows(InternalError.class, () -> sign(row, signed, breaks, context, out, w)));
        assertWiped(w);
        for (int fill : new int[] {0x5a, 0}) {
            w.fill((byte) fill);
            assertThrows(IllegalStateException.class, () -> sign(row, signed, idle, context, out, w), "a source that fills nothing");
            assertWiped(w);
        }
        assertEquals(before, Memory.hex(out));
    }

    @ParameterizedTest
    @MethodSource("signing")
    void deterministicAndHedgedAreToldApart(Scheme row) {
        Signed signed = made(row);
        int context = (int) signed.context.byteSize();
        MemorySegment w = work(row.signature);
        MemorySegment one = Memory.zeros(row.signature.signatureBytes());
        MemorySegment two = Memory.zeros(row.signature.signatureBytes());
        if (row.is(Trait.NEVER_DETERMINISTIC)) {
            assertThrows(IllegalArgumentException.class, () -> sign(row, signed, Signature.DETERMINISTIC, context, one, w));
            assertWiped(one);
        } else {
            assertTrue(sign(row, signed, Signature.DETERMINISTIC, context, one, w) && sign(row, signed, Signature.DETERMINISTIC, context, two, w));
            assertEquals(-1, one.mismatch(two), "deterministic");
            assertTrue(verify(row, signed, one));
        }
        assertTrue(sign(row, signed, Entropy.SYSTEM, context, two, w));
        assertTrue(verify(row, signed, two));
        if (!row.is(Trait.NEVER_ASKS)) {
            assertNotEquals(-1, one.mismatch(two), "hedged");
        }
    }

    /// A message in pieces, cut anywhere, is the message.
    @ParameterizedTest
    @MethodSource("streaming")
    void aMessageInPiecesIsTheMessage(Scheme row) {
        Signed signed = made(row);
        for (int cut : new int[] {0, 1, 63, 64, MESSAGE}) {
            MemorySegment out = Memory.zeros(row.signature.signatureBytes());
            row.pieces.sign(new SeededEntropy(1), signed, MESSAGE_BYTES, cut, out);
            assertEquals(-1, out.mismatch(signed.signature), "cut at " + cut);
            assertTrue(row.pieces.verify(signed, MESSAGE_BYTES, cut, signed.signature), "cut at " + cut);
            assertFalse(row.pieces.verify(signed, MESSAGE_BYTES.asSlice(0, MESSAGE - 1), Math.min(cut, MESSAGE - 1), signed.signature));
        }
    }
}
