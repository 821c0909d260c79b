package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.testkit.RawMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that people take for keys of ours, as OpenSSL 3 and OpenSSH made them for this test: refused in words that name
/// what they are, read as DER or as PEM, as a private or as a public key; nothing of them stays.
class ForeignKeysTest {
    private static final String PBKDF2 = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgclJurftjqcgICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOqBFd8/eeMJoemWceTd6vMEQKRw
            1KgT7r+zJELxji7VWzj6t8OYpcqLfc/mK0R1iWB2yK9BZBOrmqV308L0f2Ljof7n
            4UsCQm5Zg78awU5Iqqw=
            -----END ENCRYPTED PRIVATE KEY-----
            """;
    private static final String SCRYPT = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAjFhgz/jNJ0XgICQAAC
            AQgCAQEwHQYJYIZIAWUDBAEqBBCYdRaPb4iSV3Al7EcokV3cBEB3QldKFoFPNWvt
            fk8l97oFfkYroL+vLrxc4Q8gJNwgkRUvkp/Iy6QtuJ1FpAdGA7egjySaXQW7Ul8a
            plmijrl8
            -----END ENCRYPTED PRIVATE KEY-----
            """;
    private static final String PBES1 = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MFgwHAYKKoZIhvcNAQwBAzAOBAhLz/VQGwQNzQICCAAEOEcMMyCZxlRPA66/PM6U
            Y/e8u9mmmpXXeufzPgCMnwsMqd83MWZYvsTzibQsdpIiiYezWgKgx7Zz
            -----END ENCRYPTED PRIVATE KEY-----
            """;
    private static final String CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBLDCB36ADAgECAhRSt10LBxEMFZiM0koy9uD3bzhJxDAFBgMrZXAwDDEKMAgG
            A1UEAwwBeDAeFw0yNjExMjUxNzM2NDFaFw0yNjExMjYxNzM2NDFaMAwxCjAIBgNV
            BAMMAXgwKjAFBgMrZXADIQDMG8xfQQOa02YMGRtuoYUU6a6/Q8OLHjCgYPQ3lJDw
            3KNTMFEwHQYDVR0OBBYEFN7Nh0Z+Hbi+pRPqKUgFWdyFnTPhMB8GA1UdIwQYMBaA
            FN7Nh0Z+Hbi+pRPqKUgFWdyFnTPhMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EA
            AIZxCRK5wNTWcPNKUQFGhI2B+btPyGLGZg0I7oy7YQJEXmfRuRfUrZd12HCyNS2E
            jBOXC0/IBSipEgWAWWM7DA==
            -----END CERTIFICATE-----
            """;
    private static final String REQUEST = """
            -----BEGIN CERTIFICATE REQUEST-----
            MIGLMD8CAQAwDDEKMAgGA1UEAwwBeDAqMAUGAytlcAMhAMwbzF9BA5rTZgwZG26h
            hRTprr9Dw4seMKBg9DeUkPDcoAAwBQYDK2VwA0EAKRZaju/q01+zis4m9/Q8Mun/
            MFeUYPWRLDr7/vuesZ2CDHSLhXjkWEDq5IELdBT0BUabF+3Jis5VUtIaZ4xMDw==
            -----END CERTIFICATE REQUEST-----
            """;
    private static final String PKCS7 = """
            -----BEGIN PKCS7-----
            MIIBWwYJKoZIhvcNAQcCoIIBTDCCAUgCAQExADALBgkqhkiG9w0BBwGgggEwMIIB
            LDCB36ADAgECAhRSt10LBxEMFZiM0koy9uD3bzhJxDAFBgMrZXAwDDEKMAgGA1UE
            AwwBeDAeFw0yNjExMjUxNzM2NDFaFw0yNjExMjYxNzM2NDFaMAwxCjAIBgNVBAMM
            AXgwKjAFBgMrZXADIQDMG8xfQQOa02YMGRtuoYUU6a6/Q8OLHjCgYPQ3lJDw3KNT
            MFEwHQYDVR0OBBYEFN7Nh0Z+Hbi+pRPqKUgFWdyFnTPhMB8GA1UdIwQYMBaAFN7N
            h0Z+Hbi+pRPqKUgFWdyFnTPhMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAAIZx
            CRK5wNTWcPNKUQFGhI2B+btPyGLGZg0I7oy7YQJEXmfRuRfUrZd12HCyNS2EjBOX
            C0/IBSipEgWAWWM7DDEA
            -----END PKCS7-----
            """;
    private static final String OPENSSH = """
            -----BEGIN OPENSSH PRIVATE KEY-----
            b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
            QyNTUxOQAAACBTZtyJ9ZYVx72haRRKBWhPlVoJ8PMjopYrd6fu5kf7CAAAAJCg7twBoO7c
            AQAAAAtzc2gtZWQyNTUxOQAAACBTZtyJ9ZYVx72haRRKBWhPlVoJ8PMjopYrd6fu5kf7CA
            AAAEDzCzZWDNWlOy0rkJWgd4dCt+x19DiuZW94VdTgsG1gE1Nm3In1lhXHvaFpFEoFaE+V
            Wgnw8yOilit3p+7mR/sIAAAAB3Jvb3RAdm0BAgMEBQY=
            -----END OPENSSH PRIVATE KEY-----
            """;
    private static final String PROC_TYPE = """
            -----BEGIN EC PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,82499C652D46B865336F5110AC16DEFA

            mVbIpYX7jLNGnGzQ2G73WExdZNsQq3b0mH4nl9NBtPpgT6UlOkVSt06LLBxjclI/
            CFI402ADZwm7UUFFi6GsDwwRGeS1NWF6MdHAWIa7d3+fmwHkgBtlnNqYzavu1uEu
            HWwlGEP+RjozrbGaFm0SBYeIqDaxu5Ap4GEX3TaJGhQ=
            -----END EC PRIVATE KEY-----
            """;
    private static final String PKCS12 = """
            MIIDZgIBAzCCAxwGCSqGSIb3DQEHAaCCAw0EggMJMIIDBTCCAhIGCSqGSIb3DQEHBqCCAgMwggH/AgEAMIIB+AYJKoZIhvcN
            AQcBMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjIWoy4y8YFnwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQME
            ASoEEGCwx/ac0mwJz0/0noMpeRiAggGQINMwcvhOLW0ivzfXrA8Hm9SOUseJVcpIdnzlVymddZmjMzo4FNVqcaqbPBRAJdlM
            PUCKLKhdORgjLNxrIrFBXcXKK+nbiGlpC7zyqPXbixtywMlFP1HMtL9fiy13J6WLklDN2YN31k61F7dn8arUqBgpu+PoAXlH
            i1ZboDjIXZ9y3u1I3Qxoy+i3goONIXhCRyjtPS+dBWGXGDIxBLXi9n/ThnH6iGsl2ghBGzbNQWPREo7q0aXRn+gN7dJqbc1x
            t0S2N5ATsvwqxpTwdFl1SRZ6vIpzOLjekxaElYj7Ywq7NK/Y4ydvcAgaZuhswGs6nqBIIMaeABXw/6mpTcqQm/Gzh9MrDKJn
            cur+RfTyU2i6BnNe0FzxrLS7SsmssEMX8Y8c3yQ1wxFsCFEk1BDCgaL/UKUUVewpJSiXdgqqO4/E7U4JETINmyp1LcS8e3xH
            GXZPlyw2XIEleIvjzmt1xvIqu7Yg0EkXHcj+Lq4T0taL5oSYdAiLZQJ83efT9k7jPjIN/mmBjiGo9sM6//qdEDCB7AYJKoZI
            hvcNAQcBoIHeBIHbMIHYMIHVBgsqhkiG9w0BDAoBAqCBnjCBmzBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIGg85
            r+sLvpYCAggAMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCZYsupDShZn2tPPFSIqsFrBEDFOE09b78Cd7/K7CPmr/5m
            px6dGGPgwxXQxhcoYCl6JeVsF6/1xAzHWcQXH9J0jj3PMyBu37ukVH9SuTUIQe+DMSUwIwYJKoZIhvcNAQkVMRYEFJVeco4B
            6PrFaHM4MzxEYzB2oqwWMEEwMTANBglghkgBZQMEAgEFAAQgPI+KbyuHUN8B8TBLB+gOh5IAzvj0q3gCUjvMuVwBCOIECMjC
            5tCDolGAAgIIAA==
            """;
    private static final String OPENSSH_PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFNm3In1lhXHvaFpFEoFaE+VWgnw8yOilit3p+7mR/sI";

    private static Map<String, Reason> texts() {
        Map<String, Reason> texts = new LinkedHashMap<>();
        texts.put(PBKDF2, Reason.ENCRYPTED_PBKDF2);
        texts.put(SCRYPT, Reason.ENCRYPTED_SCRYPT);
        texts.put(PBES1, Reason.ENCRYPTED);
        texts.put(PROC_TYPE, Reason.ENCRYPTED);
        texts.put(CERTIFICATE, Reason.CERTIFICATE);
        texts.put(REQUEST, Reason.REQUEST);
        texts.put(PKCS7, Reason.CMS);
        texts.put(OPENSSH, Reason.OPENSSH);
        texts.put(OPENSSH_PUBLIC, Reason.OPENSSH_PUBLIC);
        texts.put("a word before\n" + CERTIFICATE, Reason.CERTIFICATE);
        texts.put(CERTIFICATE.replace("CERTIFICATE", "RSA PRIVATE KEY"), Reason.RSA);
        texts.put(CERTIFICATE.replace("CERTIFICATE", "DSA PRIVATE KEY"), Reason.DSA);
        return texts;
    }

    /// Every label of OpenSSL's pem.h, RFC 7468, OpenSSH and OpenPGP that is no key here.
    private static Map<String, Reason> labels() {
        Map<String, Reason> labels = new LinkedHashMap<>();
        for (String label : new String[] {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}) {
            labels.put(label, Reason.CERTIFICATE);
        }
        labels.put("CERTIFICATE REQUEST", Reason.REQUEST);
        labels.put("NEW CERTIFICATE REQUEST", Reason.REQUEST);
        labels.put("X509 CRL", Reason.REVOCATIONS);
        labels.put("ATTRIBUTE CERTIFICATE", Reason.ATTRIBUTES);
        for (String label : new String[] {"PKCS7", "PKCS #7 SIGNED DATA", "CMS"}) {
            labels.put(label, Reason.CMS);
        }
        for (String label : new String[] {"DH PARAMETERS", "X9.42 DH PARAMETERS", "DSA PARAMETERS", "EC PARAMETERS", "PARAMETERS"}) {
            labels.put(label, Reason.PARAMETERS);
        }
        labels.put("RSA PUBLIC KEY", Reason.RSA);
        labels.put("DSA PUBLIC KEY", Reason.DSA);
        labels.put("SSL SESSION PARAMETERS", Reason.TLS_SESSION);
        for (String label : new String[] {"PGP PRIVATE KEY BLOCK", "PGP PUBLIC KEY BLOCK", "PGP MESSAGE"}) {
            labels.put(label, Reason.OPENPGP);
        }
        labels.put("COFFEE", Reason.BAD_PEM);
        return labels;
    }

    @Test
    void everyLabelIsNamedForWhatItIs() {
        labels().forEach(
                (label, reason) -> refuses(reason, ("-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII)));
        refuses(Reason.OPENSSH_PUBLIC, "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n".getBytes(StandardCharsets.US_ASCII));
        for (String label : new String[] {"RSA PRIVATE KEY", "DSA PRIVATE KEY"}) {
            refuses(Reason.ENCRYPTED, PROC_TYPE.replace("EC PRIVATE KEY", label).getBytes(StandardCharsets.US_ASCII));
        }
    }

    /// A certificate of version 1 and a list of revocations begin with a number too.
    @Test
    void whatIsSignedIsToldApartInDer() throws IOException {
        DERSequence algorithm = new DERSequence(new ASN1ObjectIdentifier("1.3.101.112"));
        DERSequence name = new DERSequence();
        ASN1UTCTime time = new ASN1UTCTime("260101000000Z");
        refuses(Reason.CERTIFICATE, signed(new ASN1Integer(99), algorithm, name, new DERSequence(new ASN1Encodable[] {time, time})));
        refuses(Reason.REVOCATIONS, signed(new ASN1Integer(1), algorithm, name, time));
        refuses(Reason.REVOCATIONS, signed(new ASN1Integer(1), algorithm, name, new ASN1GeneralizedTime("20600101000000Z")));
        refuses(Reason.REQUEST, signed(new ASN1Integer(0), name, algorithm));
        refuses(Reason.BAD_DER, signed(new ASN1Integer(1), algorithm, name, new ASN1Integer(1)));
        refuses(Reason.BAD_DER, signed(new ASN1Integer(1)));
    }

    private static byte[] signed(ASN1Encodable... content) throws IOException {
        return new DERSequence(
                new ASN1Encodable[] {new DERSequence(content), new DERSequence(new ASN1ObjectIdentifier("1.3.101.112")), new DERBitString(new byte[64])})
                .getEncoded(ASN1Encoding.DER);
    }

    @Test
    void whoExpectsAnotherThingIsToldWhatItWasGiven() throws Exception {
        Map<byte[], Reason> given = new LinkedHashMap<>();
        for (Map.Entry<String, Reason> text : texts().entrySet()) {
            if (text.getValue() == Reason.REQUEST || text.getValue() == Reason.CMS || text.getValue() == Reason.CERTIFICATE) {
                given.put(text.getKey().getBytes(StandardCharsets.US_ASCII), text.getValue());
                given.put(Base64.getMimeDecoder().decode(text.getKey().replaceAll("(?m)^.*(-----|word).*$", "")), text.getValue());
            }
        }
        given.put(Base64.getMimeDecoder().decode(PKCS12), Reason.BUNDLE);
        given.put(pkcs8("Ed25519", null), Reason.WRONG_KIND);
        given.put(new byte[64], null);
        given.put(new byte[0], null);
        given.forEach((bytes, reason) -> assertEquals(reason, Reason.of(MemorySegment.ofArray(bytes), 0, bytes.length),
                () -> new String(bytes, StandardCharsets.ISO_8859_1)));
    }

    private final MemorySegment workspace = Memory.zeros(Keys.WORKSPACE_BYTES);

    private void refuses(Reason reason, byte[] bytes) {
        MemorySegment source = Memory.of(bytes);
        KeyFormatException refused = assertThrows(KeyFormatException.class, () -> Keys.decode(source, 0, bytes.length,
                KeyPairTest.room(KeyAlgorithm.ED25519), workspace, 0));
        assertEquals(reason, refused.reason());
        assertTrue(refused.getMessage().length() > 20, refused.getMessage());
        assertEquals(0, RawMemory.nonZero(source, 0, bytes.length), "the source stays");
        MemorySegment again = Memory.of(bytes);
        assertEquals(reason, assertThrows(KeyFormatException.class, () -> Keys.decodePublic(again, 0, bytes.length,
                Memory.zeros(65), 0, workspace, 0)).reason());
        assertEquals(0, RawMemory.nonZero(again, 0, bytes.length), "the source stays");
    }

    private static byte[] pkcs8(String algorithm, AlgorithmParameterSpec of) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (of != null) {
            generator.initialize(of);
        }
        return generator.generateKeyPair().getPrivate().getEncoded();
    }

    /// As PKCS#8, and of curves in the form of RFC 5915 too, in which the length of the key is not yet what is wrong.
    @Test
    void keysOfOtherAlgorithmsAndCurvesSayWhatTheyAre() throws Exception {
        refuses(Reason.P_384, pkcs8("EC", new ECGenParameterSpec("secp384r1")));
        refuses(Reason.P_521, pkcs8("EC", new ECGenParameterSpec("secp521r1")));
        refuses(Reason.CURVE_448, pkcs8("Ed448", null));
        refuses(Reason.CURVE_448, pkcs8("X448", null));
        refuses(Reason.DSA, pkcs8("DSA", null));
        refuses(Reason.RSA, pkcs8("RSA", null));
        refuses(Reason.RSA_PSS_ALONE, pkcs8("RSASSA-PSS", null));
        for (Map.Entry<String, Reason> curve : Map.of("1.3.132.0.34", Reason.P_384, "1.3.132.0.35", Reason.P_521, "1.3.132.0.10", Reason.SECP256K1,
                "1.3.36.3.3.2.8.1.1.7", Reason.OTHER_CURVE).entrySet()) {
            byte[] alone = new ECPrivateKey(384, BigInteger.valueOf(5), new ASN1ObjectIdentifier(curve.getKey())).getEncoded();
            refuses(curve.getValue(), alone);
            refuses(curve.getValue(), new PrivateKeyInfo(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, new ASN1ObjectIdentifier(curve.getKey())),
                    ECPrivateKey.getInstance(alone)).getEncoded());
        }
        byte[] written = new ECPrivateKey(384, BigInteger.valueOf(5), new DERSequence(new ASN1Integer(1))).getEncoded();
        refuses(Reason.OTHER_CURVE, written);
    }

    @Test
    void javasOldKeystoresSayWhatTheyAre() throws Exception {
        for (String kind : new String[] {"JKS", "JCEKS"}) {
            KeyStore store = KeyStore.getInstance(kind);
            store.load(null, null);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, "changeit".toCharArray());
            refuses(Reason.JAVA_KEYSTORE, out.toByteArray());
        }
    }

    @Test
    void areNamedAsTextAndAsDer() {
        texts().forEach((text, reason) -> {
            refuses(reason, text.getBytes(StandardCharsets.US_ASCII));
            boolean bare = text.startsWith("-----BEGIN") && !text.contains("Proc-Type") && !text.contains("RSA") && !text.contains("DSA")
                    && reason != Reason.OPENSSH;
            if (bare) {
                refuses(reason, Base64.getMimeDecoder().decode(text.replaceAll("-----.*-----", "")));
            }
        });
        refuses(Reason.BUNDLE, Base64.getMimeDecoder().decode(PKCS12));
    }

    /// A server's chain before its key, as HAProxy wants it and `openssl pkcs12 -nodes` writes it.
    @Test
    void aKeyIsReadBehindWhatGoesWithIt() throws Exception {
        byte[] der = pkcs8("Ed25519", null);
        String key = pem("PRIVATE KEY", der);
        String revoked = CERTIFICATE.replace("CERTIFICATE", "X509 CRL");
        for (String before : new String[] {CERTIFICATE, CERTIFICATE + CERTIFICATE, "Bag Attributes: none\n" + CERTIFICATE, REQUEST, PKCS7, revoked,
                pem("EC PARAMETERS", new byte[8]) + CERTIFICATE, pem("DH PARAMETERS", new byte[8])}) {
            for (String text : new String[] {before + key, before + key + CERTIFICATE, key + before}) {
                try (EncodedKey read = EncodedKey.in(Memory.of(ascii(text)), 0, text.length())) {
                    assertTrue(read.isPrivate(), text);
                    assertEquals(KeyAlgorithm.ED25519, read.algorithm());
                }
            }
            assertTrue(EncryptedKey.isEncrypted(Memory.of(ascii(before + PBKDF2)), 0, before.length() + PBKDF2.length()));
            refuses(Reason.ENCRYPTED_PBKDF2, ascii(before + PBKDF2));
            refuses(Reason.OPENSSH, ascii(before + OPENSSH));
            refuses(Reason.RSA, ascii(before + pem("RSA PRIVATE KEY", new byte[8])));
            refuses(Reason.BAD_PEM, ascii(before + pem("PRIVATE CAT", new byte[8])));
        }
        refuses(Reason.OPENSSH, ascii(OPENSSH + key));
        byte[] rsa = pkcs8("RSA", null);
        byte[] text = ascii(CERTIFICATE + pem("PRIVATE KEY", rsa));
        assertTrue(EncodedRsaKey.isRsa(Memory.of(text), 0, text.length, Memory.zeros(EncodedRsaKey.WORKSPACE_BYTES), 0));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    @Test
    void aChainThatIsLongerThanAKeyFileIsNamedToo(@TempDir Path folder) throws IOException {
        Path chain = folder.resolve("chain.pem");
        Files.writeString(chain, CERTIFICATE.repeat(20));
        assertEquals(Reason.CERTIFICATE, assertThrows(KeyFormatException.class,
                () -> Keys.readPublic(chain, Memory.zeros(65), 0, workspace, 0)).reason());
        Files.writeString(chain, "x".repeat(EncodedKey.FILE_BYTES_MAX + 1));
        assertEquals(Reason.TOO_LONG, assertThrows(KeyFormatException.class,
                () -> Keys.readPublic(chain, Memory.zeros(65), 0, workspace, 0)).reason());
    }

    @Test
    void aPrivateKeyReadAsAPublicOneIsWiped() {
        KeyPair pair = KeyPair.generate(KeyAlgorithm.ED25519, KeyPairTest.room(KeyAlgorithm.ED25519),
                new dev.coffer.testkit.SeededEntropy(1), workspace, 0);
        MemorySegment text = Memory.zeros(Keys.PEM_BYTES);
        int length = pair.encodePem(text, 0, workspace, 0);
        assertEquals(Reason.WRONG_KIND, assertThrows(KeyFormatException.class,
                () -> Keys.decodePublic(text, 0, length, Memory.zeros(65), 0, workspace, 0)).reason());
        assertEquals(0, RawMemory.nonZero(text, 0, length), "the private key stays in the source");
    }

    @Test
    void aSourceOfEntropyThatGivesNoKeyIsAskedAgainAndNotForEver() {
        int[] draws = {0};
        KeyPair pair = KeyPair.generate(KeyAlgorithm.P256, KeyPairTest.room(KeyAlgorithm.P256),
                (segment, at, length) -> segment.asSlice(at, length).fill((byte) (++draws[0] < KeyPair.DRAWS_MAX ? 0xff : 0x11)), workspace, 0);
        assertEquals(KeyPair.DRAWS_MAX, draws[0]);
        assertEquals(0, RawMemory.nonZero(workspace, 0, (int) Keys.OPERATION_BYTES), "the draw stays");
        assertEquals(0x11, pair.secret().segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
        for (int value : new int[] {0xff, 0}) {
            assertThrows(IllegalStateException.class, () -> KeyPair.generate(KeyAlgorithm.P256,
                    KeyPairTest.room(KeyAlgorithm.P256), (segment, at, length) -> segment.asSlice(at, length).fill((byte) value), workspace, 0));
            assertEquals(0, RawMemory.nonZero(workspace, 0, (int) Keys.OPERATION_BYTES), "the draw stays");
        }
    }
}
