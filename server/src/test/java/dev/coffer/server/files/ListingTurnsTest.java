package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.Answer;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How much of the system a list asks in one turn of its loop, whatever lies in the folder.
class ListingTurnsTest {
    private static final int NAMES = 5 * Listing.LOOKS_A_TURN + 7;

    /// A folder of links, of which every `there`-th leads to a file. It counts what is looked up.
    private static final class Links implements Folder {
        final Kind kind;
        final int there;
        final int count;
        int looks;

        Links(Kind kind, int there, int count) {
            this.kind = kind;
            this.there = there;
            this.count = count;
        }

        @Override
        public int list(MemorySegment path, long at, int length, MemorySegment buffer, Names names) {
            for (int i = 0; i < count; i++) {
                byte[] name = "%06d".formatted((i * 7919L) % count).getBytes(StandardCharsets.US_ASCII);
                MemorySegment.copy(name, 0, buffer, ValueLayout.JAVA_BYTE, 0, name.length);
                names.name(buffer, 0, name.length, kind);
            }
            return 0;
        }

        @Override
        public int look(MemorySegment path, long at, int length) {
            looks++;
            String name = new String(path.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
            return name.matches("[0-9]+") && Integer.parseInt(name) % there == 0 ? 0 : MISSING;
        }

        @Override
        public int open(MemorySegment path, long at, int length) {
            throw new AssertionError("a list opens nothing");
        }

        @Override
        public boolean isFolder() {
            return false;
        }

        @Override
        public long size() {
            return 1;
        }

        @Override
        public long modifiedSeconds() {
            return 0;
        }

        @Override
        public int modifiedNanos() {
            return 0;
        }

        @Override
        public long device() {
            return 0;
        }

        @Override
        public long inode() {
            return 0;
        }

        @Override
        public long changedSeconds() {
            return 0;
        }

        @Override
        public int changedNanos() {
            return 0;
        }

        @Override
        public int read(int handle, MemorySegment target, long at, int length, long position) {
            throw new AssertionError("a list reads nothing");
        }

        @Override
        public void close(int handle) {
            throw new AssertionError("a list closes nothing");
        }

        @Override
        public void close() {}
    }

    /// A timer that tells whether it is armed.
    private static final class Armed implements Timer {
        boolean armed;

        @Override
        public void arm(long nanos) {
            armed = true;
        }

        @Override
        public void cancel() {
            armed = false;
        }
    }

    private final Arena arena = Arena.ofConfined();
    private final Armed timer = new Armed();

    @AfterEach
    void close() {
        arena.close();
    }

    private Listing read(Links folder) {
        FileTable table = new FileTable(folder, arena.allocate(FileTable.plan(1).totalBytes(), 64), 1);
        byte[] path = {'/'};
        assertNull(table.find(MemorySegment.ofArray(path), 0, path.length, 0, 0));
        MemorySegment memory = arena.allocate(Listing.plan(1, folder.count).totalBytes(), 64);
        long buffer = Listing.plan(1, folder.count).children().getFirst().totalBytes();
        Listing listing = new Listing(null, folder, Listing.account(1, folder.count), memory.asSlice(0, buffer), memory.asSlice(buffer),
                folder.count);
        listing.goesOnBy(timer, new Now());
        folder.looks = 0;
        assertEquals(0, listing.read(table));
        return listing;
    }

    @ParameterizedTest
    @CsvSource({"FILE,1", "FILE,1000000", "UNKNOWN,1", "UNKNOWN,3", "UNKNOWN,1000000"})
    void aTurnLooksUpSoManyNamesAndNoMore(Folder.Kind kind, int there) {
        Links folder = new Links(kind, there, NAMES);
        Listing listing = read(folder);
        MemorySegment output = arena.allocate(1 << 20);
        StringBuilder page = new StringBuilder();
        int most = 0;
        for (int turns = 1;; turns++) {
            int before = folder.looks;
            timer.armed = false;
            long wrote;
            while ((wrote = listing.body(output, 0, 1 << 20)) > 0) {
                page.append(new String(output.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII));
            }
            most = Math.max(most, folder.looks - before);
            assertTrue(turns < 100, "it goes on for ever");
            assertEquals(wrote == 0, timer.armed, "who has nothing now asks for a turn");
            if (wrote == Answer.END) {
                break;
            }
            listing.turn();
        }
        assertEquals(Listing.LOOKS_A_TURN, most);
        assertEquals(kind == Folder.Kind.UNKNOWN ? 2 * NAMES : NAMES, folder.looks);
        assertEquals(Math.ceilDiv(NAMES, there), page.toString().split("<tr><td>", -1).length - 1);
        assertTrue(page.toString().endsWith("</html>\n"));
    }

    /// Not a byte is written before all names are in order, and in a turn they come so much nearer to it and no more.
    @Test
    void aTurnSortsForSoManyStepsAndNoMore() {
        int names = 10 * Listing.STEPS_A_TURN;
        Links folder = new Links(Folder.Kind.FILE, 1, names);
        Listing listing = read(folder);
        MemorySegment output = arena.allocate(1 << 12);
        int turns = 1;
        for (; listing.body(output, 0, 1 << 12) == 0; turns++) {
            assertTrue(timer.armed, "who has nothing now asks for a turn");
            assertEquals(0, listing.body(output, 0, 1 << 12), "nor when it is asked twice");
            listing.turn();
        }
        assertEquals(Math.ceilDiv(names / 2 + names - 1, Listing.STEPS_A_TURN), turns);
    }

    /// The order does not depend on where the steps are cut.
    @Test
    void namesAreInOrderHoweverTheStepsAreCut() {
        Seeds.forEach(1, 200, random -> {
            int count = random.nextInt(300);
            FolderNames names = new FolderNames(MemorySegment.ofArray(new long[(int) FolderNames.bytes(300) / Long.BYTES]), 0, 300);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                boolean folder = random.nextInt(4) == 0;
                byte[] name = Integer.toString(random.nextInt(1, 1000)).getBytes(StandardCharsets.US_ASCII);
                names.name(MemorySegment.ofArray(name), 0, name.length, folder ? Folder.Kind.FOLDER : Folder.Kind.FILE);
                expected.add((folder ? "0" : "1") + new String(name, StandardCharsets.US_ASCII));
            }
            Collections.sort(expected);
            int steps = 0;
            while (!names.sort(1)) {
                steps++;
            }
            assertTrue(steps <= Math.max(0, count / 2 + count - 1), steps + " steps for " + count);
            List<String> sorted = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] name = names.memory().asSlice(names.nameAt(i), names.nameLength(i)).toArray(ValueLayout.JAVA_BYTE);
                sorted.add((names.isFolder(i) ? "0" : "1") + new String(name, StandardCharsets.US_ASCII));
            }
            assertEquals(expected, sorted);
            names.clear();
        });
    }

    /// A reader of small pieces costs no more turns than names.
    @Test
    void aSlowReaderWaitsForNoTurnWhileNamesAreLeft() {
        Links folder = new Links(Folder.Kind.FILE, 1, NAMES);
        Listing listing = read(folder);
        MemorySegment output = arena.allocate(64);
        for (int i = 0; folder.looks < Listing.LOOKS_A_TURN; i++) {
            assertTrue(listing.body(output, 0, 64) > 0, "piece " + i);
        }
    }
}
