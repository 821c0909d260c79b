package dev.coffer.http.http2;

import dev.coffer.http.Limits;
import dev.coffer.http.hpack.HpackDecoder;
import dev.coffer.http.hpack.HpackEncoder;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.HeadFields;
import dev.coffer.http.internal.Lifecycle;
import dev.coffer.http.internal.Pace;
import dev.coffer.http.internal.ReceivedAnswer;
import dev.coffer.http.internal.ReceivedFields;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;

/// What HTTP/2 may hold: a connection for its whole life, a stream while it is open, a window while a request has content.
///
/// @param limits             what a peer may ask for; a head is one stream's, without the 32 bytes a field of
///                           SETTINGS_MAX_HEADER_LIST_SIZE. Past it 431, 414 or 413
/// @param streamsMax         of one connection at a time; past it REFUSED_STREAM. 1..1000, default 100
/// @param windowBytes        content received and not yet consumed, of one stream: its flow-control window. 1024..16 MiB, default 65535.
///                           Below the default a request with content is told when the client has acknowledged that, and refused with REFUSED_STREAM
///                           where it has sent more before
/// @param decoderTableBytes  HPACK's table for what comes: 4096..65536, default 4096
/// @param encoderTableBytes  HPACK's table for what goes, at most: 0..65536, default 2048
/// @param sentHeadBytesMax   the largest head or trailer section that a source writes, as names and values. 256..16000, default 1024
public record Http2Config(Limits limits, int streamsMax, int windowBytes, int decoderTableBytes, int encoderTableBytes,
        int sentHeadBytesMax) {
    /// What is written whole beside a head's names and values: its frame's head and what HPACK says of its table.
    private static final int HEAD_OVERHEAD_BYTES = Frame.HEAD_BYTES + HpackEncoder.UPDATE_BYTES_MAX;

    /// The largest head that is sent, at most: it goes in one frame.
    public static final int SENT_HEAD_BYTES_MAX = 16_000;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Http2Config {
        range("streamsMax", streamsMax, 1, 1000);
        range("windowBytes", windowBytes, 1024, 1 << 24);
        range("decoderTableBytes", decoderTableBytes, HpackDecoder.TABLE_BYTES_INITIAL, 1 << 16);
        range("encoderTableBytes", encoderTableBytes, 0, 1 << 16);
        range("sentHeadBytesMax", sentHeadBytesMax, 256, SENT_HEAD_BYTES_MAX);
    }

    /// {@return the defaults above, with heads of 8 KiB and 100 fields}
    public static Http2Config defaults() {
        return of(Limits.defaults().withHead(8192, 100), 1024);
    }

    /// {@return the defaults above with these limits}
    public static Http2Config of(Limits limits, int sentHeadBytesMax) {
        return new Http2Config(limits, 100, Frame.WINDOW_BYTES_INITIAL, HpackDecoder.TABLE_BYTES_INITIAL, 2048, sentHeadBytesMax);
    }

    /// {@return this configuration with other limits}
    public Http2Config withLimits(Limits other) {
        return new Http2Config(other, streamsMax, windowBytes, decoderTableBytes, encoderTableBytes, sentHeadBytesMax);
    }

    /// {@return this configuration with another number of streams a connection}
    public Http2Config withStreamsMax(int streams) {
        return new Http2Config(limits, streams, windowBytes, decoderTableBytes, encoderTableBytes, sentHeadBytesMax);
    }

    /// {@return this configuration with another window}
    public Http2Config withWindowBytes(int bytes) {
        return new Http2Config(limits, streamsMax, bytes, decoderTableBytes, encoderTableBytes, sentHeadBytesMax);
    }

    /// {@return this configuration with other heads sent}
    public Http2Config withSentHeadBytesMax(int bytes) {
        return new Http2Config(limits, streamsMax, windowBytes, decoderTableBytes, encoderTableBytes, bytes);
    }

    /// {@return room that an output needs at least: the largest head with its frame}
    public int outputBytesMin() {
        return sentHeadBytesMax + HEAD_OVERHEAD_BYTES;
    }

    /// {@return what a server's connection holds for as long as it lasts: HPACK's tables, frames of control that are yet to be sent, and its Java objects}
    public MemoryPlan plan() {
        return connection(HeapLayout.instance(Http2Server.class) + HeapLayout.instance(ServerExchanges.class) + HeapLayout.instance(ServerReceiving.class)
                + HeapLayout.instance(ServerSending.class));
    }

    /// {@return the same of a client's}
    public MemoryPlan clientPlan() {
        return connection(HeapLayout.instance(Http2Client.class) + HeapLayout.instance(ClientExchanges.class) + HeapLayout.instance(ClientReceiving.class)
                + HeapLayout.instance(ClientSending.class));
    }

    private MemoryPlan connection(long sideBytes) {
        return MemoryPlan.group("http2", HpackDecoder.plan(decoderTableBytes), HpackEncoder.plan(encoderTableBytes),
                MemoryPlan.block("controls", Controls.bytes(this), 1,
                        "pings " + Controls.PINGS_BYTES + ", resets " + Controls.resetsBytes(this) + ", their streams "
                                + Controls.RECENT_BYTES + ", a frame " + Controls.PAYLOAD_BYTES + ", priorities ahead " + Controls.EARLY_BYTES))
                .withHeap(sideBytes + HeapLayout.instance(Paces.class) + HeapLayout.instance(FrameReader.class) + HeapLayout.instance(Controls.class)
                        + HeapLayout.instance(StreamList.class) + HeapLayout.instance(HeadReception.class) + HeapLayout.instance(Lifecycle.class)
                        + Floods.heapBytes());
    }

    /// {@return what the streams of one loop hold, lent to those that are open}
    ///
    /// @param streams  of all connections at a time
    /// @param windows  of these, whose requests have content
    MemoryPlan streamsPlan(int streams, int windows, boolean client) {
        return MemoryPlan.group("streams",
                MemoryPlan.group("stream",
                        MemoryPlan.block("head", headBytes(), 1, "names and values " + limits.headBytesMax()),
                        MemoryPlan.block("fields", fieldBytes(), 1, limits.fieldsMax() + " x " + FieldEntries.ENTRY_BYTES)).times(streams)
                        .withHeap(streams * (HeapLayout.instance(Stream.class)
                                + HeapLayout.instance(client ? ReceivedAnswer.class : ReceivedFields.class)
                                + HeapLayout.instance(FieldEntries.class) + 2 * HeapLayout.instance(Pace.class))
                                + HeapLayout.array(Stream.class, streams)),
                MemoryPlan.block("window", windowSlotBytes(), windows, "content that nobody has taken yet")
                        .withHeap(HeapLayout.array(long.class, windows)),
                MemoryPlan.block("head written", HeadFields.bytes(sentHeadBytesMax), 1, "one at a time")
                        .withHeap(HeapLayout.instance(HeadFields.class) + HeapLayout.instance(Http2Streams.class)
                                + 2 * HeapLayout.instance(SlotAccount.class)));
    }

    int headBytes() {
        return (int) Align.up(limits.headBytesMax(), Align.CACHE_LINE_BYTES);
    }

    int fieldBytes() {
        return (int) Align.up((long) limits.fieldsMax() * FieldEntries.ENTRY_BYTES, Align.CACHE_LINE_BYTES);
    }

    int windowSlotBytes() {
        return (int) Align.up(windowBytes, Align.CACHE_LINE_BYTES);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
