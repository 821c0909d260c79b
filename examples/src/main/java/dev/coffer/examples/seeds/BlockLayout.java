package dev.coffer.examples.seeds;

import dev.coffer.crypto.session.CryptoContext;
import dev.coffer.crypto.session.CryptoContexts;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// The third part of the chapter on static memory of embedded crypto: one context with its hot fields in one line, and AES blocks
/// on the fast path.
public final class BlockLayout {
    private static final long KEY = 0;
    private static final long NEXT_KEY = 32;
    private static final long TEXT = 64;
    private static final long CIPHER = 80;
    private static final long NONCES = 96;

    private BlockLayout() {}

    public static void main(String[] arguments) {
        MemoryPlan plan = MemoryPlan.group("aes", CryptoContexts.plan("contexts", 8), MemoryPlan.block("data", 128));
        try (Region region = Region.open(RegionConfig.defaults("aes"), plan);
                CryptoContexts contexts = new CryptoContexts("contexts", 8, region.carve("contexts"), Entropy.SYSTEM)) {
            MemorySegment data = region.carve("data");
            // FIPS 197, appendix C.3. A known key goes in by bytes; a real one is drawn or agreed on where it lies.
            put(data, KEY, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
            put(data, TEXT, "00112233445566778899aabbccddeeff");
            CryptoContext context = contexts.acquire(new CryptoContext());
            layout();
            block(context, data);
            nonces(context, data);
            backupKeys(context, data);
            contexts(contexts, context);
        }
    }

    private static void layout() {
        Beside.example("block layout: the layout");
        int blocks = 80;  // after key 32, nonce 12, counter at 48, padding 20: past the line of 64 that it is to fill
        int schedule = blocks + 2 * 16;
        int backup = schedule + 4 * 60;
        int metadata = backup + 4 * 32;
        int statistics = metadata + 8 * 24;
        Beside.differs("bytes of a context", statistics + 24 + 8, CryptoContexts.plan("one", 1).child("contexts").totalBytes());
    }

    private static void block(CryptoContext context, MemorySegment data) {
        Beside.example("block layout: one block on the fast path");
        Beside.differs("before there is a key", "encrypts with zeros",
                Beside.words(() -> context.encryptBlock(data, TEXT, data, CIPHER)));
        context.loadKey(data, KEY);
        Beside.agrees("encrypted", true, context.encryptBlock(data, TEXT, data, CIPHER));
        Beside.agrees("the block (FIPS 197, C.3)", "8ea2b7ca516745bfeafc49904b496089", hex(data, CIPHER, 16));
        Beside.agrees("blocks counted", 1, context.blocks());
    }

    private static void nonces(CryptoContext context, MemorySegment data) {
        Beside.example("block layout: nonces");
        context.nonce(data, NONCES);
        context.nonce(data, NONCES + CryptoContext.NONCE_BYTES);
        Beside.differs("two nonces", "never counted", ConstantTime.equal(data, NONCES, data, NONCES + 16, 16) ? "the same" : "differ");
        Beside.differs("bytes of one", 12, CryptoContext.NONCE_BYTES);
    }

    private static void backupKeys(CryptoContext context, MemorySegment data) {
        Beside.example("block layout: backup keys");
        put(data, NEXT_KEY, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");  // SP 800-38A, F.1.5
        put(data, TEXT, "6bc1bee22e409f96e93d7e117393172a");
        Beside.agrees("backup keys", 4, CryptoContext.BACKUP_KEYS);
        context.loadBackup(3, data, NEXT_KEY);
        context.switchTo(3);
        context.encryptBlock(data, TEXT, data, CIPHER);
        Beside.only("switched to (SP 800-38A, F.1.5)", hex(data, CIPHER, 16));
        Beside.only("is a backup afterwards", context.hasBackup(3));
        Beside.differs("backup key 4", "does not compile", Beside.outcome(() -> context.loadBackup(4, data, NEXT_KEY)));
    }

    private static void contexts(CryptoContexts contexts, CryptoContext first) {
        Beside.example("block layout: eight contexts");
        for (int i = 1; i < 8; i++) {
            contexts.acquire(new CryptoContext());
        }
        Beside.differs("the ninth", "ContextPoolExhausted", Beside.words(() -> contexts.acquire(new CryptoContext())));
        first.release();
        Beside.agrees("in use after a release", 7, contexts.inUse());
        Beside.differs("the released one", "does not compile", Beside.outcome(first::blocks));
    }

    private static void put(MemorySegment data, long at, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    private static String hex(MemorySegment data, long at, int bytes) {
        return HexFormat.of().formatHex(data.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE));
    }
}
