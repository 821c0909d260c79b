package dev.coffer.http.http3;

import dev.coffer.http.DateField;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.HeadFields;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.http.qpack.SectionDecoder;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the connections of one loop lend their streams: places for heads; and the one place in which a head that is written is put together, and the one in
/// which it is encoded.
///
/// **Shares.** A connection that has none is given one while there is any; one that has some is given another only while that leaves others a
/// quarter of what it has, and one at least where there is a connection that has none. So all places can be lent while every connection has some; who comes then is rejected
/// until one is given back, and has that before all others.
///
/// **Heads** have a place each, of the longest; or share what there is for all ([Http3Config#headShareBytes]): one that comes is given the longest, and keeps what it takes when it is whole.
/// While there is no room for another, what comes of it stays with the transport; the time of a head goes on, and past it the request is rejected.
///
/// **When full** a new request is rejected with H3_REQUEST_REJECTED, so that its client may ask again. One thread at a time; the account may
/// be read from any. 0 heap bytes after construction.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Http3Streams {
    static final String STREAM = "http3 stream";
    /// What a connection may have, in parts of what is free for others then.
    private static final int SHARE = 4;

    private final Http3Config config;
    private final MemorySegment memory;
    private final boolean shared;       // among connections whose peers are not ours
    private final HeadFields head;
    private final long encodedAt;
    private final long contentAt;
    private final Stream[] free;        // a stack
    private int freeCount;
    private final @Nullable HeadPlaces heads;  // where streams share them; else each has its own
    private final SectionDecoder[] sections;   // a stack: as many as there may be sections under way
    private int sectionCount;
    private int waiting;                // streams whose section waits for a place
    private int waitingFirst;           // of these, of connections that had none
    private boolean freed;              // since it was asked last one may have become free for those
    private int without;                // connections that have none
    private final SlotAccount streams;
    private final NumberReader number = new NumberReader();
    private final @Nullable QpackEncoder encoder;   // of all connections, where they have no table
    private final @Nullable QpackDecoder decoder;   // likewise

    /// @param streams  of all connections at a time
    /// @param memory   the caller's; must outlive the connections
    /// @param at       offset of [#plan] bytes, all zero
    /// @param date     the loop's Date, or null for responses without one
    public Http3Streams(Http3Config config, int streams, MemorySegment memory, long at, @Nullable DateField date) {
        this(config, streams, memory, at, date, false);
    }

    private Http3Streams(Http3Config config, int streams, MemorySegment memory, long at, @Nullable DateField date, boolean client) {
        MemoryPlan plan = config.streamsPlan(streams, client);
        if (at < 0 || plan.totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("streams: " + plan.totalBytes() + " bytes at " + at + " of " + memory.byteSize());
        }
        this.config = config;
        this.shared = !client;
        this.memory = memory;
        this.free = new Stream[streams];
        int longest = config.headBytes() + config.fieldBytes();
        long headsAt = at + plan.offsetOf(STREAM);
        boolean each = client || !config.areHeadsShared();
        this.heads = each ? null : new HeadPlaces(headsAt, config.headsBytes(streams), longest);
        for (int i = streams - 1; i >= 0; i--) {
            Stream stream = new Stream(config, memory, client);
            if (each) {
                stream.place(headsAt + (long) i * longest, headsAt + (long) i * longest + config.headBytes());
            }
            free[freeCount++] = stream;
        }
        this.sections = new SectionDecoder[each ? streams : config.sections(streams)];
        for (SectionDecoder ignored : sections) {
            sections[sectionCount++] = new SectionDecoder();
        }
        this.head = new HeadFields(memory, at + plan.offsetOf("head written"), config.sentHeadBytesMax(), date);
        this.encodedAt = at + plan.offsetOf("head encoded");
        this.contentAt = config.pulledBytes() == 0 ? encodedAt : at + plan.offsetOf("content");
        this.streams = new SlotAccount(STREAM, each ? longest : config.headShareBytes(), streams);
        this.encoder = config.encoderTableBytes() == 0 ? new QpackEncoder(memory, at, 0, false) : null;
        this.decoder = config.decoderTableBytes() == 0 ? new QpackDecoder(memory, at, 0, config.blockedMax()) : null;
    }

    /// Those of clients' connections, which are given all there is.
    ///
    /// @param streams  of all connections at a time
    /// @param memory   the caller's; must outlive the connections
    /// @param at       offset of [#planOfClient] bytes, all zero
    public static Http3Streams ofClient(Http3Config config, int streams, MemorySegment memory, long at) {
        return new Http3Streams(config, streams, memory, at, null, true);
    }

    /// {@return what so many streams of a client's hold}
    public static MemoryPlan planOfClient(Http3Config config, int streams) {
        return config.streamsPlan(streams, true);
    }

    /// {@return what so many streams of a server's hold}
    public static MemoryPlan plan(Http3Config config, int streams) {
        return config.streamsPlan(streams, false);
    }

    /// {@return accounts of the plan's rows: streams that are lent, with their heads and fields; where they share what these take, with their share, whatever each takes}
    public List<Account> accounts() {
        return List.of(streams);
    }

    MemorySegment memory() {
        return memory;
    }

    /// {@return a reader for a number that is read within one call, or kept}
    NumberReader number() {
        return number;
    }

    /// {@return the encoder of connections without a table, which holds nothing between two sections; null where they have one}
    @Nullable
    QpackEncoder encoder() {
        return encoder;
    }

    /// {@return the decoder of connections without a table, which has nothing to hold; null where they have one}
    @Nullable
    QpackDecoder decoder() {
        return decoder;
    }

    HeadFields head() {
        return head;
    }

    /// {@return where a head is encoded, [Http3Config#outputBytesMin] bytes}
    long encodedAt() {
        return encodedAt;
    }

    /// Wipes what was encoded.
    void dropEncoded() {
        Wipe.bytes(memory, encodedAt, config.encodedBytes());
    }

    /// {@return where content is put together that does not go into one piece of the transport's, [#contentBytes]}
    long contentAt() {
        return contentAt;
    }

    int contentBytes() {
        return config.pulledBytes() == 0 ? config.encodedBytes() : config.pulledBytes();
    }

    /// {@return whether a place is there that nobody has}
    public boolean hasFree() {
        return freeCount > 0;
    }

    /// {@return whether a connection that has so many streams would be given another}
    boolean hasFor(int held) {
        return shared && held > 0 ? held < SHARE * (freeCount - (without > 0 ? 1 : 0)) : freeCount > 0;
    }

    /// A connection is there, which has none.
    void join() {
        without++;
    }

    /// A connection that has none is gone.
    void leave() {
        without--;
        assert without >= 0 : without + " connections without a stream";
    }

    /// {@return a stream that nobody has, null if there is none for a connection that has so many}
    @Nullable
    Stream tryLend(int held) {
        if (!hasFor(held)) {
            return null;
        }
        without -= held == 0 ? 1 : 0;
        streams.taken();
        return free[--freeCount];
    }

    /// Takes a stream back, and wipes what it dirtied.
    ///
    /// @param left  that its connection still has
    void release(Stream stream, int left) {
        without += left == 0 ? 1 : 0;
        endSection(stream);
        stream.wipe();
        if (heads != null) {
            giveBack(heads, stream);
        }
        free[freeCount++] = stream;
        streams.released();
    }

    // Sections, and places for them.

    /// Finds a place for a section that begins: where heads are shared one for the longest, else the stream's own; and who decodes it.
    ///
    /// @param holds  whether the stream or another of its connection has one already: it leaves the last one to connections that have none
    /// @return whether there is one; where not the stream waits until [#hasRoom]
    boolean tryPlace(Stream stream, boolean holds) {
        if (heads != null) {
            stopWaiting(stream);
            if (!hasRoom(heads, holds)) {
                waiting++;
                waitingFirst += holds ? 0 : 1;
                stream.isWaiting = true;
                stream.waitsFirst = !holds;
                return false;
            }
            long at = heads.take();
            if (stream.headAt < 0) {
                stream.place(at, at + config.headBytes());
                stream.headBytes = heads.longestBytes();
            } else {
                stream.trailersAt = at;
                stream.trailersBytes = heads.longestBytes();
                stream.trailers.entriesTo(at + config.headBytes() - (long) stream.head().end() * FieldEntries.ENTRY_BYTES);
            }
        }
        stream.awaitsPlace = false;
        stream.section = sections[--sectionCount];
        return true;
    }

    private void stopWaiting(Stream stream) {
        waiting -= stream.isWaiting ? 1 : 0;
        waitingFirst -= stream.waitsFirst ? 1 : 0;
        stream.isWaiting = false;
        stream.waitsFirst = false;
    }

    /// A section is over, or given up before it has begun.
    void endSection(Stream stream) {
        SectionDecoder section = stream.section;
        stopWaiting(stream);
        stream.awaitsPlace = false;
        if (section != null) {
            section.reset();
            sections[sectionCount++] = section;
            stream.section = null;
            freed |= waiting > 0;
        }
    }

    /// A head is whole, or trailers are: where places are shared, what they do not take is others'.
    void settle(Stream stream, boolean isHead) {
        if (heads == null) {
            return;
        }
        if (isHead) {
            int words = (int) Align.up(stream.headDirty, FieldEntries.ENTRY_BYTES);
            int kept = HeadPlaces.kept(words + stream.head().moveEntries(stream.headAt + words));
            heads.giveBack(stream.headAt, stream.headBytes, kept);
            long nearer = heads.tryMove(stream.headAt, kept);
            if (nearer >= 0) {
                MemorySegment.copy(memory, stream.headAt, memory, nearer, kept);
                Wipe.bytes(memory, stream.headAt, kept);
                heads.giveBack(stream.headAt, kept, 0);
                stream.headAt = nearer;
                stream.head().moveTo(nearer);
                stream.head().entriesTo(nearer + words);
            }
            stream.fieldsAt = stream.headAt + words;
            stream.headBytes = kept;
        } else {
            long end = stream.trailersAt + Align.up(stream.trailersDirty, FieldEntries.ENTRY_BYTES);
            int kept = HeadPlaces.kept(end + stream.trailers.moveEntries(end) - stream.trailersAt);
            heads.giveBack(stream.trailersAt, stream.trailersBytes, kept);
            stream.trailersBytes = kept;
        }
        freed |= waiting > 0;
    }

    private void giveBack(HeadPlaces of, Stream stream) {
        if (stream.headAt >= 0) {
            of.giveBack(stream.headAt, stream.headBytes, 0);
            stream.headAt = -1;
        }
        if (stream.trailersAt >= 0) {
            of.giveBack(stream.trailersAt, stream.trailersBytes, 0);
            stream.trailersAt = -1;
        }
        freed |= waiting > 0;
    }

    /// {@return whether sections wait for a place, and there is one for a connection}
    ///
    /// @param holds  whether it has some already
    boolean hasRoom(boolean holds) {
        return waiting > 0 && hasRoom(Objects.requireNonNull(heads, "shared"), holds);
    }

    private boolean hasRoom(HeadPlaces of, boolean holds) {
        return sectionCount > 0 && of.hasRoom(holds && without + waitingFirst > 0);
    }

    /// {@return once, whether something has become free that sections wait for, on whatever connection: each is to have a turn then}
    public boolean takeFreed() {
        boolean was = freed;
        freed = false;
        return was;
    }
}
