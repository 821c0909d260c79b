package dev.coffer.examples;

import dev.coffer.jca.CofferPrivateKey;
import dev.coffer.jca.CofferProvider;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.Signature;
import javax.crypto.KEM;

/// The JCA as ever, with keys off the heap that end when they are told to.
public final class OneJca {
    private OneJca() {}

    public static void main(String[] arguments) throws GeneralSecurityException {
        Security.insertProviderAt(new CofferProvider(), 1);         // the one line; what it has not, the others go on to do
        byte[] message = "a message".getBytes(StandardCharsets.UTF_8);

        KeyPair signing = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
        Signature signature = Signature.getInstance("ML-DSA-65");
        signature.initSign(signing.getPrivate());
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(signing.getPublic());
        signature.update(message);
        System.out.println(signature.getProvider().getName() + " signed in " + signed.length + " bytes, valid: " + signature.verify(signed));

        KeyPair receiving = KeyPairGenerator.getInstance("ML-KEM-768").generateKeyPair();
        KEM.Encapsulated sent = KEM.getInstance("ML-KEM").newEncapsulator(receiving.getPublic()).encapsulate();
        var shared = KEM.getInstance("ML-KEM").newDecapsulator(receiving.getPrivate()).decapsulate(sent.encapsulation());
        System.out.println("the same secret on both sides: " + shared.equals(sent.key()) + ", " + shared);

        ((CofferPrivateKey) receiving.getPrivate()).destroy();      // wiped now, not when a collector comes by
        System.out.println(receiving.getPrivate());
    }
}
