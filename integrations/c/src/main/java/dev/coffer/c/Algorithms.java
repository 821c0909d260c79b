package dev.coffer.c;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.hybrid.XWing;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.crypto.x25519.X25519;

/// The numbers of algorithms in `coffer.h`: the kind in the second byte, then the place in these tables. New ones go to the ends.
final class Algorithms {
    static final int KEM = 0x0100;
    static final int SIGNATURE = 0x0200;
    static final int HASH = 0x0300;

    /// Bytes before an algorithm's own workspace, where the seed of a new key is drawn: the largest is SLH-DSA-256's, 3 of 32.
    static final int SEED_ROOM_BYTES = 128;

    private static final Kem[] KEMS = {MlKem.ML_KEM_512, MlKem.ML_KEM_768, MlKem.ML_KEM_1024, XWing.KEM, X25519.KEM, P256.KEM};
    private static final Signature[] SIGNATURES = {Ed25519.SCHEME, EcdsaP256.SCHEME, MlDsa.ML_DSA_44, MlDsa.ML_DSA_65, MlDsa.ML_DSA_87,
            Falcon.FALCON_512, Falcon.FALCON_1024, SlhDsa.SHA2_128S, SlhDsa.SHA2_128F, SlhDsa.SHA2_192S, SlhDsa.SHA2_192F, SlhDsa.SHA2_256S,
            SlhDsa.SHA2_256F, SlhDsa.SHAKE_128S, SlhDsa.SHAKE_128F, SlhDsa.SHAKE_192S, SlhDsa.SHAKE_192F, SlhDsa.SHAKE_256S,
            SlhDsa.SHAKE_256F};
    private static final Hash[] HASHES = {Hash.SHA_256, Hash.SHA_384, Hash.SHA_512, Hash.SHA3_224, Hash.SHA3_256, Hash.SHA3_384,
            Hash.SHA3_512, Hash.KECCAK_256, Hash.BLAKE2B_256, Hash.BLAKE2B_512};

    private Algorithms() {}

    /// {@return the mechanism of a number, or null}
    static Kem kem(int number) {
        int place = number - KEM - 1;
        return place >= 0 && place < KEMS.length ? KEMS[place] : null;
    }

    /// {@return the scheme of a number, or null}
    static Signature signature(int number) {
        int place = number - SIGNATURE - 1;
        return place >= 0 && place < SIGNATURES.length ? SIGNATURES[place] : null;
    }

    /// {@return the hash function of a number, or null}
    static Hash hash(int number) {
        int place = number - HASH - 1;
        return place >= 0 && place < HASHES.length ? HASHES[place] : null;
    }

    static int kems() {
        return KEMS.length;
    }

    static int signatures() {
        return SIGNATURES.length;
    }

    static int hashes() {
        return HASHES.length;
    }
}
