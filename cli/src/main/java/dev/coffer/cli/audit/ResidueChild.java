package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/// The JVM that is searched: it plants secrets, works with them, wipes them, and pauses where the parent shall look.
/// Every secret is built byte by byte, so that what is found is a copy that the way of holding it made.
final class ResidueChild {
    static final String COFFER = "coffer";
    static final String ARRAYS = "arrays";
    static final String LIVE = "live";
    static final String RELEASED = "released";
    /// Past the planted secrets: one stays on the heap, one in plain memory off it; both must be found.
    static final int CONTROLS = 2;

    private static final int GARBAGE_BYTES = 16 * 1024;
    private static final int GARBAGE_TOTAL = 192 << 20;    // three times the heap of the child
    private static final int FILLER_BYTES = 6 << 20;       // puts the arrays into the middle of what is collected first

    private static byte[][] kept;                          // what must stay reachable
    private static byte[] garbage;

    private ResidueChild() {}

    /// @param arguments  subject, seed, count, fault or "-"
    public static void main(String[] arguments) {
        PlantedSecrets secrets = new PlantedSecrets(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        if (arguments[0].equals(ARRAYS)) {
            arrays(secrets, arguments[3]);
        } else {
            coffer(secrets, arguments[3]);
        }
    }

    private static void coffer(PlantedSecrets secrets, String fault) {
        BufferPoolConfig buffers = BufferPoolConfig.of("buffers", 64, secrets.count() + 1);  // one more to work in
        RegionConfig config = RegionConfig.defaults("residue");
        config = fault.equals(ResidueProof.DUMPED) ? config.withProtection(Protection.NO_DUMP, Level.OFF) : config;
        Region region = Region.open(config, MemoryPlan.group("data", BufferPool.plan(buffers)));
        BufferPool pool = BufferPool.open(buffers, region);
        MemorySegment plain = Arena.global().allocate(PlantedSecrets.BYTES);
        kept = new byte[secrets.count() + 1][];
        if (!fault.equals(ResidueProof.BLIND)) {
            kept[secrets.count()] = new byte[PlantedSecrets.BYTES];
            for (int i = 0; i < PlantedSecrets.BYTES; i++) {
                kept[secrets.count()][i] = secrets.at(secrets.count(), i);
                plain.set(ValueLayout.JAVA_BYTE, i, secrets.at(secrets.count() + 1, i));
            }
        }
        PooledBuffer[] leases = new PooledBuffer[secrets.count()];
        for (int i = 0; i < leases.length; i++) {
            leases[i] = pool.acquire();
            for (int at = 0; at < PlantedSecrets.BYTES; at++) {
                leases[i].putU8(Byte.toUnsignedInt(secrets.at(i, at)));
            }
            work(leases[i], pool);
            if (fault.equals(ResidueProof.ON_HEAP)) {
                kept[i] = leases[i].segment().asSlice(0, PlantedSecrets.BYTES)
                        .toArray(ValueLayout.JAVA_BYTE);
            }
        }
        collect();
        ChildJvm.pause(LIVE + " " + region.inForce(Protection.NO_DUMP));
        if (!fault.equals(ResidueProof.UNWIPED)) {
            for (PooledBuffer lease : leases) {
                lease.close();
            }
        }
        collect();
        ChildJvm.pause(RELEASED);
        region.close();
    }

    /// A copy beside the secret and a comparison, as a protocol would make.
    private static void work(PooledBuffer secret, BufferPool pool) {
        try (PooledBuffer copy = pool.acquire()) {
            copy.put(secret, PlantedSecrets.BYTES);
            secret.position(0);
            if (!copy.sameBytes(secret)) {
                throw new AssertionError("copied, and not equal");
            }
        }
    }

    /// What a Java program does today: arrays, moved by one collection, then wiped with care.
    private static void arrays(PlantedSecrets secrets, String fault) {
        fill(FILLER_BYTES);
        kept = new byte[secrets.count()][];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[PlantedSecrets.BYTES];
            for (int at = 0; at < PlantedSecrets.BYTES; at++) {
                kept[i][at] = secrets.at(i, at);
            }
        }
        if (!fault.equals(ResidueProof.UNMOVED)) {
            fill(FILLER_BYTES / 2);
            long before = collections();
            while (collections() == before) {
                garbage = new byte[GARBAGE_BYTES];
            }
        }
        for (byte[] secret : kept) {
            Arrays.fill(secret, (byte) 0);
        }
        kept = null;
        ChildJvm.pause(RELEASED);
    }

    private static void fill(int bytes) {
        for (int i = 0; i < bytes; i += GARBAGE_BYTES) {
            garbage = new byte[GARBAGE_BYTES];
        }
    }

    /// Young collections by allocation, then two full ones, then allocation again.
    private static void collect() {
        fill(GARBAGE_TOTAL);
        System.gc();
        System.gc();
        fill(GARBAGE_TOTAL / 8);
    }

    private static long collections() {
        long sum = 0;
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            sum += bean.getCollectionCount();
        }
        return sum;
    }
}
