package dev.coffer.c;

import dev.coffer.instruments.ChildJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/// A process that opens the table and then runs each algorithm once, as [FirstUseTest] watches its classes.
final class FirstUseChild {
    private FirstUseChild() {}

    /// A mark among the classes: it is initialised when the table is open.
    static final class Opened {
        static final long WHEN = System.nanoTime();

        private Opened() {}
    }

    public static void main(String... arguments) {
        CTable.open(CTableConfig.defaults());
        System.out.println("open since " + Opened.WHEN);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(1 << 18, 64);
            long sizes = room.address();
            long first = sizes + 1024;
            long second = first + 8192;
            long third = second + 8192;
            int codes = 0;
            for (int n : IntStream.concat(KeyCallsTest.kems(), KeyCallsTest.quick()).toArray()) {
                codes |= KeyCalls.describe(n, sizes, 8L * KeyCalls.SIZES);
                codes |= KeyCalls.keygen(n, 0, 0, first, size(room, 1), second, size(room, 2), 0, 0);
                if (Algorithms.kem(n) != null) {
                    codes |= KemCalls.encapsulate(n, first, size(room, 1), third, size(room, 3), sizes + 512, size(room, 4), 0, 0);
                    codes |= KemCalls.decapsulate(n, second, size(room, 2), third, size(room, 3), sizes + 512, size(room, 4), 0, 0);
                } else {
                    codes |= SignatureCalls.sign(n, 0, second, size(room, 2), first, 32, 0, 0, third, size(room, 5), 0, 0);
                    codes |= SignatureCalls.verify(n, first, size(room, 1), first, 32, 0, 0, third, size(room, 5), 0, 0);
                }
            }
            for (int n : KeyCallsTest.hashes().toArray()) {
                codes |= KeyCalls.describe(n, sizes, 8L * KeyCalls.SIZES);
                codes |= HashCalls.hash(n, first, 1000, third, size(room, 7));
            }
            ChildJvm.pause("used " + codes);
        }
    }

    private static long size(MemorySegment sizes, int place) {
        return sizes.get(ValueLayout.JAVA_LONG, 8L * place);
    }
}
