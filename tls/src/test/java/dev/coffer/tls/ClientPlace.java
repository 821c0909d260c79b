package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;

/// A region with one client's context in it.
record ClientPlace(Region region, MemorySegment memory, ClientContext context) implements AutoCloseable {
    static ClientPlace of(TlsClientConfig config, PeerVerifier verifier) {
        return of(config, verifier, Entropy.SYSTEM);
    }

    static ClientPlace of(TlsClientConfig config, PeerVerifier verifier, Entropy entropy) {
        Region region = Region.open(RegionConfig.defaults("tls-client-test"), MemoryPlan.group("test", config.plan()));
        boolean open = false;
        try {
            MemorySegment memory = region.carve("tls client");
            ClientPlace place = new ClientPlace(region, memory, ClientContext.over(config, verifier, entropy, memory));
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
