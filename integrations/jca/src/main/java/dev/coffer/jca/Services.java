package dev.coffer.jca;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.crypto.key.KeyAlgorithm;
import java.security.InvalidAlgorithmParameterException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.KDFParameters;

/// All services by name: the JDK's standard names where it has one, else Bouncy Castle's, with their object identifiers as aliases.
final class Services {
    /// Makes an engine.
    @FunctionalInterface
    interface Maker {
        Object make(Vault vault, Object parameter) throws InvalidAlgorithmParameterException;
    }

    /// @param type        the JCA's engine type
    /// @param algorithm   its standard name
    /// @param engine      class of the engine, for who reads the list
    /// @param attributes  as the JCA knows them
    record Definition(String type, String algorithm, Class<?> engine, List<String> aliases, Map<String, String> attributes, Maker maker) {}

    private static final String NIST_HASH = "2.16.840.1.101.3.4.2.";
    private static final String RSA_DIGEST = "1.2.840.113549.2.";
    private static final String NIST_AES = "2.16.840.1.101.3.4.1.";
    private static final Map<String, String> SOFTWARE = Map.of("ImplementedIn", "Software");
    private static final Map<String, String> ANY_THREAD = Map.of("ImplementedIn", "Software", "ThreadSafe", "true");

    private final List<Definition> definitions = new ArrayList<>();

    private Services() {}

    static List<Definition> all() {
        Services all = new Services();
        all.addKeys();
        all.addSignatures();
        all.addAgreements();
        all.addHashes();
        all.addCiphers();
        all.add("SecureRandom", "NativePRNG", RandomEngine.class, List.of("NativePRNGNonBlocking", "getrandom"), ANY_THREAD, RandomEngine::new);
        return List.copyOf(all.definitions);
    }

    private void add(String type, String algorithm, Class<?> engine, List<String> aliases, Maker maker) {
        add(type, algorithm, engine, aliases, SOFTWARE, maker);
    }

    private void add(String type, String algorithm, Class<?> engine, List<String> aliases, Map<String, String> attributes, Maker maker) {
        definitions.add(new Definition(type, algorithm, engine, aliases, attributes, maker));
    }

    private void addKeys() {
        for (KeyNames names : KeyNames.values()) {
            boolean alone = names == KeyNames.EC;  // its name is that of the family, and so is its identifier
            addKey(names.family(), alone ? List.of("EllipticCurve", KeyNames.identifier(KeyAlgorithm.P256), "OID." + KeyNames.identifier(KeyAlgorithm.P256))
                    : List.of(), names.sets(), names.first());
            for (KeyAlgorithm set : alone ? EnumSet.noneOf(KeyAlgorithm.class) : names.sets()) {
                addKey(KeyNames.set(set), KeyNames.aliases(KeyNames.identifier(set)), EnumSet.of(set), set);
            }
        }
    }

    private void addKey(String name, List<String> aliases, Set<KeyAlgorithm> sets, KeyAlgorithm first) {
        add("KeyFactory", name, KeyFactoryEngine.class, aliases, (vault, none) -> new KeyFactoryEngine(vault, sets));
        add("KeyPairGenerator", name, KeyPairGeneratorEngine.class, aliases, (vault, none) -> new KeyPairGeneratorEngine(vault, sets, first));
    }

    private void addSignatures() {
        add("Signature", "EdDSA", GatheringSignature.class, List.of(), (vault, none) -> new GatheringSignature(vault, KeyNames.EDDSA.sets()));
        add("Signature", "Ed25519", GatheringSignature.class, KeyNames.aliases(KeyNames.identifier(KeyAlgorithm.ED25519)),
                (vault, none) -> new GatheringSignature(vault, KeyNames.EDDSA.sets()));
        add("Signature", "SHA256withECDSA", EcdsaEngine.class, KeyNames.aliases("1.2.840.10045.4.3.2"), (vault, none) -> new EcdsaEngine(vault, false));
        add("Signature", "SHA256withECDSAinP1363Format", EcdsaEngine.class, List.of("SHA256withPLAIN-ECDSA"),
                (vault, none) -> new EcdsaEngine(vault, true));
        add("Signature", "ML-DSA", MlDsaEngine.class, List.of(), (vault, none) -> new MlDsaEngine(vault, KeyNames.ML_DSA.sets()));
        for (KeyAlgorithm set : KeyNames.ML_DSA.sets()) {
            add("Signature", KeyNames.set(set), MlDsaEngine.class, KeyNames.aliases(KeyNames.identifier(set)),
                    (vault, none) -> new MlDsaEngine(vault, EnumSet.of(set)));
        }
        for (KeyNames names : List.of(KeyNames.SLH_DSA, KeyNames.FALCON)) {
            add("Signature", names.family(), GatheringSignature.class, List.of(), (vault, none) -> new GatheringSignature(vault, names.sets()));
            for (KeyAlgorithm set : names.sets()) {
                add("Signature", KeyNames.set(set), GatheringSignature.class, KeyNames.aliases(KeyNames.identifier(set)),
                        (vault, none) -> new GatheringSignature(vault, EnumSet.of(set)));
            }
        }
    }

    private void addAgreements() {
        add("KeyAgreement", "XDH", AgreementEngine.class, List.of(), (vault, none) -> new AgreementEngine(vault, KeyAlgorithm.X25519));
        add("KeyAgreement", "X25519", AgreementEngine.class, KeyNames.aliases(KeyNames.identifier(KeyAlgorithm.X25519)),
                (vault, none) -> new AgreementEngine(vault, KeyAlgorithm.X25519));
        add("KeyAgreement", "ECDH", AgreementEngine.class, List.of(), (vault, none) -> new AgreementEngine(vault, KeyAlgorithm.P256));
        add("KEM", "ML-KEM", KemEngine.class, List.of(), (vault, none) -> new KemEngine(vault, KeyNames.ML_KEM.sets()));
        for (KeyAlgorithm set : KeyNames.ML_KEM.sets()) {
            add("KEM", KeyNames.set(set), KemEngine.class, KeyNames.aliases(KeyNames.identifier(set)),
                    (vault, none) -> new KemEngine(vault, EnumSet.of(set)));
        }
        add("KEM", "DHKEM", KemEngine.class, List.of(), (vault, none) -> new KemEngine(vault, EnumSet.of(KeyAlgorithm.X25519, KeyAlgorithm.P256)));
        addKdf("HKDF-SHA256", Hkdf.SHA_256, "1.2.840.113549.1.9.16.3.28");
        addKdf("HKDF-SHA384", Hkdf.SHA_384, "1.2.840.113549.1.9.16.3.29");
        addKdf("HKDF-SHA512", Hkdf.SHA_512, "1.2.840.113549.1.9.16.3.30");
    }

    private void addKdf(String name, Hkdf hkdf, String identifier) {
        add("KDF", name, HkdfEngine.class, KeyNames.aliases(identifier), (vault, parameters) -> new HkdfEngine(vault, hkdf, (KDFParameters) parameters));
    }

    private void addHashes() {
        addHash(Hash.SHA_256, "SHA-256", NIST_HASH + 1, "SHA256");
        addHash(Hash.SHA_384, "SHA-384", NIST_HASH + 2, "SHA384");
        addHash(Hash.SHA_512, "SHA-512", NIST_HASH + 3, "SHA512");
        addHash(Hash.SHA3_224, "SHA3-224", NIST_HASH + 7);
        addHash(Hash.SHA3_256, "SHA3-256", NIST_HASH + 8);
        addHash(Hash.SHA3_384, "SHA3-384", NIST_HASH + 9);
        addHash(Hash.SHA3_512, "SHA3-512", NIST_HASH + 10);
        add("MessageDigest", "KECCAK-256", DigestEngine.class, List.of(), (vault, none) -> new DigestEngine(vault, Hash.KECCAK_256));
        addMac(Mac.HMAC_SHA_256, "HmacSHA256", RSA_DIGEST + 9);
        addMac(Mac.HMAC_SHA_384, "HmacSHA384", RSA_DIGEST + 10);
        addMac(Mac.HMAC_SHA_512, "HmacSHA512", RSA_DIGEST + 11);
        addMac(Mac.HMAC_SHA3_224, "HmacSHA3-224", NIST_HASH + 13);
        addMac(Mac.HMAC_SHA3_256, "HmacSHA3-256", NIST_HASH + 14);
        addMac(Mac.HMAC_SHA3_384, "HmacSHA3-384", NIST_HASH + 15);
        addMac(Mac.HMAC_SHA3_512, "HmacSHA3-512", NIST_HASH + 16);
        addMac(Mac.KMAC_128, "KMAC128", NIST_HASH + 19);
        addMac(Mac.KMAC_256, "KMAC256", NIST_HASH + 20);
    }

    private void addHash(Hash hash, String name, String identifier, String... more) {
        List<String> aliases = new ArrayList<>(KeyNames.aliases(identifier));
        aliases.addAll(List.of(more));
        add("MessageDigest", name, DigestEngine.class, aliases, (vault, none) -> new DigestEngine(vault, hash));
    }

    private void addMac(Mac mac, String name, String identifier) {
        add("Mac", name, MacEngine.class, KeyNames.aliases(identifier), (vault, none) -> new MacEngine(vault, mac));
        add("KeyGenerator", name, KeyGeneratorEngine.class, KeyNames.aliases(identifier),
                (vault, none) -> new KeyGeneratorEngine(vault, name, mac.tagBytes() * Byte.SIZE));
    }

    private void addCiphers() {
        addCipher("AES/GCM/NoPadding", List.of(), AeadEngine.Kind.AES_GCM, 0);
        addCipher("AES_128/GCM/NoPadding", KeyNames.aliases(NIST_AES + 6), AeadEngine.Kind.AES_GCM, 16);
        addCipher("AES_256/GCM/NoPadding", KeyNames.aliases(NIST_AES + 46), AeadEngine.Kind.AES_GCM, 32);
        addCipher("ChaCha20-Poly1305", KeyNames.aliases("1.2.840.113549.1.9.16.3.18"), AeadEngine.Kind.CHACHA20_POLY1305, 0);
        add("KeyGenerator", "AES", KeyGeneratorEngine.class, List.of(), (vault, none) -> new KeyGeneratorEngine(vault, "AES", 256));
        add("KeyGenerator", "ChaCha20", KeyGeneratorEngine.class, List.of(), (vault, none) -> new KeyGeneratorEngine(vault, "ChaCha20", 256));
    }

    private void addCipher(String name, List<String> aliases, AeadEngine.Kind kind, int keyBytes) {
        add("Cipher", name, AeadEngine.class, aliases, (vault, none) -> new AeadEngine(vault, kind, keyBytes));
    }
}
