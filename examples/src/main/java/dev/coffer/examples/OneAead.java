package dev.coffer.examples;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// A text sealed and opened with XChaCha20-Poly1305, whose nonces are long enough to be drawn at random.
public final class OneAead {
    private static final Aead AEAD = Aead.XCHACHA20_POLY1305;

    private OneAead() {}

    public static void main(String[] arguments) {
        byte[] hello = "for one reader".getBytes(StandardCharsets.UTF_8);
        MemoryPlan plan = MemoryPlan.group("aead",
                MemoryPlan.block("secret", AEAD.keyBytes()),
                AeadKey.plan("key", AEAD),                                  // the secret, expanded once, and a workspace
                MemoryPlan.block("nonce", AEAD.nonceBytes()),
                MemoryPlan.block("text", hello.length),
                MemoryPlan.block("sealed", hello.length + Aead.TAG_BYTES));
        try (Region region = Region.open(RegionConfig.defaults("aead"), plan);
                AeadKey key = AeadKey.in(AEAD, region.carve("key"))) {      // counts its uses; wiped when closed
            MemorySegment secret = region.carve("secret");
            MemorySegment nonce = region.carve("nonce");
            MemorySegment text = region.carve("text");
            MemorySegment sealed = region.carve("sealed");
            Entropy.SYSTEM.fill(secret, 0, AEAD.keyBytes());                // never on the heap, wiped with the region
            key.load(secret, 0);

            text.copyFrom(MemorySegment.ofArray(hello));
            Entropy.SYSTEM.fill(nonce, 0, AEAD.nonceBytes());
            key.seal(nonce, text, sealed);
            boolean authentic = key.open(nonce, sealed, text);
            System.out.println(authentic ? "opened " + hello.length + " bytes" : "changed on its way: nothing was written");
        }
    }
}
