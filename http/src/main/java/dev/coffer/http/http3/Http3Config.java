package dev.coffer.http.http3;

import dev.coffer.http.Limits;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.HeadFields;
import dev.coffer.http.internal.Lifecycle;
import dev.coffer.http.internal.ReceivedFields;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.http.qpack.SectionDecoder;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// What HTTP/3 may hold: a connection for its whole life, a stream while it is open. Content is held by the transport alone.
///
/// @param limits             what a peer may ask for; a head is one stream's, without the 32 bytes a field of SETTINGS_MAX_FIELD_SECTION_SIZE. Past it 431, 414 or 413
/// @param streamsMax         requests of one connection at a time; past it H3_REQUEST_REJECTED. 1..1000, default 100. The transport allows its peer as many
/// @param decoderTableBytes  QPACK's table for what comes: 0..65536, default 4096; 0 for none
/// @param blockedMax         streams that may wait for its entries: 0..1000, default 16
/// @param encoderTableBytes  QPACK's table for what goes, at most: 0..65536, default 2048; 0 for none
/// @param sentHeadBytesMax   the largest head or trailer section that a source writes, as names and values. 128..16000, default 1024. A stream's place in
///                           the transport must hold [#outputBytesMin]
/// @param pulledBytes        content that is pulled from its source at a time where what the transport has in one piece is shorter; it is copied then. 0, which is as much as that piece
///                           holds, or 64..65536; default 16384
/// @param headShareBytes     what there is for each stream's head and the 8 bytes of each of its fields, where all streams of a loop share that: 64..2^20, a multiple of 64. 0, the default, for a
///                           place of the longest for each. Of a server; a head that finds no room waits, see [Http3Streams]
public record Http3Config(Limits limits, int streamsMax, int decoderTableBytes, int blockedMax, int encoderTableBytes, int sentHeadBytesMax,
        int pulledBytes, int headShareBytes) {
    /// The largest `sentHeadBytesMax`.
    public static final int SENT_HEAD_BYTES_MAX = 16_000;
    /// Bytes of what is remembered of a server's settings.
    public static final int TERMS_BYTES = ServerSettings.BYTES;
    private static final int TABLE_BYTES_MAX = 1 << 16;
    private static final int PULLED_BYTES_MIN = 64;
    private static final int PULLED_BYTES_MAX = 1 << 16;
    private static final int TIGHT_HEAD_BYTES = 1024;
    private static final int TIGHT_SHARE_BYTES = 576;  // with 8 streams: three heads of Chromium's, some 1,050 bytes with their fields, and one that comes; or all of curl's
    private static final int SHARE_BYTES_MAX = 1 << 20;

    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Http3Config {
        range("streamsMax", streamsMax, 1, 1000);
        range("decoderTableBytes", decoderTableBytes, 0, TABLE_BYTES_MAX);
        range("blockedMax", blockedMax, 0, 1000);
        range("encoderTableBytes", encoderTableBytes, 0, TABLE_BYTES_MAX);
        range("sentHeadBytesMax", sentHeadBytesMax, 128, SENT_HEAD_BYTES_MAX);
        range("pulledBytes", pulledBytes, pulledBytes == 0 ? 0 : PULLED_BYTES_MIN, PULLED_BYTES_MAX);
        range("headShareBytes", headShareBytes, 0, SHARE_BYTES_MAX);
        if (headShareBytes % Align.CACHE_LINE_BYTES != 0) {
            throw new IllegalArgumentException("headShareBytes: " + headShareBytes + " (expected a multiple of " + Align.CACHE_LINE_BYTES + ")");
        }
    }

    /// {@return the defaults above, with heads of 8 KiB and 100 fields}
    public static Http3Config defaults() {
        return new Http3Config(Limits.defaults().withHead(8192, 100), 100, 4096, 16, 2048, 1024, 1 << 14, 0);
    }

    /// {@return the least: [Limits#tight] with heads of 1,024 bytes, of which all streams share 576 bytes each; no tables, heads of 256 bytes sent}
    public static Http3Config tight() {
        return new Http3Config(Limits.tight().withHead(TIGHT_HEAD_BYTES, Limits.tight().fieldsMax()), 4, 0, 0, 0, 256, 0, TIGHT_SHARE_BYTES);
    }

    /// {@return this configuration with other limits}
    public Http3Config withLimits(Limits other) {
        return new Http3Config(other, streamsMax, decoderTableBytes, blockedMax, encoderTableBytes, sentHeadBytesMax, pulledBytes, headShareBytes);
    }

    /// {@return this configuration with another number of streams a connection}
    public Http3Config withStreamsMax(int streams) {
        return new Http3Config(limits, streams, decoderTableBytes, blockedMax, encoderTableBytes, sentHeadBytesMax, pulledBytes, headShareBytes);
    }

    /// {@return this configuration with other tables}
    public Http3Config withTables(int decoderBytes, int blocked, int encoderBytes) {
        return new Http3Config(limits, streamsMax, decoderBytes, blocked, encoderBytes, sentHeadBytesMax, pulledBytes, headShareBytes);
    }

    /// {@return this configuration with another longest head that is sent}
    public Http3Config withSentHeadBytesMax(int bytes) {
        return new Http3Config(limits, streamsMax, decoderTableBytes, blockedMax, encoderTableBytes, bytes, pulledBytes, headShareBytes);
    }

    /// {@return this configuration, with so much content pulled at a time}
    public Http3Config withPulledBytes(int bytes) {
        return new Http3Config(limits, streamsMax, decoderTableBytes, blockedMax, encoderTableBytes, sentHeadBytesMax, bytes, headShareBytes);
    }

    /// {@return this configuration with another share of each stream's in what all heads take, 0 for a place for each}
    public Http3Config withHeadShareBytes(int bytes) {
        return new Http3Config(limits, streamsMax, decoderTableBytes, blockedMax, encoderTableBytes, sentHeadBytesMax, pulledBytes, bytes);
    }

    /// {@return the place that a stream needs in the transport for what goes, at least: the largest head with its frame}
    public int outputBytesMin() {
        return sentHeadBytesMax + QpackEncoder.PREFIX_BYTES_MAX + Frame.HEAD_BYTES_MAX;
    }

    /// Writes what requests that go with a hello count on of a server's settings (RFC 9114, section 7.2.4.2): the same bytes for the same settings.
    ///
    /// @param target  room for [#TERMS_BYTES]
    /// @return bytes written
    public int writeTerms(MemorySegment target, long at) {
        return ServerSettings.write(target, at, decoderTableBytes, decoderTableBytes > 0 ? blockedMax : 0, limits.headBytesMax(), 1);
    }

    /// {@return what a server's connection holds for as long as it lasts: QPACK's tables, and its Java objects}
    public MemoryPlan plan() {
        return connection(HeapLayout.instance(Http3Server.class) + HeapLayout.instance(ServerExchanges.class) + HeapLayout.instance(ServerReceiving.class)
                + HeapLayout.instance(ServerSending.class));
    }

    /// {@return the same of a client's}
    public MemoryPlan clientPlan() {
        return connection(HeapLayout.instance(Http3Client.class) + HeapLayout.instance(ClientExchanges.class) + HeapLayout.instance(ClientReceiving.class)
                + HeapLayout.instance(ClientSending.class) + HeapLayout.instance(ServerSettings.class));
    }

    private MemoryPlan connection(long sideBytes) {
        MemoryPlan priority = MemoryPlan.block("priority", ControlReader.PRIORITY_BYTES_MAX, 1, "of a frame, while it comes");
        MemoryPlan decoder = QpackDecoder.plan(decoderTableBytes);
        MemoryPlan encoder = QpackEncoder.plan(encoderTableBytes);
        MemoryPlan all = decoderTableBytes > 0 && encoderTableBytes > 0 ? MemoryPlan.group("http3", decoder, encoder, priority)
                : decoderTableBytes > 0 ? MemoryPlan.group("http3", decoder, priority)
                        : encoderTableBytes > 0 ? MemoryPlan.group("http3", encoder, priority) : MemoryPlan.group("http3", priority);
        return all.withHeap(sideBytes + HeapLayout.instance(Controls.class) + ControlReader.heapBytes(streamsMax)
                + PeerStreams.heapBytes(streamsMax) + StreamList.heapBytes(streamsMax) + HeapLayout.instance(Lifecycle.class)
                + HeapLayout.instance(Floods.class));
    }

    /// {@return what the streams of one loop hold, lent to those that are open}
    ///
    /// @param streams  of all connections at a time
    MemoryPlan streamsPlan(int streams, boolean client) {
        boolean each = client || !areHeadsShared();
        MemoryPlan heads = each
                ? MemoryPlan.group(Http3Streams.STREAM,
                        MemoryPlan.block("head", headBytes(), 1, "names and values " + limits.headBytesMax()),
                        MemoryPlan.block("fields", fieldBytes(), 1, limits.fieldsMax() + " x " + FieldEntries.ENTRY_BYTES)).times(streams)
                : MemoryPlan.block(Http3Streams.STREAM, headsBytes(streams), 1, "heads of all, " + streams + " x " + headShareBytes);
        int sections = each ? streams : sections(streams);
        return MemoryPlan.group("streams",
                heads.withHeap(sections * SectionDecoder.heapBytes() + HeapLayout.array(SectionDecoder.class, sections)
                        + (each ? 0 : HeadPlaces.heapBytes(headsBytes(streams)))
                        + streams * (HeapLayout.instance(Stream.class) + HeapLayout.instance(FrameHead.class)
                                + (client ? AnswerAwaited.heapBytes() : HeapLayout.instance(ReceivedFields.class))
                                + HeapLayout.instance(FieldEntries.class))
                        + HeapLayout.array(Stream.class, streams)),
                MemoryPlan.block("head written", HeadFields.bytes(sentHeadBytesMax), 1, "one at a time"),
                MemoryPlan.block("head encoded", encodedBytes(), 1, "one at a time")
                        .withHeap(HeapLayout.instance(HeadFields.class) + HeapLayout.instance(Http3Streams.class) + HeapLayout.instance(SlotAccount.class)
                                + HeapLayout.instance(NumberReader.class) + (decoderTableBytes > 0 ? 0 : QpackDecoder.plan(0).heapBytes())
                                + (encoderTableBytes > 0 ? 0 : QpackEncoder.plan(0).heapBytes())),
                MemoryPlan.block("content", pulledBytes, 1, "while it is pulled"));
    }

    /// {@return whether a server's streams share what their heads take}
    boolean areHeadsShared() {
        return headShareBytes > 0 && headShareBytes < headBytes() + fieldBytes();
    }

    /// {@return bytes of all heads where they are shared: there is room for one at least}
    long headsBytes(int streams) {
        return Math.max((long) streams * headShareBytes, headBytes() + fieldBytes());
    }

    /// {@return sections that can be under way, where heads are shared}
    int sections(int streams) {
        return (int) Math.min(streams, headsBytes(streams) / (headBytes() + fieldBytes()));
    }

    int headBytes() {
        return (int) Align.up(limits.headBytesMax(), Align.CACHE_LINE_BYTES);
    }

    int fieldBytes() {
        return (int) Align.up((long) limits.fieldsMax() * FieldEntries.ENTRY_BYTES, Align.CACHE_LINE_BYTES);
    }

    int encodedBytes() {
        return (int) Align.up(outputBytesMin(), Align.CACHE_LINE_BYTES);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
