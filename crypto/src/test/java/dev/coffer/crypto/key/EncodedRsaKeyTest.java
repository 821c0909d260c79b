package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.key.EncodedRsaKey.Component;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.crypto.rsa.PlainRsaKey;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RSA private keys as files have them: read whole, in every form, and refused wherever a number is another's.
class EncodedRsaKeyTest {
    private final MemorySegment work = Memory.zeros(EncodedRsaKey.WORKSPACE_BYTES);

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] der(String pem) {
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----.*-----", ""));
    }

    private void reads(byte[] file, String name) {
        RSAPrivateKey numbers = RSAPrivateKey.getInstance(der(PlainRsaKey.text(name)));
        MemorySegment source = Memory.of(file);
        byte[] before = Memory.bytes(source);
        assertTrue(EncodedRsaKey.isRsa(source, 0, file.length, work, 0));
        assertArrayEquals(before, Memory.bytes(source), "asked, it stays");
        assertEquals(0, RawMemory.nonZero(work), "asked, nothing is left");
        try (EncodedRsaKey key = EncodedRsaKey.in(source, 0, file.length, work, 0)) {
            assertEquals(0, RawMemory.nonZero(source, 0, file.length), "the source stays");
            assertEquals(numbers.getModulus().bitLength(), key.modulusBits());
            BigInteger[] expected = {numbers.getModulus(), numbers.getPublicExponent(), numbers.getPrivateExponent(), numbers.getPrime1(),
                    numbers.getPrime2(), numbers.getExponent1(), numbers.getExponent2(), numbers.getCoefficient()};
            for (Component number : Component.values()) {
                assertEquals(expected[number.ordinal()],
                        new BigInteger(1, key.memory().asSlice(key.offset(number), number.bytes()).toArray(ValueLayout.JAVA_BYTE)), number.name());
            }
            assertArrayEquals(PlainRsaKey.of(name).publicKey(), key.publicKey());
            assertTrue(key.toString().contains(Integer.toString(key.modulusBits())) && key.toString().length() < 40, key.toString());
        }
        assertEquals(0, RawMemory.nonZero(work), "closed, nothing is left");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2048", "2049", "3072", "4096", "exponent3"})
    void isReadAsTextAndAsDer(String name) {
        String text = PlainRsaKey.text(name);
        reads(ascii(text), name);
        reads(ascii("a word before\n" + text.replace("\n", "\r\n") + "and behind"), name);
        reads(der(text), name);
    }

    @Test
    void isReadAsPkcs8() {
        String text = PlainRsaKey.text("2048.pkcs8");
        reads(ascii(text), "2048");
        reads(der(text), "2048");
    }

    private void refuses(Reason reason, byte[] file, String what) {
        MemorySegment source = Memory.of(file);
        KeyFormatException refused =
                assertThrows(KeyFormatException.class, () -> EncodedRsaKey.in(source, 0, file.length, work, 0), what);
        assertEquals(reason, refused.reason(), what);
        assertEquals(0, RawMemory.nonZero(source, 0, file.length), "the source stays: " + what);
        assertEquals(0, RawMemory.nonZero(work), "something is left: " + what);
    }

    /// One bit fewer, and one more, than may be; what else no key here is.
    @Test
    void whatIsNoKeyHereIsRefusedInWords() {
        refuses(Reason.RSA_BITS, ascii(PlainRsaKey.text("2047")), "2,047 bits");
        refuses(Reason.RSA_BITS, ascii(PlainRsaKey.text("1024")), "1,024 bits");
        refuses(Reason.RSA_BITS, ascii(PlainRsaKey.text("4097")), "4,097 bits");
        refuses(Reason.RSA_PRIMES, ascii(PlainRsaKey.text("primes3")), "three primes");
        refuses(Reason.RSA_PRIMES, ascii(PlainRsaKey.text("uneven")), "primes of 800 and 1,248 bits");
        refuses(Reason.RSA_PSS_ALONE, ascii(PlainRsaKey.text("pss")), "id-RSASSA-PSS");
        String encrypted = PlainRsaKey.text("2048").replace("KEY-----\nMII", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMII");
        refuses(Reason.ENCRYPTED, ascii(encrypted), "PEM headers of RFC 1421");
        refuses(Reason.TOO_LONG, new byte[EncodedKey.FILE_BYTES_MAX + 1], "long");
        for (String text : new String[] {"primes3", "uneven", "pss", "1024"}) {
            byte[] file = ascii(PlainRsaKey.text(text));
            assertTrue(EncodedRsaKey.isRsa(Memory.of(file), 0, file.length, work, 0), "of RSA all the same: " + text);
        }
    }

    /// Keys of other algorithms, certificates and nothing are no RSA keys; who asks goes on to [EncodedKey].
    @Test
    void whatIsOfAnotherKindIsNot() throws Exception {
        for (String jdk : new String[] {"EC", "Ed25519", "DSA"}) {
            byte[] pkcs8 = java.security.KeyPairGenerator.getInstance(jdk).generateKeyPair().getPrivate().getEncoded();
            assertFalse(EncodedRsaKey.isRsa(Memory.of(pkcs8), 0, pkcs8.length, work, 0), jdk);
        }
        ASN1EncodableVector six = new ASN1EncodableVector();
        for (int i = 0; i < 6; i++) {
            six.add(new ASN1Integer(BigInteger.valueOf(i)));
        }
        byte[] dsa = new DERSequence(six).getEncoded();
        assertFalse(EncodedRsaKey.isRsa(Memory.of(dsa), 0, dsa.length, work, 0), "DSA's own form");
        byte[] publicKey = PlainRsaKey.of("2048").publicKey();
        assertFalse(EncodedRsaKey.isRsa(Memory.of(publicKey), 0, publicKey.length, work, 0), "a public key");
        for (byte[] none : new byte[][] {{}, {0x30}, ascii("-----BEGIN RSA PRIVATE KEY-----"), new byte[EncodedKey.FILE_BYTES_MAX + 1]}) {
            assertFalse(EncodedRsaKey.isRsa(Memory.of(none), 0, none.length, work, 0));
        }
    }

    private static byte[] encoded(BigInteger... numbers) throws Exception {
        ASN1EncodableVector all = new ASN1EncodableVector();
        all.add(new ASN1Integer(0));
        for (BigInteger number : numbers) {
            all.add(new ASN1Integer(number));
        }
        return new DERSequence(all).getEncoded();
    }

    /// Each number changed in its lowest bit but one and in a high one, each exchanged for another, and keys whose other numbers fit what was changed.
    @ParameterizedTest
    @ValueSource(strings = {"2048", "4096"})
    void numbersThatDoNotBelongTogetherAreRefused(String name) throws Exception {
        RSAPrivateKey k = RSAPrivateKey.getInstance(der(PlainRsaKey.text(name)));
        BigInteger[] right = {k.getModulus(), k.getPublicExponent(), k.getPrivateExponent(), k.getPrime1(), k.getPrime2(), k.getExponent1(),
                k.getExponent2(), k.getCoefficient()};
        reads(encoded(right), name);
        for (Component number : Component.values()) {
            for (int bit : new int[] {1, right[number.ordinal()].bitLength() - 2}) {
                BigInteger[] wrong = right.clone();
                wrong[number.ordinal()] = wrong[number.ordinal()].flipBit(bit);
                refuses(Reason.BAD_PRIVATE_KEY, encoded(wrong), number + ", bit " + bit);
            }
        }
        BigInteger one = BigInteger.ONE;
        refuses(Reason.BAD_PRIVATE_KEY, encoded(right[0], right[1], right[2], right[4], right[3], right[5], right[6], right[7]), "primes exchanged");
        refuses(Reason.BAD_PRIVATE_KEY, encoded(right[0], right[1], right[2], right[3], right[4], right[6], right[5], right[7]), "exponents exchanged");
        refuses(Reason.BAD_PRIVATE_KEY, encoded(right[0], one, one, right[3], right[4], one, one, right[7]), "e = d = 1");
        refuses(Reason.BAD_PRIVATE_KEY, encoded(right[0], right[1].add(one), right[2], right[3], right[4], right[5], right[6], right[7]), "even e");
        refuses(Reason.BAD_PRIVATE_KEY, encoded(right[0], right[1], right[2], right[3], right[4], right[5].add(right[3]).subtract(one), right[6],
                right[7]), "dP not reduced");
        BigInteger coefficient = right[7].add(right[3]);
        if (coefficient.bitLength() <= right[3].bitLength()) {
            refuses(Reason.BAD_PRIVATE_KEY, encoded(right[0], right[1], right[2], right[3], right[4], right[5], right[6], coefficient), "qInv not reduced");
        }
        refuses(Reason.RSA_PRIMES, encoded(right[0], right[1], right[2], right[0], one, right[5], right[6], right[7]), "p = n, q = 1");
    }

    /// Whatever is changed is refused for a reason and leaves nothing; or changes nothing that is read.
    @Test
    void changedAtRandomItIsRefusedAndLeavesNothing() {
        SplittableRandom random = new SplittableRandom(11);
        Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
        byte[][] files = {der(PlainRsaKey.text("2048")), der(PlainRsaKey.text("2048.pkcs8")), ascii(PlainRsaKey.text("2048"))};
        int read = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] file = files[i % files.length].clone();
            int changes = 1 + random.nextInt(3);
            for (int c = 0; c < changes; c++) {
                int at = random.nextInt(random.nextBoolean() ? 40 : file.length);
                file[at] = (byte) (random.nextBoolean() ? file[at] ^ 1 << random.nextInt(8) : random.nextInt(256));
            }
            MemorySegment source = Memory.of(file);
            try (EncodedRsaKey key = EncodedRsaKey.in(source, 0, file.length, work, 0)) {
                assertEquals(2048, key.modulusBits());
                read++;
            } catch (KeyFormatException e) {
                reasons.merge(e.reason(), 1, Integer::sum);
            }
            assertEquals(0, RawMemory.nonZero(source, 0, file.length), "the source stays, seed 11, " + i);
            assertEquals(0, RawMemory.nonZero(work), "something is left, seed 11, " + i);
        }
        assertTrue(reasons.getOrDefault(Reason.BAD_PRIVATE_KEY, 0) > 500 && reasons.getOrDefault(Reason.BAD_DER, 0) > 200, reasons + ", read " + read);
    }
}
