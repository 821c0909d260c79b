package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.Xof;
import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The functions of FIPS 205, section 11.1: SHAKE256 of everything. PRF, F and H take one permutation each, on one state.
final class ShakeFunctions extends HashFunctions {
    private static final int RATE = Keccak.STATE_BYTES - 2 * 32;
    private static final byte SUFFIX = 0b11111;  // the bits 1111 and the first one of the padding (FIPS 202, section 6.2)
    private static final byte LAST = (byte) 0x80;

    ShakeFunctions(Parameters p, SlhDsaLayout l) {
        super(p, l);
    }

    @Override
    void begin(MemorySegment w, long at) {
        // A state that has taken PK.seed alone has not been permuted: there is nothing to keep.
    }

    @Override
    void prf(MemorySegment w, long at) {
        one(w, at, at + l.secretAdrs, at + l.skSeed);
    }

    @Override
    void f(MemorySegment w, long at) {
        one(w, at, at + l.adrs, at + l.value);
    }

    @Override
    void chain(MemorySegment w, long at, int start, int steps) {
        for (int j = start; j < start + steps; j++) {
            Adrs.hash(w, at + l.adrs, j);
            one(w, at, at + l.adrs, at + l.value);
        }
    }

    /// Of n bytes, to the value.
    private void one(MemorySegment w, long at, long adrs, long in) {
        long message = begin(w, at, adrs);
        copy(w, in, message);
        end(w, at, message + n, at + l.value);
    }

    @Override
    void h(MemorySegment w, long at, long left, long right, long out) {
        long message = begin(w, at, at + l.adrs);
        copy(w, left, message);
        copy(w, right, message + n);
        end(w, at, message + 2L * n, out);
    }

    /// {@return where the message goes, behind PK.seed and ADRS, which are absorbed}
    private long begin(MemorySegment w, long at, long adrs) {
        long state = at + l.engine;
        zero(w, state, Keccak.STATE_BYTES);
        copy(w, at + l.pkSeed, state);
        for (int i = 0; i < Adrs.BYTES; i += Long.BYTES) {
            LittleEndian.i64(w, state + n + i, LittleEndian.i64(w, adrs + i));
        }
        return state + n + Adrs.BYTES;
    }

    private void end(MemorySegment w, long at, long end, long out) {
        long state = at + l.engine;
        w.set(ValueLayout.JAVA_BYTE, end, SUFFIX);
        w.set(ValueLayout.JAVA_BYTE, state + RATE - 1, LAST);
        Keccak.permute(w, state);
        copy(w, state, out);
    }

    /// PK.seed and ADRS are put before the values, the padding behind them, and blocks are taken from there.
    @Override
    void t(MemorySegment w, long at, int count, long out) {
        long state = at + l.engine;
        long from = at + l.values - Adrs.BYTES - n;
        copy(w, at + l.pkSeed, from);
        for (int i = 0; i < Adrs.BYTES; i += Long.BYTES) {
            LittleEndian.i64(w, from + n + i, LittleEndian.i64(w, at + l.adrs + i));
        }
        long end = at + l.values + (long) count * n;
        zero(w, state, Keccak.STATE_BYTES);
        for (; end - from >= RATE; from += RATE) {
            add(w, from, state, RATE);
            Keccak.permute(w, state);
        }
        add(w, from, state, (int) (end - from));
        long rest = state + (end - from);  // zero, or what the permutation left there
        w.set(ValueLayout.JAVA_BYTE, rest, (byte) (w.get(ValueLayout.JAVA_BYTE, rest) ^ SUFFIX));
        long last = state + RATE - 1;
        w.set(ValueLayout.JAVA_BYTE, last, (byte) (w.get(ValueLayout.JAVA_BYTE, last) ^ LAST));
        Keccak.permute(w, state);
        copy(w, state, out);
    }

    private static void add(MemorySegment w, long from, long state, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            LittleEndian.i64(w, state + i, LittleEndian.i64(w, state + i) ^ LittleEndian.i64(w, from + i));
        }
    }

    @Override
    void beginRandom(MemorySegment w, long at, MemorySegment skPrf, long skPrfAt) {
        Xof.SHAKE_256.init(w, at + l.message);
        Xof.SHAKE_256.absorb(w, at + l.message, skPrf, skPrfAt, n);
        Xof.SHAKE_256.absorb(w, at + l.message, w, at + l.random, n);
    }

    @Override
    void takeRandom(MemorySegment w, long at, MemorySegment message, long messageAt, long length) {
        Xof.SHAKE_256.absorb(w, at + l.message, message, messageAt, length);
    }

    @Override
    void endRandom(MemorySegment w, long at) {
        Xof.SHAKE_256.squeeze(w, at + l.message, w, at + l.random, n);
    }

    @Override
    void beginDigest(MemorySegment w, long at) {
        Xof.SHAKE_256.init(w, at + l.message);
        Xof.SHAKE_256.absorb(w, at + l.message, w, at + l.random, n);
        Xof.SHAKE_256.absorb(w, at + l.message, w, at + l.pkSeed, n);
        Xof.SHAKE_256.absorb(w, at + l.message, w, at + l.pkRoot, n);
    }

    @Override
    void takeDigest(MemorySegment w, long at, MemorySegment message, long messageAt, long length) {
        Xof.SHAKE_256.absorb(w, at + l.message, message, messageAt, length);
    }

    @Override
    void endDigest(MemorySegment w, long at) {
        Xof.SHAKE_256.squeeze(w, at + l.message, w, at + l.digest, p.m());
    }
}
