package dev.coffer.memory;

import dev.coffer.testkit.Refusals.Opening;
import java.io.FileInputStream;
import java.util.List;

/// Openings that are wrong on purpose, for [RefusalsTest]: the tool has to see what each leaves behind.
public final class LeakyOpenings {
    private LeakyOpenings() {}

    /// {@return a right one, and those that keep a region, keep a descriptor, are refused ever after, and answer a refusal by a fault}
    public static List<Opening> all() {
        boolean[] began = new boolean[1];
        return List.of(new Opening("right", LeakyOpenings::region),
                new Opening("region", () -> {
                    Region region = region();
                    return new Object[] {region}.length == 1 ? region : null;
                }),
                new Opening("descriptor", () -> {
                    FileInputStream file = new FileInputStream("/dev/null");
                    return new Object[] {file}.length == 1 ? file : null;
                }),
                new Opening("for ever", () -> {
                    if (began[0]) {
                        throw new IllegalStateException("open already");
                    }
                    began[0] = true;
                    Region region = region();
                    return () -> {
                        began[0] = false;
                        region.close();
                    };
                }),
                new Opening("fault", () -> {
                    Object[] made = new Object[1];
                    try {
                        made[0] = region();
                    } catch (OutOfMemoryError e) {
                        made[0].hashCode();
                    }
                    return (Region) made[0];
                }));
    }

    private static Region region() {
        return Region.open(RegionConfig.defaults("leaky"), MemoryPlan.group("data", MemoryPlan.block("a", 64)));
    }
}
