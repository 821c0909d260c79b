package dev.coffer.jca.user;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;

/// A program that names nothing of Coffer, which its configuration put last and prefers for some names.
public final class PreferredMain {
    private PreferredMain() {}

    public static void main(String[] arguments) throws Exception {
        Provider[] providers = Security.getProviders();
        System.out.println("last is " + providers[providers.length - 1].getName());
        KeyPair ours = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
        Signature signature = Signature.getInstance("ML-DSA-65");
        signature.initSign(ours.getPrivate());
        String signer = signature.getProvider().getName();
        byte[] signed = signature.sign();
        signature.initVerify(ours.getPublic());
        System.out.println("key of " + owner(ours) + ", signed by " + signer + ", verified by " + signature.getProvider().getName() + " "
                + signature.verify(signed));
        KeyPair theirs = KeyPairGenerator.getInstance("ML-DSA", "SUN").generateKeyPair();  // of ML-DSA-65
        signature = Signature.getInstance("ML-DSA-65");
        signature.initSign(theirs.getPrivate());
        signed = signature.sign();
        signature.initVerify(theirs.getPublic());
        System.out.println("key of " + owner(theirs) + ", verified by " + signature.getProvider().getName() + " " + signature.verify(signed));
        for (String name : new String[] {"SHA-256", "SHA-512"}) {
            System.out.println(name + " of " + MessageDigest.getInstance(name).getProvider().getName());
        }
        System.out.println("ML-KEM of " + KeyPairGenerator.getInstance("ML-KEM").getProvider().getName());
    }

    private static String owner(KeyPair pair) {
        return pair.getPrivate().getClass().getPackageName().startsWith("dev.coffer") ? "Coffer" : "the JDK";
    }
}
