package dev.coffer.jca;

import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;

/// Public and private keys that came wrapped, made by whichever provider has their algorithm.
final class KeyWrapping {
    private KeyWrapping() {}

    /// @param encoded  wiped when this returns
    static Key key(byte[] encoded, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        try {
            KeyFactory factory = KeyFactory.getInstance(algorithm);
            return type == Cipher.PRIVATE_KEY ? factory.generatePrivate(new PKCS8EncodedKeySpec(encoded))
                    : factory.generatePublic(new X509EncodedKeySpec(encoded));
        } catch (InvalidKeySpecException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }
}
