package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Copies of a table's files, with the test's clock, in a folder without a time of change but the one that anybody can set: so a change
/// can be hidden from it.
class HotFilesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long EPOCH = 1_700_000_000L;
    private static final int BYTES = 1 << 17;

    @TempDir
    Path root;

    private final Arena arena = Arena.ofConfined();
    private int reads;
    private HotFiles hot;
    private FileTable table;
    private long now = 5 * SECOND;

    @BeforeEach
    void open() throws IOException {
        open(BYTES);
    }

    private void open(int bytes) throws IOException {
        NioFolder nio = new NioFolder(root, 9);
        Folder folder = (Folder) Proxy.newProxyInstance(Folder.class.getClassLoader(), new Class<?>[] {Folder.class}, (proxy, method, arguments) -> {
            reads += method.getName().equals("read") ? 1 : 0;
            return switch (method.getName()) {
                case "changedSeconds" -> nio.modifiedSeconds();
                case "changedNanos" -> nio.modifiedNanos();
                default -> method.invoke(nio, arguments);
            };
        });
        hot = new HotFiles(bytes, arena.allocate(bytes, 64), folder);
        table = new FileTable(folder, arena.allocate(FileTable.plan(8).totalBytes(), 64), 8, ServingRules.PLAIN, hot);
    }

    @AfterEach
    void closes() {
        table.close();
        assertEquals(0, hot.account().usedBytes(), "a copy is left");
        assertTrue(hot.segment().mismatch(arena.allocate(hot.segment().byteSize())) < 0, "not wiped");
        arena.close();
    }

    private void write(String name, byte[] content) throws IOException {
        Files.write(root.resolve(name), content);
        Files.setLastModifiedTime(root.resolve(name), FileTime.from(Instant.ofEpochSecond(EPOCH)));
    }

    private void write(String name, String content) throws IOException {
        write(name, content.getBytes(StandardCharsets.US_ASCII));
    }

    private OpenFile find(String name) {
        byte[] path = ("/" + name).getBytes(StandardCharsets.US_ASCII);
        return table.find(MemorySegment.ofArray(path), 0, path.length, now, EPOCH + now / SECOND);
    }

    /// Asks for a file as an answer does. {@return whether it is answered from a copy, and if so it is what is expected}
    private boolean ask(String name, String expected) {
        OpenFile file = find(name);
        boolean copied = table.holdCopy(file);
        if (copied) {
            assertEquals(expected, content(file));
            table.releaseCopy(file);
        }
        table.release(file);
        return copied;
    }

    private String content(OpenFile file) {
        byte[] bytes = new byte[(int) file.size()];
        MemorySegment.copy(table.copies(), ValueLayout.JAVA_BYTE, file.copyAt, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Test
    void aFileThatIsAskedForTwiceIsReadOnceASecond() throws IOException {
        write("a", "content");
        assertFalse(ask("a", "content"), "once is not often");
        assertEquals(0, reads);
        for (int i = 0; i < 10; i++) {
            assertTrue(ask("a", "content"));
        }
        int once = reads;
        assertTrue(once > 0);
        now += SECOND - 1;
        assertTrue(ask("a", "content"));
        assertEquals(once, reads);
        now += 1;
        assertFalse(ask("a", "content"), "begins anew");
        assertEquals(0, hot.account().usedBytes());
        assertTrue(ask("a", "content"));
        assertEquals(2 * once, reads);
    }

    @Test
    void aChangeThatNoTimeStampTellsShowsWithinASecond() throws IOException {
        write("a", "before");
        ask("a", "before");
        assertTrue(ask("a", "before"));
        write("a", "behind");
        now += SECOND;
        ask("a", "behind");
        assertTrue(ask("a", "behind"));
    }

    @Test
    void whatIsBeingSentStaysAsItIsAndNobodyElseIsSentIt() throws IOException {
        write("a", "before");
        ask("a", "before");
        OpenFile sent = find("a");
        assertTrue(table.holdCopy(sent));
        write("a", "behind");
        now += SECOND;
        assertFalse(ask("a", ""), "it is old");
        assertFalse(ask("a", ""));
        assertEquals("before", content(sent));
        table.releaseCopy(sent);
        table.release(sent);
        assertEquals(0, hot.account().usedBytes(), "dropped with its last holder");
        assertFalse(ask("a", ""));
        assertTrue(ask("a", "behind"));
    }

    @Test
    void aReplacedFileTakesItsCopyWithItWhenItIsOver() throws IOException {
        write("a", "before");
        ask("a", "before");
        OpenFile sent = find("a");
        assertTrue(table.holdCopy(sent));
        write("a", "longer than before");
        now += SECOND;
        OpenFile fresh = find("a");
        assertNotSame(sent, fresh);
        assertFalse(table.holdCopy(fresh));
        assertTrue(table.holdCopy(fresh));
        assertEquals("before", content(sent));
        assertEquals("longer than before", content(fresh));
        table.releaseCopy(sent);
        table.release(sent);
        assertEquals(HotFiles.BLOCK_BYTES, hot.account().usedBytes());
        table.releaseCopy(fresh);
        table.release(fresh);
    }

    @Test
    void aFileThatMayStillBeChangingIsRead() throws IOException {
        write("a", "young");
        now = SECOND;  // strong two seconds after the change
        assertFalse(ask("a", ""));
        assertFalse(ask("a", ""));
        now += SECOND;
        ask("a", "young");
        assertTrue(ask("a", "young"));
    }

    @Test
    void aFileOfAnotherLengthThanItHadIsRead() throws IOException {
        write("a", "0123456789");
        ask("a", "");
        for (String content : new String[] {"0123456789A", "012345678"}) {
            write("a", content);
            assertFalse(ask("a", ""), content);
            assertEquals(0, hot.account().usedBytes());
            now += SECOND;
            ask("a", "");
        }
    }

    @Test
    void onlySmallFilesAreCopied() throws IOException {
        write("least", new byte[1]);
        write("most", new byte[HotFiles.FILE_BYTES_MAX]);
        write("more", new byte[HotFiles.FILE_BYTES_MAX + 1]);
        write("none", new byte[0]);
        for (String name : new String[] {"least", "most", "more", "none"}) {
            find(name);
            OpenFile file = find(name);
            table.holdCopy(file);
            assertEquals(!name.equals("more") && !name.equals("none"), table.holdCopy(file), name);
        }
    }

    @Test
    void withoutRoomNoCopyIsMadeAndNothingElseChanges() throws IOException {
        table.close();
        open(512);
        write("fits", new byte[511]);
        write("does not", new byte[512]);
        write("b", "b");
        find("does not");
        OpenFile file = find("does not");
        table.holdCopy(file);
        assertFalse(table.holdCopy(file), "it and one more byte are more than there is");
        table.release(file);
        table.release(file);
        String zeros = new String(new byte[511], StandardCharsets.US_ASCII);
        ask("fits", zeros);
        assertTrue(ask("fits", zeros));
        assertFalse(ask("b", "b"));
        assertFalse(ask("b", "b"), "full");
        now += SECOND;
        ask("fits", zeros);
        ask("b", "b");
        assertTrue(ask("b", "b"), "room again");
        assertArrayEquals(new byte[1], table.copies().asSlice(1, 1).toArray(ValueLayout.JAVA_BYTE));
    }
}
