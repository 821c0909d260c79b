package dev.coffer.examples.seeds;

import dev.coffer.crypto.session.OneShotSealer;
import dev.coffer.crypto.session.Suite;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.memory.pool.SizeClassPools.Refusal;
import dev.coffer.memory.pool.SizeClassPools.SizeClass;
import dev.coffer.memory.pool.SizeClassPools.Usage;
import java.lang.foreign.MemorySegment;

/// The first part of the chapter on static memory of embedded crypto: pools by size and usage, and a message encrypted in the
/// block that fits.
public final class StaticPools {
    private StaticPools() {}

    public static void main(String[] arguments) {
        initialisation();
        sizeAndUsage();
        exhaustion();
        optimalMemory();
    }

    private static void initialisation() {
        Beside.example("static pools: initialised once");
        SizeClassPools.Config config = SizeClassPools.Config.defaults("crypto");
        try (SizeClassPools pools = SizeClassPools.initialise(config, RegionConfig.defaults("crypto"))) {
            Beside.agrees("bytes of keys, messages and contexts",
                    64 * 32 + 256 * 16 + 1024 * 8 + 4096 * 4 + 1024 * 8, pools.capacityBytes());
            Beside.differs("initialised twice", "SingletonAlreadyInitialized",
                    Beside.outcome(() -> SizeClassPools.initialise(config, RegionConfig.defaults("crypto"))));
            Beside.agrees("the process's pools", true, SizeClassPools.process() == pools);
        }
        Beside.differs("asked for before or after", "undefined behaviour", Beside.outcome(SizeClassPools::process));
    }

    private static void sizeAndUsage() {
        Beside.example("static pools: by size and usage");
        SizeClassPools.Config config = SizeClassPools.Config.defaults("crypto");
        try (Region region = Region.open(RegionConfig.defaults("crypto"), MemoryPlan.group("data", SizeClassPools.plan(config)));
                SizeClassPools pools = SizeClassPools.open(config, region)) {
            Beside.agrees("64, key", SizeClass.TINY, pools.sizeClass(64, Usage.KEY));
            Beside.agrees("12, nonce", SizeClass.TINY, pools.sizeClass(12, Usage.NONCE));
            Beside.agrees("65, nonce", Refusal.SIZE_NOT_SUPPORTED, pools.refusal(65, Usage.NONCE));
            Beside.agrees("256, small message", SizeClass.SMALL, pools.sizeClass(256, Usage.SMALL_MESSAGE));
            Beside.agrees("257, small message", Refusal.SIZE_NOT_SUPPORTED, pools.refusal(257, Usage.SMALL_MESSAGE));
            Beside.agrees("257, medium message", SizeClass.MEDIUM, pools.sizeClass(257, Usage.MEDIUM_MESSAGE));
            Beside.agrees("1024, medium message", SizeClass.MEDIUM, pools.sizeClass(1024, Usage.MEDIUM_MESSAGE));
            Beside.agrees("1025, large message", SizeClass.LARGE, pools.sizeClass(1025, Usage.LARGE_MESSAGE));
            Beside.agrees("4096, large message", SizeClass.LARGE, pools.sizeClass(4096, Usage.LARGE_MESSAGE));
            Beside.agrees("4097, large message", Refusal.SIZE_NOT_SUPPORTED, pools.refusal(4097, Usage.LARGE_MESSAGE));
            Beside.differs("65, key", Refusal.SIZE_NOT_SUPPORTED, pools.sizeClass(65, Usage.KEY));
            Beside.differs("256, medium message", Refusal.SIZE_NOT_SUPPORTED, pools.sizeClass(256, Usage.MEDIUM_MESSAGE));
            Beside.differs("1024, large message", Refusal.SIZE_NOT_SUPPORTED, pools.sizeClass(1024, Usage.LARGE_MESSAGE));
            Beside.differs("0, key", SizeClass.TINY, pools.refusal(0, Usage.KEY));
            Beside.only("1024, context", pools.sizeClass(1024, Usage.CONTEXT));
            try (PooledBuffer buffer = pools.acquire(12, Usage.NONCE)) {
                Beside.differs("room of a nonce of 12", 64, buffer.room());
            }
        }
    }

    private static void exhaustion() {
        Beside.example("static pools: an error for each pool");
        SizeClassPools.Config config = SizeClassPools.Config.defaults("crypto");
        try (Region region = Region.open(RegionConfig.defaults("crypto"), MemoryPlan.group("data", SizeClassPools.plan(config)));
                SizeClassPools pools = SizeClassPools.open(config, region)) {
            PooledBuffer[] keys = new PooledBuffer[32];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = pools.acquire(32, Usage.KEY);
            }
            Beside.differs("the 33rd key", "TinyPoolExhausted", Beside.words(() -> pools.acquire(32, Usage.KEY)));
            Beside.differs("the same, without an object", "TinyPoolExhausted", pools.refusal(32, Usage.KEY));
            Beside.agrees("a small message all the same", Refusal.NONE, pools.refusal(200, Usage.SMALL_MESSAGE));
            keys[7].put(new byte[] {1, 2, 3});
            MemorySegment memory = keys[7].segment();
            keys[7].close();
            Beside.agrees("a key dropped, its block", "zero", ConstantTime.isZero(memory, 0, 64) ? "zero" : "there");
            Beside.agrees("is had again", Refusal.NONE, pools.refusal(32, Usage.KEY));
        }
    }

    private static void optimalMemory() {
        Beside.example("static pools: encrypted in the block that fits");
        SizeClassPools.Config config = SizeClassPools.Config.defaults("crypto");
        Suite suite = Suite.AES_256_GCM;
        MemoryPlan plan = MemoryPlan.group("data", SizeClassPools.plan(config), OneShotSealer.plan(suite).named("sealer"),
                MemoryPlan.block("text", 4096), MemoryPlan.block("secret", 32));
        try (Region region = Region.open(RegionConfig.defaults("sealing"), plan);
                SizeClassPools pools = SizeClassPools.open(config, region);
                OneShotSealer sealer = new OneShotSealer(suite, region.carve("sealer"), pools, Entropy.SYSTEM)) {
            MemorySegment text = region.carve("text");
            MemorySegment secret = region.carve("secret");
            Entropy.SYSTEM.fill(secret, 0, 32);
            sealer.loadKey(secret, 0);
            text.fill((byte) 7);
            int[] lengths = {0, 240, 241, 1008, 1009, 4080};
            int[] blocks = {256, 256, 1024, 1024, 4096, 4096};
            for (int i = 0; i < lengths.length; i++) {
                try (PooledBuffer block = sealer.seal(text, 0, lengths[i])) {
                    Beside.agrees("block for a text of " + lengths[i], blocks[i], block.capacity());
                    Beside.only("opened in place", sealer.open(block, sealer.sequence()));
                }
            }
            Beside.differs("a text of 4081", "OutOfMemory", Beside.words(() -> sealer.seal(text, 0, 4081)));
        }
    }
}
