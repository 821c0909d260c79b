package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.PrivateKeyForm;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.pqc.jcajce.provider.BouncyCastlePQCProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys, signatures, ciphertexts and agreements cross between this provider, the JDK's and Bouncy Castle's, in both directions, for every
/// parameter set that both have.
class InteroperabilityTest {
    private static final CofferProvider COFFER = new CofferProvider();
    private static final Provider BC = new BouncyCastleProvider();
    private static final Provider BCPQC = new BouncyCastlePQCProvider();  // has what is no standard yet
    private static final byte[] MESSAGE = "what both sides have seen".getBytes();

    /// Another provider's algorithm.
    record Peer(KeyAlgorithm algorithm, String signature, Provider provider) {
        String name() {
            return algorithm == KeyAlgorithm.P256 ? "EC" : KeyNames.set(algorithm);
        }

        KeyPair generate(Provider by) throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(name(), by);
            if (algorithm == KeyAlgorithm.P256) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        }

        /// Their signatures take hundreds of hashes of hashes: two sets go with every build, ten with the long profile.
        boolean isSlow() {
            return KeyNames.of(algorithm) == KeyNames.SLH_DSA && algorithm != KeyAlgorithm.SLH_DSA_SHA2_128F && algorithm != KeyAlgorithm.SLH_DSA_SHAKE_128F;
        }

        @Override
        public String toString() {
            return algorithm + " " + provider.getName();
        }
    }

    static List<Peer> peers() {
        Provider ec = Security.getProvider("SunEC");
        Stream<Peer> jdk = Stream.concat(Stream.of(new Peer(KeyAlgorithm.ED25519, "Ed25519", ec), new Peer(KeyAlgorithm.P256, "SHA256withECDSA", ec),
                new Peer(KeyAlgorithm.X25519, null, ec)),
                Stream.concat(
                        KeyNames.ML_DSA.sets().stream().map(set -> new Peer(set, KeyNames.set(set), Security.getProvider("SUN"))),
                        KeyNames.ML_KEM.sets().stream().map(set -> new Peer(set, null, Security.getProvider("SunJCE")))));
        Stream<Peer> bc = Arrays.stream(KeyNames.values()).flatMap(names -> names.sets().stream())
                .map(set -> new Peer(set, !set.signs() ? null : set == KeyAlgorithm.P256 ? "SHA256withECDSA" : KeyNames.set(set),
                        KeyNames.of(set) == KeyNames.FALCON ? BCPQC : BC));
        return Stream.concat(jdk, bc).toList();
    }

    static List<Peer> signers() {
        return peers().stream().filter(p -> p.signature != null).toList();
    }

    static List<Peer> quickPeers() {
        return peers().stream().filter(p -> !p.isSlow()).toList();
    }

    static List<Peer> quickSigners() {
        return signers().stream().filter(p -> !p.isSlow()).toList();
    }

    static List<Peer> slowSigners() {
        return signers().stream().filter(Peer::isSlow).toList();
    }

    @AfterAll
    static void close() {
        COFFER.close();
    }

    @Test
    void bothPeersHaveWhatTheyShould() {
        assertEquals(9 + 23, peers().size(), "3 curves, 3 ML-DSA, 3 ML-KEM of the JDK; all of Bouncy Castle");
    }

    private static KeyPair read(KeyPair pair, String name, Provider by) throws Exception {
        KeyFactory factory = KeyFactory.getInstance(name, by);
        return new KeyPair(factory.generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded())),
                factory.generatePrivate(new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded())));
    }

    /// What the other side wrote is read here and written again, byte for byte; and the other way round, where our form is read.
    @ParameterizedTest
    @MethodSource("quickPeers")
    void keysCrossByteForByte(Peer peer) throws Exception {
        crossKeys(peer);
    }

    /// Whose root takes a while to compute, as each reading of a private key does.
    @Tag("long")
    @ParameterizedTest
    @MethodSource("slowSigners")
    void keysOfSlowSetsCrossByteForByte(Peer peer) throws Exception {
        crossKeys(peer);
    }

    private static void crossKeys(Peer peer) throws Exception {
        KeyPair theirs = peer.generate(peer.provider);
        for (String name : new String[] {peer.name(), KeyNames.of(peer.algorithm).family()}) {
            KeyPair here = read(theirs, name, COFFER);
            assertTrue(here.getPrivate() instanceof CofferPrivateKey && here.getPublic() instanceof CofferPublicKey);
            assertArrayEquals(theirs.getPrivate().getEncoded(), here.getPrivate().getEncoded());
            assertArrayEquals(theirs.getPublic().getEncoded(), here.getPublic().getEncoded());
            assertEquals(here.getPublic(), theirs.getPublic());
        }
        KeyPair ours = peer.generate(COFFER);
        KeyPair there = read(ours, peer.name(), peer.provider);
        assertArrayEquals(ours.getPublic().getEncoded(), there.getPublic().getEncoded());
        KeyPair back = read(there, peer.name(), COFFER);  // whichever form the other side prefers: it is the same key
        assertEquals(ours.getPrivate(), back.getPrivate());
        assertEquals(ours.getPublic(), back.getPublic());
    }

    /// Where the other side writes one form, ours is that, from generation on.
    @ParameterizedTest
    @MethodSource("quickPeers")
    void generatedKeysHaveTheJdksForm(Peer peer) throws Exception {
        if (peer.provider != BC && peer.provider != BCPQC && peer.algorithm != KeyAlgorithm.P256) {  // of P-256 the JDK leaves the public key out
            KeyPair ours = peer.generate(COFFER);
            KeyPair there = read(ours, peer.name(), peer.provider);
            assertArrayEquals(ours.getPrivate().getEncoded(), there.getPrivate().getEncoded());
        }
    }

    @Test
    void theOtherFormsOfSeededKeysAreReadByBouncyCastle() throws Exception {
        for (PrivateKeyForm form : PrivateKeyForm.values()) {
            try (CofferProvider other = new CofferProvider(CofferProviderConfig.defaults().withForm(form))) {
                for (KeyAlgorithm set : new KeyAlgorithm[] {KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_KEM_1024}) {
                    KeyPair ours = KeyPairGenerator.getInstance(KeyNames.set(set), other).generateKeyPair();
                    assertEquals(set.pkcs8Bytes(form), ours.getPrivate().getEncoded().length, set + " " + form);
                    assertEquals(ours.getPrivate(), read(read(ours, KeyNames.set(set), BC), KeyNames.set(set), other).getPrivate());
                }
            }
        }
    }

    private static byte[] sign(String name, Provider by, PrivateKey key) throws Exception {
        Signature signer = Signature.getInstance(name, by);
        signer.initSign(key);
        signer.update(MESSAGE, 0, 5);
        signer.update(MESSAGE, 5, MESSAGE.length - 5);
        return signer.sign();
    }

    private static boolean verify(String name, Provider by, PublicKey key, byte[] message, byte[] signature) throws Exception {
        Signature verifier = Signature.getInstance(name, by);
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
    }

    @ParameterizedTest
    @MethodSource("quickSigners")
    void signaturesCross(Peer peer) throws Exception {
        cross(peer);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("slowSigners")
    void signaturesOfSlowSetsCross(Peer peer) throws Exception {
        cross(peer);
    }

    private static void cross(Peer peer) throws Exception {
        KeyPair ours = peer.generate(COFFER);
        KeyPair there = read(ours, peer.name(), peer.provider);
        byte[] signature = sign(peer.signature, COFFER, ours.getPrivate());
        assertTrue(verify(peer.signature, peer.provider, there.getPublic(), MESSAGE, signature), "theirs verifies ours");
        assertTrue(verify(peer.signature, COFFER, there.getPublic(), MESSAGE, signature), "ours verifies with their key");
        byte[] other = sign(peer.signature, peer.provider, there.getPrivate());
        assertTrue(verify(peer.signature, COFFER, ours.getPublic(), MESSAGE, other), "ours verifies theirs");
        byte[] third = sign(peer.signature, COFFER, there.getPrivate());
        assertTrue(verify(peer.signature, peer.provider, there.getPublic(), MESSAGE, third), "ours signs with their key");
        other[other.length / 2] ^= 1;
        assertFalse(verify(peer.signature, COFFER, ours.getPublic(), MESSAGE, other), "one bit");
        assertFalse(verify(peer.signature, COFFER, ours.getPublic(), new byte[1], signature), "another message");
    }

    @Test
    void rawSignaturesOfP256Cross() throws Exception {
        KeyPair ours = KeyPairGenerator.getInstance("EC", COFFER).generateKeyPair();
        KeyPair there = read(ours, "EC", Security.getProvider("SunEC"));
        String name = "SHA256withECDSAinP1363Format";
        byte[] signature = sign(name, COFFER, ours.getPrivate());
        assertEquals(64, signature.length);
        assertTrue(verify(name, Security.getProvider("SunEC"), there.getPublic(), MESSAGE, signature));
        assertTrue(verify(name, COFFER, ours.getPublic(), MESSAGE, sign(name, Security.getProvider("SunEC"), there.getPrivate())));
        assertTrue(verify("SHA256withPLAIN-ECDSA", COFFER, ours.getPublic(), MESSAGE, sign("SHA256withPLAIN-ECDSA", BC, read(ours, "EC", BC).getPrivate())));
    }

    static List<Peer> kems() {
        return peers().stream().filter(p -> KeyNames.of(p.algorithm) == KeyNames.ML_KEM).toList();
    }

    @ParameterizedTest
    @MethodSource("kems")
    void encapsulatedSecretsCross(Peer peer) throws Exception {
        KeyPair ours = peer.generate(COFFER);
        KeyPair there = read(ours, peer.name(), peer.provider);
        Provider[] both = {COFFER, peer.provider};
        for (Provider from : both) {
            for (Provider to : both) {
                KEM.Encapsulated sent = KEM.getInstance(peer.name(), from).newEncapsulator(from == COFFER ? ours.getPublic() : there.getPublic()).encapsulate();
                byte[] got = KEM.getInstance(peer.name(), to).newDecapsulator(to == COFFER ? ours.getPrivate() : there.getPrivate())
                        .decapsulate(sent.encapsulation()).getEncoded();
                assertArrayEquals(sent.key().getEncoded(), got, from + " to " + to);
                assertEquals(32, got.length);
                KEM.Encapsulated foreign = KEM.getInstance("ML-KEM", COFFER).newEncapsulator(there.getPublic()).encapsulate();
                assertArrayEquals(foreign.key().getEncoded(), KEM.getInstance("ML-KEM", COFFER).newDecapsulator(there.getPrivate())
                        .decapsulate(foreign.encapsulation()).getEncoded());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("quickPeers")
    void agreementsCross(Peer peer) throws Exception {
        if (!peer.algorithm.agrees()) {
            return;
        }
        String name = peer.algorithm == KeyAlgorithm.P256 ? "ECDH" : "X25519";
        KeyPair ours = peer.generate(COFFER);
        KeyPair theirs = peer.generate(peer.provider);
        byte[] here = agree(name, COFFER, ours.getPrivate(), theirs.getPublic());
        assertArrayEquals(agree(name, peer.provider, theirs.getPrivate(), read(ours, peer.name(), peer.provider).getPublic()), here);
        assertArrayEquals(here, agree(name, COFFER, theirs.getPrivate(), ours.getPublic()), "ours with their key");
    }

    /// RFC 9180's KEM crosses with the JDK's.
    @ParameterizedTest
    @ValueSource(strings = {"EC", "X25519"})
    void dhkemCrosses(String keys) throws Exception {
        Provider jce = Security.getProvider("SunJCE");
        KeyPair ours = KeyPairGenerator.getInstance(keys, COFFER).generateKeyPair();
        KeyPair there = read(ours, keys, Security.getProvider("SunEC"));
        KEM.Encapsulated sent = KEM.getInstance("DHKEM", COFFER).newEncapsulator(there.getPublic()).encapsulate();
        assertArrayEquals(sent.key().getEncoded(),
                KEM.getInstance("DHKEM", jce).newDecapsulator(there.getPrivate()).decapsulate(sent.encapsulation()).getEncoded());
        KEM.Encapsulated back = KEM.getInstance("DHKEM", jce).newEncapsulator(there.getPublic()).encapsulate();
        KEM.Decapsulator decapsulator = KEM.getInstance("DHKEM", COFFER).newDecapsulator(ours.getPrivate());
        assertArrayEquals(back.key().getEncoded(), decapsulator.decapsulate(back.encapsulation()).getEncoded());
        assertThrows(DecapsulateException.class, () -> decapsulator.decapsulate(new byte[back.encapsulation().length]), "no point, or one of small order");
        assertThrows(InvalidKeyException.class, () -> KEM.getInstance("ML-KEM", COFFER).newEncapsulator(ours.getPublic()));
    }

    private static byte[] agree(String name, Provider by, PrivateKey key, PublicKey peer) throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance(name, by);
        agreement.init(key);
        agreement.doPhase(peer, true);
        return agreement.generateSecret();
    }
}
