package dev.coffer.memory.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.management.ManagementFactory;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class LedgerBeanTest {
    @Test
    void answersThroughThePlatformServerUntilClosed() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.block("data", 4096))) {
            Ledger ledger = Ledger.of("bean, with a comma", Ledger.region(region));
            LedgerBean bean = LedgerBean.register(ledger);
            ObjectName name = new ObjectName(bean.objectName());
            try {
                assertEquals(region.bytes(), server.getAttribute(name, "PlanBytes"));
                assertEquals(region.bytes(), server.getAttribute(name, "RegionBytes"));
                assertEquals(ledger.usedBytes(), server.getAttribute(name, "UsedBytes"));
                assertEquals(ledger.peakBytes(), server.getAttribute(name, "PeakBytes"));
                assertEquals(0L, server.getAttribute(name, "HeapBytes"));
                assertTrue(server.getAttribute(name, "Json").toString().contains("\"tree\":["));
                assertTrue(server.getAttribute(name, "Table").toString().contains("guard before"));
                assertThrows(IllegalStateException.class, () -> LedgerBean.register(ledger));
            } finally {
                bean.close();
            }
            bean.close();
            assertFalse(server.isRegistered(name));
        }
    }
}
