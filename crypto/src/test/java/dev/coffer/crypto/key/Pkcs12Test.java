package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that other programs locked under a passphrase are opened, and what is not theirs any more is refused.
class Pkcs12Test {
    private static final int MUTATIONS = 5_000;

    @TempDir
    private Path folder;

    private final MemorySegment work = Memory.zeros(Pkcs12.WORKSPACE_BYTES + 5);

    /// What came out of a file.
    private record Opened(byte[] key, List<byte[]> certificates) {}

    private Opened open(byte[] file, String passphrase) {
        return open(file, passphrase.getBytes(StandardCharsets.UTF_8));
    }

    private Opened open(byte[] file, byte[] passphrase) {
        MemorySegment source = Memory.of(file);
        assertTrue(Pkcs12.isPkcs12(source, 0, file.length));
        MemorySegment phrase = Memory.of(passphrase);
        try (Pkcs12 opened = Pkcs12.in(source, 0, file.length, phrase, 0, passphrase.length, work, 5)) {
            return new Opened(source.asSlice(opened.keyAt(), opened.keyBytes()).toArray(ValueLayout.JAVA_BYTE), opened.certificates());
        } finally {
            assertEquals(0, RawMemory.nonZero(source, 0, file.length), "the source stays");
            assertEquals(0, RawMemory.nonZero(work), "the workspace stays");
        }
    }

    private void refuses(Reason reason, byte[] file, String passphrase, String what) {
        assertEquals(reason, assertThrows(KeyFormatException.class, () -> open(file, passphrase), what).reason(), what);
    }

    private static List<String> sorted(List<byte[]> certificates) {
        return certificates.stream().map(der -> java.util.HexFormat.of().formatHex(der)).sorted(Comparator.naturalOrder()).toList();
    }

    private static List<String> encoded(Certificate... certificates) throws Exception {
        List<byte[]> der = new ArrayList<>();
        for (Certificate each : certificates) {
            der.add(each.getEncoded());
        }
        return sorted(der);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "Ed25519", "RSA"})
    void whatTheJdkWritesIsOpened(String kind) throws Exception {
        KeyPair pair = Pkcs12Files.pair(kind);
        KeyPair authority = Pkcs12Files.pair("Ed25519");
        Certificate issuer = Pkcs12Files.certificate("authority", authority.getPublic(), "authority", authority.getPrivate());
        Certificate own = Pkcs12Files.certificate("own", pair.getPublic(), "authority", authority.getPrivate());
        byte[] file = Pkcs12Files.ofTheJdk(Pkcs12Files.PASSPHRASE, pair.getPrivate(), own, issuer);
        Opened opened = open(file, Pkcs12Files.PASSPHRASE);
        assertArrayEquals(pair.getPrivate().getEncoded(), opened.key);
        assertEquals(encoded(own, issuer), sorted(opened.certificates));
        refuses(Reason.PASSPHRASE, file, Pkcs12Files.PASSPHRASE + "s", "another passphrase");
        refuses(Reason.PASSPHRASE, file, "", "none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "Ed25519", "RSA"})
    void whatOpensslWritesIsOpenedAndWhatIsOldIsRefusedInWords(String kind) throws Exception {
        assumeTrue(Pkcs12Files.hasOpenssl(), "no openssl here");
        KeyPair pair = Pkcs12Files.pair(kind);
        KeyPair authority = Pkcs12Files.pair("Ed25519");
        Certificate issuer = Pkcs12Files.certificate("authority", authority.getPublic(), "authority", authority.getPrivate());
        Certificate own = Pkcs12Files.certificate("own", pair.getPublic(), "authority", authority.getPrivate());
        Path keys = Files.writeString(folder.resolve("keys.pem"), Pkcs12Files.pem("PRIVATE KEY", pair.getPrivate().getEncoded())
                + Pkcs12Files.pem("CERTIFICATE", own.getEncoded()) + Pkcs12Files.pem("CERTIFICATE", issuer.getEncoded()));
        String[][] read = {{}, {"-macalg", "sha512"}, {"-macalg", "sha384"}, {"-keypbe", "AES-128-CBC", "-certpbe", "AES-256-CBC", "-iter", "3000"},
                {"-certpbe", "NONE"}, {"-keypbe", "NONE"}, {"-keypbe", "NONE", "-certpbe", "NONE"}};
        for (String[] options : read) {
            Opened opened = open(pkcs12(keys, Pkcs12Files.PASSPHRASE, options), Pkcs12Files.PASSPHRASE);
            assertArrayEquals(pair.getPrivate().getEncoded(), opened.key, String.join(" ", options));
            assertEquals(encoded(own, issuer), sorted(opened.certificates), String.join(" ", options));
        }
        for (String phrase : new String[] {"p\u00e4ssw\u00f6rd", "\u20ac and \ud834\udd1e", "x".repeat(500)}) {
            byte[] file = pkcs12(keys, phrase);
            assertArrayEquals(pair.getPrivate().getEncoded(), open(file, phrase).key, phrase);
            refuses(Reason.PASSPHRASE, file, phrase.substring(1), phrase);
        }
        refuses(Reason.PKCS12_MAC, pkcs12(keys, Pkcs12Files.PASSPHRASE, "-nomac"), Pkcs12Files.PASSPHRASE, "no MAC");
        refuses(Reason.PKCS12_MAC, pkcs12(keys, Pkcs12Files.PASSPHRASE, "-macalg", "sha1"), Pkcs12Files.PASSPHRASE, "a MAC of SHA-1");
        refuses(Reason.OLD_LOCK, pkcs12(keys, Pkcs12Files.PASSPHRASE, "-keypbe", "PBE-SHA1-3DES"), Pkcs12Files.PASSPHRASE, "triple DES");
        refuses(Reason.OLD_LOCK, pkcs12(keys, Pkcs12Files.PASSPHRASE, "-certpbe", "PBE-SHA1-3DES"), Pkcs12Files.PASSPHRASE, "triple DES");
        refuses(Reason.OLD_LOCK, pkcs12(keys, Pkcs12Files.PASSPHRASE, "-keypbe", "AES-192-CBC"), Pkcs12Files.PASSPHRASE, "AES-192");
        refuses(Reason.PKCS12_KEYS, pkcs12(keys, Pkcs12Files.PASSPHRASE, "-nokeys"), Pkcs12Files.PASSPHRASE, "no key");
    }

    private byte[] pkcs12(Path keys, String phrase, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("pkcs12", "-export", "-in", keys.toString(), "-passout", "stdin"));
        arguments.addAll(List.of(options));
        return Pkcs12Files.openssl(folder, phrase, arguments.toArray(String[]::new));
    }

    /// EncryptedPrivateKeyInfo by itself, which says itself how it is encrypted; as text, and without.
    @ParameterizedTest
    @ValueSource(strings = {"EC", "Ed25519", "RSA"})
    void aKeyUnderAPassphraseByItselfIsDecrypted(String kind) throws Exception {
        assumeTrue(Pkcs12Files.hasOpenssl(), "no openssl here");
        byte[] key = Pkcs12Files.pair(kind).getPrivate().getEncoded();
        Path plain = Files.writeString(folder.resolve("plain.pem"), Pkcs12Files.pem("PRIVATE KEY", key));
        String[][] forms = {{}, {"-outform", "DER"}, {"-v2prf", "hmacWithSHA512"}, {"-v2", "aes-128-cbc"}};
        for (String[] options : forms) {
            byte[] file = pkcs8(plain, options);
            assertArrayEquals(key, decrypt(file, Pkcs12Files.PASSPHRASE), String.join(" ", options));
            assertEquals(Reason.PASSPHRASE, assertThrows(KeyFormatException.class, () -> decrypt(file, "another")).reason());
        }
        for (String[] options : new String[][] {{"-v1", "PBE-SHA1-3DES"}, {"-scrypt"}, {"-v2", "des3"}, {"-v2", "aes-192-cbc"},
                {"-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"}, {"-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA224"}}) {
            byte[] file = pkcs8(plain, options);
            assertEquals(Reason.OTHER_LOCK, assertThrows(KeyFormatException.class, () -> decrypt(file, Pkcs12Files.PASSPHRASE)).reason(), options[0]);
        }
        assertFalse(EncryptedKey.isEncrypted(Memory.of(key), 0, key.length));
    }

    /// What the words tell to do must work on what they are told of: a key by itself is no PKCS#12, and of old files OpenSSL 3 reads nothing without that option.
    @Test
    void theWordsNameCommandsThatReadSuchFiles() {
        for (Reason reason : Reason.values()) {
            for (String command : reason.toString().split("openssl ")) {
                if (command.startsWith("pkcs12 ") && command.contains("-in FILE")) {
                    assertTrue(command.contains("-legacy"), reason::toString);
                }
            }
        }
        for (String named : new String[] {"scrypt", "HMAC-SHA-1", "AES-192", "triple DES", "openssl pkcs8 -in FILE"}) {
            assertTrue(Reason.OTHER_LOCK.toString().contains(named), named);
        }
        assertFalse(Reason.OTHER_LOCK.toString().contains("pkcs12"));
    }

    private byte[] pkcs8(Path plain, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("pkcs8", "-topk8", "-in", plain.toString(), "-passout", "stdin"));
        arguments.addAll(List.of(options));
        return Pkcs12Files.openssl(folder, Pkcs12Files.PASSPHRASE, arguments.toArray(String[]::new));
    }

    private byte[] decrypt(byte[] file, String passphrase) {
        MemorySegment source = Memory.of(file);
        assertTrue(EncryptedKey.isEncrypted(source, 0, file.length));
        MemorySegment phrase = Memory.of(passphrase.getBytes(StandardCharsets.UTF_8));
        long bytes = 0;
        try {
            bytes = EncryptedKey.decrypt(source, 0, file.length, phrase, 0, (int) phrase.byteSize(), work, 5);
            return source.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            assertEquals(0, RawMemory.nonZero(source, bytes, (int) (file.length - bytes)), "behind it is something");
            assertEquals(0, RawMemory.nonZero(work), "the workspace stays");
        }
    }

    @Test
    void aMacByPbmac1IsVerified() throws Exception {
        byte[] file = Pkcs12Files.small();
        byte[] key = open(file, Pkcs12Files.PASSPHRASE).key;
        for (int hash : new int[] {256, 384, 512}) {
            byte[] sealed = Pkcs12Files.sealedByPbmac1(file, hash, hash / 8);
            assertArrayEquals(key, open(sealed, Pkcs12Files.PASSPHRASE).key, "SHA-" + hash);
            refuses(Reason.PASSPHRASE, sealed, "another", "SHA-" + hash);
            refuses(Reason.PKCS12_DAMAGED, Pkcs12Files.sealedByPbmac1(file, hash, hash / 8 - 1), Pkcs12Files.PASSPHRASE, "a shorter key");
            refuses(Reason.PKCS12_DAMAGED, Pkcs12Files.sealedByPbmac1(file, hash, null), Pkcs12Files.PASSPHRASE, "a key of no length");
        }
    }

    /// The MAC does not cover itself, and nothing covers how a key by itself is encrypted: whoever changes a file may write more there.
    @Test
    void nothingMayStandBehindThePartsOfAMacOrOfALock() throws Exception {
        byte[] file = Pkcs12Files.small();
        int refused = 0;
        for (byte[] sealed : List.of(Pkcs12Files.sealed(file, content -> content), Pkcs12Files.sealedByPbmac1(file, 256, 32))) {
            open(sealed, Pkcs12Files.PASSPHRASE);
            for (byte[] longer : Pkcs12Files.longerMacs(sealed)) {
                refuses(Reason.PKCS12_DAMAGED, longer, Pkcs12Files.PASSPHRASE, "MAC " + refused++);
            }
        }
        ASN1Sequence locked = ASN1Sequence.getInstance(Pkcs12Files.encryptedKey());
        decrypt(locked.getEncoded(ASN1Encoding.DER), Pkcs12Files.PASSPHRASE);
        for (ASN1Sequence longer : Pkcs12Files.longer(locked)) {
            byte[] bytes = longer.getEncoded(ASN1Encoding.DER);
            assertThrows(KeyFormatException.class, () -> decrypt(bytes, Pkcs12Files.PASSPHRASE), "lock " + refused++);
        }
        assertTrue(refused >= 3 + 8 + 7, "places: " + refused);
    }

    /// Of what lies there in the clear nothing but the MAC says that it is another's.
    @Test
    void nothingIsTakenThatTheMacDoesNotVouchFor() throws Exception {
        byte[] key = Pkcs12Files.pair("Ed25519").getPrivate().getEncoded();
        byte[] clear = Pkcs12Files.sealed(Pkcs12Files.small(), content -> with(new byte[0], bags(bag("1.2.840.113549.1.12.10.1.1",
                org.bouncycastle.asn1.ASN1Sequence.getInstance(key)))));
        for (byte[] file : List.of(clear, Pkcs12Files.sealedByPbmac1(clear, 256, 32))) {
            assertArrayEquals(key, open(file, Pkcs12Files.PASSPHRASE).key);
            refuses(Reason.PASSPHRASE, file, "another", "another passphrase");
            byte[] changed = file.clone();
            int at = java.util.HexFormat.of().formatHex(file).indexOf(java.util.HexFormat.of().formatHex(key)) / 2 + key.length - 1;
            changed[at] ^= 1;
            refuses(Reason.PASSPHRASE, changed, Pkcs12Files.PASSPHRASE, "the last bit of the key");
        }
    }

    /// The MAC is that of the content, and vouches for none of what stands around it.
    @Test
    void moreThanAMacHasAroundItIsRefused() throws Exception {
        ASN1Sequence pfx = ASN1Sequence.getInstance(Pkcs12Files.sealed(Pkcs12Files.small(), content -> content));
        ASN1Sequence macData = ASN1Sequence.getInstance(pfx.getObjectAt(2));
        ASN1Sequence digestInfo = ASN1Sequence.getInstance(macData.getObjectAt(0));
        ASN1Sequence identifier = ASN1Sequence.getInstance(digestInfo.getObjectAt(0));
        refuses(Reason.PKCS12_DAMAGED, longer(pfx).getEncoded(), Pkcs12Files.PASSPHRASE, "behind MacData");
        refuses(Reason.PKCS12_DAMAGED, at(pfx, 2, longer(macData)).getEncoded(), Pkcs12Files.PASSPHRASE, "in MacData");
        refuses(Reason.PKCS12_DAMAGED, at(pfx, 2, at(macData, 0, longer(digestInfo))).getEncoded(), Pkcs12Files.PASSPHRASE, "in DigestInfo");
        refuses(Reason.PKCS12_DAMAGED, at(pfx, 2, at(macData, 0, at(digestInfo, 0, longer(identifier)))).getEncoded(), Pkcs12Files.PASSPHRASE,
                "in the algorithm");
    }

    private static ASN1Sequence longer(ASN1Sequence of) {
        ASN1Encodable[] all = Arrays.copyOf(of.toArray(), of.size() + 1);
        all[of.size()] = DERNull.INSTANCE;
        return new DERSequence(all);
    }

    private static ASN1Sequence at(ASN1Sequence of, int index, ASN1Encodable other) {
        ASN1Encodable[] all = of.toArray();
        all[index] = other;
        return new DERSequence(all);
    }

    @Test
    void severalKeysAndLongFilesAreRefused() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (String alias : new String[] {"one", "two"}) {
            KeyPair pair = Pkcs12Files.pair("Ed25519");
            store.setKeyEntry(alias, pair.getPrivate(), Pkcs12Files.PASSPHRASE.toCharArray(),
                    new Certificate[] {Pkcs12Files.certificate(alias, pair.getPublic(), alias, pair.getPrivate())});
        }
        refuses(Reason.PKCS12_KEYS, Pkcs12Files.written(store, Pkcs12Files.PASSPHRASE), Pkcs12Files.PASSPHRASE, "two keys");
        byte[] file = Pkcs12Files.small();
        byte[] longest = padded(file, Pkcs12.FILE_BYTES_MAX);
        assertEquals(Pkcs12.FILE_BYTES_MAX, longest.length);
        assertArrayEquals(open(file, Pkcs12Files.PASSPHRASE).key, open(longest, Pkcs12Files.PASSPHRASE).key, "as long as one may be");
        refuses(Reason.TOO_LONG, padded(file, Pkcs12.FILE_BYTES_MAX + 1), Pkcs12Files.PASSPHRASE, "longer");
        byte[] phrase = new byte[Pkcs12.PASSPHRASE_BYTES_MAX + 1];
        assertThrows(IllegalArgumentException.class, () -> Pkcs12.in(Memory.of(file), 0, file.length, Memory.of(phrase), 0, phrase.length, work, 5));
        assertEquals(Reason.PASSPHRASE, assertThrows(KeyFormatException.class, () -> open(file, Arrays.copyOf(phrase, phrase.length - 1))).reason());
        assertEquals(Reason.PASSPHRASE, assertThrows(KeyFormatException.class, () -> open(file, new byte[] {(byte) 0xff, (byte) 0xe4, 'x'})).reason(),
                "no UTF-8");
    }

    /// {@return the file with a bag of zeros of nobody's kind, so that it has so many bytes}
    private static byte[] padded(byte[] file, int bytes) throws Exception {
        int zeros = bytes - file.length - 100;
        byte[] padded = file;
        while (padded.length != bytes) {
            int size = zeros;
            padded = Pkcs12Files.sealed(file, content -> with(content, bags(bag("1.2.840.113549.1.12.10.1.5", new DEROctetString(new byte[size])))));
            zeros += bytes - padded.length;
        }
        return padded;
    }

    private static ASN1Encodable bag(String type, ASN1Encodable value) {
        return new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(type), new DERTaggedObject(true, 0, value)});
    }

    private static ASN1Encodable bags(ASN1Encodable... bags) {
        return new DERSequence(bags);
    }

    /// {@return the content of a file, with safe contents of ours behind its own}
    private static byte[] with(byte[] content, ASN1Encodable... more) {
        try {
            ASN1EncodableVector all = new ASN1EncodableVector();
            if (content.length > 0) {
                org.bouncycastle.asn1.ASN1Sequence.getInstance(content).forEach(all::add);
            }
            for (ASN1Encodable each : more) {
                all.add(new ContentInfo(PKCSObjectIdentifiers.data, new DEROctetString(each.toASN1Primitive().getEncoded(ASN1Encoding.DER))));
            }
            return new DERSequence(all).getEncoded(ASN1Encoding.DER);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ASN1Encodable nested(int depth, ASN1Encodable within) {
        return depth == 0 ? within : nested(depth - 1, bags(bag("1.2.840.113549.1.12.10.1.6", within)));
    }

    /// Contents in contents, contents, bags: as many as may be, and one more.
    @Test
    void nestingAndCountsHaveBounds() throws Exception {
        byte[] file = Pkcs12Files.small();
        byte[] key = open(file, Pkcs12Files.PASSPHRASE).key;
        assertArrayEquals(key, open(Pkcs12Files.sealed(file, content -> with(content, nested(4, bags()))), Pkcs12Files.PASSPHRASE).key);
        assertArrayEquals(key, open(Pkcs12Files.sealed(file, content -> with(new byte[0], nested(4, bags(bag("1.2.840.113549.1.12.10.1.1",
                org.bouncycastle.asn1.ASN1Sequence.getInstance(key)))))), Pkcs12Files.PASSPHRASE).key, "a key that lies deep");
        refuses(Reason.PKCS12_DAMAGED, Pkcs12Files.sealed(file, content -> with(content, nested(5, bags(bag("1.2.3", DERNull.INSTANCE))))),
                Pkcs12Files.PASSPHRASE, "deeper");
        refuses(Reason.PKCS12_DAMAGED, Pkcs12Files.sealed(file, content -> with(content, nested(100, bags()))), Pkcs12Files.PASSPHRASE, "very deep");
        ASN1Encodable[] contents = new ASN1Encodable[14];  // and two of the JDK
        Arrays.fill(contents, bags());
        assertArrayEquals(key, open(Pkcs12Files.sealed(file, content -> with(content, contents)), Pkcs12Files.PASSPHRASE).key);
        refuses(Reason.PKCS12_DAMAGED, Pkcs12Files.sealed(file, content -> with(with(content, contents), bags())), Pkcs12Files.PASSPHRASE, "17 contents");
        ASN1Encodable[] many = new ASN1Encodable[254];  // and a key and a certificate
        Arrays.fill(many, bag("1.2.3", DERNull.INSTANCE));
        assertArrayEquals(key, open(Pkcs12Files.sealed(file, content -> with(content, bags(many))), Pkcs12Files.PASSPHRASE).key);
        ASN1Encodable[] more = Arrays.copyOf(many, 255);
        more[254] = more[0];
        refuses(Reason.PKCS12_DAMAGED, Pkcs12Files.sealed(file, content -> with(content, bags(more))), Pkcs12Files.PASSPHRASE, "257 bags");
    }

    private static ASN1Encodable shrouded(long iterations) {
        AlgorithmIdentifier hmac = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE);
        ASN1Encodable derivation = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBKDF2,
                new DERSequence(new ASN1Encodable[] {new DEROctetString(new byte[8]), new ASN1Integer(iterations), hmac}));
        ASN1Encodable cipher = new AlgorithmIdentifier(new ASN1ObjectIdentifier("2.16.840.1.101.3.4.1.42"), new DEROctetString(new byte[16]));
        AlgorithmIdentifier identifier = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, new DERSequence(new ASN1Encodable[] {derivation, cipher}));
        return bag("1.2.840.113549.1.12.10.1.2", new DERSequence(new ASN1Encodable[] {identifier, new DEROctetString(new byte[32])}));
    }

    /// Of all derivations together, before any is done: that of the MAC has one.
    @Test
    void iterationsHaveABoundInAllAndAreRefusedBeforeTheyAreDone() throws Exception {
        byte[] file = Pkcs12Files.small();
        for (long iterations : new long[] {0, -1, Pkcs12.ITERATIONS_MAX, Integer.MAX_VALUE, 1L << 31, 1L << 32, Long.MAX_VALUE}) {
            refuses(Reason.ITERATIONS, Pkcs12Files.sealed(file, content -> with(new byte[0], bags(shrouded(iterations)))), Pkcs12Files.PASSPHRASE,
                    iterations + " iterations");
        }
        refuses(Reason.PASSPHRASE, Pkcs12Files.sealed(file, content -> with(new byte[0], bags(shrouded(1000)))), Pkcs12Files.PASSPHRASE, "zeros, decrypted");
        refuses(Reason.ITERATIONS, Pkcs12Files.sealed(file, content -> with(content, bags(shrouded(Pkcs12.ITERATIONS_MAX - 2)))), Pkcs12Files.PASSPHRASE,
                "with one each of the MAC, the certificates and the key");
    }

    /// The limit itself: some seconds.
    @Test
    @Tag("long")
    void asManyIterationsAsMayBeAreDone() throws Exception {
        byte[] file = Pkcs12Files.small();
        refuses(Reason.PASSPHRASE, Pkcs12Files.sealed(file, content -> with(new byte[0], bags(shrouded(Pkcs12.ITERATIONS_MAX - 1)))), Pkcs12Files.PASSPHRASE,
                "done, and no key comes out");
    }

    @Test
    void everyCutAndWhateverFollowsIsRefused() throws Exception {
        byte[] file = Pkcs12Files.small();
        for (int length = 9; length < file.length; length++) {
            refuses(Reason.PKCS12_DAMAGED, Arrays.copyOf(file, length), Pkcs12Files.PASSPHRASE, "cut at " + length);
        }
        refuses(Reason.PKCS12_DAMAGED, Arrays.copyOf(file, file.length + 1), Pkcs12Files.PASSPHRASE, "one more");
        byte[] indefinite = file.clone();
        indefinite[1] = (byte) 0x80;
        indefinite[2] = 2;
        indefinite[3] = 1;
        indefinite[4] = 3;
        refuses(Reason.PKCS12_DAMAGED, indefinite, Pkcs12Files.PASSPHRASE, "BER");
    }

    /// Octets exchanged, put in and left out: in the file as it lies there, and in what a MAC made anew vouches for.
    @Test
    void mutationsEndInWords() throws Exception {
        mutate(MUTATIONS, 12);
    }

    /// As many as a hostile evening has.
    @Test
    @Tag("long")
    void aHundredThousandMutationsEndInWords() throws Exception {
        mutate(100_000, new java.security.SecureRandom().nextLong());
    }

    private void mutate(int count, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] file = Pkcs12Files.small();
        byte[] key = open(file, Pkcs12Files.PASSPHRASE).key;
        int opened = 0;
        for (int i = 0; i < count; i++) {
            byte[] mutant = i % 2 == 0 ? mutant(file, random) : Pkcs12Files.sealed(file, content -> mutant(content, random));
            MemorySegment source = Memory.of(mutant);
            MemorySegment phrase = Memory.of(Pkcs12Files.PASSPHRASE.getBytes(StandardCharsets.UTF_8));
            try (Pkcs12 found = Pkcs12.in(source, 0, mutant.length, phrase, 0, (int) phrase.byteSize(), work, 5)) {
                assertTrue(found.keyAt() >= 0 && found.keyAt() + found.keyBytes() <= mutant.length);
                opened++;
            } catch (KeyFormatException refused) {
                assertEquals(0, RawMemory.nonZero(source, 0, mutant.length), "the source stays: seed " + seed + ", mutant " + i);
            }
            assertEquals(0, RawMemory.nonZero(work), "the workspace stays: seed " + seed + ", mutant " + i);
        }
        assertTrue(opened > count / 100, "some of what another MAC vouches for is as good as before: " + opened);
        assertArrayEquals(key, open(file, Pkcs12Files.PASSPHRASE).key);
    }

    private static byte[] mutant(byte[] of, SplittableRandom random) {
        byte[] mutant = of.clone();
        int at = random.nextInt(mutant.length);
        switch (random.nextInt(4)) {
            case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> mutant[at] = (byte) random.nextInt(256);
            case 2 -> {
                mutant = new byte[of.length + 1];
                System.arraycopy(of, 0, mutant, 0, at);
                mutant[at] = (byte) random.nextInt(256);
                System.arraycopy(of, at, mutant, at + 1, of.length - at);
            }
            default -> {
                mutant = Arrays.copyOf(of, of.length - 1);
                System.arraycopy(of, at + 1, mutant, at, of.length - at - 1);
            }
        }
        return mutant;
    }
}
