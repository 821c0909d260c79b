package dev.coffer.crypto.easy;

import dev.coffer.crypto.Hash;

/// How strong: NIST's security categories 1, 3 and 5, and what each is made of.
///
/// | | to seal and encapsulate | to sign | to hash |
/// |---|---|---|---|
/// | [#ONE] | ML-KEM-512, HKDF-SHA256, ChaCha20-Poly1305 | ML-DSA-44 | SHA3-256 |
/// | [#THREE] | X-Wing (ML-KEM-768 with X25519), HKDF-SHA384, ChaCha20-Poly1305 | ML-DSA-65 | SHA3-384 |
/// | [#FIVE] | ML-KEM-1024, HKDF-SHA512, ChaCha20-Poly1305 | ML-DSA-87 | SHA3-512 |
///
/// **Take [#THREE]** unless something says otherwise: it alone holds when one of lattices and curves falls. [#ONE] is the smallest,
/// [#FIVE] what some rules ask for (CNSA 2.0: ML-KEM-1024 and ML-DSA-87 alone). Sealing is HPKE (RFC 9180); why these, decision 0133.
///
/// No level signs with Falcon, as no standard says yet what its signatures will be (FIPS 206), nor with SLH-DSA, whose signatures are long and
/// slow to make: keys of both are of sets of their own ([SignatureSet]), and Falcon signs files too, in an object with more scratch
/// ([EasyConfig#withScratchBytes]: 42,112 bytes for Falcon-512, 83,072 for Falcon-1024).
///
/// @param <K>  what keys that seal are of
/// @param <S>  what keys that sign are of
public final class Level<K extends KemSet, S extends SignatureSet> {
    /// Category 1: as hard as a search for a key of AES-128.
    public static final Level<KemSet.MlKem512, SignatureSet.MlDsa44> ONE =
            new Level<>("level 1", KemSet.MlKem512.SET, SignatureSet.MlDsa44.SET, Hash.SHA3_256);
    /// Category 3: as hard as a search for a key of AES-192.
    public static final Level<KemSet.XWing768, SignatureSet.MlDsa65> THREE =
            new Level<>("level 3", KemSet.XWing768.SET, SignatureSet.MlDsa65.SET, Hash.SHA3_384);
    /// Category 5: as hard as a search for a key of AES-256.
    public static final Level<KemSet.MlKem1024, SignatureSet.MlDsa87> FIVE =
            new Level<>("level 5", KemSet.MlKem1024.SET, SignatureSet.MlDsa87.SET, Hash.SHA3_512);

    private final String name;
    private final K kem;
    private final S signature;
    private final Hash hash;

    private Level(String name, K kem, S signature, Hash hash) {
        this.name = name;
        this.kem = kem;
        this.signature = signature;
        this.hash = hash;
    }

    /// {@return what keys that seal are of}
    public K kem() {
        return kem;
    }

    /// {@return what keys that sign are of}
    public S signature() {
        return signature;
    }

    /// {@return the hash}
    public Hash hash() {
        return hash;
    }

    @Override
    public String toString() {
        return name;
    }
}
