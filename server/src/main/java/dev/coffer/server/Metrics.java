package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Decimal;
import dev.coffer.memory.ledger.LedgerLine;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.server.LoopStatistics.Count;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A server's counts and its ledger in the text format of Prometheus, version 0.0.4, one sample at a time. The texts are made once, when
/// the ledger is known; the numbers of the ledger are of one moment, the counts of when they are written. It belongs to one exchange at
/// a time; 0 heap bytes.
///
/// Of the ledger's rows those are told that speak for their bytes, each once, so that a sum over them is the sum of all.
final class Metrics implements Answer {
    /// Bytes of memory: one sample with what is said of its family.
    static final int BYTES = 1024;

    private static final Ascii TYPE = Ascii.of("text/plain; version=0.0.4; charset=utf-8");
    private static final int UNKNOWN = -1;

    /// Where a number comes from.
    private enum Source { COUNT, CONNECTIONS, HEAP_USED, COMMITTED, PLANNED, USED, PEAK }

    /// One line, and the two about its family before the first of it.
    private static final class Sample {
        final byte[] text;      // all before the number
        final Source source;
        final int index;        // of the count or the ledger's line

        Sample(byte[] text, Source source, int index) {
            this.text = text;
            this.source = source;
            this.index = index;
        }
    }

    private final MemorySegment memory;
    private @Nullable Overview overview;  // set once all loops are open
    private @Nullable LedgerSnapshot snapshot;
    private Sample[] samples = {};
    private boolean taken;
    private int next;                   // sample
    private int from;                   // of the one in hand, its next byte
    private int length;
    private int dirtyBytes;

    Metrics(MemorySegment memory) {
        this.memory = memory;
    }

    private LedgerSnapshot snapshot() {
        return Objects.requireNonNull(snapshot, "open");
    }

    private Overview overview() {
        return Objects.requireNonNull(overview, "open");
    }

    void ready(Overview all) {
        overview = all;
        snapshot = all.ledger().snapshot();
        snapshot.refresh();
        List<Sample> made = new ArrayList<>();
        counts(made);
        made.add(new Sample(text("coffer_connections", "Connections that are open now.", "gauge", ""), Source.CONNECTIONS, 0));
        made.add(new Sample(text("coffer_heap_used_bytes", "Bytes of the Java heap that are in use, garbage among them.", "gauge", ""),
                Source.HEAP_USED, 0));
        made.add(new Sample(
                text("coffer_memory_committed_bytes", "Bytes off the heap that have memory: all that were reserved, or with --commit touch those that "
                        + "a look of a moment ago found.", "gauge", ""),
                Source.COMMITTED, 0));
        rows(made, "coffer_memory_planned_bytes", "Bytes off the heap that were planned and reserved.", Source.PLANNED);
        rows(made, "coffer_memory_used_bytes", "Bytes off the heap that are in use.", Source.USED);
        rows(made, "coffer_memory_peak_bytes", "The most bytes off the heap that were in use.", Source.PEAK);
        for (Sample sample : made) {
            if (sample.text.length + Decimal.BYTES_MAX + 1 > memory.byteSize()) {
                throw new IllegalStateException("metrics: a sample of " + sample.text.length + " bytes, memory of " + memory.byteSize());
            }
        }
        samples = made.toArray(Sample[]::new);
    }

    private static void counts(List<Sample> made) {
        for (Count count : Count.values()) {
            String[] words = switch (count) {
                case ACCEPTED -> new String[] {"connections_accepted", "Connections that were accepted."};
                case TURNED_AWAY -> new String[] {"connections_turned_away", "Connections that heard 503 at the door: no seat or descriptor."};
                case ACCEPT_PAUSED -> new String[] {"accept_pauses", "Times that accepting paused: no descriptor was left."};
                case REQUESTS -> new String[] {"requests", "Requests that were handed to a handler."};
                case ERRORS -> new String[] {"error_responses", "Answers to them of a status of 400 or more."};
                case REFUSED -> new String[] {"connections_refused", "Connections whose peer broke HTTP or a limit."};
                case BROKEN -> new String[] {"connections_broken", "Connections that ended by a reset or before an answer was complete."};
                case STARVED -> new String[] {"connections_starved", "Connections that waited too long for memory and heard 503."};
                case FAILED -> new String[] {"handler_failures", "Exceptions that came out of handlers, and requests left unanswered."};
                case UNLOGGED -> new String[] {"access_log_lost", "Requests that the access log could not take."};
            };
            made.add(new Sample(text("coffer_" + words[0] + "_total", words[1], "counter", ""), Source.COUNT, count.ordinal()));
        }
    }

    private void rows(List<Sample> made, String name, String help, Source source) {
        List<LedgerLine> lines = overview().ledger().lines();
        boolean first = true;
        for (int i = 0; i < lines.size(); i++) {
            LedgerLine line = lines.get(i);
            boolean speaks = line.kind() == LedgerLine.Kind.ROW && snapshot().usedBytes(i) != UNKNOWN
                    && (i + 1 == lines.size() || lines.get(i + 1).depth() <= line.depth() || snapshot().usedBytes(i + 1) == UNKNOWN);
            if (speaks) {
                String labels = "{region=\"" + escaped(line.regionName()) + "\",row=\"" + escaped(line.path()) + "\"}";
                made.add(new Sample(first ? text(name, help, "gauge", labels) : bytes(name + labels + " "), source, i));
                first = false;
            }
        }
    }

    /// {@return the first sample of a family, up to its number}
    private static byte[] text(String name, String help, String type, String labels) {
        return bytes("# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + labels + " ");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// {@return a label's value as it stands in quotes}
    static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /// {@return whether it was free, and is taken now}
    boolean begin() {
        if (taken) {
            return false;
        }
        taken = true;
        snapshot().refresh();
        next = 0;
        from = 0;
        length = 0;
        return true;
    }

    @Override
    public void head(HeadWriter head) {
        head.field(FieldName.CONTENT_TYPE, TYPE).contentOfUnknownLength();
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        long wrote = 0;
        while (wrote < room) {
            if (from == length && !write()) {
                return wrote == 0 ? END : wrote;
            }
            int bytes = (int) Math.min(room - wrote, length - from);
            MemorySegment.copy(memory, from, output, at + wrote, bytes);
            from += bytes;
            wrote += bytes;
        }
        return wrote;
    }

    private boolean write() {
        if (next == samples.length) {
            return false;
        }
        Sample sample = samples[next++];
        MemorySegment.copy(sample.text, 0, memory, ValueLayout.JAVA_BYTE, 0, sample.text.length);
        from = 0;
        length = (int) Decimal.write(memory, sample.text.length, value(sample));
        memory.set(ValueLayout.JAVA_BYTE, length++, (byte) '\n');
        dirtyBytes = Math.max(dirtyBytes, length);
        return true;
    }

    private long value(Sample sample) {
        return switch (sample.source) {
            case COUNT -> overview().count(LoopStatistics.count(sample.index));
            case CONNECTIONS -> overview().connections();
            case HEAP_USED -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            case COMMITTED -> snapshot().committedBytes();
            case PLANNED -> overview().ledger().lines().get(sample.index).planBytes();
            case USED -> snapshot().usedBytes(sample.index);
            case PEAK -> snapshot().peakBytes(sample.index);
        };
    }

    @Override
    public void ended(boolean complete) {
        Wipe.bytes(memory, 0, dirtyBytes);
        dirtyBytes = 0;
        taken = false;
    }
}
