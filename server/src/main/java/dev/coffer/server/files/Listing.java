package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.Decimal;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.Answer;
import dev.coffer.server.Exchange;
import dev.coffer.server.MediaType;
import dev.coffer.server.Place;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import dev.coffer.server.time.Timestamp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A folder as a page of HTML: its names are read at once, up to a bound, put in order, and the page is written row by row while it is
/// sent; size and time of each are looked up then, and what links lead to before. At most [#LOOKS_A_TURN] names are looked up in a turn of the
/// loop, and [#STEPS_A_TURN] brought nearer to their place: the rest waits for the next, so that others have theirs between. A name that has gone meanwhile, leads out of the folder or is neither
/// file nor folder has no row. Made at start, used for one exchange after another; 0 heap bytes on [LinuxFolder].
final class Listing implements Answer {
    /// Bytes that a folder is read in.
    private static final int READ_BYTES = 1 << 15;
    /// Names that are looked up in one turn of the loop. Each is a call or two to the system, a link that climbs out and leads back in up to forty.
    static final int LOOKS_A_TURN = 128;
    /// Steps of the sort in one turn of the loop: 1 ms of 65,536 names, or less.
    static final int STEPS_A_TURN = 1024;
    private static final int LOOKED_BYTES = (int) Align.up(FileTable.PATH_BYTES_MAX + FolderNames.NAME_BYTES_MAX + 1, 64);
    /// The longest part that is written at once: title or heading with the longest path, and what stands around it.
    private static final int PART_BYTES = (int) Align.up((FileTable.PATH_BYTES_MAX + 1) * HtmlText.TEXT_BYTES_MAX + 700, 64);
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private static final Ascii NO_SNIFF = Ascii.of("nosniff");
    private static final Ascii START = Ascii.of("""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <style>body{font:16px/1.5 sans-serif;margin:2em}td,th{padding:0 2em 0 0;text-align:left}td+td{text-align:right;white-space:nowrap}\
            </style>
            <title>""");
    private static final Ascii HEADING = Ascii.of("</title></head>\n<body>\n<h1><bdi>");
    private static final Ascii TABLE = Ascii.of("</bdi></h1>\n<table>\n<thead><tr><th>Name<th>Bytes<th>Changed (UTC)</thead>\n<tbody>\n");
    private static final Ascii PARENT = Ascii.of("<tr><td><a href=\"../\">../</a><td><td>\n");
    private static final Ascii ROW = Ascii.of("<tr><td><a href=\"./");
    private static final Ascii TEXT = Ascii.of("\"><bdi>");
    private static final Ascii TEXT_END = Ascii.of("</bdi></a><td>");
    private static final Ascii CELL = Ascii.of("<td>");
    private static final Ascii END_OF_TABLE = Ascii.of("</tbody>\n</table>\n");
    private static final Ascii MORE = Ascii.of("<p>The folder has more names than are shown here.</p>\n");
    private static final Ascii END_OF_PAGE = Ascii.of("</body>\n</html>\n");

    private static final int UNORDERED = -4;
    private static final int TITLE = -3;
    private static final int BEGINNING = -2;
    private static final int FIRST_ROW = -1;
    private static final long NOT_NOW = -1;

    private final FileHandler handler;
    private final Folder folder;
    private final SlotAccount account;
    private final MemorySegment buffer;     // shared by all of a loop
    private final MemorySegment memory;
    private final long partAt;              // behind the name that is looked up
    private final FolderNames names;
    private @Nullable Timer goesOn;         // in the next turn
    private @Nullable Now now;
    private @Nullable Exchange exchange;    // whose answer it is; null when nobody's
    private int pathLength;                 // of the folder, which stands at 0
    private int looksLeft;                  // in this turn
    private int stepsLeft;                  // of the sort, in this turn
    private int known;                      // names before this one are known to be files or folders
    private int next;                       // what is written next: a row, or what stands before them
    private boolean over;
    private int partFrom;                   // of the part in hand, the next byte
    private int partLength;
    private int dirtyBytes;                 // of the part's memory

    /// @param buffer  [#READ_BYTES]
    /// @param memory  [#bytes], zero
    Listing(FileHandler handler, Folder folder, SlotAccount account, MemorySegment buffer, MemorySegment memory, int entriesMax) {
        this.handler = handler;
        this.folder = folder;
        this.account = account;
        this.buffer = buffer;
        this.memory = memory;
        this.partAt = LOOKED_BYTES;
        this.names = new FolderNames(memory, LOOKED_BYTES + PART_BYTES, entriesMax);
    }

    private Exchange exchange() {
        return Objects.requireNonNull(exchange, "under way");
    }

    private Now now() {
        return Objects.requireNonNull(now, "open");
    }

    private Timer goesOn() {
        return Objects.requireNonNull(goesOn, "open");
    }

    private static long bytes(int entriesMax) {
        return Align.up(LOOKED_BYTES + PART_BYTES + FolderNames.bytes(entriesMax), Align.CACHE_LINE_BYTES);
    }

    /// {@return the plan of so many listings}
    static MemoryPlan plan(int listings, int entriesMax) {
        return MemoryPlan.group("folder listings", MemoryPlan.block("names as read", READ_BYTES),
                MemoryPlan.block("listings", bytes(entriesMax), listings, entriesMax + " names, a path, a row each")
                        .withHeap(listings * (HeapLayout.instance(Listing.class) + HeapLayout.instance(FolderNames.class))
                                + HeapLayout.array(Listing.class, listings)));
    }

    /// {@return the listings of a loop}
    ///
    /// @param memory  the bytes of [#plan]
    static Listing[] of(FileHandler handler, Folder folder, SlotAccount account, MemorySegment memory, int listings, int entriesMax, Place place) {
        Listing[] all = new Listing[listings];
        for (int i = 0; i < listings; i++) {
            Listing listing = new Listing(handler, folder, account, memory.asSlice(0, READ_BYTES),
                    memory.asSlice(READ_BYTES + i * bytes(entriesMax), bytes(entriesMax)), entriesMax);
            listing.goesOnBy(place.timer(listing::goOn), place.now());
            all[i] = listing;
        }
        return all;
    }

    /// @param timer  runs [#goOn]
    void goesOnBy(Timer timer, Now time) {
        goesOn = timer;
        now = time;
    }

    static SlotAccount account(int listings, int entriesMax) {
        return new SlotAccount("listings", bytes(entriesMax), listings);
    }

    /// Reads the names.
    ///
    /// @param table  that was asked for the folder last
    /// @return 0, and the listing is in use until [#ended]; or a code of [Folder], and it is not
    int read(FileTable table) {
        account.taken();
        pathLength = table.copyAsked(memory, 0);
        memory.set(U8, pathLength, (byte) 0);
        boolean done = false;
        try {
            int code = folder.list(memory, 0, pathLength, buffer, names);
            if (code == 0) {
                next = UNORDERED;
                known = 0;
                over = false;
                partFrom = 0;
                partLength = 0;
                turn();
                done = true;
            }
            return code;
        } finally {
            Wipe.bytes(buffer, 0, READ_BYTES);
            if (!done) {
                release();
            }
        }
    }

    /// Is given to an exchange, whatever comes of that.
    void given(Exchange to) {
        exchange = to;
    }

    /// A new turn of the loop: more names may be looked up, and put in order.
    void turn() {
        looksLeft = LOOKS_A_TURN;
        stepsLeft = STEPS_A_TURN;
    }

    private void goOn() {
        turn();
        exchange().resume();
    }

    /// {@return whether the names are in order; not where the lookups of this turn are spent before all kinds are known, or its steps}
    private boolean order() {
        for (; known < names.count(); known++) {
            if (names.isUnknown(known)) {
                if (looksLeft == 0) {
                    return false;
                }
                names.set(known, look(known) == 0 && folder.isFolder() ? Folder.Kind.FOLDER : Folder.Kind.FILE);
            }
        }
        int steps = stepsLeft;
        stepsLeft = 0;  // a second call in this turn has none, whatever was left: the next comes soon
        return names.sort(steps);
    }

    /// {@return 0, or a code: see [Folder#look]}
    private int look(int index) {
        looksLeft--;
        int length = names.nameLength(index);
        MemorySegment.copy(names.memory(), names.nameAt(index), memory, pathLength, length);
        memory.set(U8, pathLength + length, (byte) 0);
        return folder.look(memory, 0, pathLength + length);
    }

    @Override
    public void head(HeadWriter head) {
        head.field(FieldName.CONTENT_TYPE, MediaType.HTML).field(FieldName.X_CONTENT_TYPE_OPTIONS, NO_SNIFF).contentOfUnknownLength();
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        long wrote = 0;
        while (wrote < room) {
            if (partFrom == partLength && !write()) {
                if (!over && wrote == 0) {
                    goesOn().arm(now().nanos());
                }
                return over && wrote == 0 ? END : wrote;
            }
            int bytes = (int) Math.min(room - wrote, partLength - partFrom);
            MemorySegment.copy(memory, partAt + partFrom, output, at + wrote, bytes);
            partFrom += bytes;
            wrote += bytes;
        }
        return wrote;
    }

    /// Writes the next part.
    ///
    /// @return whether there was one: not at the end, nor where what may be done in this turn is spent
    private boolean write() {
        if (over || next == UNORDERED && !order()) {
            return false;
        }
        next = Math.max(next, TITLE);
        long to = switch (next) {
            case TITLE -> path(text(START, partAt));
            case BEGINNING -> text(TABLE, path(text(HEADING, partAt)));
            case FIRST_ROW -> pathLength == 0 ? partAt : text(PARENT, partAt);
            default -> rows(partAt);
        };
        if (to == NOT_NOW) {
            return false;
        }
        next++;
        partFrom = 0;
        partLength = (int) (to - partAt);
        dirtyBytes = Math.max(dirtyBytes, partLength);
        return true;
    }

    /// Writes the row of the next name that has one, or the end; or nothing, where the lookups of this turn are spent.
    private long rows(long at) {
        while (next < names.count()) {
            if (looksLeft == 0) {
                return NOT_NOW;
            }
            if (look(next) == 0) {
                return row(next, at);
            }
            next++;
        }
        over = true;
        long to = text(END_OF_TABLE, at);
        return text(END_OF_PAGE, names.isComplete() ? to : text(MORE, to));
    }

    private long row(int index, long at) {
        boolean isFolder = folder.isFolder();
        long nameAt = names.nameAt(index);
        int length = names.nameLength(index);
        long to = HtmlText.reference(names.memory(), nameAt, length, memory, text(ROW, at));
        to = slash(isFolder, to);
        to = HtmlText.text(names.memory(), nameAt, length, memory, text(TEXT, to));
        to = text(TEXT_END, slash(isFolder, to));
        to = text(CELL, isFolder ? to : Decimal.write(memory, to, folder.size()));
        Timestamp.write(memory, to, folder.modifiedSeconds());
        memory.set(U8, to + 10, (byte) ' ');  // in place of T; the Z gives way to the line's end
        memory.set(U8, to + Timestamp.BYTES - 1, (byte) '\n');
        return to + Timestamp.BYTES;
    }

    private long slash(boolean isFolder, long at) {
        if (isFolder) {
            memory.set(U8, at, (byte) '/');
        }
        return isFolder ? at + 1 : at;
    }

    private long path(long at) {
        memory.set(U8, at, (byte) '/');
        return HtmlText.text(memory, 0, pathLength, memory, at + 1);
    }

    private long text(Ascii text, long at) {
        text.write(memory, at);
        return at + text.length();
    }

    @Override
    public void ended(boolean complete) {
        release();
        handler.giveBack(this);
    }

    private void release() {
        goesOn().cancel();
        exchange = null;
        Wipe.bytes(memory, 0, LOOKED_BYTES);
        Wipe.bytes(memory, partAt, dirtyBytes);
        dirtyBytes = 0;
        names.clear();
        account.released();
    }
}
