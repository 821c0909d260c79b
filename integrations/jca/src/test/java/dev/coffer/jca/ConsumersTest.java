package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import dev.coffer.crypto.Hash;
import dev.coffer.jca.user.ConfiguredMain;
import dev.coffer.jca.user.PreferredMain;
import dev.coffer.memory.Region;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Security;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that know nothing of Coffer, with its provider first by one line of `java.security`.
class ConsumersTest {
    @TempDir
    Path folder;

    private static final String[] HANDSHAKES = {"EC/x25519/TLS_AES_128_GCM_SHA256", "Ed25519/secp256r1/TLS_CHACHA20_POLY1305_SHA256",
            "EC/secp256r1/TLS_AES_256_GCM_SHA384", "Ed25519/x25519/TLS_AES_256_GCM_SHA384"};

    private Child.Answer handshakes(String first, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-Djava.security.properties=" + Child.providers(folder, first), "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        all.addAll(List.of(options));
        Child.Answer answer = Child.java(folder, all, TlsChild.class, HANDSHAKES);
        assertEquals(0, answer.code(), answer.output());
        for (String handshake : HANDSHAKES) {
            assertTrue(answer.output().contains("completed " + handshake), answer.output());
        }
        return answer;
    }

    /// By its defaults, session tickets included, whose nonces of 16 bytes the JDK's cipher takes over.
    @Test
    void tlsOfTheJdkCompletesHandshakes() throws Exception {
        handshakes("Coffer");
    }

    /// Where keys do not leave, no other provider can be the one that works with them; and the JCA says so.
    @Test
    void tlsOfTheJdkCompletesHandshakesOnOurServicesAlone() throws Exception {
        Child.Answer answer = handshakes("Coffer export=forbidden", "-Djdk.tls.server.enableSessionTicketExtension=false", "-Djava.security.debug=provider");
        String handshakes = answer.output().substring(answer.output().indexOf("KeyPairGenerator.XDH"));  // the first share
        for (String service : new String[] {"KeyPairGenerator.XDH", "KeyPairGenerator.EC", "KeyAgreement.XDH", "KeyAgreement.ECDH", "Cipher.AES/GCM/NoPadding",
                "Cipher.ChaCha20-Poly1305", "Signature.SHA256withECDSA", "Signature.Ed25519", "Mac.HmacSHA256", "Mac.HmacSHA384",
                "MessageDigest.SHA-384"}) {
            assertOurs(handshakes, service);
        }
    }

    /// What the JCA says of itself: who was asked for a service.
    private static void assertOurs(String output, String service) {
        List<String> asked = output.lines().filter(line -> line.contains("]: " + service + " ") || line.contains("]: " + service + ",")).toList();
        assertFalse(asked.isEmpty(), service + " was asked for");
        asked.forEach(line -> assertTrue(line.endsWith("from: Coffer"), line));
    }

    @Test
    void oneLineOfConfigurationServesTheClassPathAndTheModulePath() throws Exception {
        Path properties = Child.providers(folder, "Coffer keys=64k,work=512k export=forbidden");
        String expected = ", signed by Coffer, valid true, encoded never";
        Child.Answer onClassPath = Child.java(folder, List.of("-Djava.security.properties=" + properties), ConfiguredMain.class);
        assertEquals("Coffer of the class path" + expected, last(onClassPath));
        Child.Answer onModulePath = Child.run(folder, "java", List.of("-p", modulePath(), "--add-modules", "dev.coffer.jca",
                "--enable-native-access=dev.coffer.memory", "-Djava.security.properties=" + properties, "-cp", Child.place(ConfiguredMain.class),
                ConfiguredMain.class.getName()));
        assertEquals("Coffer of dev.coffer.jca" + expected, last(onModulePath));
        Child.Answer bad = Child.java(folder, List.of("-Djava.security.properties=" + Child.providers(folder, "Coffer keys=much")), ConfiguredMain.class);
        assertFalse(bad.output().contains("signed by Coffer"), bad.output());
    }

    /// The JDK's other line of configuration: Coffer stands last, and serves the names that it is preferred for.
    @Test
    void aPreferredProviderServesItsNamesFromTheEndOfTheList() throws Exception {
        Path properties = Child.preferred(folder, "Coffer", "KeyPairGenerator.ML-DSA-65:Coffer, Signature.ML-DSA-65:Coffer, MessageDigest.SHA-256:Coffer");
        Child.Answer answer = Child.java(folder, List.of("-Djava.security.properties=" + properties), PreferredMain.class);
        assertEquals(0, answer.code(), answer.output());
        assertEquals(List.of("last is Coffer", "key of Coffer, signed by Coffer, verified by Coffer true", "key of the JDK, verified by Coffer true",
                "SHA-256 of Coffer", "SHA-512 of SUN", "ML-KEM of SunJCE"), answer.output().lines().toList());
    }

    private static String last(Child.Answer answer) {
        assertEquals(0, answer.code(), answer.output());
        return answer.output().lines().filter(line -> line.startsWith("Coffer of")).findFirst().orElse(answer.output());
    }

    /// {@return the three modules: as they were built, or, where classes lie without their descriptor, with that beside them}
    private String modulePath() throws Exception {
        List<String> made = new ArrayList<>();
        for (Class<?> one : List.of(Region.class, Hash.class, CofferProvider.class)) {
            Path place = Path.of(Child.place(one));
            if (Files.isDirectory(place) && !Files.exists(place.resolve("module-info.class"))) {
                place = described(place, one == Region.class ? "memory" : one == Hash.class ? "crypto" : "integrations/jca", made);
            }
            made.add(place.toString());
        }
        return String.join(File.pathSeparator, made);
    }

    private Path described(Path classes, String module, List<String> below) throws Exception {
        Path target = folder.resolve(module.replace('/', '-'));
        try (Stream<Path> all = Files.walk(classes)) {
            for (Path from : all.toList()) {
                Files.copy(from, target.resolve(classes.relativize(from).toString()));
            }
        }
        List<String> path = new ArrayList<>(below);
        Arrays.stream(Child.classPath().split(File.pathSeparator)).filter(place -> place.contains("jspecify")).forEach(path::add);
        Path source = Path.of(System.getProperty("coffer.root", "../.."), module, "src/main/java/module-info.java");
        Child.Answer compiled = Child.run(folder, "javac", List.of("--release", "25", "-nowarn", "-p", String.join(File.pathSeparator, path), "-d",
                target.toString(), source.toString()));
        assertEquals(0, compiled.code(), compiled.output());
        return target;
    }

    @Test
    void keytoolAndJarsignerSignAndVerifyWithIt() throws Exception {
        Path properties = Child.providers(folder, "Coffer");
        List<String> with = List.of("-J-Djava.security.properties=" + properties, "-J-Djava.security.debug=provider", "-J--class-path=" + Child.classPath(),
                "-J--enable-native-access=ALL-UNNAMED", "-J-XX:TieredStopAtLevel=1");
        for (String[] kind : new String[][] {{"EC", "-groupname", "secp256r1", "SHA256withECDSA"}, {"Ed25519", null, null, "Ed25519"}}) {
            Path store = folder.resolve(kind[0] + ".p12");
            List<String> make = new ArrayList<>(with);
            make.addAll(List.of("-genkeypair", "-keystore", store.toString(), "-storepass", "changeit", "-alias", "own", "-dname", "CN=own", "-keyalg", kind[0],
                    "-sigalg", kind[3]));
            if (kind[1] != null) {
                make.addAll(List.of(kind[1], kind[2]));
            }
            Child.Answer made = Child.run(folder, "keytool", make);
            assertEquals(0, made.code(), made.output());
            assertOurs(made.output(), "KeyPairGenerator." + kind[0]);
            assertOurs(made.output(), "Signature." + kind[3] + " signing");
            Path jar = folder.resolve(kind[0] + ".jar");
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
                out.putNextEntry(new JarEntry("content.txt"));
                out.write("content".getBytes(StandardCharsets.US_ASCII));
            }
            List<String> sign = new ArrayList<>(with);
            sign.addAll(List.of("-keystore", store.toString(), "-storepass", "changeit", "-sigalg", kind[3], jar.toString(), "own"));
            Child.Answer signed = Child.run(folder, "jarsigner", sign);
            assertEquals(0, signed.code(), signed.output());
            assertTrue(signed.output().contains("jar signed."), signed.output());
            assertOurs(signed.output(), "Signature." + kind[3] + " signing");
            // Jars are verified by the JDK's own providers, whatever is first: so this is another side's verdict.
            Child.Answer byTheJdk = Child.run(folder, "jarsigner", List.of("-verify", jar.toString()));
            assertTrue(byTheJdk.output().contains("jar verified."), byTheJdk.output());
        }
    }

    @Test
    void nimbusSignsVerifiesAndEncryptsWithIt() throws Exception {
        try (CofferProvider coffer = new CofferProvider()) {
            KeyPair pair = KeyPairGenerator.getInstance("EC", coffer).generateKeyPair();
            ((CofferPrivateKey) pair.getPrivate()).forbidExport();  // so no other provider can be the one that signs
            ECDSASigner signer = new ECDSASigner(pair.getPrivate(), Curve.P_256);
            signer.getJCAContext().setProvider(coffer);
            JWSObject signed = new JWSObject(new JWSHeader(JWSAlgorithm.ES256), new Payload("claims"));
            signed.sign(signer);
            for (Provider by : new Provider[] {coffer, Security.getProvider("SunEC")}) {
                ECDSAVerifier verifier = new ECDSAVerifier((ECPublicKey) pair.getPublic());
                verifier.getJCAContext().setProvider(by);
                assertTrue(JWSObject.parse(signed.serialize()).verify(verifier), by.getName());
                String changed = signed.serialize().substring(0, signed.serialize().length() - 4) + "AAAA";
                assertFalse(JWSObject.parse(changed).verify(verifier), by.getName());
            }
            SecretKey key = KeyGenerator.getInstance("AES", coffer).generateKey();
            JWEObject sealed = new JWEObject(new JWEHeader(JWEAlgorithm.DIR, EncryptionMethod.A256GCM), new Payload("for one reader"));
            DirectEncrypter encrypter = new DirectEncrypter(key);
            encrypter.getJCAContext().setProvider(coffer);
            sealed.encrypt(encrypter);
            for (Provider by : new Provider[] {coffer, Security.getProvider("SunJCE")}) {
                JWEObject opened = JWEObject.parse(sealed.serialize());
                DirectDecrypter decrypter = new DirectDecrypter(key);
                decrypter.getJCAContext().setProvider(by);
                opened.decrypt(decrypter);
                assertEquals("for one reader", opened.getPayload().toString());
            }
        }
    }
}
