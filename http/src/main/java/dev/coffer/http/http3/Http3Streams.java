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
import dev.coffer.memory.engine.StreamTransport;
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
/// A connection that would have more than half leaves room for one of the longest to others, and has four times of what is left at most. While there is no room for another, what comes of it stays with the transport;
/// who has waited longest is first, and each has its turn when it may go on ([#takeFreed]). Who waits for what is left to others alone has it after a second, if his head is there whole and leaves as much: else he waits
/// until the time of a head, and is rejected. Trailers never wait: where there is no room they are passed by (RFC 9110, section 6.5.1).
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
    private final Stream[] free;        // a stack; behind it those that are lent, where heads are shared
    private int freeCount;
    private final @Nullable HeadPlaces heads;  // where streams share them; else each has its own
    private final SectionDecoder[] sections;   // a stack: as many as there may be sections under way
    private int sectionCount;
    private @Nullable Stream waitsFirst;  // those whose section waits for a place, a list in the order in which they began to
    private @Nullable Stream waitsLast;
    private boolean freed;              // since it was asked last one may have become free for those
    private int connections;
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
        connections++;
        without++;
    }

    /// A connection that has none is gone.
    void leave() {
        without--;
        connections--;
        freed |= isAwaited();
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
            int at = freeCount;
            while (free[at] != stream) {
                at++;
            }
            free[at] = free[freeCount];
        }
        free[freeCount++] = stream;
        streams.released();
    }

    // Sections, and places for them.

    /// Finds a place for a section that begins: where heads are shared one for the longest, else the stream's own; and who decodes it.
    ///
    /// @return whether there is one; where not a head waits until [#hasPlace], and trailers do not
    boolean tryPlace(Stream stream, long now) {
        if (heads != null) {
            if (!hasPlace(heads, stream, now)) {
                stream.awaitsPlace = stream.part == Stream.Part.IN_HEAD;
                if (stream.awaitsPlace) {
                    startWaiting(stream);
                }
                return false;
            }
            stream.isLate &= !isDue(heads, stream, most(heads));
            long at = heads.take();
            if (stream.headAt < 0) {
                stream.place(at, at + config.headBytes());
                stream.headBytes = heads.longestBytes();
            } else {
                stream.trailersAt = at;
                stream.trailersBytes = heads.longestBytes();
                stream.trailers.entriesTo(at + config.headBytes() - (long) stream.head().end() * FieldEntries.ENTRY_BYTES);
            }
            stopWaiting(stream);
        }
        stream.awaitsPlace = false;
        stream.section = sections[--sectionCount];
        return true;
    }

    private void startWaiting(Stream stream) {
        if (stream.isWaiting) {
            return;
        }
        stream.isWaiting = true;
        stream.waitsBefore = waitsLast;
        if (waitsLast == null) {
            waitsFirst = stream;
        } else {
            waitsLast.waitsBehind = stream;
        }
        waitsLast = stream;
    }

    /// Who stood behind it may be the first now.
    private void stopWaiting(Stream stream) {
        if (!stream.isWaiting) {
            return;
        }
        stream.isWaiting = false;
        Stream before = stream.waitsBefore;
        Stream behind = stream.waitsBehind;
        if (before == null) {
            waitsFirst = behind;
        } else {
            before.waitsBehind = behind;
        }
        if (behind == null) {
            waitsLast = before;
        } else {
            behind.waitsBefore = before;
        }
        stream.waitsBefore = null;
        stream.waitsBehind = null;
        freed |= isAwaited();
    }

    /// {@return whether sections wait for a place}
    boolean isAwaited() {
        return waitsFirst != null;
    }

    /// {@return whether there is a place for a section, and nobody has waited longer who may have it}
    boolean hasPlace(Stream stream, long now) {
        return hasPlace(Objects.requireNonNull(heads, "shared"), stream, now);
    }

    private boolean hasPlace(HeadPlaces of, Stream stream, long now) {
        int most = sectionCount == 0 ? 0 : most(of);
        boolean isDue = isDue(of, stream, most);
        if (most == 0 || !isDue && !stream.isLate) {
            return false;
        }
        boolean isBefore = true;
        for (Stream other = waitsFirst; other != null && (isBefore || !isDue); other = other.waitsBehind) {
            if (other == stream) {
                isBefore = false;
            } else if (isDue(of, other, most) || isBefore && !isDue && isLate(other, now)) {
                return false;
            }
        }
        return true;
    }

    /// {@return what the heads of a connection may take, with one more of the longest: half of all, or else four times of what is left to others; all of it where nothing is
    /// kept for others, and 0 where there is no room for one}
    private int most(HeadPlaces of) {
        if (!of.hasRoom(false)) {
            return 0;
        }
        if (!of.isKept(connections)) {
            return Integer.MAX_VALUE;
        }
        int longest = of.longestBytes();
        int least = Math.max(longest, of.bytes() / 2);  // who has none has one
        return of.hasRoom(true) ? Math.max(least, SHARE * (of.freeBytes() - longest)) : least;
    }

    private static boolean isDue(HeadPlaces of, Stream stream, int most) {
        return most > 0 && stream.holder().streams.headBytes() + of.longestBytes() <= most;
    }

    private static boolean isLate(Stream waits, long now) {
        return waits.holder().receiving().waitsLate(waits, now);
    }

    /// {@return whose head goes on next, null where none may}
    private @Nullable Stream next(HeadPlaces of, long now) {
        int most = sectionCount == 0 ? 0 : most(of);
        for (Stream stream = waitsFirst; stream != null && most > 0; stream = stream.waitsBehind) {
            if (isDue(of, stream, most)) {
                return stream;
            }
        }
        for (Stream stream = waitsFirst; stream != null && most > 0; stream = stream.waitsBehind) {
            if (isLate(stream, now)) {
                return stream;
            }
        }
        return null;
    }

    /// {@return whether a head that was late, and is whole, has taken what is for others}
    boolean isTooMuch(Stream stream) {
        return heads != null && stream.isLate && heads.isKept(connections) && !heads.hasRoom(false);
    }

    /// {@return whether a head that waits, and takes so many bytes, would leave what is for others}
    boolean wouldLeave(long bytes) {
        return heads != null && heads.freeBytes() - Math.min(bytes, heads.longestBytes()) >= heads.longestBytes();
    }

    /// The same of one that is refused, when the application knows nothing of it.
    void dropHeadIfRefused(Stream stream) {
        if (stream.refusal != null && !stream.open) {
            dropHead(stream);
        }
    }

    /// The head of a stream is asked for no more: where places are shared it is given back.
    void dropHead(Stream stream) {
        if (heads != null && stream.section == null && stream.headAt >= 0) {
            stream.wipeHeads();
            giveBack(heads, stream);
        }
    }

    /// A section is over, or given up before it has begun.
    void endSection(Stream stream) {
        SectionDecoder section = stream.section;
        stopWaiting(stream);
        stream.awaitsPlace = false;
        if (section != null) {
            section.reset();
            sections[sectionCount++] = section;
            stream.section = null;  // its place is given back behind it, which moves who waits
        }
    }

    /// A head is whole, or trailers are: where places are shared, what they do not take is others'.
    void settle(Stream stream, boolean isHead) {
        if (heads == null || stream.headAt < 0) {
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
        freed |= isAwaited();
    }

    private void giveBack(HeadPlaces of, Stream stream) {
        if (stream.headAt >= 0) {
            of.giveBack(stream.headAt, stream.headBytes, 0);
            stream.headAt = -1;
            stream.headBytes = 0;
        }
        if (stream.trailersAt >= 0) {
            of.giveBack(stream.trailersAt, stream.trailersBytes, 0);
            stream.trailersAt = -1;
            stream.trailersBytes = 0;
        }
        freed |= isAwaited();
    }

    /// {@return whether nothing is lent, and nobody waits}
    boolean isUnused() {
        return freeCount == free.length && sectionCount == sections.length && !isAwaited() && (heads == null || heads.freeBytes() == heads.bytes());
    }

    /// {@return whose head may go on, as something has become free that it waits for, or null: that connection is to have a turn, in which it goes on; then this is asked again.
    /// Who waits behind it, or does not wait, has no turn for that}
    ///
    /// @param nowNanos  as of [Http3Engine#advance]
    public @Nullable StreamTransport takeFreed(long nowNanos) {
        if (!freed || heads == null) {
            return null;
        }
        freed = false;
        Stream next = next(heads, nowNanos);
        return next == null ? null : next.holder().transport();
    }
}
