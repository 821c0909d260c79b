package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Xof;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Key generation (section 3.8, algorithms 4 and 5): f and g until both are as a key's must be and the equation of NTRU has a short solution.
/// Stateless, thread-safe; 0 heap bytes.
///
/// How many pairs were thrown away, and at which check, shows in time; it says nothing of the pair that is kept.
final class KeyGenerator {
    /// Above the squared norm of (g, -f): (1.17 sqrt(q))^2 is 16,822.4.
    private static final int NORM_LIMIT = 16823;
    private static final double ORTHOGONAL_NORM_LIMIT = 16822.4121;
    /// A discrete Gaussian of deviation 1.17 sqrt(q / 2048), scaled by 2^63: first the chance of 0, then that of each number and all above
    /// it among the positive ones, from 2 on.
    private static final long[] GAUSSIAN = {
            1283868770400643928L, 6416574995475331444L, 4078260278032692663L, 2353523259288686585L, 1227179971273316331L,
            575931623374121527L, 242543240509105209L, 91437049221049666L, 30799446349977173L, 9255276791179340L, 2478152334826140L,
            590642893610164L, 125206034929641L, 23590435911403L, 3948334035941L, 586753615614L, 77391054539L, 9056793210L, 940121950L,
            86539696L, 7062824L, 510971L, 32764L, 1862L, 94L, 4L, 0L,
    };

    private KeyGenerator() {}

    /// f, g, F, G and h.
    ///
    /// @param hash     SHAKE256 over the seed
    /// @param basis    room for 4 n signed bytes
    /// @param h        room for n numbers of 16 bits
    /// @param scratch  28 n bytes
    /// @param block    eight bytes
    static void generate(Parameters p, MemorySegment w, long hash, long basis, long h, long scratch, long block) {
        do {
            gaussian(p, w, hash, basis, block);
            gaussian(p, w, hash, basis + p.n(), block);
        } while (!(isShort(p, w, basis) && isOrthogonallyShort(p, w, basis, scratch) && PrivateKey.publicKey(p, w, basis, h, scratch)
                && NtruEquation.solve(w, basis, p.logn(), scratch)));
    }

    /// n small numbers whose sum is odd: otherwise the resultant is even, and there is no solution.
    private static void gaussian(Parameters p, MemorySegment w, long hash, long to, long block) {
        int n = p.n();
        int sum = 0;
        for (int i = 0; i < n;) {
            int x = 0;
            for (int part = 0; part < 1 << 10 - p.logn(); part++) {
                x += gaussian(w, hash, block);
            }
            boolean kept = x >= -127 && x <= 127 && (i < n - 1 || ((sum ^ x) & 1) != 0);
            if (kept) {
                sum ^= x;
                w.set(ValueLayout.JAVA_BYTE, to + i++, (byte) x);
            }
        }
    }

    /// One number: a sign, and the table read in full.
    private static int gaussian(MemorySegment w, long hash, long block) {
        long r = next(w, hash, block);
        int negative = (int) (r >>> 63);
        int found = (int) ((r & Long.MAX_VALUE) - GAUSSIAN[0] >>> 63);  // 1 where it is 0
        r = next(w, hash, block) & Long.MAX_VALUE;
        int x = 0;
        for (int k = 1; k < GAUSSIAN.length; k++) {
            int reached = (int) (r - GAUSSIAN[k] >>> 63) ^ 1;
            x |= k & -(reached & (found ^ 1));
            found |= reached;
        }
        return (x ^ -negative) + negative;
    }

    private static long next(MemorySegment w, long hash, long block) {
        Xof.SHAKE_256.squeeze(w, hash, w, block, Long.BYTES);
        return LittleEndian.i64(w, block);
    }

    /// Whether f and g can be written, and are short.
    private static boolean isShort(Parameters p, MemorySegment w, long basis) {
        int most = (1 << p.fgBits() - 1) - 1;
        int norm = 0;
        int bad = 0;
        for (int i = 0; i < 2 * p.n(); i++) {
            int x = w.get(ValueLayout.JAVA_BYTE, basis + i);
            bad |= most - x | most + x;
            norm += x * x;
        }
        return bad >= 0 && norm < NORM_LIMIT;
    }

    /// Whether the other half of the orthogonalised basis is short: (q adj(f), q adj(g)) / (f adj(f) + g adj(g)).
    private static boolean isOrthogonallyShort(Parameters p, MemorySegment w, long basis, long scratch) {
        int n = p.n();
        int logn = p.logn();
        long whole = 8L * n;
        long norm = scratch + 2 * whole;
        for (int i = 0; i < 2; i++) {
            Reals.fromBytes(w, basis + (long) i * n, w, scratch + i * whole, n);
            Fft.forward(w, scratch + i * whole, logn);
        }
        Fft.inverseNorm(w, norm, scratch, scratch + whole, logn);
        for (int i = 0; i < 2; i++) {
            Fft.adjoint(w, scratch + i * whole, logn);
            Fft.scale(w, scratch + i * whole, Ntt.Q, logn);
            Fft.multiplyReal(w, scratch + i * whole, norm, logn);
            Fft.inverse(w, scratch + i * whole, logn);
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double x = Reals.load(w, scratch, i);
            double y = Reals.load(w, scratch + whole, i);
            sum += x * x;
            sum += y * y;
        }
        return sum < ORTHOGONAL_NORM_LIMIT;
    }
}
