package dev.coffer.crypto.slhdsa;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// WOTS+ (FIPS 205, section 5) over a workspace: signs the value at [SlhDsaLayout#root]. What is signed is public, so digits decide
/// how far a chain is walked. Stateless, thread-safe.
final class Wots {
    private static final int LAST = Parameters.W - 1;

    private final Parameters p;
    private final SlhDsaLayout l;
    private final HashFunctions functions;
    private final @Nullable LaneChains lanes;  // null in the strict profile

    Wots(Parameters p, SlhDsaLayout l, HashFunctions functions, @Nullable LaneChains lanes) {
        this.p = p;
        this.l = l;
        this.functions = functions;
        this.lanes = lanes;
    }

    /// wots_pkGen (algorithm 6), and wots_sign (algorithm 7) on the way: each chain is walked once, and handed out where the digit is.
    ///
    /// @param keyPair  of the tree that the address names
    /// @param signs    whether the signature is written
    /// @param out      offset in `w` of n bytes
    void publicKey(MemorySegment w, long at, int keyPair, long out, boolean signs, MemorySegment signature, long signatureAt) {
        long adrs = at + l.adrs;
        long secret = at + l.secretAdrs;
        Adrs.sameTree(w, adrs, secret);
        Adrs.type(w, secret, Adrs.WOTS_PRF, keyPair);
        Adrs.type(w, adrs, Adrs.WOTS_HASH, keyPair);
        int checksum = signs ? checksum(w, at) : 0;
        for (int i = 0; lanes != null && i < p.len(); i += lanes.count()) {
            group(lanes, w, at, i, checksum, signs, signature, signatureAt);
        }
        for (int i = lanes == null ? 0 : p.len(); i < p.len(); i++) {
            Adrs.chain(w, secret, i);
            Adrs.chain(w, adrs, i);
            functions.prf(w, at);
            int digit = 0;
            if (signs) {
                digit = digit(w, at, i, checksum);
                functions.chain(w, at, 0, digit);
                MemorySegment.copy(w, at + l.value, signature, signatureAt + (long) i * p.n(), p.n());
            }
            functions.chain(w, at, digit, LAST - digit);
            functions.copy(w, at + l.value, at + l.values + (long) i * p.n());
        }
        compress(w, at, keyPair, out);
    }

    /// The chains of a group of lanes, from `first` on, side by side.
    private void group(LaneChains lanes, MemorySegment w, long at, int first, int checksum, boolean signs, MemorySegment signature, long signatureAt) {
        int count = Math.min(lanes.count(), p.len() - first);
        lanes.secrets(w, at, first);
        lanes.begin(w, at, first);
        for (int j = 0; j <= LAST; j++) {
            for (int i = 0; signs && i < count; i++) {
                if (digit(w, at, first + i, checksum) == j) {
                    lanes.take(w, at, i, signature, signatureAt + (long) (first + i) * p.n());
                }
            }
            if (j < LAST) {
                lanes.step(w, at, j);
            }
        }
        ends(lanes, w, at, first, count);
    }

    private void ends(LaneChains lanes, MemorySegment w, long at, int first, int count) {
        for (int i = 0; i < count; i++) {
            lanes.take(w, at, i, w, at + l.values + (long) (first + i) * p.n());
        }
    }

    /// wots_pkFromSig (algorithm 8).
    ///
    /// @param out  offset in `w` of n bytes
    void publicKeyFromSignature(MemorySegment w, long at, int keyPair, long out, MemorySegment signature, long signatureAt) {
        Adrs.type(w, at + l.adrs, Adrs.WOTS_HASH, keyPair);
        int checksum = checksum(w, at);
        boolean sideBySide = lanes != null && lanes.verifies();
        for (int i = 0; lanes != null && sideBySide && i < p.len(); i += lanes.count()) {
            groupFromSignature(lanes, w, at, i, checksum, signature, signatureAt);
        }
        for (int i = sideBySide ? p.len() : 0; i < p.len(); i++) {
            int digit = digit(w, at, i, checksum);
            Adrs.chain(w, at + l.adrs, i);
            MemorySegment.copy(signature, signatureAt + (long) i * p.n(), w, at + l.value, p.n());
            functions.chain(w, at, digit, LAST - digit);
            functions.copy(w, at + l.value, at + l.values + (long) i * p.n());
        }
        compress(w, at, keyPair, out);
    }

    /// The same, of values that come in where their digits are; what lies in a lane before is nothing.
    private void groupFromSignature(LaneChains lanes, MemorySegment w, long at, int first, int checksum, MemorySegment signature, long signatureAt) {
        int count = Math.min(lanes.count(), p.len() - first);
        lanes.begin(w, at, first);
        for (int j = 0; j <= LAST; j++) {
            for (int i = 0; i < count; i++) {
                if (digit(w, at, first + i, checksum) == j) {
                    lanes.put(signature, signatureAt + (long) (first + i) * p.n(), w, at, i);
                }
            }
            if (j < LAST) {
                lanes.step(w, at, j);
            }
        }
        ends(lanes, w, at, first, count);
    }

    private void compress(MemorySegment w, long at, int keyPair, long out) {
        Adrs.type(w, at + l.adrs, Adrs.WOTS_PK, keyPair);
        functions.t(w, at, p.len(), out);
    }

    private int checksum(MemorySegment w, long at) {
        int sum = 0;
        for (int i = 0; i < p.digits(); i++) {
            sum += LAST - digit(w, at, i, 0);
        }
        return sum;
    }

    /// Digit i of what is signed (base_2b, algorithm 4), or of the checksum, in three digits behind it.
    private int digit(MemorySegment w, long at, int i, int checksum) {
        int last = p.digits() + 2;
        return (i < p.digits() ? w.get(ValueLayout.JAVA_BYTE, at + l.root + (i >> 1)) >> (~i & 1) * 4
                : checksum >> (last - i) * 4) & LAST;
    }
}
