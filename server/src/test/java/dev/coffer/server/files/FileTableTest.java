package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The table over a folder that is simulated: time, descriptors and files are the test's.
class FileTableTest {
    private static final long SECOND = 1_000_000_000L;

    /// A file of the simulated folder.
    private record File(long inode, long size, long modified, boolean isFolder, long changed, int nanos, int changedNanos) {
        File(long inode, long size, long modified, boolean isFolder) {
            this(inode, size, modified, isFolder, modified, 7, 7);
        }
    }

    /// A folder in memory that counts what is open and can run out of descriptors.
    private static final class SimulatedFolder implements Folder {
        final Map<String, File> files = new HashMap<>();
        final Map<Integer, String> open = new HashMap<>();
        int descriptorsMax = Integer.MAX_VALUE;
        int looks;
        int opens;
        int openCode;
        private String name;
        private File last;
        private boolean closed;

        @Override
        public int list(MemorySegment path, long at, int length, MemorySegment buffer, Names names) {
            throw new AssertionError("the table lists nothing");
        }

        @Override
        public int look(MemorySegment path, long at, int length) {
            assertEquals(0, path.get(ValueLayout.JAVA_BYTE, at + length), "NUL behind the name");
            looks++;
            name = new String(path.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            File file = files.get(name);
            if (file == null) {
                return MISSING;
            }
            if (open.size() >= descriptorsMax) {
                return NO_DESCRIPTOR;
            }
            last = file;
            return 0;
        }

        @Override
        public int open(MemorySegment path, long at, int length) {
            assertEquals(name, new String(path.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
            if (openCode < 0) {
                return openCode;
            }
            opens++;
            int handle = opens + 1000;
            open.put(handle, name);
            return handle;
        }

        @Override
        public long changedSeconds() {
            return last.changed();
        }

        @Override
        public int changedNanos() {
            return last.changedNanos();
        }

        @Override
        public boolean isFolder() {
            return last.isFolder();
        }

        @Override
        public long size() {
            return last.size();
        }

        @Override
        public long modifiedSeconds() {
            return last.modified();
        }

        @Override
        public int modifiedNanos() {
            return last.nanos();
        }

        @Override
        public long device() {
            return 1;
        }

        @Override
        public long inode() {
            return last.inode();
        }

        @Override
        public int read(int handle, MemorySegment target, long at, int length, long position) {
            assertTrue(open.containsKey(handle), "reads a closed handle");
            return length;
        }

        @Override
        public void close(int handle) {
            assertNotNull(open.remove(handle), "closed twice");
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Arena arena = Arena.ofConfined();
    private final SimulatedFolder folder = new SimulatedFolder();
    private final FileTable table = new FileTable(folder, arena.allocate(FileTable.plan(3).totalBytes(), 64), 3);
    private long now = 5 * SECOND;

    @AfterEach
    void closes() {
        table.close();
        assertEquals(Map.of(), folder.open, "handles left open");
        assertTrue(folder.closed);
        assertEquals(0, table.account().usedBytes());
        arena.close();
    }

    private OpenFile find(String path) {
        byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
        return table.find(MemorySegment.ofArray(bytes), 0, bytes.length, now, 2_000_000 + now / SECOND);
    }

    private static File file(int inode) {
        return new File(inode, 10L * inode, 1_000_000, false);
    }

    @Test
    void resolvesANameAtMostOnceASecond() {
        folder.files.put("a", file(1));
        OpenFile first = find("/a");
        table.release(first);
        now += SECOND - 1;
        assertSame(first, find("/a"));
        table.release(first);
        assertEquals(1, folder.looks);
        now += 1;
        assertSame(first, find("/a"));
        table.release(first);
        assertEquals(2, folder.looks);
        assertEquals(1, folder.opens, "looked at, not opened again");
        assertEquals(1, folder.open.size());
    }

    @Test
    void aReplacedFileIsServedToItsHoldersAndClosedAfterTheLast() {
        folder.files.put("a", file(1));
        OpenFile old = find("/a");
        folder.files.put("a", file(2));
        now += SECOND;
        OpenFile fresh = find("/a");
        assertEquals(20, fresh.size());
        assertEquals(10, old.size());
        assertEquals(2, folder.open.size());
        table.release(old);
        assertEquals(1, folder.open.size());
        table.release(fresh);
    }

    @Test
    void aRemovedFileIsMissingWithinASecond() {
        folder.files.put("a", file(1));
        table.release(find("/a"));
        folder.files.clear();
        assertNotNull(find("/a"));
        now += SECOND;
        assertNull(find("/a"));
        assertEquals(404, table.status());
    }

    @Test
    void closesWhatWasNotAskedForLately() {
        for (int i = 1; i <= 4; i++) {
            folder.files.put("f" + i, file(i));
        }
        for (int i = 1; i <= 3; i++) {
            table.release(find("/f" + i));
        }
        table.release(find("/f4"));
        assertEquals(3, folder.open.size());
        int opens = folder.opens;
        table.release(find("/f4"));
        assertEquals(opens, folder.opens, "the newest stays");
        assertEquals(3 * OpenFile.BYTES, table.account().usedBytes());
    }

    @Test
    void answers503WhenEveryFileIsHeld() {
        for (int i = 1; i <= 4; i++) {
            folder.files.put("f" + i, file(i));
        }
        OpenFile[] held = {find("/f1"), find("/f2"), find("/f3")};
        assertNull(find("/f4"));
        assertEquals(503, table.status());
        assertSame(held[1], find("/f2"), "those that are open stay so");
        table.release(held[1]);
        table.release(held[1]);
        assertNotNull(find("/f4"));
    }

    @Test
    void closesAFileWhenDescriptorsRunOut() {
        folder.files.put("a", file(1));
        folder.files.put("b", file(2));
        folder.descriptorsMax = 1;
        OpenFile a = find("/a");
        assertNull(find("/b"), "the only one is held");
        assertEquals(503, table.status());
        table.release(a);
        assertNotNull(find("/b"));
        assertEquals(1, folder.open.size());
    }

    @Test
    void theFileThatIsDueMayBeTheOneThatIsClosed() {
        folder.files.put("a", file(1));
        folder.descriptorsMax = 1;
        table.release(find("/a"));
        now += SECOND;  // resolved anew: the only descriptor is its own
        OpenFile a = find("/a");
        assertEquals(1, folder.open.size());
        table.read(a, MemorySegment.NULL, 0, 1, 0);
        assertEquals(OpenFile.BYTES, table.account().usedBytes());
        table.release(a);
        now += SECOND;
        folder.descriptorsMax = 0;  // strangers took it: nothing to serve, and nothing broken
        assertNull(find("/a"));
        assertEquals(503, table.status());
        assertEquals(0, table.account().usedBytes());
    }

    @Test
    void yearsThatHttpCannotWriteAreServedWithTheNearestItCan() {
        folder.files.put("late", new File(1, 1, Long.MAX_VALUE / 2, false));
        folder.files.put("early", new File(2, 1, Long.MIN_VALUE / 2, false));
        assertEquals("Fri, 31 Dec 9999 23:59:59 GMT", modified(find("/late")));
        assertEquals("Mon, 01 Jan 0001 00:00:00 GMT", modified(find("/early")));
    }

    private static String modified(OpenFile file) {
        return new String(file.memory().asSlice(file.modifiedAt(), 29).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.US_ASCII);
    }

    @Test
    void knowsFoldersAndTheirIndexPages() {
        folder.files.put("sub", new File(1, 0, 1, true));
        folder.files.put("sub/index.html", file(2));
        folder.files.put("index.html", file(3));
        assertTrue(find("/sub").isFolder());
        assertEquals(0, folder.open.size(), "a folder keeps no descriptor");
        assertEquals(20, find("/sub/").size());
        assertEquals("text/html; charset=utf-8", find("/").mediaType().toString());
        folder.files.put("odd/index.html", new File(4, 0, 1, true));
        assertNull(find("/odd/"));
        assertEquals(404, table.status());
    }

    @Test
    void aFileChangedJustNowHasAWeakTagUntilItIsLeftAlone() {
        folder.files.put("a", new File(1, 1, 2_000_000 + now / SECOND, false));
        OpenFile file = find("/a");
        assertEquals('W', file.memory().get(ValueLayout.JAVA_BYTE, file.etagAt()));
        now += 2 * SECOND;
        assertSame(file, find("/a"));
        assertTrue(file.isStrong());
        assertEquals('"', file.memory().get(ValueLayout.JAVA_BYTE, file.etagAt()));
    }

    /// Each fact that tells a file from another: the same name, all else equal.
    @Test
    void aFileThatDiffersInAnythingIsAnother() {
        File same = new File(1, 10, 1_000_000, false, 1_000_000, 7, 7);
        File[] others = {new File(2, 10, 1_000_000, false, 1_000_000, 7, 7), new File(1, 11, 1_000_000, false, 1_000_000, 7, 7),
                new File(1, 10, 1_000_001, false, 1_000_000, 7, 7), new File(1, 10, 1_000_000, false, 1_000_001, 7, 7),
                new File(1, 10, 1_000_000, false, 1_000_000, 8, 7), new File(1, 10, 1_000_000, false, 1_000_000, 7, 8)};
        for (File other : others) {
            folder.files.put("a", same);
            OpenFile before = find("/a");
            String tag = tag(before);
            folder.files.put("a", other);
            now += SECOND;
            OpenFile after = find("/a");
            assertNotSame(before, after, other.toString());
            assertNotEquals(tag, tag(after), other.toString());
            table.release(before);
            table.release(after);
            now += SECOND;
        }
    }

    private static String tag(OpenFile file) {
        return new String(file.memory().asSlice(file.etagAt(), file.etagLength()).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.US_ASCII);
    }

    @Test
    void whatNobodyAsksForIsClosedAndWhatIsHeldOrAskedForIsNot() {
        for (String name : new String[] {"idle", "held", "asked"}) {
            folder.files.put(name, file(name.length()));
        }
        assertEquals(Long.MAX_VALUE, table.deadline());
        table.release(find("/idle"));
        OpenFile held = find("/held");
        table.release(find("/asked"));
        assertEquals(now + FileTable.IDLE_NANOS, table.deadline());
        now += FileTable.IDLE_NANOS - 1;
        table.sweep(now);
        assertEquals(3, folder.open.size(), "not yet");
        table.release(find("/asked"));
        now += 1;
        table.sweep(now);
        assertEquals(2, folder.open.size());
        assertFalse(folder.open.containsValue("idle"));
        assertEquals(now - 1 + FileTable.IDLE_NANOS, table.deadline());
        table.release(held);
        now += FileTable.IDLE_NANOS;
        table.sweep(now);
        assertEquals(0, folder.open.size());
        assertEquals(Long.MAX_VALUE, table.deadline());
    }

    @Test
    void aFileThatCannotBeOpenedHoldsNoSlot() {
        folder.files.put("a", file(1));
        int[][] codes = {{Folder.MISSING, 404}, {Folder.FORBIDDEN, 403}, {Folder.NO_DESCRIPTOR, 503}, {Folder.FAILED, 500}};
        for (int[] code : codes) {
            folder.openCode = code[0];
            assertNull(find("/a"));
            assertEquals(code[1], table.status());
            assertEquals(0, table.account().usedBytes());
        }
        folder.openCode = 0;
        assertNotNull(find("/a"));
    }

    @Test
    void pathsOfTheSameHashAreTold() {
        for (int i = 0; i < 200; i++) {  // more names than buckets and slots
            folder.files.put("n" + i, file(i));
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 200; i++) {
                OpenFile file = find("/n" + i);
                assertEquals(10L * i, file.size());
                table.release(file);
            }
        }
    }
}
