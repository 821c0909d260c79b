package dev.coffer.memory.internal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// Tells the Flight Recorder what happened to memory: sizes and names, never contents. Safe for any thread.
///
/// Each method is one volatile read and 0 heap bytes until the process has had a recording, and 0 heap bytes while the
/// event is disabled; an event that is recorded costs one small object. The classes below are touched by nothing else,
/// so that they are not initialised before.
@SuppressWarnings("UnusedVariable")  // the recorder reads the fields of events
public final class MemoryEvents {
    private MemoryEvents() {}

    /// A region was mapped.
    public static void regionOpened(String region, long bytes, String protections) {
        if (FlightRecorder.isInitialized() && RegionOpened.PROBE.isEnabled()) {
            RegionOpened event = new RegionOpened();
            event.region = region;
            event.bytes = bytes;
            event.protections = protections;
            event.commit();
        }
    }

    /// A region was wiped and unmapped.
    public static void regionClosed(String region, long bytes, boolean canaryIntact) {
        if (FlightRecorder.isInitialized() && RegionClosed.PROBE.isEnabled()) {
            RegionClosed event = new RegionClosed();
            event.region = region;
            event.bytes = bytes;
            event.canaryIntact = canaryIntact;
            event.commit();
        }
    }

    /// A budget said no.
    public static void reserveRefused(String budget, long requested, long available, long limit) {
        if (FlightRecorder.isInitialized() && ReserveRefused.PROBE.isEnabled()) {
            ReserveRefused event = new ReserveRefused();
            event.budget = budget;
            event.requested = requested;
            event.available = available;
            event.limit = limit;
            event.commit();
        }
    }

    /// A pool had no block to give.
    public static void poolExhausted(String pool, long blockBytes, long usedBytes, long capacityBytes) {
        if (FlightRecorder.isInitialized() && PoolExhausted.PROBE.isEnabled()) {
            PoolExhausted event = new PoolExhausted();
            event.pool = pool;
            event.blockBytes = blockBytes;
            event.usedBytes = usedBytes;
            event.capacityBytes = capacityBytes;
            event.commit();
        }
    }

    /// {@return whether somebody records the refusals of pools: where reading a pool's numbers costs something, ask first}
    public static boolean recordsExhaustion() {
        return FlightRecorder.isInitialized() && PoolExhausted.PROBE.isEnabled();
    }

    /// A block was found held by nobody.
    ///
    /// @param place  where it was acquired, or empty where that was not recorded
    public static void leak(String pool, long blockBytes, String place) {
        if (FlightRecorder.isInitialized() && Leak.PROBE.isEnabled()) {
            Leak event = new Leak();
            event.pool = pool;
            event.blockBytes = blockBytes;
            event.place = place;
            event.commit();
        }
    }

    /// A budget neared its limit and owners were asked to shrink.
    public static void pressure(String budget, long usedBytes, long limit, long reclaimedBytes) {
        if (FlightRecorder.isInitialized() && Pressure.PROBE.isEnabled()) {
            Pressure event = new Pressure();
            event.budget = budget;
            event.usedBytes = usedBytes;
            event.limit = limit;
            event.reclaimedBytes = reclaimedBytes;
            event.commit();
        }
    }

    @Name("dev.coffer.RegionOpened")
    @Label("Region Opened")
    @Description("An off-heap region was mapped")
    @Category("Coffer")
    private static final class RegionOpened extends Event {
        static final RegionOpened PROBE = new RegionOpened();
        @Label("Region")
        String region;
        @Label("Bytes")
        @DataAmount
        long bytes;
        @Label("Protections in Force")
        String protections;
    }

    @Name("dev.coffer.RegionClosed")
    @Label("Region Closed")
    @Description("An off-heap region was wiped and unmapped")
    @Category("Coffer")
    private static final class RegionClosed extends Event {
        static final RegionClosed PROBE = new RegionClosed();
        @Label("Region")
        String region;
        @Label("Bytes")
        @DataAmount
        long bytes;
        @Label("Canary Intact")
        boolean canaryIntact;
    }

    @Name("dev.coffer.ReserveRefused")
    @Label("Reserve Refused")
    @Description("A budget refused a reservation; nothing was reserved")
    @Category("Coffer")
    private static final class ReserveRefused extends Event {
        static final ReserveRefused PROBE = new ReserveRefused();
        @Label("Budget")
        String budget;
        @Label("Requested")
        @DataAmount
        long requested;
        @Label("Available")
        @DataAmount
        long available;
        @Label("Limit")
        @DataAmount
        long limit;
    }

    @Name("dev.coffer.PoolExhausted")
    @Label("Pool Exhausted")
    @Description("A pool had no block to give")
    @Category("Coffer")
    private static final class PoolExhausted extends Event {
        static final PoolExhausted PROBE = new PoolExhausted();
        @Label("Pool")
        String pool;
        @Label("Block Bytes")
        @DataAmount
        long blockBytes;
        @Label("Used")
        @DataAmount
        long usedBytes;
        @Label("Capacity")
        @DataAmount
        long capacityBytes;
    }

    @Name("dev.coffer.Leak")
    @Label("Leak")
    @Description("A block whose holder is gone without having released it")
    @Category("Coffer")
    @StackTrace(false)  // of the finder; the place of acquisition is a field
    private static final class Leak extends Event {
        static final Leak PROBE = new Leak();
        @Label("Pool")
        String pool;
        @Label("Block Bytes")
        @DataAmount
        long blockBytes;
        @Label("Acquired At")
        String place;
    }

    @Name("dev.coffer.Pressure")
    @Label("Pressure")
    @Description("A budget neared its limit and owners were asked to shrink")
    @Category("Coffer")
    private static final class Pressure extends Event {
        static final Pressure PROBE = new Pressure();
        @Label("Budget")
        String budget;
        @Label("Used")
        @DataAmount
        long usedBytes;
        @Label("Limit")
        @DataAmount
        long limit;
        @Label("Reclaimed")
        @DataAmount
        long reclaimedBytes;
    }
}
