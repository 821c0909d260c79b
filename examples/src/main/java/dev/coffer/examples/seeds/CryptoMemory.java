package dev.coffer.examples.seeds;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.CryptoBuffer;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.memory.pool.ScratchRing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/// The examples and tests of libQ's page on memory, on the algorithms that are here: where it says Kyber and Dilithium, X25519 and
/// Ed25519 stand in, as ML-KEM and ML-DSA are not here yet.
public final class CryptoMemory {
    private static final Aead AEAD = Aead.CHACHA20_POLY1305;

    private CryptoMemory() {}

    public static void main(String[] arguments) {
        secretKeyZeroization();
        bufferOverflowProtection();
        memoryPoolAllocation();
        safeCopy();
        constantTimeCompare();
        secureClear();
        blockAllocation();
        hashLargeData();
        memoryUsage();
        embeddedKeyGeneration();
    }

    private static void secretKeyZeroization() {
        Beside.example("libQ: a secret key is zeroed");
        long bytes = 3168;  // of ML-KEM-1024, as the document's largest
        MemoryPlan plan = MemoryPlan.group("key", MemoryPlan.block("secret", bytes));
        try (Region region = Region.open(RegionConfig.defaults("key"), plan)) {
            MemorySegment memory = region.carve("secret");
            Secret key = Secret.of(memory, 0, bytes);
            key.write(Entropy.SYSTEM::fill);
            Beside.agrees("fresh key", "not all zero", ConstantTime.isZero(memory, 0, bytes) ? "all zero" : "not all zero");
            Beside.differs("shown by Debug or toString", "every byte, if public", key);
            key.destroy();
            Beside.differs("its memory, destroyed", "cannot be looked at", ConstantTime.isZero(memory, 0, bytes) ? "all zero" : "there");
            Beside.differs("used afterwards", "does not compile", Beside.outcome(key::segment));
        }
    }

    private static void bufferOverflowProtection() {
        Beside.example("libQ: a buffer does not overflow");
        MemoryPlan plan = MemoryPlan.group("data", CryptoBuffer.plan("buffer", 1024), MemoryPlan.block("source", 1024));
        try (Region region = Region.open(RegionConfig.defaults("buffers"), plan)) {
            MemorySegment memory = region.carve("buffer");
            MemorySegment data = region.carve("source");
            data.fill((byte) 0x42);
            try (CryptoBuffer buffer = CryptoBuffer.over("buffer", memory, 0, 1024)) {
                buffer.write(data, 0, 1000);
                buffer.write(data, 0, 24);
                Beside.agrees("1,024 bytes in two pieces", 1024, buffer.length());
                Beside.differs("one more", "max 0, actual 1", Beside.words(() -> buffer.write(data, 0, 1)));
                Beside.agrees("bytes kept", 1024, buffer.length());
                MemorySegment output = MemorySegment.ofArray(new byte[2048]);
                Beside.differs("read of 1,025", "max 1024, actual 1025", Beside.words(() -> buffer.read(output, 0, 0, 1025)));
                buffer.clear();
                Beside.agrees("cleared", "zero", ConstantTime.isZero(memory, 0, 1024) ? "zero" : "there");
            }
        }
    }

    private static void memoryPoolAllocation() {
        Beside.example("libQ: four temporaries in turn");
        ScratchRing.Config config = ScratchRing.Config.defaults("scratch");
        try (Region region = Region.open(RegionConfig.defaults("temporaries"), MemoryPlan.group("data", ScratchRing.plan(config)));
                ScratchRing ring = ScratchRing.open(config, region)) {
            long first = ring.next();
            long[] at = {ring.at(first), ring.at(ring.next()), ring.at(ring.next()), ring.at(ring.next())};
            Beside.agrees("places of the first four", 4, Arrays.stream(at).distinct().count());
            ring.segment().set(ValueLayout.JAVA_BYTE, at[0], (byte) 7);
            long fifth = ring.next();
            Beside.agrees("the fifth lies where the first did", true, ring.at(fifth) == at[0]);
            Beside.differs("what the first wrote", "still there", ConstantTime.isZero(ring.segment(), at[0], 4096) ? "wiped" : "there");
            Beside.differs("whoever still holds the first", "does not compile", Beside.outcome(() -> ring.at(first)));
            ring.clear();
            Beside.agrees("cleared, the next one lies at", 0, ring.at(ring.next()));
        }
    }

    private static void safeCopy() {
        Beside.example("libQ: a checked copy");
        try (Buffer target = Buffer.open(16)) {
            Beside.differs("17 bytes into 16", "expected 17, actual 16", Beside.words(() -> target.put(new byte[17])));
            Beside.agrees("bytes written", 0, target.length());
            Beside.agrees("16 bytes into 16", "done", Beside.outcome(() -> target.put(new byte[16])));
        }
    }

    private static void constantTimeCompare() {
        Beside.example("libQ: a comparison in constant time");
        MemorySegment a = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});
        MemorySegment b = MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5});
        MemorySegment c = MemorySegment.ofArray(new byte[] {1, 2, 3, 5});
        Beside.agrees("the same", true, ConstantTime.equal(a, a));
        Beside.agrees("one byte differs", false, ConstantTime.equal(a, c));
        Beside.agrees("4 bytes and 5", false, ConstantTime.equal(a, b));
        Beside.agrees("4 bytes and 5, ranges", false, ConstantTime.equal(a, 0, 4, b, 0, 5));
    }

    private static void secureClear() {
        Beside.example("libQ: memory is cleared");
        try (Buffer buffer = Buffer.open(64)) {
            buffer.putI64(-1);
            Wipe.segment(buffer.segment());
            Beside.agrees("afterwards", "zero", ConstantTime.isZero(buffer.segment(), 0, 64) ? "zero" : "there");
        }
    }

    private static void blockAllocation() {
        Beside.example("libQ: blocks of 256 bytes in 16 KiB");
        BlockAllocator.Config config = BlockAllocator.Config.defaults("blocks");
        try (Region region = Region.open(RegionConfig.defaults("wasm"), MemoryPlan.group("data", BlockAllocator.plan(config)));
                BlockAllocator blocks = BlockAllocator.open(config, region)) {
            Beside.differs("blocks of the map", 256, blocks.capacityBytes() / 256);
            long one = blocks.allocate(300);
            Beside.agrees("300 bytes take", 512, blocks.pieceBytes(one));
            long place = blocks.at(one);
            blocks.segment().set(ValueLayout.JAVA_BYTE, place, (byte) 7);
            long two = blocks.allocate(256);
            Beside.agrees("the next piece lies at", 512, blocks.at(two));
            blocks.release(one);
            Beside.agrees("the first, freed", "zero", ConstantTime.isZero(blocks.segment(), place, 512) ? "zero" : "there");
            Beside.agrees("512 bytes go where it was", place, blocks.at(blocks.allocate(512)));
            Beside.differs("freed twice", "frees the new piece", Beside.outcome(() -> blocks.release(one)));
            blocks.allocate(61 * 256);
            Beside.differs("one byte when all is taken", "panics", Beside.words(() -> blocks.allocate(1)));
            Beside.differs("none at all", "an empty slice", Beside.outcome(() -> blocks.allocate(0)));
            Beside.differs("16,385", "panics", Beside.words(() -> blocks.allocate(16_385)));
        }
    }

    private static void hashLargeData() {
        Beside.example("libQ: a hash of large data, in chunks");
        Hash hash = Hash.SHA3_256;
        int bytes = 10_000;
        MemoryPlan plan = MemoryPlan.group("hashing", MemoryPlan.block("data", bytes), CryptoBuffer.plan("chunk", 4096),
                MemoryPlan.block("state", hash.stateBytes()), MemoryPlan.block("digests", 2L * hash.digestBytes()));
        try (Region region = Region.open(RegionConfig.defaults("hashing"), plan);
                CryptoBuffer chunk = CryptoBuffer.over("chunk", region.carve("chunk"), 0, 4096)) {
            MemorySegment data = region.carve("data");
            MemorySegment state = region.carve("state");
            MemorySegment digests = region.carve("digests");
            for (int i = 0; i < bytes; i++) {
                data.set(ValueLayout.JAVA_BYTE, i, (byte) i);
            }
            hash.init(state, 0);
            int chunks = 0;
            for (int at = 0; at < bytes; at += 4096, chunks++) {
                chunk.replace(data, at, Math.min(4096, bytes - at));
                hash.update(state, 0, chunk.segment(), chunk.offset(), chunk.length());
            }
            hash.digest(state, 0, digests, 0);
            hash.hash(state, 0, data, 0, bytes, digests, hash.digestBytes());
            Beside.agrees("chunks", 3, chunks);
            Beside.differs("the digest", "32 zeros: a placeholder",
                    ConstantTime.equal(digests, 0, digests, hash.digestBytes(), hash.digestBytes()) ? "that of the whole" : "another");
            Beside.agrees("working memory at most 4 KiB", true, hash.stateBytes() <= 4096);
        }
    }

    /// Where everything of [#exchange] lies, in one plan.
    private record Places(MemorySegment keys, MemorySegment workspace, MemorySegment message, AeadKey key) {
        static final long ALICE = 0;
        static final long BOB = 32;
        static final long SIGNER = 64;
        static final long PRIVATE_BYTES = 96;
        static final long ALICE_PUBLIC = 96;
        static final long BOB_PUBLIC = 128;
        static final long SIGNER_PUBLIC = 160;
        static final long SHARED = 192;
        static final long NONCE = 224;
        static final long SIGNATURE = 256;
        static final long BYTES = SIGNATURE + Ed25519.SIGNATURE_BYTES;
        static final long WORKSPACE = Math.max(X25519.WORKSPACE_BYTES,
                Math.max(Math.max(Ed25519.SIGN_WORKSPACE_BYTES, Ed25519.VERIFY_WORKSPACE_BYTES), AEAD.workspaceBytes()));

        static MemoryPlan plan() {
            return MemoryPlan.group("exchange", MemoryPlan.block("keys", BYTES), MemoryPlan.block("workspace", WORKSPACE),
                    MemoryPlan.block("message", 128), MemoryPlan.block("schedule", AEAD.scheduleBytes()));
        }

        static Places in(Region region) {
            MemorySegment workspace = region.carve("workspace");
            return new Places(region.carve("keys"), workspace, region.carve("message"),
                    new AeadKey(AEAD, workspace, 0).at(region.carve("schedule"), 0));
        }
    }

    /// Three key pairs, an agreement, a signature and its check, a message sealed and opened.
    private static boolean exchange(Places places) {
        MemorySegment keys = places.keys;
        MemorySegment work = places.workspace;
        Entropy.SYSTEM.fill(keys, Places.ALICE, Places.PRIVATE_BYTES);
        X25519.publicKey(keys, Places.ALICE, keys, Places.ALICE_PUBLIC, work, 0);
        X25519.publicKey(keys, Places.BOB, keys, Places.BOB_PUBLIC, work, 0);
        X25519.agree(keys, Places.ALICE, keys, Places.BOB_PUBLIC, keys, Places.SHARED, work, 0);
        Ed25519.publicKey(keys, Places.SIGNER, keys, Places.SIGNER_PUBLIC, work, 0);
        Ed25519.sign(keys, Places.SIGNER, places.message, 0, 12, keys, Places.SIGNATURE, work, 0);
        boolean signed = Ed25519.verify(keys, Places.SIGNER_PUBLIC, places.message, 0, 12, keys, Places.SIGNATURE,
                Ed25519.SIGNATURE_BYTES, work, 0);
        places.key.load(keys, Places.SHARED);
        Entropy.SYSTEM.fill(keys, Places.NONCE, AEAD.nonceBytes());
        places.key.seal(keys, Places.NONCE, keys, 0, 0, places.message, 0, 12, places.message, 64);
        boolean opened =
                places.key.open(keys, Places.NONCE, keys, 0, 0, places.message, 64, 12 + Aead.TAG_BYTES, places.message, 0);
        places.key.wipe();
        return signed && opened;
    }

    private static void memoryUsage() {
        Beside.example("libQ: memory of keys, exchange, signature, encryption");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Region region = Region.open(RegionConfig.defaults("exchange"), Places.plan())) {
            Places places = Places.in(region);
            boolean isAuthentic = false;
            long allocated = Long.MAX_VALUE;
            for (int pass = 0; pass < 8; pass++) {  // the first links, and in any the VM may hand a method to a compiler
                long before = threads.getCurrentThreadAllocatedBytes();
                isAuthentic = exchange(places);
                allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
            }
            Beside.agrees("all of it works", true, isAuthentic);
            Beside.agrees("heap bytes, counted", 0, allocated);
            Beside.agrees("workspaces afterwards", "zero",
                    ConstantTime.isZero(places.workspace, 0, Places.WORKSPACE) ? "zero" : "there");
        }
        Beside.differs("bytes of key generation", 16_384, X25519.WORKSPACE_BYTES + " (X25519)");
        Beside.differs("of key exchange", 8_192, X25519.WORKSPACE_BYTES + " (X25519)");
        Beside.differs("of signing", 32_768, Ed25519.SIGN_WORKSPACE_BYTES + " (Ed25519)");
        Beside.differs("of verification", 16_384, Ed25519.VERIFY_WORKSPACE_BYTES + " (Ed25519)");
        Beside.differs("of encryption", 65_536, AEAD.scheduleBytes() + AEAD.workspaceBytes() + " (ChaCha20-Poly1305)");
        Beside.differs("of hashing", 4_096, Hash.SHA3_256.stateBytes() + " (SHA3-256)");
    }

    private static void embeddedKeyGeneration() {
        Beside.example("libQ: key generation into the caller's memory");
        MemoryPlan plan = MemoryPlan.group("embedded", MemoryPlan.block("secret", 32), MemoryPlan.block("public", 32),
                MemoryPlan.block("workspace", X25519.WORKSPACE_BYTES));
        try (Region region = Region.open(RegionConfig.defaults("embedded"), plan)) {
            MemorySegment secret = region.carve("secret");
            MemorySegment open = region.carve("public");
            MemorySegment workspace = region.carve("workspace");
            Entropy.SYSTEM.fill(secret, 0, X25519.PRIVATE_KEY_BYTES);
            Beside.differs("success", 0, Beside.outcome(() -> X25519.publicKey(secret, 0, open, 0, workspace, 0)));
            Beside.differs("a target that is too short", "written past its end",
                    Beside.outcome(() -> X25519.publicKey(secret, 0, open.asSlice(0, 31), 0, workspace, 0)));
            Beside.differs("a secret on the heap", "not seen",
                    Beside.outcome(() -> X25519.publicKey(MemorySegment.ofArray(new byte[32]), 0, open, 0, workspace, 0)));
        }
    }
}
