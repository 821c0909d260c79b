package dev.coffer.crypto.slhdsa;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The functions of FIPS 205, section 4.1, over a workspace: PRF, F, H, T_l, PRF_msg and H_msg. Inputs and outputs have names in
/// [SlhDsaLayout]; what follows from PK.seed alone is computed once an operation. Scalar; nothing depends on values in branch
/// or index. Stateless, thread-safe.
abstract class HashFunctions {
    final Parameters p;
    final SlhDsaLayout l;
    final int n;

    HashFunctions(Parameters p, SlhDsaLayout l) {
        this.p = p;
        this.l = l;
        this.n = p.n();
    }

    /// Prepares what follows from PK.seed.
    abstract void begin(MemorySegment w, long at);

    /// PRF(PK.seed, SK.seed, ADRS) of the secret address, to [SlhDsaLayout#value].
    abstract void prf(MemorySegment w, long at);

    /// F(PK.seed, ADRS, value), in place.
    abstract void f(MemorySegment w, long at);

    /// chain (algorithm 5): F from `start` on, `steps` times, on the value in place.
    abstract void chain(MemorySegment w, long at, int start, int steps);

    /// H(PK.seed, ADRS, left | right).
    ///
    /// @param left   offsets in `w` of n bytes each
    /// @param right  the other
    /// @param out    may be one of both
    abstract void h(MemorySegment w, long at, long left, long right, long out);

    /// T_l(PK.seed, ADRS, values), l of them; what lies around the values is overwritten.
    ///
    /// @param out  offset in `w` of n bytes
    abstract void t(MemorySegment w, long at, int count, long out);

    /// Begins PRF_msg(SK.prf, opt_rand, M).
    abstract void beginRandom(MemorySegment w, long at, MemorySegment skPrf, long skPrfAt);

    /// Takes a part of M.
    abstract void takeRandom(MemorySegment w, long at, MemorySegment message, long messageAt, long length);

    /// Ends it: R, in the place of opt_rand.
    abstract void endRandom(MemorySegment w, long at);

    /// Begins H_msg(R, PK.seed, PK.root, M).
    abstract void beginDigest(MemorySegment w, long at);

    /// Takes a part of M.
    abstract void takeDigest(MemorySegment w, long at, MemorySegment message, long messageAt, long length);

    /// Ends it: the digest.
    abstract void endDigest(MemorySegment w, long at);

    /// Copies n bytes within the workspace.
    final void copy(MemorySegment w, long from, long to) {
        for (int i = 0; i < n; i += Long.BYTES) {
            LittleEndian.i64(w, to + i, LittleEndian.i64(w, from + i));
        }
    }

    static void zero(MemorySegment w, long at, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            LittleEndian.i64(w, at + i, 0);
        }
    }
}
