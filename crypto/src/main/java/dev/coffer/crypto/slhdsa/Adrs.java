package dev.coffer.crypto.slhdsa;

import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// ADRS, the address of a call of a hash function (FIPS 205, section 4.2), big-endian. All of it is public. Stateless, thread-safe.
final class Adrs {
    static final long LAYER = 0;       // u32
    static final long TREE = 4;        // 96 bits, of which the lower 64 are used
    static final long TYPE = 16;       // u32
    static final long KEY_PAIR = 20;   // u32; nothing in trees of XMSS
    static final long CHAIN = 24;      // u32; height of a node in trees
    static final long HASH = 28;       // u32; index of a node in trees
    static final long BYTES = 32;

    // Section 4.2, table 1.
    static final int WOTS_HASH = 0;
    static final int WOTS_PK = 1;
    static final int XMSS_TREE = 2;
    static final int FORS_TREE = 3;
    static final int FORS_ROOTS = 4;
    static final int WOTS_PRF = 5;
    static final int FORS_PRF = 6;

    private Adrs() {}

    /// Names a tree of the hypertree, and nothing in it yet.
    static void tree(MemorySegment w, long adrs, int layer, long tree) {
        BigEndian.i32(w, adrs + LAYER, layer);
        BigEndian.i32(w, adrs + TREE, 0);
        BigEndian.i64(w, adrs + TREE + Integer.BYTES, tree);
        type(w, adrs, WOTS_HASH, 0);
    }

    /// Names the same tree as another address.
    static void sameTree(MemorySegment w, long from, long adrs) {
        LittleEndian.i64(w, adrs, LittleEndian.i64(w, from));
        LittleEndian.i64(w, adrs + Long.BYTES, LittleEndian.i64(w, from + Long.BYTES));
    }

    /// setTypeAndClear, and the key pair.
    static void type(MemorySegment w, long adrs, int type, int keyPair) {
        BigEndian.i32(w, adrs + TYPE, type);
        BigEndian.i32(w, adrs + KEY_PAIR, keyPair);
        LittleEndian.i64(w, adrs + CHAIN, 0);
    }

    static void chain(MemorySegment w, long adrs, int chain) {
        BigEndian.i32(w, adrs + CHAIN, chain);
    }

    static void hash(MemorySegment w, long adrs, int hash) {
        BigEndian.i32(w, adrs + HASH, hash);
    }

    /// A node of a tree of XMSS or FORS.
    static void node(MemorySegment w, long adrs, int height, int index) {
        BigEndian.i32(w, adrs + CHAIN, height);
        BigEndian.i32(w, adrs + HASH, index);
    }
}
