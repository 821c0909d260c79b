package dev.coffer.server.log;

import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import java.lang.foreign.MemorySegment;

/// The log's side in one loop: an entry for each exchange, and the ring through which finished lines go to the [LogWriter]. Never waits:
/// a line for which the ring has no room is counted and gone. 0 heap bytes.
final class LoopLog implements Handler {
    /// Where a line is put together, behind its ending.
    private static final long WHOLE = LogEntry.ENDING_BYTES_MAX;
    /// Bytes of memory for that.
    static final long ENDING_BYTES = WHOLE + LogEntry.BYTES + LogEntry.ENDING_BYTES_MAX;

    private final LogFormat format;
    private final Handler next;
    private final Place place;
    private final MemorySegment endings;
    private final LogText text;
    private final LogText ending;
    private final LogEntry[] free;
    private int freeCount;
    private final SlotAccount account;
    private final CircularBuffer ring;
    private final LogWriter writer;
    private long refused;       // of the writer's lines that the file did not take, as told before

    /// @param endings  [#ENDING_BYTES]
    /// @param lines    [LogEntry#BYTES] for each exchange
    LoopLog(LogFormat format, Place place, Handler next, MemorySegment endings, MemorySegment lines, CircularBuffer ring, LogWriter writer) {
        this.format = format;
        this.next = next;
        this.place = place;
        this.endings = endings;
        this.text = new LogText(lines);
        this.ending = new LogText(endings);
        this.ring = ring;
        this.writer = writer;
        this.free = new LogEntry[place.exchanges()];
        this.account = new SlotAccount("log lines", LogEntry.BYTES, free.length);
        for (int i = free.length - 1; i >= 0; i--) {
            free[freeCount++] = new LogEntry(this, lines, (long) i * LogEntry.BYTES);
        }
    }

    SlotAccount account() {
        return account;
    }

    LogFormat format() {
        return format;
    }

    LogText text() {
        return text;
    }

    LogText endingText() {
        return ending.from(0);
    }

    @Override
    public void handle(Exchange exchange) {
        LogEntry entry = free[freeCount - 1];
        entry.begin(exchange);
        exchange.onEnd(entry);
        freeCount--;
        account.taken();
        next.handle(exchange);
    }

    /// Hands a line over: what was written down, the ending between.
    void append(MemorySegment lines, long from, long headEnd, long tailEnd) {
        long head = headEnd - from;
        long tail = tailEnd - headEnd;
        long middle = ending.at();
        long room = ring.capacityBytes() - ring.usedBytes();  // at least: the writer only makes more
        if (head + middle + tail > room) {
            place.unlogged(1);
        } else {
            // whole, and handed over in one step: the writer would take a half to the file, and another loop's lines behind it
            MemorySegment.copy(lines, from, endings, WHOLE, head);
            MemorySegment.copy(endings, 0, endings, WHOLE + head, middle);
            MemorySegment.copy(lines, headEnd, endings, WHOLE + head + middle, tail);
            ring.write(endings, WHOLE, head + middle + tail);
            Wipe.bytes(endings, WHOLE, head + middle + tail);
            writer.tell(room, room - head - middle - tail);
        }
        Wipe.bytes(endings, 0, middle);
    }

    /// Counts the lines that the file did not take. On the loop's thread, or when it has ended.
    void countRefused() {
        long failed = writer.refused();
        if (failed != refused) {
            place.unlogged(failed - refused);
            refused = failed;
        }
    }

    void giveBack(LogEntry entry) {
        free[freeCount++] = entry;
        account.released();
    }
}
