package dev.coffer.server;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.ledger.LedgerSnapshot;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The one page of a loop that is rendered and not read from a file: the ledger as JSON. It belongs to one
/// exchange at a time, from rendering until it has been sent; meanwhile another one is answered 503.
///
/// One thread at a time; 0 heap bytes.
final class Page {
    private static final byte[] REQUESTS = ascii("{\"requests\":");
    private static final byte[] CONNECTIONS = ascii(",\"connectionsAccepted\":");
    private static final byte[] HEAP_USED = ascii(",\"heapUsedBytes\":");
    private static final int DIGITS_MAX = 20;
    /// Bytes of the ledger's JSON for the rows of one loop, at most; checked when the ledger is known.
    private static final int LEDGER_LOOP_BYTES = 1 << 13;

    private final MemorySegment memory;
    private Ledgers ledgers;        // set once all loops are open
    private Exchange owner;
    private long length;

    Page(MemorySegment memory) {
        this.memory = memory;
    }

    /// What the page needs to know of the whole server.
    interface Ledgers {
        /// {@return the numbers of all loops, for this loop's use alone}
        LedgerSnapshot snapshot();

        /// {@return the sum of a count over all loops}
        long sum(LoopStatistics.Count what);
    }

    static MemoryPlan plan(int loops) {
        return MemoryPlan.block("page", (long) LEDGER_LOOP_BYTES * (loops + 1), 1, "the ledger as JSON");
    }

    void attach(Ledgers all) {
        long needed = all.snapshot().jsonBytesMax() + REQUESTS.length + CONNECTIONS.length + HEAP_USED.length
                + 3 * DIGITS_MAX;
        if (needed > memory.byteSize()) {
            throw new IllegalStateException("ledger: " + needed + " bytes of JSON, page of " + memory.byteSize());
        }
        ledgers = all;
    }

    /// Renders the ledger.
    ///
    /// @return whether the page was free
    boolean ledger(Exchange forWhom) {
        if (owner != null) {
            return false;
        }
        owner = forWhom;
        LedgerSnapshot snapshot = ledgers.snapshot();
        snapshot.refresh();
        Runtime runtime = Runtime.getRuntime();
        long at = text(REQUESTS, 0);
        at = number(ledgers.sum(LoopStatistics.Count.REQUESTS), at);
        at = number(ledgers.sum(LoopStatistics.Count.ACCEPTED), text(CONNECTIONS, at));
        at = number(runtime.totalMemory() - runtime.freeMemory(), text(HEAP_USED, at));
        length = at + snapshot.writeJson(memory, at);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) ',');  // in place of its brace: one object
        return true;
    }

    /// {@return bytes of the page}
    long length() {
        return length;
    }

    int read(MemorySegment target, long to, int bytes, long from) {
        MemorySegment.copy(memory, from, target, to, bytes);
        return bytes;
    }

    void release(Exchange who) {
        if (owner == who) {
            Wipe.bytes(memory, 0, length);
            owner = null;
            length = 0;
        }
    }

    private long text(byte[] ascii, long at) {
        MemorySegment.copy(ascii, 0, memory, ValueLayout.JAVA_BYTE, at, ascii.length);
        return at + ascii.length;
    }

    private long number(long value, long at) {
        int digits = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        return at + digits;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
