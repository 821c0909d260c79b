package dev.coffer.examples;

import dev.coffer.crypto.easy.EasyCrypto;
import dev.coffer.crypto.easy.KeyPair;
import dev.coffer.crypto.easy.Level;
import dev.coffer.crypto.easy.OpenException;
import dev.coffer.crypto.easy.SignatureSet;

/// A message to whoever has a key, and a signature, at level 3: no nonce, no buffer, no algorithm to choose.
public final class OneFacade {
    private OneFacade() {}

    public static void main(String[] arguments) {
        try (EasyCrypto crypto = EasyCrypto.open(); var keys = crypto.keygen(Level.THREE)) {   // 232 KiB, keys in locked memory
            byte[] sealed = crypto.seal(keys.publicKey(), "for one reader");
            System.out.println(crypto.openText(keys.secretKey(), sealed) + ", sealed in " + sealed.length + " bytes");

            sealed[sealed.length - 1] ^= 1;
            try {
                crypto.open(keys.secretKey(), sealed);
            } catch (OpenException e) {
                System.out.println(e.getMessage());                                           // changed on its way
            }
            try (KeyPair<SignatureSet.MlDsa65> signing = crypto.keygenToSign(Level.THREE)) {
                byte[] signature = crypto.sign(signing.secretKey(), "I was here");
                // crypto.sign(keys.secretKey(), "I was here") does not compile: those keys seal.
                System.out.println(crypto.verify(signing.publicKey(), "I was here", signature) ? "valid" : "not valid");
            }
        }                                                                                     // the keys are gone
    }
}
