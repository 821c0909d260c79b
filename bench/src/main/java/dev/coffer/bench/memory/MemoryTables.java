package dev.coffer.bench.memory;

import dev.coffer.bench.table.Row;
import dev.coffer.bench.table.Table;
import java.util.ArrayList;
import java.util.List;

/// The tables of the memory room.
public final class MemoryTables {
    /// Netty's threads: its thread-local is a field of them.
    private static final String[] FAST_THREAD = {"-Djmh.executor=CUSTOM",
            "-Djmh.executor.class=dev.coffer.bench.memory.FastThreadExecutor"};
    /// Everything that Netty offers for speed: Unsafe, no leak detection, no checks.
    private static final String[] BEST = {"-Dio.netty.noUnsafe=false", "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.leakDetection.level=disabled", "-Dio.netty.buffer.checkAccessible=false",
            "-Dio.netty.buffer.checkBounds=false"};
    private static final String[] VIRTUAL = {"-Djmh.executor=VIRTUAL"};
    /// Agrona reaches into the JDK.
    private static final String[] AGRONA = {"--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"};

    private MemoryTables() {}

    public static List<Table> all() {
        return List.of(
                new Table("pool", "acquire 8 KiB, write and read 4 bytes, release with wipe; 1 thread", lease(1)),
                new Table("pool2", "the same with 2 threads", lease(2)),
                new Table("pool-virtual", "the same on 2 virtual threads", virtual(2)),
                new Table("pool-write1k", "acquire 8 KiB, write 1 KiB, release, 1 KiB wiped by all", written("write1k")),
                new Table("pool-write8k", "acquire 8 KiB, write 8 KiB, release, 8 KiB wiped by all", written("write8k")),
                new Table("pool-wipe8k", "acquire 8 KiB, write and read 4 bytes, release with all 8 KiB wiped by all",
                        written("lease4Wipe8k")),
                new Table("pool-refusal", "asking a pool that has nothing left", List.of(
                        Row.of("tryAcquire: null", "PoolBench.refusedByNull"),
                        Row.of("acquire: PoolExhaustedException", "PoolBench.refusedByException"))),
                new Table("budget", "reserve and release 64 bytes", List.of(
                        Row.of("one level", "BudgetBench.oneLevel"),
                        Row.of("one level, 2 threads", "BudgetBench.oneLevel").threads(2),
                        Row.of("three levels", "BudgetBench.threeLevels"),
                        Row.of("three levels, 2 threads", "BudgetBench.threeLevels").threads(2),
                        Row.of("refused", "BudgetBench.refused"))),
                new Table("wipe", "zeroing off-heap memory", wipe()),
                new Table("secret", "32 bytes in guarded, locked memory that no dump has: taken, written, wiped, given back",
                        secret()));
    }

    private static List<Row> lease(int threads) {
        List<Row> rows = new ArrayList<>(List.of(
                Row.of("**Coffer pool**, wiped", "PoolBench.lease4"),
                Row.of("Coffer pool, checked lease, wiped", "PoolBench.checkedLease4"),
                Row.of("Coffer owner cache, wiped", "PoolBench.ownerLease4")));
        rows.addAll(netty("lease4", ", not wiped"));
        rows.add(Row.of("Netty pooled, best tuning, 4 bytes wiped", "NettyBench.lease4Wiped").param("allocator", "pooled")
                .jvm(FAST_THREAD).jvm(BEST));
        rows.add(Row.of("Agrona ManyToManyConcurrentArrayQueue, not wiped", "AgronaBench.lease4").jvm(AGRONA));
        rows.add(Row.of("the same, 4 bytes wiped", "AgronaBench.lease4Wiped").jvm(AGRONA));
        rows.add(Row.of("ArrayBlockingQueue of direct buffers, not wiped", "QueueBench.blocking4"));
        rows.add(Row.of("ThreadLocal direct buffer: no pool, not wiped", "QueueBench.threadLocal4"));
        return rows.stream().map(row -> row.threads(threads)).toList();
    }

    private static List<Row> netty(String benchmark, String said) {
        List<Row> rows = new ArrayList<>();
        for (String allocator : List.of("pooled", "adaptive")) {
            Row row = new Row("", "NettyBench." + benchmark, 1, java.util.Map.of("allocator", allocator), List.of(), "");
            String name = "Netty 4.2 " + allocator;
            rows.add(labelled(row, name + ", plain thread, as it comes" + said));
            rows.add(labelled(row, name + ", FastThreadLocalThread, as it comes" + said).jvm(FAST_THREAD));
            rows.add(labelled(row, name + ", FastThreadLocalThread, best tuning" + said).jvm(FAST_THREAD).jvm(BEST));
        }
        return rows;
    }

    private static Row labelled(Row row, String label) {
        return new Row(label, row.benchmark(), row.threads(), row.params(), row.jvm(), row.none());
    }

    private static List<Row> virtual(int threads) {
        return List.of(
                Row.of("**Coffer pool**, wiped", "PoolBench.lease4"),
                Row.of("Netty 4.2 pooled, as it comes, not wiped", "NettyBench.lease4").param("allocator", "pooled"),
                Row.of("Netty 4.2 pooled, best tuning, not wiped", "NettyBench.lease4").param("allocator", "pooled").jvm(BEST),
                Row.of("Netty 4.2 adaptive, as it comes, not wiped", "NettyBench.lease4").param("allocator", "adaptive"),
                Row.of("Netty 4.2 adaptive, best tuning, not wiped", "NettyBench.lease4").param("allocator", "adaptive").jvm(BEST),
                Row.of("Agrona ManyToManyConcurrentArrayQueue, not wiped", "AgronaBench.lease4").jvm(AGRONA),
                Row.of("ArrayBlockingQueue, not wiped", "QueueBench.blocking4"),
                Row.of("ThreadLocal: a buffer for each virtual thread, not wiped", "QueueBench.threadLocal4"))
                .stream().map(row -> row.threads(threads).jvm(VIRTUAL)).toList();
    }

    private static List<Row> written(String benchmark) {
        List<Row> rows = new ArrayList<>(List.of(Row.of("**Coffer pool**", "PoolBench." + benchmark)));
        rows.addAll(netty(benchmark, ", setZero"));
        return rows;
    }

    private static List<Row> secret() {
        String sodium = "libsodium, sodium_malloc and sodium_free";
        return List.of(Row.of("**Coffer pool** in a guarded, locked region", "SecretBench.pooledKey"),
                Row.of("Coffer `GuardedSlots`, acquire and destroy: guards of its own", "SecretBench.slotAcquireAndDestroy"),
                Row.of("Coffer `Region`, open and close: one a key", "SecretBench.regionOpenAndClose"),
                SecretBench.sodiumPresent() ? Row.of(sodium, "SecretBench.sodiumMallocAndFree")
                        : Row.none(sodium, "libsodium.so.23 is not installed here"),
                Row.of("(8 bytes read from an open `Secret`)", "SecretBench.readOpenSecret"),
                Row.of("(the same inside `Secret.read`)", "SecretBench.readInScope"),
                Row.of("(a `Secret`'s pages closed and opened)", "SecretBench.closeAndOpenPages"));
    }

    private static List<Row> wipe() {
        List<Row> rows = new ArrayList<>();
        for (String bytes : List.of("8192", "4", "64", "1024", "65536")) {
            rows.add(Row.of("Wipe, " + bytes + " bytes", "WipeBench.wipe").param("bytes", bytes));
            rows.add(Row.of("MemorySegment.fill, " + bytes + " bytes", "WipeBench.fill").param("bytes", bytes));
            rows.add(Row.of("explicit_bzero, critical call, " + bytes + " bytes", "WipeBench.explicitBzero")
                    .param("bytes", bytes));
        }
        return rows;
    }
}
