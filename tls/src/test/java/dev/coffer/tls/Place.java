package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A region with one context in it.
record Place(Region region, MemorySegment memory, ServerContext context) implements AutoCloseable {
    static Place of(TlsServerConfig config, ServerIdentity... identities) {
        return of(config, Entropy.SYSTEM, identities);
    }

    static Place of(TlsServerConfig config, Entropy entropy, ServerIdentity... identities) {
        return of(config, null, entropy, identities);
    }

    static Place of(TlsServerConfig config, ClientVerifier verifier, Entropy entropy, ServerIdentity... identities) {
        Region region = Region.open(RegionConfig.defaults("tls-test"), MemoryPlan.group("test", config.plan()));
        boolean open = false;
        try {
            MemorySegment memory = region.carve("tls");
            Place place = new Place(region, memory, ServerContext.over(config, List.of(identities), verifier, entropy, memory));
            open = true;
            return place;
        } finally {
            if (!open) {
                region.close();
            }
        }
    }

    @Override
    public void close() {
        context.close();
        region.close();
    }
}
