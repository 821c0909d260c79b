package dev.coffer.crypto.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Eight compressions of SHA-256 at a time (FIPS 180-4, section 6.2.2), one in each lane of 256 bits, over interleaved rows: word i of lane
/// j lies at `4 * (8 * i + j)`, in the machine's byte order. Stateless, thread-safe.
///
/// In three methods, each of which C2 takes whole: see [KeccakLanes].
final class Sha256Lanes {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_256;
    private static final int ROW_BYTES = 8 * Integer.BYTES;
    private static final int ROUNDS = 64;

    // FIPS 180-4, section 4.2.2: a copy, as this stands below the scalar form; the tests compare the two.
    private static final int[] K = {
            0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
            0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
            0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
            0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
            0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
            0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
            0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
            0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    };

    private Sha256Lanes() {}

    static boolean wideEnough() {
        return IntVector.SPECIES_PREFERRED.length() >= SPECIES.length();
    }

    /// @param chain     8 rows
    /// @param schedule  64 rows, the first 16 of which are the blocks and stay
    /// @param out       8 rows, for the next chaining values
    static void compress(MemorySegment lanes, long chain, long schedule, long out) {
        expand(lanes, schedule);
        rounds(lanes, chain, schedule, out);
        add(lanes, chain, out);
    }

    private static void expand(MemorySegment lanes, long schedule) {
        for (int t = 16 * ROW_BYTES; t < ROUNDS * ROW_BYTES; t += ROW_BYTES) {
            long at = schedule + t;
            IntVector w = small1(load(lanes, at - 2 * ROW_BYTES)).add(load(lanes, at - 7 * ROW_BYTES))
                    .add(small0(load(lanes, at - 15 * ROW_BYTES))).add(load(lanes, at - 16 * ROW_BYTES));
            store(w, lanes, at);
        }
    }

    private static void rounds(MemorySegment lanes, long chain, long schedule, long out) {
        IntVector a = load(lanes, chain);
        IntVector b = load(lanes, chain + ROW_BYTES);
        IntVector c = load(lanes, chain + 2 * ROW_BYTES);
        IntVector d = load(lanes, chain + 3 * ROW_BYTES);
        IntVector e = load(lanes, chain + 4 * ROW_BYTES);
        IntVector f = load(lanes, chain + 5 * ROW_BYTES);
        IntVector g = load(lanes, chain + 6 * ROW_BYTES);
        IntVector h = load(lanes, chain + 7 * ROW_BYTES);
        for (int t = 0; t < ROUNDS; t++) {  // one in a step, and eight stores by name, are what C2 takes
            IntVector next = load(lanes, schedule + (long) t * ROW_BYTES).add(K[t]).add(h).add(ch(e, f, g)).add(big1(e));
            h = g;
            g = f;
            f = e;
            e = d.add(next);
            next = next.add(maj(a, b, c)).add(big0(a));
            d = c;
            c = b;
            b = a;
            a = next;
        }
        a.intoMemorySegment(lanes, out, ByteOrder.nativeOrder());
        b.intoMemorySegment(lanes, out + ROW_BYTES, ByteOrder.nativeOrder());
        c.intoMemorySegment(lanes, out + 2 * ROW_BYTES, ByteOrder.nativeOrder());
        d.intoMemorySegment(lanes, out + 3 * ROW_BYTES, ByteOrder.nativeOrder());
        e.intoMemorySegment(lanes, out + 4 * ROW_BYTES, ByteOrder.nativeOrder());
        f.intoMemorySegment(lanes, out + 5 * ROW_BYTES, ByteOrder.nativeOrder());
        g.intoMemorySegment(lanes, out + 6 * ROW_BYTES, ByteOrder.nativeOrder());
        h.intoMemorySegment(lanes, out + 7 * ROW_BYTES, ByteOrder.nativeOrder());
    }

    private static void add(MemorySegment lanes, long chain, long out) {
        for (int i = 0; i < 8 * ROW_BYTES; i += ROW_BYTES) {
            store(load(lanes, chain + i).add(load(lanes, out + i)), lanes, out + i);
        }
    }

    private static IntVector load(MemorySegment lanes, long at) {
        return IntVector.fromMemorySegment(SPECIES, lanes, at, ByteOrder.nativeOrder());
    }

    private static void store(IntVector row, MemorySegment lanes, long at) {
        row.intoMemorySegment(lanes, at, ByteOrder.nativeOrder());
    }

    private static IntVector xor(IntVector x, IntVector y) {
        return x.lanewise(VectorOperators.XOR, y);
    }

    private static IntVector rotate(IntVector x, int by) {
        return x.lanewise(VectorOperators.ROR, by);
    }

    private static IntVector ch(IntVector x, IntVector y, IntVector z) {
        return xor(z, x.and(xor(y, z)));
    }

    private static IntVector maj(IntVector x, IntVector y, IntVector z) {
        return x.and(y).or(z.and(x.or(y)));
    }

    private static IntVector big0(IntVector x) {
        return xor(xor(rotate(x, 2), rotate(x, 13)), rotate(x, 22));
    }

    private static IntVector big1(IntVector x) {
        return xor(xor(rotate(x, 6), rotate(x, 11)), rotate(x, 25));
    }

    private static IntVector small0(IntVector x) {
        return xor(xor(rotate(x, 7), rotate(x, 18)), x.lanewise(VectorOperators.LSHR, 3));
    }

    private static IntVector small1(IntVector x) {
        return xor(xor(rotate(x, 17), rotate(x, 19)), x.lanewise(VectorOperators.LSHR, 10));
    }
}
