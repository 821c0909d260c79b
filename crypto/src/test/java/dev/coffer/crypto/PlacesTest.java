package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Where the ranges of every public operation may lie, but of KEMs and signature schemes as such, which [KemContractTest] and
/// [SignatureContractTest] ask: one table, five questions. What works in it (a state, a schedule, a
/// workspace) overlaps nothing else, by not one byte; secrets and what works on them are not on the heap; nothing
/// reaches past its segment or works in what is read-only; and any alignment will do.
class PlacesTest {
    private enum Kind {
        /// A state, schedule or workspace: secret, and written while the others are read.
        WORK,
        /// A secret that is read or written.
        SECRET,
        /// Public, or the caller's own business.
        OPEN
    }

    private record Range(String name, long length, Kind kind) {}

    private static Range work(String name, long length) {
        return new Range(name, length, Kind.WORK);
    }

    private static Range secret(String name, long length) {
        return new Range(name, length, Kind.SECRET);
    }

    private static Range open(String name, long length) {
        return new Range(name, length, Kind.OPEN);
    }

    private interface Call {
        void run(MemorySegment[] s, long[] at);
    }

    /// @param before  what the operation itself finds done, in places that are right: a state that has begun
    private record Operation(String name, Call before, Call step, Range... ranges) {
        Operation(String name, Call step, Range... ranges) {
            this(name, (s, at) -> {}, step, ranges);
        }

        void run(MemorySegment[] s, long[] at) {
            before.run(s, at);
            step.run(s, at);
        }
    }

    private static final MemorySegment KEY = Memory.zeros(32);

    private static List<Operation> operations() {
        List<Operation> all = new ArrayList<>();
        for (Hash h : new Hash[] {Hash.SHA_256, Hash.SHA_512, Hash.SHA3_256}) {
            all.add(new Operation(h + ".init", (s, at) -> h.init(s[0], at[0]), work("state", h.stateBytes())));
            all.add(new Operation(h + ".update", (s, at) -> h.init(s[0], at[0]), (s, at) -> h.update(s[0], at[0], s[1], at[1], 40),
                    work("state", h.stateBytes()), open("input", 40)));
            all.add(new Operation(h + ".digest", (s, at) -> h.init(s[0], at[0]), (s, at) -> h.digest(s[0], at[0], s[1], at[1]),
                    work("state", h.stateBytes()), open("output", h.digestBytes())));
            all.add(new Operation(h + ".hash", (s, at) -> h.hash(s[0], at[0], s[1], at[1], 40, s[2], at[2]),
                    work("workspace", h.stateBytes()), open("input", 40), open("output", h.digestBytes())));
        }
        Xof x = Xof.SHAKE_128;
        all.add(new Operation("XOF.absorb", (s, at) -> x.init(s[0], at[0]), (s, at) -> x.absorb(s[0], at[0], s[1], at[1], 40),
                    work("state", Xof.STATE_BYTES), open("input", 40)));
        all.add(new Operation("XOF.squeeze", (s, at) -> x.init(s[0], at[0]), (s, at) -> x.squeeze(s[0], at[0], s[1], at[1], 40),
                    work("state", Xof.STATE_BYTES), open("output", 40)));
        all.add(new Operation("XOF.expand", (s, at) -> x.expand(s[0], at[0], s[1], at[1], 40, s[2], at[2], 50),
                work("workspace", Xof.STATE_BYTES), open("input", 40), open("output", 50)));
        for (Mac m : new Mac[] {Mac.HMAC_SHA_256, Mac.KMAC_128, Mac.hmac(Hash.SHA_512, 32)}) {
            all.add(new Operation(m + ".init", (s, at) -> m.init(s[0], at[0], s[1], at[1], 32),
                    work("state", m.stateBytes()), secret("key", 32)));
            all.add(new Operation(m + ".update", (s, at) -> m.init(s[0], at[0], KEY, 0, 32), (s, at) -> m.update(s[0], at[0], s[1], at[1], 40),
                    work("state", m.stateBytes()), open("input", 40)));
            all.add(new Operation(m + ".tag", (s, at) -> m.init(s[0], at[0], KEY, 0, 32), (s, at) -> m.tag(s[0], at[0], s[1], at[1]),
                    work("state", m.stateBytes()), open("tag", m.tagBytes())));
            all.add(new Operation(m + ".verify", (s, at) -> m.init(s[0], at[0], KEY, 0, 32), (s, at) -> m.verify(s[0], at[0], s[1], at[1], m.tagBytes()),
                    work("state", m.stateBytes()), open("tag", m.tagBytes())));
            all.add(new Operation(m + ".mac", (s, at) -> m.mac(s[0], at[0], s[1], at[1], 32, s[2], at[2], 40, s[3], at[3]),
                    work("workspace", m.stateBytes()), secret("key", 32), open("input", 40), open("tag", m.tagBytes())));
        }
        for (Aead a : new Aead[] {Aead.CHACHA20_POLY1305, Aead.XCHACHA20_POLY1305, Aead.AES_256_GCM, Aead.accelerated(16)}) {
            all.add(new Operation(a + ".load", (s, at) -> new AeadKey(a, s[1], at[1]).at(s[0], at[0]).load(s[2], at[2]),
                    work("schedule", a.scheduleBytes()), work("workspace", a.workspaceBytes()), secret("key", a.keyBytes())));
            Range[] ranges = {work("schedule", a.scheduleBytes()), work("workspace", a.workspaceBytes()),
                open("nonce", a.nonceBytes()), open("aad", 20), open("text", 40), open("output", 56)};
            MemorySegment key = Memory.zeros(a.keyBytes());
            Call load = (s, at) -> {
                AeadKey loaded = new AeadKey(a, s[1], at[1]).at(s[0], at[0]);
                loaded.wipe();
                loaded.load(key, 0);
            };
            all.add(new Operation(a + ".seal", load, (s, at) -> new AeadKey(a, s[1], at[1]).at(s[0], at[0])
                    .seal(s[2], at[2], s[3], at[3], 20, s[4], at[4], 40, s[5], at[5]),
                    ranges));
            all.add(new Operation(a + ".open", load, (s, at) -> new AeadKey(a, s[1], at[1]).at(s[0], at[0])
                    .open(s[2], at[2], s[3], at[3], 20, s[4], at[4], 56, s[5], at[5]),
                    work("schedule", a.scheduleBytes()), work("workspace", a.workspaceBytes()), open("nonce", a.nonceBytes()),
                    open("aad", 20), open("sealed", 56), open("output", 40)));
        }
        Hkdf k = Hkdf.SHA_256;
        Range space = work("workspace", k.workspaceBytes());
        all.add(new Operation("HKDF.extract", (s, at) -> k.extract(s[0], at[0], s[1], at[1], 32, s[2], at[2], 32, s[3], at[3]),
                space, secret("salt", 32), secret("material", 32), secret("output", 32)));
        all.add(new Operation("HKDF.expand", (s, at) -> k.expand(s[0], at[0], s[1], at[1], 32, s[2], at[2], 9, s[3], at[3], 50),
                space, secret("key", 32), open("info", 9), secret("output", 50)));
        all.add(new Operation("HKDF.derive", (s, at) -> k.derive(s[0], at[0], s[1], at[1], 32, s[2], at[2], 32, s[3], at[3], 9,
                s[4], at[4], 50), space, secret("salt", 32), secret("material", 32), open("info", 9), secret("output", 50)));
        all.add(new Operation("HKDF.expandLabel", (s, at) -> k.expandLabel(s[0], at[0], s[1], at[1], s[2], at[2], 7, s[3], at[3],
                9, s[4], at[4], 50), space, secret("secret", 32), open("label", 7), open("context", 9), secret("output", 50)));
        curves(all);
        return all;
    }

    private static void curves(List<Operation> all) {
        Range x = work("workspace", X25519.WORKSPACE_BYTES);
        all.add(new Operation("X25519.publicKey", (s, at) -> X25519.publicKey(s[1], at[1], s[2], at[2], s[0], at[0]), x,
                secret("private", 32), open("public", 32)));
        all.add(new Operation("X25519.agree", (s, at) -> X25519.agree(s[1], at[1], s[2], at[2], s[3], at[3], s[0], at[0]), x,
                secret("private", 32), open("peer", 32), secret("shared", 32)));
        Range ed = work("workspace", Ed25519.SIGN_WORKSPACE_BYTES);
        all.add(new Operation("Ed25519.publicKey", (s, at) -> Ed25519.publicKey(s[1], at[1], s[2], at[2], s[0], at[0]), ed,
                secret("private", 32), open("public", 32)));
        all.add(new Operation("Ed25519.sign", (s, at) -> Ed25519.sign(s[1], at[1], s[2], at[2], 40, s[3], at[3], s[0], at[0]), ed,
                secret("private", 32), open("message", 40), open("signature", 64)));
        all.add(new Operation("Ed25519.sign with public key", (s, at) -> Ed25519.sign(s[1], at[1], s[4], at[4], s[2], at[2], 40,
                s[3], at[3], s[0], at[0]), ed, secret("private", 32), open("message", 40), open("signature", 64),
                open("public", 32)));
        all.add(new Operation("Ed25519.verify", (s, at) -> Ed25519.verify(s[1], at[1], s[2], at[2], 40, s[3], at[3], 64, s[0],
                at[0]), work("workspace", Ed25519.VERIFY_WORKSPACE_BYTES), open("public", 32), open("message", 40),
                open("signature", 64)));
        Range p = work("workspace", P256.WORKSPACE_BYTES);
        all.add(new Operation("P256.privateKey", (s, at) -> P256.privateKey(s[1], at[1], s[2], at[2], s[0], at[0]), p,
                secret("entropy", 32), secret("private", 32)));
        all.add(new Operation("P256.publicKey", (s, at) -> P256.publicKey(s[1], at[1], s[2], at[2], s[0], at[0]), p,
                secret("private", 32), open("public", 65)));
        all.add(new Operation("P256.agree", (s, at) -> P256.agree(s[1], at[1], s[2], at[2], 65, s[3], at[3], s[0], at[0]), p,
                secret("private", 32), open("peer", 65), secret("shared", 32)));
        all.add(new Operation("P256.decompress", (s, at) -> P256.decompress(s[1], at[1], 33, s[2], at[2], s[0], at[0]), p,
                open("encoded", 33), open("public", 65)));
        Range sign = work("workspace", EcdsaP256.SIGN_WORKSPACE_BYTES);
        all.add(new Operation("EcdsaP256.sign", (s, at) -> EcdsaP256.sign(s[1], at[1], s[2], at[2], 40, s[3], at[3], s[0], at[0]),
                sign, secret("private", 32), open("message", 40), open("signature", 64)));
        all.add(new Operation("EcdsaP256.signDigest", (s, at) -> EcdsaP256.signDigest(s[1], at[1], s[2], at[2], s[3], at[3], 8,
                s[4], at[4], s[0], at[0]), sign, secret("private", 32), open("digest", 32), open("extra", 8),
                open("signature", 64)));
        Range verify = work("workspace", EcdsaP256.VERIFY_WORKSPACE_BYTES);
        all.add(new Operation("EcdsaP256.verify", (s, at) -> EcdsaP256.verify(s[1], at[1], 65, s[2], at[2], 40, s[3], at[3], 64,
                s[0], at[0]), verify, open("public", 65), open("message", 40), open("signature", 64)));
        all.add(new Operation("EcdsaP256.verifyDigest", (s, at) -> EcdsaP256.verifyDigest(s[1], at[1], 65, s[2], at[2], s[3],
                at[3], 64, s[0], at[0]), verify, open("public", 65), open("digest", 32), open("signature", 64)));
    }

    /// Room for one range between two others, at every alignment modulo 8.
    private static final long STRIDE = (1 << 16) + 3;

    private static long[] apart(Operation operation) {
        long[] at = new long[operation.ranges.length];
        for (int i = 0; i < at.length; i++) {
            at[i] = (i + 1) * STRIDE;
        }
        return at;
    }

    private static MemorySegment[] everywhere(Operation operation, MemorySegment memory) {
        memory.fill((byte) 0x11);
        MemorySegment[] s = new MemorySegment[operation.ranges.length];
        Arrays.fill(s, memory);
        return s;
    }

    private final MemorySegment memory = Memory.zeros(8 * STRIDE);

    @Test
    void whatWorksOverlapsNothingElseByNotOneByte() {
        int pairs = 0;
        for (Operation operation : operations()) {
            assertTrue(Arrays.stream(operation.ranges).allMatch(r -> r.length < STRIDE - 64), operation.name);
            assertDoesNotThrow(() -> operation.run(everywhere(operation, memory), apart(operation)), operation.name);
            for (int i = 0; i < operation.ranges.length; i++) {
                for (int j = 0; j < operation.ranges.length; j++) {
                    if (i == j || operation.ranges[i].kind != Kind.WORK) {
                        continue;
                    }
                    long home = apart(operation)[i];
                    long before = home - operation.ranges[j].length;
                    long behind = home + operation.ranges[i].length;
                    for (long place : new long[] {before + 1, home, behind - 1}) {
                        long[] at = apart(operation);
                        at[j] = place;
                        pairs++;
                        assertThrows(IllegalArgumentException.class,
                                () -> operation.run(everywhere(operation, memory), at), operation.name + ": "
                                        + operation.ranges[i].name + " and " + operation.ranges[j].name);
                    }
                    for (long place : new long[] {before, behind}) {
                        long[] at = apart(operation);
                        at[j] = place;
                        assertDoesNotThrow(() -> operation.run(everywhere(operation, memory), at), operation.name
                                + ": " + operation.ranges[j].name + " beside " + operation.ranges[i].name);
                    }
                }
            }
        }
        assertTrue(pairs > 400, "pairs: " + pairs);
    }

    @Test
    void noSecretAndNothingThatWorksOnOneLiesOnTheHeap() {
        for (Operation operation : operations()) {
            for (int i = 0; i < operation.ranges.length; i++) {
                MemorySegment[] bytes = everywhere(operation, memory);
                long[] at = apart(operation);
                operation.before.run(bytes, at);
                byte[] there = memory.asSlice(at[i], operation.ranges[i].length).toArray(ValueLayout.JAVA_BYTE);
                bytes[i] = MemorySegment.ofArray(there);
                at[i] = 0;
                MemorySegment[] longs = bytes.clone();
                longs[i] = MemorySegment.ofArray(new long[there.length / 8 + 1]);
                MemorySegment.copy(there, 0, longs[i], ValueLayout.JAVA_BYTE, 0, there.length);
                if (operation.ranges[i].kind == Kind.OPEN) {
                    assertDoesNotThrow(() -> operation.step.run(bytes, at), operation.name + ": " + operation.ranges[i].name);
                } else {
                    for (MemorySegment[] s : new MemorySegment[][] {bytes, longs}) {
                        assertThrows(IllegalArgumentException.class, () -> operation.step.run(s, at),
                                operation.name + ": " + operation.ranges[i].name + " on the heap");
                    }
                }
            }
        }
    }

    @Test
    void whatDoesNotLieInItsSegmentIsRefusedBeforeAnythingIsWritten() {
        int places = 0;
        for (Operation operation : operations()) {
            for (int i = 0; i < operation.ranges.length; i++) {
                long length = operation.ranges[i].length;
                for (long[] place : new long[][] {{-1, length}, {1, length}, {0, length - 1}, {length, length}, {Long.MAX_VALUE, length},
                        {Long.MIN_VALUE, length}}) {
                    MemorySegment[] s = everywhere(operation, memory);
                    long[] at = apart(operation);
                    operation.before.run(s, at);
                    byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
                    s[i] = memory.asSlice(at[i], place[1]);
                    at[i] = place[0];
                    places++;
                    assertThrows(IndexOutOfBoundsException.class, () -> operation.step.run(s, at), operation.name + ": "
                            + operation.ranges[i].name + " at " + place[0] + " of " + place[1]);
                    assertTrue(Arrays.equals(before, memory.toArray(ValueLayout.JAVA_BYTE)), operation.name + ": " + operation.ranges[i].name
                            + ": something was written");
                }
            }
        }
        assertTrue(places > 1000, "places: " + places);
    }

    @Test
    void whatIsReadOnlyIsNotWorkedIn() {
        for (Operation operation : operations()) {
            for (int i = 0; i < operation.ranges.length; i++) {
                if (operation.ranges[i].kind == Kind.WORK) {
                    MemorySegment[] s = everywhere(operation, memory);
                    long[] at = apart(operation);
                    operation.before.run(s, at);
                    s[i] = memory.asReadOnly();
                    assertThrows(IllegalArgumentException.class, () -> operation.step.run(s, at), operation.name + ": "
                            + operation.ranges[i].name);
                }
            }
        }
    }

    @Test
    void anyAlignmentGivesTheSameAnswer() {
        for (Operation operation : operations()) {
            byte[] first = null;
            int last = operation.ranges.length - 1;
            for (int shift = 0; shift < 8; shift++) {
                long[] at = apart(operation);
                for (int i = 0; i < at.length; i++) {
                    at[i] += shift;
                }
                operation.run(everywhere(operation, memory), at);
                byte[] answer = memory.asSlice(at[last], operation.ranges[last].length).toArray(ValueLayout.JAVA_BYTE);
                first = first == null ? answer : first;
                assertTrue(Arrays.equals(first, answer), operation.name + " at " + shift);
            }
        }
    }
}
