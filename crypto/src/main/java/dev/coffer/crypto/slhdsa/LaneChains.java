package dev.coffer.crypto.slhdsa;

import java.lang.foreign.MemorySegment;

/// Chains of WOTS+ (FIPS 205, section 5) side by side in vector lanes, in the fast profile. All chains of a group are walked from
/// beginning to end; who wants what lies between takes it out, or puts it in, at its step. Stateless, thread-safe.
abstract class LaneChains {
    /// What lanes may be moved by.
    static final int LINE_BYTES = 64;

    final HashFunctions functions;
    final SlhDsaLayout l;
    final int n;

    LaneChains(HashFunctions functions) {
        this.functions = functions;
        this.l = functions.l;
        this.n = functions.n;
    }

    /// {@return where the lanes are in the workspace: at a line of the cache, as a vector that lies across two costs two}
    final long lanes(MemorySegment w, long at) {
        long from = at + l.lanes;
        return from + (-(w.address() + from) & LINE_BYTES - 1);
    }

    /// {@return chains at a time}
    abstract int count();

    /// {@return whether to verify costs less side by side: all chains are walked from their beginning then, of which a signature has on average
    /// the second half alone}
    final boolean verifies() {
        return count() > 4;
    }

    /// PRF of the chains from `first` on, of the two addresses in the workspace, as values of step 0. Chains that there are not are
    /// computed too, and nobody takes them.
    abstract void secrets(MemorySegment w, long at, int first);

    /// Prepares [#step] for the chains from `first` on: after [#secrets], or before the values are put in.
    abstract void begin(MemorySegment w, long at, int first);

    /// F of all values in place, as step `j` of their chains.
    abstract void step(MemorySegment w, long at, int j);

    /// Takes the value of a lane.
    abstract void take(MemorySegment w, long at, int lane, MemorySegment out, long outAt);

    /// Puts a value into a lane.
    abstract void put(MemorySegment in, long inAt, MemorySegment w, long at, int lane);
}
