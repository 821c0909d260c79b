package dev.coffer.crypto.falcon;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Verifying (section 3.10): all of it public. Stateless, thread-safe; 0 heap bytes.
final class Verifier {
    private Verifier() {}

    /// Reads s2 of a signature, of each form only as one signer would write it.
    ///
    /// @param length  bytes of it, any number
    /// @param s2      n signed numbers of 16 bits
    /// @return false where it is none of that form
    static boolean decode(Parameters p, FalconForm form, MemorySegment signature, long at, long length, MemorySegment w, long s2) {
        long most = p.signatureBytesMax(form);
        if (length < Parameters.HEAD_BYTES || length > most || form != FalconForm.COMPRESSED && length != most
                || (signature.get(ValueLayout.JAVA_BYTE, at) & 0xff) != form.header + p.logn()) {
            return false;
        }
        long from = at + Parameters.HEAD_BYTES;
        if (form == FalconForm.CONSTANT_TIME) {
            return Codec.unpack16(signature, from, p.n(), w, s2);
        }
        long room = length - Parameters.HEAD_BYTES;
        long used = Codec.decompress(signature, from, room, p.n(), w, s2);
        if (used < 0 || form == FalconForm.COMPRESSED && used != room) {
            return false;
        }
        int behind = 0;
        for (long i = used; i < room; i++) {
            behind |= signature.get(ValueLayout.JAVA_BYTE, from + i);
        }
        return behind == 0;
    }

    /// Whether a signature's s2 and the s1 that follows from it are short.
    ///
    /// @param point  the hashed message, canonical; left as it is
    /// @param s2     signed
    /// @param h      transformed; s2 h afterwards
    static boolean accepts(Parameters p, MemorySegment w, long point, long s2, long h) {
        int n = p.n();
        long norm = squaredNorm(w, s2, n);
        // s2 h needs s2 transformed beside the signed one; what is in its place is not needed any more
        Ntt.fromSigned(w, s2, s2, p.logn());
        Ntt.forward(w, s2, p.logn());
        Ntt.multiply(w, h, w, s2, p.logn());
        Ntt.inverse(w, h, p.logn());
        for (int i = 0; i < n; i++) {
            int s1 = Ntt.load(w, point, i) - Ntt.load(w, h, i);
            s1 = Ntt.centred(s1 + (s1 >> 31 & Ntt.Q));
            norm += (long) s1 * s1;
        }
        return norm <= p.bound();
    }

    /// {@return the sum of the squares of n signed numbers of 16 bits}
    static long squaredNorm(MemorySegment w, long at, int n) {
        long norm = 0;
        for (int i = 0; i < n; i++) {
            int x = (short) Ntt.load(w, at, i);
            norm += x * x;
        }
        return norm;
    }
}
