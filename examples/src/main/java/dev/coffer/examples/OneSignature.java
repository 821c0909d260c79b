package dev.coffer.examples;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.GuardedSlots;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// A key pair of Ed25519 between guard pages; a message signed and verified.
public final class OneSignature {
    private OneSignature() {}

    public static void main(String[] arguments) {
        KeyAlgorithm algorithm = KeyAlgorithm.ED25519;
        MemoryPlan plan = MemoryPlan.group("signing",
                MemoryPlan.block("workspace", algorithm.workspaceBytes()),
                MemoryPlan.block("public key", algorithm.publicKeyBytes()),
                MemoryPlan.block("message", 1024),
                MemoryPlan.block("signature", algorithm.signatureBytes()));
        try (GuardedSlots keys = GuardedSlots.open(GuardedSlots.Config.defaults("keys"));
                Region region = Region.open(RegionConfig.defaults("signing"), plan)) {
            MemorySegment workspace = region.carve("workspace");
            try (KeyPair pair = KeyPair.generate(algorithm, keys.acquire(algorithm.keyPairBytes()), Entropy.SYSTEM, workspace, 0)) {
                PublicKey publicKey = pair.publicKey(region.carve("public key"), 0);
                MemorySegment message = region.carve("message");
                byte[] text = "I was here".getBytes(StandardCharsets.UTF_8);
                MemorySegment.copy(MemorySegment.ofArray(text), 0, message, 0, text.length);

                MemorySegment signature = region.carve("signature");
                pair.sign(message, 0, text.length, signature, 0, workspace, 0);
                boolean valid = publicKey.verify(message, 0, text.length, signature, 0, algorithm.signatureBytes(), workspace, 0);
                System.out.println(publicKey + (valid ? ": valid" : ": not valid"));
            }                                                               // the private key is gone
        }
    }
}
