package dev.coffer.examples;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// A text sealed and opened in place with XChaCha20-Poly1305, whose nonces are long enough to be drawn at random.
public final class OneAead {
    private static final Aead AEAD = Aead.XCHACHA20_POLY1305;
    private static final int NONCE_BYTES = 24;

    private OneAead() {}

    public static void main(String[] arguments) {
        MemoryPlan plan = MemoryPlan.group("aead",
                MemoryPlan.block("key", AEAD.keyBytes()),
                MemoryPlan.block("schedule", AEAD.scheduleBytes()),         // the key, expanded once
                MemoryPlan.block("workspace", AEAD.workspaceBytes()),       // one a thread; zero between calls
                MemoryPlan.block("message", 1024));                         // nonce 24 | text | tag 16
        try (Region region = Region.open(RegionConfig.defaults("aead"), plan)) {
            MemorySegment key = region.carve("key");
            MemorySegment schedule = region.carve("schedule");
            MemorySegment workspace = region.carve("workspace");
            MemorySegment message = region.carve("message");
            Entropy.fill(key, 0, AEAD.keyBytes());                          // never on the heap, wiped with the region
            AEAD.expand(key, 0, schedule, 0);

            byte[] hello = "for one reader".getBytes(StandardCharsets.UTF_8);
            MemorySegment.copy(MemorySegment.ofArray(hello), 0, message, NONCE_BYTES, hello.length);
            Entropy.fill(message, 0, NONCE_BYTES);
            AEAD.seal(schedule, 0, workspace, 0, message, 0, NONCE_BYTES, message, 0, 0,
                    message, NONCE_BYTES, hello.length, message, NONCE_BYTES);

            long sealedBytes = hello.length + Aead.TAG_BYTES;
            boolean authentic = AEAD.open(schedule, 0, workspace, 0, message, 0, NONCE_BYTES, message, 0, 0,
                    message, NONCE_BYTES, sealedBytes, message, NONCE_BYTES);
            System.out.println(authentic ? "opened " + hello.length + " bytes" : "changed on its way: nothing was written");
        }
    }
}
