package dev.coffer.crypto.falcon;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Private keys as section 3.11.5 encodes them: a header, f and g, F; G follows from them. Stateless, thread-safe; 0 heap bytes.
final class PrivateKey {
    private static final int HEADER = 0x50;
    private static final int G_MAX = 127;

    private PrivateKey() {}

    /// Writes one.
    ///
    /// @param basis  f, g and F of n signed bytes each
    static void encode(Parameters p, MemorySegment w, long basis, MemorySegment sk, long skAt) {
        int n = p.n();
        long part = (long) n * p.fgBits() >> 3;
        sk.set(ValueLayout.JAVA_BYTE, skAt, (byte) (HEADER + p.logn()));
        Codec.pack8(w, basis, n, p.fgBits(), sk, skAt + 1);
        Codec.pack8(w, basis + n, n, p.fgBits(), sk, skAt + 1 + part);
        Codec.pack8(w, basis + 2L * n, n, Parameters.LARGE_BITS, sk, skAt + 1 + 2 * part);
    }

    /// Reads one, and completes it: G = g F / f modulo q, which is G where f G - g F = q.
    ///
    /// @param basis    room for f, g, F and G of n signed bytes each
    /// @param scratch  three polynomials of 16 bits
    /// @return false where it is none: its header or one of its numbers is another's, f has no inverse, or G is too large
    static boolean decode(Parameters p, MemorySegment sk, long skAt, MemorySegment w, long basis, long scratch) {
        int n = p.n();
        long part = (long) n * p.fgBits() >> 3;
        boolean good = (sk.get(ValueLayout.JAVA_BYTE, skAt) & 0xff) == HEADER + p.logn();
        good &= Codec.unpack8(sk, skAt + 1, n, p.fgBits(), w, basis);
        good &= Codec.unpack8(sk, skAt + 1 + part, n, p.fgBits(), w, basis + n);
        good &= Codec.unpack8(sk, skAt + 1 + 2 * part, n, Parameters.LARGE_BITS, w, basis + 2L * n);
        return good && complete(p, w, basis, scratch);
    }

    private static boolean complete(Parameters p, MemorySegment w, long basis, long scratch) {
        int n = p.n();
        int logn = p.logn();
        long other = scratch + 2L * n;
        Ntt.fromBytes(w, basis + n, w, scratch, logn);
        Ntt.fromBytes(w, basis + 2L * n, w, other, logn);
        Ntt.forward(w, scratch, logn);
        Ntt.forward(w, other, logn);
        Ntt.multiply(w, scratch, w, other, logn);
        if (!divideByF(p, w, basis, scratch, other)) {
            return false;
        }
        int bad = 0;
        for (int i = 0; i < n; i++) {
            int x = Ntt.centred(Ntt.load(w, scratch, i));
            bad |= G_MAX - x | G_MAX + x;
            w.set(ValueLayout.JAVA_BYTE, basis + 3L * n + i, (byte) x);
        }
        return bad >= 0;
    }

    /// h = g / f modulo q (section 3.8.2).
    ///
    /// @param to       the coefficients of h, canonical
    /// @param scratch  two polynomials of 16 bits
    /// @return false where f has no inverse
    static boolean publicKey(Parameters p, MemorySegment w, long basis, long to, long scratch) {
        Ntt.fromBytes(w, basis + p.n(), w, to, p.logn());
        Ntt.forward(w, to, p.logn());
        return divideByF(p, w, basis, to, scratch);
    }

    private static boolean divideByF(Parameters p, MemorySegment w, long basis, long at, long scratch) {
        Ntt.fromBytes(w, basis, w, scratch, p.logn());
        Ntt.forward(w, scratch, p.logn());
        boolean divides = Ntt.divide(w, at, scratch, scratch + 2L * p.n(), p.logn());
        Ntt.inverse(w, at, p.logn());
        return divides;
    }
}
