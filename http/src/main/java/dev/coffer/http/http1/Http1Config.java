package dev.coffer.http.http1;

import dev.coffer.http.Limits;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.Pace;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.engine.Passage;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;

/// What one HTTP/1.1 connection may hold.
///
/// @param limits                  what a peer may ask for
/// @param bodyWindowBytes         content received and not yet consumed; trailers lie here too, at most one byte less.
///                                64..65472, and with `headBytesMax` at most 65536. Default 2048
/// @param chunkExtensionBytesMax  of all chunk extensions of one message (RFC 9112, section 7.1.1); past it 400.
///                                0..65535, default 256
/// @param drainBytesMax           content skipped after the answer to keep the connection; with more it is closed.
///                                0 or more, default 64 KiB
/// @param sentHeadBytesMax        the largest head or trailer section that a source writes, whatever room there is for
///                                more: what `pollOutput` needs at least. 256..65536, default 1024. Costs no memory here
/// @param continueNanosMax        client: how long to wait for 100 before sending content all the same. 1 ms or more,
///                                default 1 s
public record Http1Config(Limits limits, int bodyWindowBytes, int chunkExtensionBytesMax, long drainBytesMax,
        int sentHeadBytesMax, long continueNanosMax) {
    /// Bytes addressable by a field entry's 16-bit offsets.
    private static final int INPUT_BYTES_MAX = 1 << 16;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Http1Config {
        range("bodyWindowBytes", bodyWindowBytes, 64, 65_472);
        range("chunkExtensionBytesMax", chunkExtensionBytesMax, 0, 65_535);
        range("drainBytesMax", drainBytesMax, 0, Long.MAX_VALUE);
        range("sentHeadBytesMax", sentHeadBytesMax, 256, 65_536);
        range("continueNanosMax", continueNanosMax, 1_000_000, Long.MAX_VALUE / 4);
        range("headBytesMax + bodyWindowBytes", (long) limits.headBytesMax() + bodyWindowBytes, 0, INPUT_BYTES_MAX);
    }

    /// {@return the defaults above, with [Limits#defaults]}
    public static Http1Config defaults() {
        return new Http1Config(Limits.defaults(), 2048, 256, 1 << 16, 1024, 1_000_000_000);
    }

    /// {@return a connection of 2,816 bytes: [Limits#tight] and a window of 512 bytes}
    public static Http1Config tight() {
        return new Http1Config(Limits.tight(), 512, 256, 1 << 14, 512, 1_000_000_000);
    }

    /// {@return this configuration with other limits}
    public Http1Config withLimits(Limits other) {
        return new Http1Config(other, bodyWindowBytes, chunkExtensionBytesMax, drainBytesMax, sentHeadBytesMax,
                continueNanosMax);
    }

    /// {@return bytes of raw input: the head, and behind it the window}
    int inputBytes() {
        return (int) Align.up((long) limits.headBytesMax() + bodyWindowBytes, Align.CACHE_LINE_BYTES);
    }

    /// {@return bytes of the field table}
    int fieldBytes() {
        return (int) Align.up((long) limits.fieldsMax() * FieldEntries.ENTRY_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// {@return what one [Http1Server] holds: `input` and `fields`, each a multiple of 64 bytes, and its Java objects}
    public MemoryPlan plan() {
        return plan(HeapLayout.instance(Http1Server.class) + HeapLayout.instance(ReceivedRequest.class));
    }

    /// {@return what one [Http1Client] holds; off the heap the same as a server}
    public MemoryPlan clientPlan() {
        return plan(HeapLayout.instance(Http1Client.class) + HeapLayout.instance(ReceivedResponse.class));
    }

    private MemoryPlan plan(long sideHeapBytes) {
        long heap = sideHeapBytes
                + HeapLayout.instance(FieldTable.class)     // trailers
                + HeapLayout.instance(Receiver.class) + HeapLayout.instance(ChunkDecoder.class)
                + HeapLayout.instance(Sender.class) + HeapLayout.instance(HeadText.class) + HeapLayout.instance(Passage.class)
                + 2 * HeapLayout.instance(Pace.class);      // of either direction
        return MemoryPlan.group("http1",
                MemoryPlan.block("input", inputBytes(), 1, "head " + limits.headBytesMax() + " + window "
                        + bodyWindowBytes),
                MemoryPlan.block("fields", fieldBytes(), 1, limits.fieldsMax() + " x " + FieldEntries.ENTRY_BYTES))
                .withHeap(heap);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
