package dev.coffer.crypto.key;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Pfx;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/// For tests: keys with certificates, and PKCS#12 files of them by other hands: the JDK's, OpenSSL's, and the MACs of both made anew over what was changed.
public final class Pkcs12Files {
    /// What all of them are under.
    public static final String PASSPHRASE = "correct horse";

    private static final ASN1ObjectIdentifier PBMAC1 = new ASN1ObjectIdentifier("1.2.840.113549.1.5.14");
    private static final ASN1ObjectIdentifier SHA_256 = new ASN1ObjectIdentifier("2.16.840.1.101.3.4.2.1");

    private Pkcs12Files() {}

    /// {@return a small file of the JDK}
    public static byte[] small() throws Exception {
        KeyPair pair = pair("Ed25519");
        return quick(PASSPHRASE, pair.getPrivate(), certificate("own", pair.getPublic(), "own", pair.getPrivate()));
    }

    /// {@return a key of Ed25519 as PKCS#8, encrypted by the JDK}
    public static byte[] encryptedKey() throws Exception {
        Cipher cipher = Cipher.getInstance("PBEWithHmacSHA256AndAES_256");
        cipher.init(Cipher.ENCRYPT_MODE, SecretKeyFactory.getInstance("PBEWithHmacSHA256AndAES_256")
                .generateSecret(new PBEKeySpec(PASSPHRASE.toCharArray())), new PBEParameterSpec(new byte[16], 1000, new IvParameterSpec(new byte[16])));
        return new EncryptedPrivateKeyInfo(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, ASN1Sequence.getInstance(cipher.getParameters().getEncoded())),
                cipher.doFinal(pair("Ed25519").getPrivate().getEncoded())).getEncoded();
    }

    static KeyPair pair(String kind) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        if (kind.equals("EC")) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else if (kind.equals("RSA")) {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    /// {@return a certificate, signed by a key of Ed25519}
    static Certificate certificate(String subject, PublicKey key, String issuer, PrivateKey by) throws Exception {
        AlgorithmIdentifier ed25519 = new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.101.112"));
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(BigInteger.valueOf(subject.hashCode() & 0xffff)));
        generator.setSignature(ed25519);
        generator.setIssuer(new X500Name("CN=" + issuer));
        generator.setSubject(new X500Name("CN=" + subject));
        generator.setStartDate(new Time(new Date(0)));
        generator.setEndDate(new Time(new Date(4_000_000_000_000L)));
        generator.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
        ASN1Encodable tbs = generator.generateTBSCertificate();
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(by);
        signature.update(tbs.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        byte[] der = new DERSequence(new ASN1Encodable[] {tbs, ed25519, new DERBitString(signature.sign())}).getEncoded(ASN1Encoding.DER);
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /// {@return what keytool would write}
    static byte[] ofTheJdk(String passphrase, PrivateKey key, Certificate... chain) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, passphrase.toCharArray(), chain);
        return written(store, passphrase);
    }

    static byte[] written(KeyStore store, String passphrase) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, passphrase.toCharArray());
        return out.toByteArray();
    }

    /// {@return the same with iterations that cost nothing}
    static byte[] quick(String passphrase, PrivateKey key, Certificate... chain) throws Exception {
        String[] names = {"keystore.pkcs12.keyPbeIterationCount", "keystore.pkcs12.certPbeIterationCount", "keystore.pkcs12.macIterationCount"};
        try {
            for (String name : names) {
                System.setProperty(name, "1");
            }
            return ofTheJdk(passphrase, key, chain);
        } finally {
            for (String name : names) {
                System.clearProperty(name);
            }
        }
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    static boolean hasOpenssl() {
        try {
            return new ProcessBuilder("openssl", "version").redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    /// Runs it with the passphrase on its standard input.
    static byte[] openssl(Path folder, String passphrase, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).redirectOutput(out.toFile()).start();
        process.getOutputStream().write((passphrase + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        if (process.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("err")));
        }
        return Files.readAllBytes(out);
    }

    static byte[] content(byte[] file) {
        return ASN1OctetString.getInstance(Pfx.getInstance(file).getAuthSafe().getContent()).getOctets();
    }

    /// {@return a file with another content, and a MAC by the JDK's derivation, of one iteration}
    static byte[] sealed(byte[] file, UnaryOperator<byte[]> change) throws Exception {
        byte[] content = change.apply(content(file));
        byte[] salt = {1, 2, 3, 4, 5, 6, 7, 8};
        Mac mac = Mac.getInstance("HmacPBESHA256");
        mac.init(SecretKeyFactory.getInstance("PBE").generateSecret(new PBEKeySpec(PASSPHRASE.toCharArray())), new PBEParameterSpec(salt, 1));
        return file(content, new AlgorithmIdentifier(SHA_256, DERNull.INSTANCE), mac.doFinal(content), salt);
    }

    /// {@return the same with PBMAC1 (RFC 9879)}
    ///
    /// @param hash      256, 384 or 512
    /// @param keyBytes  as the parameters say; null for nothing
    static byte[] sealedByPbmac1(byte[] file, int hash, Integer keyBytes) throws Exception {
        byte[] content = content(file);
        byte[] salt = {9, 8, 7, 6};
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA" + hash)
                .generateSecret(new PBEKeySpec(PASSPHRASE.toCharArray(), salt, 77, hash)).getEncoded();
        Mac mac = Mac.getInstance("HmacSHA" + hash);
        mac.init(new SecretKeySpec(key, "HMAC"));
        AlgorithmIdentifier hmac = new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.840.113549.2." + (hash == 256 ? 9 : hash == 384 ? 10 : 11)),
                DERNull.INSTANCE);
        List<ASN1Encodable> parameters = new ArrayList<>(List.of(new DEROctetString(salt), new ASN1Integer(77)));
        if (keyBytes != null) {
            parameters.add(new ASN1Integer(keyBytes));
        }
        parameters.add(hmac);
        AlgorithmIdentifier derivation =
                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBKDF2, new DERSequence(parameters.toArray(ASN1Encodable[]::new)));
        AlgorithmIdentifier identifier = new AlgorithmIdentifier(PBMAC1, new DERSequence(new ASN1Encodable[] {derivation, hmac}));
        return file(content, identifier, mac.doFinal(content), "NOT USED".getBytes(StandardCharsets.US_ASCII));
    }

    /// {@return the file, each with a NULL behind what another SEQUENCE of its MAC holds}
    static List<byte[]> longerMacs(byte[] file) throws IOException {
        ASN1Sequence pfx = ASN1Sequence.getInstance(file);
        List<byte[]> longer = new ArrayList<>();
        for (ASN1Sequence macData : longer(ASN1Sequence.getInstance(pfx.getObjectAt(2)))) {
            longer.add(with(pfx, 2, macData).getEncoded(ASN1Encoding.DER));
        }
        return longer;
    }

    /// {@return the sequence, each time with a NULL behind what another SEQUENCE in it holds, itself among them}
    static List<ASN1Sequence> longer(ASN1Sequence sequence) {
        List<ASN1Sequence> longer = new ArrayList<>(List.of(with(sequence, sequence.size(), DERNull.INSTANCE)));
        for (int i = 0; i < sequence.size(); i++) {
            if (sequence.getObjectAt(i).toASN1Primitive() instanceof ASN1Sequence inner) {
                for (ASN1Sequence part : longer(inner)) {
                    longer.add(with(sequence, i, part));
                }
            }
        }
        return longer;
    }

    private static ASN1Sequence with(ASN1Sequence sequence, int at, ASN1Encodable part) {
        List<ASN1Encodable> parts = new ArrayList<>(List.of(sequence.toArray()));
        if (at < parts.size()) {
            parts.set(at, part);
        } else {
            parts.add(part);
        }
        return new DERSequence(parts.toArray(ASN1Encodable[]::new));
    }

    static byte[] file(byte[] content, AlgorithmIdentifier of, byte[] mac, byte[] salt) throws IOException {
        ASN1Sequence digest = new DERSequence(new ASN1Encodable[] {of, new DEROctetString(mac)});
        ASN1Sequence macData = new DERSequence(new ASN1Encodable[] {digest, new DEROctetString(salt), new ASN1Integer(1)});
        return new DERSequence(new ASN1Encodable[] {new ASN1Integer(3), new ContentInfo(PKCSObjectIdentifiers.data, new DEROctetString(content)), macData})
                .getEncoded(ASN1Encoding.DER);
    }
}
