package dev.coffer.bench.memory;

import dev.coffer.memory.GuardedSlots;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.Secret.Access;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// 32 secret bytes in guarded, locked memory that no core dump has: taken, written, wiped, given back.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SecretBench {
    private static final int KEY_BYTES = 32;
    private static final String SODIUM = "libsodium.so.23";

    /// {@return whether libsodium is installed here}
    static boolean sodiumPresent() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(SODIUM, arena);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static RegionConfig required(String name) {
        return RegionConfig.defaults(name).withProtection(Protection.GUARD, Level.REQUIRED).withProtection(Protection.LOCKED, Level.REQUIRED)
                .withProtection(Protection.NO_DUMP, Level.REQUIRED);
    }

    /// Ours.
    @State(Scope.Thread)
    public static class Ours {
        Region region;
        BufferPool pool;
        GuardedSlots slots;
        Secret open;
        Secret toggled;
        long sum;
        final Secret.Use use = (segment, at, length) -> sum += BigEndian.i64(segment, at);

        @Setup
        public void open() {
            BufferPoolConfig config = BufferPoolConfig.of("keys", 64, 16);
            region = Region.open(required("keys"), MemoryPlan.group("data", BufferPool.plan(config)));
            pool = BufferPool.open(config, region);
            slots = GuardedSlots.open(new GuardedSlots.Config(required("slots"), 4, KEY_BYTES));
            open = slots.acquire(KEY_BYTES);
            open.access(Access.READ_ONLY);
            toggled = slots.acquire(KEY_BYTES);
        }

        @TearDown
        public void close() {
            pool.close();
            region.close();
            slots.close();
        }
    }

    /// libsodium's, through the same Foreign Function and Memory API.
    @State(Scope.Thread)
    public static class Sodium {
        MethodHandle malloc;
        MethodHandle free;

        @Setup
        public void open() throws Throwable {
            SymbolLookup library = SymbolLookup.libraryLookup(SODIUM, Arena.global());
            Linker linker = Linker.nativeLinker();
            linker.downcallHandle(library.findOrThrow("sodium_init"), FunctionDescriptor.of(ValueLayout.JAVA_INT)).invoke();
            malloc = linker.downcallHandle(library.findOrThrow("sodium_malloc"),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
            free = linker.downcallHandle(library.findOrThrow("sodium_free"),
                    FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
        }
    }

    @Benchmark
    public void pooledKey(Ours ours) {
        try (PooledBuffer key = ours.pool.acquire()) {
            for (int i = 0; i < KEY_BYTES; i += Long.BYTES) {
                key.putI64(i + 1);
            }
        }
    }

    @Benchmark
    public long readOpenSecret(Ours ours) {
        return BigEndian.i64(ours.open.segment(), ours.open.offset());
    }

    @Benchmark
    public long readInScope(Ours ours) {
        ours.open.read(ours.use);
        return ours.sum;
    }

    @Benchmark
    public void closeAndOpenPages(Ours ours) {
        ours.toggled.access(Access.NO_ACCESS);
        ours.toggled.access(Access.READ_WRITE);
    }

    @Benchmark
    public void slotAcquireAndDestroy(Ours ours) {
        try (Secret key = ours.slots.acquire(KEY_BYTES)) {
            write(key.segment());
        }
    }

    @Benchmark
    public void regionOpenAndClose() {
        try (Region region = Region.open(required("one"), MemoryPlan.group("data", MemoryPlan.block("key", 64)))) {
            write(region.carve("key"));
        }
    }

    @Benchmark
    public void sodiumMallocAndFree(Sodium sodium) throws Throwable {
        long address = (long) sodium.malloc.invokeExact((long) KEY_BYTES);
        write(MemorySegment.ofAddress(address).reinterpret(KEY_BYTES));
        sodium.free.invokeExact(address);
    }

    private static void write(MemorySegment key) {
        for (int i = 0; i < KEY_BYTES; i += Long.BYTES) {
            BigEndian.i64(key, i, i + 1);
        }
    }
}
