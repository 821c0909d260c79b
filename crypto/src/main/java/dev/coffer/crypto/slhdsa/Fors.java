package dev.coffer.crypto.slhdsa;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// FORS (FIPS 205, section 8) over a workspace: signs md, the front of the digest, with the key pair of a leaf. Stateless, thread-safe.
final class Fors {
    private final Parameters p;
    private final SlhDsaLayout l;
    private final HashFunctions functions;
    private final MerkleTree trees;

    Fors(Parameters p, SlhDsaLayout l, HashFunctions functions, MerkleTree trees) {
        this.p = p;
        this.l = l;
        this.functions = functions;
        this.trees = trees;
    }

    /// fors_sign (algorithm 16), and the public key, to [SlhDsaLayout#root]: each tree is climbed once.
    void sign(MemorySegment w, long at, long tree, int keyPair, MemorySegment signature, long signatureAt) {
        long adrs = at + l.adrs;
        long secret = at + l.secretAdrs;
        Adrs.tree(w, adrs, 0, tree);
        Adrs.tree(w, secret, 0, tree);
        Adrs.type(w, secret, Adrs.FORS_PRF, keyPair);
        Adrs.type(w, adrs, Adrs.FORS_TREE, keyPair);
        long out = signatureAt;
        for (int i = 0; i < p.k(); i++, out += (long) (1 + p.a()) * p.n()) {
            int wanted = index(w, at, i);
            int first = i << p.a();
            for (int leaf = 0; leaf < 1 << p.a(); leaf++) {
                Adrs.node(w, secret, 0, first + leaf);
                functions.prf(w, at);
                if (leaf == wanted) {
                    MemorySegment.copy(w, at + l.value, signature, out, p.n());
                }
                Adrs.node(w, adrs, 0, first + leaf);
                functions.f(w, at);
                functions.copy(w, at + l.value, at + l.node);
                trees.climb(w, at, leaf, first, p.a(), wanted, signature, out + p.n());
            }
            functions.copy(w, at + l.node, at + l.values + (long) i * p.n());
        }
        compress(w, at, keyPair);
    }

    /// fors_pkFromSig (algorithm 17), to [SlhDsaLayout#root].
    void publicKeyFromSignature(MemorySegment w, long at, long tree, int keyPair, MemorySegment signature, long signatureAt) {
        long adrs = at + l.adrs;
        Adrs.tree(w, adrs, 0, tree);
        Adrs.type(w, adrs, Adrs.FORS_TREE, keyPair);
        long from = signatureAt;
        for (int i = 0; i < p.k(); i++, from += (long) (1 + p.a()) * p.n()) {
            int leaf = index(w, at, i);
            int first = i << p.a();
            MemorySegment.copy(signature, from, w, at + l.value, p.n());
            Adrs.node(w, adrs, 0, first + leaf);
            functions.f(w, at);
            functions.copy(w, at + l.value, at + l.node);
            trees.rootFromPath(w, at, leaf, first, p.a(), signature, from + p.n());
            functions.copy(w, at + l.node, at + l.values + (long) i * p.n());
        }
        compress(w, at, keyPair);
    }

    private void compress(MemorySegment w, long at, int keyPair) {
        Adrs.type(w, at + l.adrs, Adrs.FORS_ROOTS, keyPair);
        functions.t(w, at, p.k(), at + l.root);
    }

    /// base_2b (algorithm 4): digit i of md, of a bits.
    private int index(MemorySegment w, long at, int i) {
        int bit = i * p.a();
        return BigEndian.i32(w, at + l.digest + (bit >> 3)) << (bit & 7) >>> Integer.SIZE - p.a();
    }
}
