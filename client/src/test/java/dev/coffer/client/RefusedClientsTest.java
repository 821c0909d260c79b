package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.server.Server;
import dev.coffer.testkit.Scarcity;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Descriptors and threads refused at each step of an open: nothing is held, and a retry succeeds.
@Timeout(600)
class RefusedClientsTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOpenThatIsRefusedHoldsNothing(boolean portable) throws Exception {
        try (Peer peer = Peer.answering(Peer.OK);
                ChildJvm child = ChildJvm.start(List.of("prlimit", "--nofile=400"), List.of("-ea", "-XX:+UseSerialGC", "-Xmx64m", RefusedClients.STACKS),
                        RefusedClients.class, List.of(Client.class, Server.class, dev.coffer.http.Ascii.class, dev.coffer.memory.MemoryPlan.class),
                        Boolean.toString(portable), peer.uri("/"))) {
            int descriptors = Integer.parseInt(child.await("descriptors"));
            assertTrue(descriptors >= 2, "refused " + descriptors + " times");
            child.resume();
            Scarcity.limitAddressBytes(child.pid(), Long.parseLong(child.await("limit")));
            child.resume();
            child.await("unlimit");
            Scarcity.limitAddressBytes(child.pid(), -1);
            child.resume();
            assertEquals("refused", child.await("thread"));
            child.resume();
            assertEquals("NO_DESCRIPTOR, then ok", child.await("pressed"));
            child.resume();
            assertEquals(0, child.exitCode(), child.output());
        }
    }
}
