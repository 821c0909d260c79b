package dev.coffer.cli.opens;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.Refusals.Opening;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What can be opened in the house, by the names of its factories: all that [OpensTest] refuses at each step. Loaded by a loader that puts the steps in
/// and leaves these classes as they are.
public final class Openings {
    /// Opens something in the caller's memory or region.
    interface In<T> {
        AutoCloseable open(T place) throws Exception;
    }

    private Openings() {}

    /// {@return all of them}
    ///
    /// @param folder  with `a.txt`, `certificate.pem` and `key.pem`, to write beside
    public static List<Opening> all(Path folder) throws Exception {
        List<Opening> all = new ArrayList<>(MemoryOpenings.all());
        all.addAll(CryptoOpenings.all(folder));
        all.addAll(EngineOpenings.all(folder));
        all.addAll(ServingOpenings.all(folder));
        return all;
    }

    /// Makes keys of RSA, of which there are none here.
    static <T> T none(Object numbers) {
        throw new AssertionError("an RSA key: " + numbers);
    }

    /// {@return an opening in a row of a region, which has it back where that is refused}
    static Opening inRow(String name, MemoryPlan row, In<Region> how) {
        Region region = Region.open(RegionConfig.defaults("rows"), MemoryPlan.group("rows", row));
        long before = region.usedBytes();
        return new Opening(name, () -> {
            AutoCloseable opened = how.open(region);
            return () -> {
                opened.close();
                region.uncarve(row.name());
            };
        }, () -> {
            if (region.usedBytes() != before) {
                throw new IllegalStateException("a row is carved: " + region.usedBytes() + " bytes, before " + before);
            }
        });
    }

    /// {@return an opening in memory of the caller's, which is zero where that is refused, and after its close}
    static Opening over(String name, long bytes, In<MemorySegment> how) {
        MemorySegment memory = Arena.global().allocate(Math.max(1, bytes), 64).asSlice(0, bytes);
        Runnable untouched = () -> {
            if (!ConstantTime.isZero(memory, 0, bytes)) {
                throw new IllegalStateException("the caller's memory is written to");
            }
        };
        return new Opening(name, () -> {
            AutoCloseable opened = how.open(memory);
            return () -> {
                opened.close();
                untouched.run();
            };
        }, untouched);
    }
}
