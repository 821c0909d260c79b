package dev.coffer.jca.user;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;

/// A program that names nothing of Coffer: it asks the JCA for what its configuration put first.
public final class ConfiguredMain {
    private ConfiguredMain() {}

    public static void main(String[] arguments) throws Exception {
        Provider first = Security.getProviders()[0];
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(pair.getPrivate());
        byte[] signed = signature.sign();
        signature.initVerify(pair.getPublic());
        System.out.println(first.getName() + " of " + (first.getClass().getModule().isNamed() ? first.getClass().getModule().getName() : "the class path")
                + ", signed by " + signature.getProvider().getName() + ", valid " + signature.verify(signed) + ", encoded "
                + (pair.getPrivate().getEncoded() == null ? "never" : "on request"));
    }
}
