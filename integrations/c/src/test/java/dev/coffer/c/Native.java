package dev.coffer.c;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// The table as a program in C sees it: functions are called at the addresses that stand in it, by downcalls; so a test needs no compiler.
final class Native implements AutoCloseable {
    static final String[] MESSAGES = {"OK", "INVALID", "ALGORITHM", "LENGTH", "POINTER", "ALIGNMENT", "OVERLAP", "VALUE", "HANDLE", "BUSY",
            "FULL", "LIMIT", "BOUNDS", "ENTROPY", "MEMORY", "CLOSED", "INTERNAL"};

    private static final Map<String, MethodHandle> FUNCTIONS = new LinkedHashMap<>();

    final Arena arena = Arena.ofShared();
    final MemorySegment table;

    Native() {
        this(CTableConfig.defaults());
    }

    Native(CTableConfig config) {
        table = CTable.open(config);
        if (FUNCTIONS.isEmpty()) {
            for (int i = 0; i < CTable.ENTRIES.length; i++) {
                FUNCTIONS.put(CTable.ENTRIES[i].name(), Linker.nativeLinker().downcallHandle(
                        MemorySegment.ofAddress(table.get(JAVA_LONG, 16 + 8L * i)), CTable.ENTRIES[i].descriptor()));
            }
        }
    }

    /// {@return what a function answers, in words; numbers are widened to what it takes, segments are their addresses and their sizes}
    String call(String name, Object... arguments) {
        List<Object> flat = new ArrayList<>();
        MethodType types = FUNCTIONS.get(name).type();
        for (Object argument : arguments) {
            if (argument instanceof MemorySegment segment) {
                flat.add(segment.address());
                if (segment.byteSize() != ONE_NUMBER || !name.contains("_")) {
                    flat.add(segment.byteSize());
                }
            } else {
                flat.add(types.parameterType(flat.size()) == int.class ? (Object) ((Number) argument).intValue()
                        : (Object) ((Number) argument).longValue());
            }
        }
        try {
            int code = (int) FUNCTIONS.get(name).invokeWithArguments(flat);
            return MESSAGES[-code];
        } catch (Throwable e) {
            throw new AssertionError(name + flat, e);
        }
    }

    /// Of a segment of this size only the address is handed over: an answer of 64 bits.
    static final long ONE_NUMBER = 8;

    MemorySegment number() {
        return arena.allocate(ONE_NUMBER, 8);
    }

    MemorySegment bytes(long bytes) {
        return arena.allocate(Math.max(bytes, 1), 1).asSlice(0, bytes);
    }

    /// {@return random bytes that a seed decides}
    MemorySegment random(long bytes, long seed) {
        MemorySegment made = bytes(bytes);
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < bytes; i++) {
            made.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        return made;
    }

    MemorySegment copy(byte... bytes) {
        MemorySegment made = bytes(bytes.length);
        MemorySegment.copy(bytes, 0, made, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return made;
    }

    MemorySegment hex(String text) {
        return copy(HexFormat.of().parseHex(text));
    }

    static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    static long value(MemorySegment number) {
        return number.get(JAVA_LONG, 0);
    }

    /// A buffer that is not there.
    static MemorySegment none() {
        return MemorySegment.NULL;
    }

    @Override
    public void close() {
        CTable.close();
        arena.close();
    }
}
