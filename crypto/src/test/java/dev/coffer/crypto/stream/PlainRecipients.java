package dev.coffer.crypto.stream;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.agreement.X25519Agreement;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;

/// Opens the stanzas of passphrases and public keys of a sealed file with Bouncy Castle's and the JDK's primitives, written from
/// `docs/sealed-format.md`, RFC 9180 and the draft of X-Wing: what anyone needs who has a file and no Coffer. For tests.
final class PlainRecipients {
    static final int X25519 = 0x0020;
    static final int X_WING = 0x647a;

    private PlainRecipients() {}

    /// {@return the file key, or null where the body is for another passphrase}
    static byte[] ofPassphrase(byte[] body, byte[] passphrase) throws GeneralSecurityException {
        ByteBuffer in = ByteBuffer.wrap(body);
        byte[] salt = new byte[32];
        byte[] two = new byte[64];
        in.get(salt);
        Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
        argon2.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id).withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(in.getInt()).withIterations(in.getInt()).withParallelism(in.getInt()).withSalt(salt)
                .withAdditional("coffer sealed 1 passphrase".getBytes(StandardCharsets.US_ASCII)).build());
        argon2.generateBytes(passphrase, two);
        return Arrays.equals(Arrays.copyOfRange(two, 32, 64), Arrays.copyOfRange(body, 44, 76))
                ? PlainSealedFile.aead(1, Cipher.DECRYPT_MODE, Arrays.copyOf(two, 32), new byte[12], Arrays.copyOfRange(body, 76, 124))
                : null;
    }

    /// {@return the file key, or null where the body is for another key}
    ///
    /// @param kem         [#X25519] or [#X_WING]
    /// @param privateKey  32 bytes
    static byte[] ofPrivateKey(byte[] body, int kem, byte[] privateKey) throws GeneralSecurityException {
        if (Short.toUnsignedInt(ByteBuffer.wrap(body).getShort()) != kem) {
            return null;
        }
        byte[] enc = Arrays.copyOfRange(body, 2, body.length - 80);
        byte[] shared = kem == X_WING ? xWing(privateKey, enc) : dhKem(privateKey, enc);
        byte[] suite = {'H', 'P', 'K', 'E', (byte) (kem >> 8), (byte) kem, 0, 1, 0, 3};
        byte[] info = "coffer sealed 1 recipient".getBytes(StandardCharsets.US_ASCII);
        byte[] context = join(new byte[1], extract(suite, new byte[0], "psk_id_hash", new byte[0]),
                extract(suite, new byte[0], "info_hash", info));
        byte[] secret = extract(suite, shared, "secret", new byte[0]);
        byte[] key = expand(suite, secret, "key", context, 32);
        byte[] nonce = expand(suite, secret, "base_nonce", context, 12);
        byte[] exporter = expand(suite, secret, "exp", context, 32);
        byte[] check = expand(suite, exporter, "sec", "coffer sealed 1 check".getBytes(StandardCharsets.US_ASCII), 32);
        int at = 2 + enc.length;
        return Arrays.equals(check, Arrays.copyOfRange(body, at, at + 32))
                ? PlainSealedFile.aead(1, Cipher.DECRYPT_MODE, key, nonce, Arrays.copyOfRange(body, at + 32, at + 80))
                : null;
    }

    /// RFC 9180, section 4.1.
    private static byte[] dhKem(byte[] privateKey, byte[] enc) throws GeneralSecurityException {
        byte[] suite = {'K', 'E', 'M', 0, 0x20};
        byte[] mine = new X25519PrivateKeyParameters(privateKey).generatePublicKey().getEncoded();
        byte[] prk = extract(suite, new byte[0], "eae_prk", agree(privateKey, enc));
        return expand(suite, prk, "shared_secret", join(enc, mine), 32);
    }

    private static byte[] agree(byte[] privateKey, byte[] peer) {
        byte[] shared = new byte[32];
        X25519Agreement agreement = new X25519Agreement();
        agreement.init(new X25519PrivateKeyParameters(privateKey));
        agreement.calculateAgreement(new X25519PublicKeyParameters(peer), shared, 0);
        return shared;
    }

    /// draft-connolly-cfrg-xwing-kem-10, sections 5.2 and 5.3.
    private static byte[] xWing(byte[] seed, byte[] enc) throws GeneralSecurityException {
        byte[] expanded = new byte[96];
        SHAKEDigest shake = new SHAKEDigest(256);
        shake.update(seed, 0, 32);
        shake.doFinal(expanded, 0, 96);
        byte[] scalar = Arrays.copyOfRange(expanded, 64, 96);
        byte[] point = Arrays.copyOfRange(enc, 1088, 1120);
        byte[] lattice = new MLKEMExtractor(new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_768, Arrays.copyOf(expanded, 64)))
                .extractSecret(Arrays.copyOf(enc, 1088));
        return MessageDigest.getInstance("SHA3-256").digest(join(lattice, agree(scalar, point), point,
                new X25519PrivateKeyParameters(scalar).generatePublicKey().getEncoded(), new byte[] {0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c}));
    }

    // RFC 9180, section 4.

    private static byte[] extract(byte[] suite, byte[] salt, String label, byte[] ikm) throws GeneralSecurityException {
        return hmac(salt.length == 0 ? new byte[32] : salt, join(version(), suite, ascii(label), ikm));
    }

    private static byte[] expand(byte[] suite, byte[] prk, String label, byte[] info, int length) throws GeneralSecurityException {
        byte[] message = join(new byte[] {(byte) (length >> 8), (byte) length}, version(), suite, ascii(label), info, new byte[] {1});
        return Arrays.copyOf(hmac(prk, message), length);
    }

    private static byte[] version() {
        return ascii("HPKE-v1");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] hmac(byte[] key, byte[] message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
