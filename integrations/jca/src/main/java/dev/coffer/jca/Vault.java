package dev.coffer.jca;

import dev.coffer.memory.Account;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.internal.vault.Forgotten;
import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.memory.internal.vault.VaultArea;
import dev.coffer.memory.pool.BlockAllocator;
import java.util.List;

/// All memory of a provider: one region, an area for keys and one for work. Safe for any thread.
///
/// A JCA object is never closed: what it holds comes back when it is done with its message, when its key is destroyed, or when the
/// collector has found it forgotten ([Forgotten], which also says how the collector is asked **when an area is full**). Where that was in vain it is
/// [ProviderMemoryException].
final class Vault implements AutoCloseable {
    private static final String OWNER = "provider Coffer";

    private final CofferProviderConfig config;
    private final Region region;
    private final VaultArea keys;
    private final VaultArea work;
    private final RandomEngine.Source random;

    private Vault(CofferProviderConfig config, Region region, Forgotten forgotten) {
        this.config = config;
        this.region = region;
        this.keys = new VaultArea(BlockAllocator.open(config.keys(), region), forgotten, OWNER);
        this.work = new VaultArea(BlockAllocator.open(config.work(), region), forgotten, OWNER);
        this.random = new RandomEngine.Source(region.carve("jca random"));
    }

    static Vault open(CofferProviderConfig config) {
        Forgotten forgotten = new Forgotten();
        Region region = Region.open(RegionConfig.defaults("jca"), config.plan());
        try {
            return new Vault(config, region, forgotten);
        } catch (Throwable e) {
            region.close();
            throw e;
        }
    }

    CofferProviderConfig config() {
        return config;
    }

    RandomEngine.Source random() {
        return random;
    }

    List<Account> accounts() {
        return List.of(region, keys.account(), work.account());
    }

    /// {@return zero bytes for a key; its holder watches over them ([Piece#watch])}
    Piece key(long bytes) {
        return take(keys, bytes);
    }

    /// {@return zero bytes for an operation, or for a message under way}
    Piece work(long bytes) {
        return take(work, bytes);
    }

    private static Piece take(VaultArea area, long bytes) {
        long asked = Math.max(1, bytes);
        Piece piece = area.take(asked);
        if (piece == null) {
            throw new ProviderMemoryException(area.account().name(), asked, area.largestFreeBytes(), area.capacityBytes());
        }
        return piece;
    }

    /// Wipes and unmaps; whatever still uses a piece throws from here on, and what is given back late changes nothing.
    @Override
    public void close() {
        try (region; work) {
            keys.close();
        }
    }
}
