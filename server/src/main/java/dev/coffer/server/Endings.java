package dev.coffer.server;

import dev.coffer.memory.layout.HeapLayout;
import java.util.Objects;

/// Who wants to hear of an exchange's end: a stack.
final class Endings {
    private final Ending[] all = new Ending[Exchange.ENDINGS_MAX];
    private int count;

    /// {@return bytes of its Java objects}
    static long heapBytes() {
        return HeapLayout.instance(Endings.class) + HeapLayout.array(Ending.class, Exchange.ENDINGS_MAX);
    }

    void add(Ending ending) {
        if (count == Exchange.ENDINGS_MAX) {
            throw new IllegalStateException("endings: " + Exchange.ENDINGS_MAX + " are there already, which is the most");
        }
        all[count++] = Objects.requireNonNull(ending);
    }

    /// Tells all of them, who asked last first; what one throws keeps it from nobody else.
    void tell(Exchange exchange, boolean complete, Failures failures) {
        while (count > 0) {
            Ending ending = all[--count];
            all[count] = null;
            try {
                ending.ended(exchange, complete);
            } catch (RuntimeException | Error thrown) {
                failures.thrown(thrown);
            }
        }
    }
}
