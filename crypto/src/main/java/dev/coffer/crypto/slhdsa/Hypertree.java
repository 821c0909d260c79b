package dev.coffer.crypto.slhdsa;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// XMSS and the hypertree (FIPS 205, sections 6 and 7) over a workspace. Stateless, thread-safe.
final class Hypertree {
    private final Parameters p;
    private final SlhDsaLayout l;
    private final HashFunctions functions;
    private final Wots wots;
    private final MerkleTree trees;

    Hypertree(Parameters p, SlhDsaLayout l, HashFunctions functions, @Nullable LaneChains lanes, MerkleTree trees) {
        this.p = p;
        this.l = l;
        this.functions = functions;
        this.wots = new Wots(p, l, functions, lanes);
        this.trees = trees;
    }

    /// PK.root (algorithm 18): the root of the highest tree, to [SlhDsaLayout#root].
    void generate(MemorySegment w, long at) {
        Adrs.tree(w, at + l.adrs, p.d() - 1, 0);
        xmss(w, at, MerkleTree.NONE, w, 0);
        functions.copy(w, at + l.node, at + l.root);
    }

    /// ht_sign (algorithm 12) of the value at [SlhDsaLayout#root], where the root of the highest tree lies afterwards. The root that the
    /// next layer signs is the one that was climbed to, as all leaves are made for the path anyway.
    void sign(MemorySegment w, long at, long tree, int leaf, MemorySegment signature, long signatureAt) {
        long tree0 = tree;
        int leaf0 = leaf;
        long out = signatureAt;
        for (int layer = 0; layer < p.d(); layer++, out += p.xmssBytes()) {
            Adrs.tree(w, at + l.adrs, layer, tree0);
            xmss(w, at, leaf0, signature, out);
            functions.copy(w, at + l.node, at + l.root);
            leaf0 = (int) tree0 & p.leafMask();
            tree0 >>>= p.hPrime();
        }
    }

    /// xmss_node of the root and xmss_sign (algorithms 9 and 10) in one: leaves its root at [SlhDsaLayout#node].
    ///
    /// @param wanted  the leaf that signs, or [MerkleTree#NONE]
    private void xmss(MemorySegment w, long at, int wanted, MemorySegment signature, long signatureAt) {
        long path = signatureAt + (long) p.len() * p.n();
        for (int leaf = 0; leaf < 1 << p.hPrime(); leaf++) {
            wots.publicKey(w, at, leaf, at + l.node, leaf == wanted, signature, signatureAt);
            Adrs.type(w, at + l.adrs, Adrs.XMSS_TREE, 0);
            trees.climb(w, at, leaf, 0, p.hPrime(), wanted, signature, path);
        }
    }

    /// The root of the highest tree as a signature says (ht_verify, algorithm 13), to [SlhDsaLayout#root].
    void rootFromSignature(MemorySegment w, long at, long tree, int leaf, MemorySegment signature, long signatureAt) {
        long tree0 = tree;
        int leaf0 = leaf;
        long from = signatureAt;
        for (int layer = 0; layer < p.d(); layer++, from += p.xmssBytes()) {
            Adrs.tree(w, at + l.adrs, layer, tree0);
            wots.publicKeyFromSignature(w, at, leaf0, at + l.node, signature, from);
            Adrs.type(w, at + l.adrs, Adrs.XMSS_TREE, 0);
            trees.rootFromPath(w, at, leaf0, 0, p.hPrime(), signature, from + (long) p.len() * p.n());
            functions.copy(w, at + l.node, at + l.root);
            leaf0 = (int) tree0 & p.leafMask();
            tree0 >>>= p.hPrime();
        }
    }
}
