package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.util.List;

/// A region with one context in it.
record Place(Region region, ServerContext context) implements AutoCloseable {
    static Place of(TlsServerConfig config, ServerIdentity... identities) {
        return of(config, Entropy.SYSTEM, identities);
    }

    static Place of(TlsServerConfig config, Entropy entropy, ServerIdentity... identities) {
        MemoryPlan plan = MemoryPlan.group("test", config.plan());
        Region region = Region.open(RegionConfig.defaults("tls-test"), plan);
        try {
            return new Place(region, region.carve("tls", memory -> ServerContext.over(config, List.of(identities), entropy, memory)));
        } catch (RuntimeException e) {
            region.close();
            throw e;
        }
    }

    @Override
    public void close() {
        context.close();
        region.close();
    }
}
