package dev.coffer.jca;

import dev.coffer.testkit.Refusals.Opening;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import javax.security.auth.Destroyable;

/// A provider with its memory, an engine and a key: what [ProviderOpensTest] refuses. Loaded by a loader that puts the steps in.
public final class ProviderOpenings {
    private ProviderOpenings() {}

    /// {@return it}
    public static Opening all() {
        return new Opening("jca.CofferProvider.new", () -> {
            CofferProvider provider = new CofferProvider(CofferProviderConfig.defaults());
            boolean whole = false;
            try {
                provider.reserve();
                MessageDigest.getInstance("SHA3-256", provider).digest(new byte[3]);
                KeyPair pair = KeyPairGenerator.getInstance("Ed25519", provider).generateKeyPair();
                ((Destroyable) pair.getPrivate()).destroy();
                whole = true;
                return provider;
            } finally {
                if (!whole) {
                    provider.close();
                }
            }
        });
    }
}
