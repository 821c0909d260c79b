package dev.coffer.memory.ledger;

import java.lang.management.ManagementFactory;
import java.util.Objects;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/// A ledger in the platform's MBean server, under `dev.coffer:type=Ledger,name="..."`, from [#register] to [#close].
/// Safe for any thread. Answering allocates; it is for consoles, not for loops.
public final class LedgerBean implements LedgerMXBean, AutoCloseable {
    private final Ledger ledger;
    private final ObjectName objectName;

    private LedgerBean(Ledger ledger, ObjectName objectName) {
        this.ledger = ledger;
        this.objectName = objectName;
    }

    /// Registers a ledger under its name.
    ///
    /// @return the registration; close it to end it
    /// @throws IllegalStateException  a ledger of that name is registered already (caller's fault)
    public static LedgerBean register(Ledger ledger) {
        try {
            ObjectName objectName =
                    new ObjectName("dev.coffer:type=Ledger,name=" + ObjectName.quote(Objects.requireNonNull(ledger).name()));
            LedgerBean bean = new LedgerBean(ledger, objectName);
            ManagementFactory.getPlatformMBeanServer().registerMBean(bean, objectName);
            return bean;
        } catch (JMException e) {
            throw new IllegalStateException("ledger \"" + ledger.name() + "\": " + e.getMessage(), e);
        }
    }

    /// {@return the name under which consoles find it}
    public String objectName() {
        return objectName.getCanonicalName();
    }

    @Override
    public long getPlanBytes() {
        return ledger.planBytes();
    }

    @Override
    public long getRegionBytes() {
        return ledger.regionBytes();
    }

    @Override
    public long getUsedBytes() {
        return ledger.usedBytes();
    }

    @Override
    public long getPeakBytes() {
        return ledger.peakBytes();
    }

    @Override
    public long getHeapBytes() {
        return ledger.heapBytes();
    }

    @Override
    public String getJson() {
        return ledger.snapshot().toJson();
    }

    @Override
    public String getTable() {
        return ledger.snapshot().toTable();
    }

    /// Ends the registration. Closing twice is harmless.
    @Override
    public void close() {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            if (server.isRegistered(objectName)) {
                server.unregisterMBean(objectName);
            }
        } catch (JMException e) {
            throw new IllegalStateException("ledger \"" + ledger.name() + "\": " + e.getMessage(), e);
        }
    }
}
