package dev.coffer.crypto.slhdsa;

import java.lang.foreign.MemorySegment;

/// The trees of XMSS and FORS (FIPS 205, sections 6.1 and 8.2) over a workspace. They are climbed leaf by leaf from the left, with
/// one left node a height that waits, in place of the recursion of algorithms 9 and 15; the path to one leaf is handed out on the way.
/// Which leaf that is, the message decides, and it is public. The address names tree and type. Stateless, thread-safe.
final class MerkleTree {
    /// No leaf: no path is wanted.
    static final int NONE = -1;

    private final SlhDsaLayout l;
    private final HashFunctions functions;
    private final int n;

    MerkleTree(SlhDsaLayout l, HashFunctions functions) {
        this.l = l;
        this.functions = functions;
        this.n = functions.n;
    }

    /// Takes the next leaf, at [SlhDsaLayout#node]: after the last one the root is there.
    ///
    /// @param leaf    0, 1, 2...
    /// @param first   number of leaf 0 among all of the address
    /// @param height  of the tree
    /// @param wanted  the leaf whose path is written, or [#NONE]
    /// @param path    room for `height` nodes in the signature
    void climb(MemorySegment w, long at, int leaf, int first, int height, int wanted, MemorySegment signature, long path) {
        long node = at + l.node;
        int index = leaf;
        int z = 0;
        while (true) {
            if ((wanted >> z ^ 1) == index && z < height) {
                MemorySegment.copy(w, node, signature, path + (long) z * n, n);
            }
            if ((index & 1) == 0 || z == height) {
                break;
            }
            index >>= 1;
            z++;
            Adrs.node(w, at + l.adrs, z, (first >> z) + index);
            functions.h(w, at, waiting(at, z - 1), node, node);
        }
        if (z < height) {
            functions.copy(w, node, waiting(at, z));
        }
    }

    private long waiting(long at, int height) {
        return at + l.waiting + (long) height * n;
    }

    /// The root that a leaf, at [SlhDsaLayout#node], has with a path (algorithms 11 and 17); it lies there afterwards.
    void rootFromPath(MemorySegment w, long at, int leaf, int first, int height, MemorySegment signature, long path) {
        long node = at + l.node;
        long sibling = at + l.sibling;
        for (int z = 0; z < height; z++) {
            MemorySegment.copy(signature, path + (long) z * n, w, sibling, n);
            Adrs.node(w, at + l.adrs, z + 1, (first + leaf) >> z + 1);
            if ((leaf >> z & 1) == 0) {
                functions.h(w, at, node, sibling, node);
            } else {
                functions.h(w, at, sibling, node, node);
            }
        }
    }
}
