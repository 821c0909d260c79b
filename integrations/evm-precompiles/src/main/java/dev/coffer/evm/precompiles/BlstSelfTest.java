package dev.coffer.evm.precompiles;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.Precompiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;

/// Compares blst's answers with known ones, once a process, before anyone gets it: each precompile, both answers of a pairing, and refusals.
final class BlstSelfTest {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int ELEMENT = 64;
    private static final int POINT1 = 2 * ELEMENT;
    private static final int POINT2 = 4 * ELEMENT;
    private static final int WORD = 32;
    /// The order of the groups, less one: what negates a point.
    private static final String NEGATES = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000";
    /// A proof that holds, of go-ethereum's.
    private static final String PROOF = "01e798154708fe7789429634053cbf9f99b619f9f084048927333fce637f549b"
            + "564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306" + "24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a1"
            + "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7"
            + "873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a";
    /// The first eight bytes of the SHA-256 of each answer, in the order in which they are asked for; Bouncy Castle gives the same.
    private static final long[] ANSWERS = {0x92ad964a12bf9168L, 0x9b1745a18a3e1768L, 0x7802e044d1e16cb6L, 0xb79b9ca8adcbb4faL, 0xd8421e76f60cf2dfL,
            0x753b573e71af59a2L};

    private final CurvePrecompiles curve;
    private final MemorySegment memory;
    private int asked;

    /// @param memory  off the heap, [#BYTES]
    BlstSelfTest(CurvePrecompiles curve, MemorySegment memory) {
        this.curve = curve;
        this.memory = memory;
    }

    private static final long P = 0;                                       // a point of each group, and room behind it
    private static final long Q = P + 2L * (POINT1 + WORD);
    private static final long INPUT = Q + 2L * (POINT2 + WORD);
    private static final long OUTPUT = INPUT + 2L * (POINT1 + POINT2);
    private static final long STATE = OUTPUT + POINT2;
    static final long BYTES = STATE + Hash.STATE_BYTES_MAX + WORD;

    /// Once a process.
    private static final class Once {
        static final String OBSTACLE = find();

        private static String find() {
            if (!Blst.OBSTACLE.isEmpty()) {
                return "blst: " + Blst.OBSTACLE;
            }
            try (Arena arena = Arena.ofConfined()) {
                String fault = new BlstSelfTest(new BlstCurve(arena.allocate(BlstCurve.BYTES, 64)), arena.allocate(BYTES, 64)).fault();
                return fault.isEmpty() ? "" : "blst: wrong in its self-test: " + fault;
            } catch (IllegalStateException e) {
                return e.getMessage();
            }
        }
    }

    /// {@return why there is no blst, or it is not used; else empty}
    static String obstacle() {
        return Once.OBSTACLE;
    }

    /// {@return what it answered wrongly; empty where all was right}
    String fault() {
        asked = 0;
        memory.fill((byte) 0);
        memory.set(BYTE, INPUT + ELEMENT - 1, (byte) 7);
        if (differs(16, ELEMENT)) {
            return "map to G1";
        }
        MemorySegment.copy(memory, OUTPUT, memory, P, POINT1);
        memory.set(BYTE, INPUT + 2 * ELEMENT - 1, (byte) 9);
        if (differs(17, 2 * ELEMENT)) {
            return "map to G2";
        }
        MemorySegment.copy(memory, OUTPUT, memory, Q, POINT2);
        String sums = sums(P, POINT1, 11);
        if (sums.isEmpty()) {
            sums = sums(Q, POINT2, 13);
        }
        return sums.isEmpty() ? pairings() : sums;
    }

    /// A point twice, added and times a number; then its negation is left behind it.
    private String sums(long point, int bytes, int add) {
        MemorySegment.copy(memory, point, memory, INPUT, bytes);
        MemorySegment.copy(memory, point, memory, INPUT + bytes, bytes);
        if (differs(add, 2 * bytes)) {
            return "sum " + add;
        }
        memory.set(BYTE, INPUT + bytes - 1, (byte) (memory.get(BYTE, INPUT + bytes - 1) ^ 1));
        if (run(add, 2 * bytes) != Precompiles.FAILED) {
            return "sum " + add + " of what is no point";
        }
        for (int i = 0; i < 2; i++) {
            MemorySegment.copy(memory, point, memory, INPUT + (long) i * (bytes + WORD), bytes);
            memory.asSlice(INPUT + (long) i * (bytes + WORD) + bytes, WORD).fill((byte) (0xe1 + i));
        }
        if (differs(add + 1, 2 * (bytes + WORD))) {
            return "multiples " + (add + 1);
        }
        MemorySegment.copy(HexFormat.of().parseHex(NEGATES), 0, memory, BYTE, INPUT + bytes, WORD);
        run(add + 1, bytes + WORD);
        MemorySegment.copy(memory, OUTPUT, memory, point + bytes, bytes);
        return "";
    }

    /// e(p, q) e(-p, q) is one, e(p, q) e(p, -q) too, e(p, q) e(p, q) is not.
    private String pairings() {
        for (int turn = 0; turn < 3; turn++) {
            pair(INPUT, P, Q);
            pair(INPUT + POINT1 + POINT2, turn == 0 ? P + POINT1 : P, turn == 1 ? Q + POINT2 : Q);
            if (run(15, 2 * (POINT1 + POINT2)) != WORD || memory.get(BYTE, OUTPUT + WORD - 1) != (turn == 2 ? 0 : 1)) {
                return "pairing";
            }
        }
        byte[] proof = HexFormat.of().parseHex(PROOF);
        MemorySegment.copy(proof, 0, memory, BYTE, INPUT, proof.length);
        if (run(10, proof.length) != 2 * WORD) {
            return "point evaluation";
        }
        memory.set(BYTE, INPUT + 3 * WORD - 1, (byte) ~proof[3 * WORD - 1]);
        return run(10, proof.length) == Precompiles.FAILED ? "" : "point evaluation of another value";
    }

    private void pair(long to, long p, long q) {
        MemorySegment.copy(memory, p, memory, to, POINT1);
        MemorySegment.copy(memory, q, memory, to + POINT1, POINT2);
    }

    private long run(int number, int length) {
        return curve.run(number, memory, INPUT, length, memory, OUTPUT);
    }

    /// {@return the head of the hash of what it answers}
    private long answer(int number, int length) {
        long bytes = run(number, length);
        if (bytes < 0) {
            return bytes;
        }
        Hash.SHA_256.hash(memory, STATE, memory, OUTPUT, bytes, memory, STATE + Hash.STATE_BYTES_MAX);
        return memory.get(U64, STATE + Hash.STATE_BYTES_MAX);
    }

    private boolean differs(int number, int length) {
        return answer(number, length) != ANSWERS[asked++];
    }
}
