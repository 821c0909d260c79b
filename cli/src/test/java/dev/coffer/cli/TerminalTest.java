package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.memory.internal.os.FileCalls;
import dev.coffer.memory.internal.os.Syscall;
import dev.coffer.memory.internal.os.TerminalCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A passphrase typed on a terminal: on a pair of pseudo-terminals whose other end this test holds.
class TerminalTest {
    private static final int IOCTL = Syscall.number(16, 29);
    private static final int TIOCGPTN = 0x80045430;
    private static final int TIOCSPTLCK = 0x40045431;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment settings = arena.allocate(TerminalCalls.SETTINGS_BYTES);
    private int master = -1;
    private int held;
    private String name;

    @BeforeEach
    void pair() {
        master = TerminalCalls.open(arena.allocateFrom("/dev/ptmx"), 0, arena.allocate(FileCalls.HOW_BYTES, 8), 0);
        assumeTrue(master >= 0, "no pseudo-terminals here");
        MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
        assertEquals(0, Syscall.call(IOCTL, master, TIOCSPTLCK, number.address(), 0, 0, 0));
        assertEquals(0, Syscall.call(IOCTL, master, TIOCGPTN, number.address(), 0, 0, 0));
        name = "/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0);
        held = TerminalCalls.open(arena.allocateFrom(name), 0, arena.allocate(FileCalls.HOW_BYTES, 8), 0);  // or reading ends with the first
    }

    @AfterEach
    void close() {
        if (master >= 0) {
            FileCalls.close(held);
            FileCalls.close(master);
        }
        arena.close();
    }

    private boolean shows() {
        assertEquals(0, TerminalCalls.settings(master, settings, 0));
        return TerminalCalls.shows(settings, 0);
    }

    /// What appears on the terminal up to a text.
    private String until(String end) {
        MemorySegment place = arena.allocate(4096);
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(end) < 0) {
            long read = TerminalCalls.read(master, place, 0, 4096);
            assertTrue(read > 0, "the terminal has ended after: " + seen);
            seen.append(new String(place.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
        }
        return seen.toString();
    }

    private void type(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(bytes.length, TerminalCalls.write(master, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes), 0, bytes.length));
    }

    /// Types each line when it is asked for, and gives what stood on the terminal.
    private String person(Runnable command, String... lines) throws InterruptedException {
        Throwable[] thrown = {null};
        boolean[] shown = {true};
        StringBuilder seen = new StringBuilder();
        Thread asks = Thread.ofPlatform().start(() -> {
            try {
                command.run();
            } catch (Throwable e) {
                thrown[0] = e;
            }
        });
        for (int i = 0; i < lines.length; i++) {
            seen.append(until(i == 0 ? "passphrase: " : "again: "));
            shown[0] = i == 0 ? shows() : shown[0];
            type(lines[i]);
        }
        asks.join();
        assertFalse(shown[0], "what is typed shows");
        if (thrown[0] instanceof RuntimeException e) {
            throw e;
        }
        assertEquals(null, thrown[0]);
        return seen.toString();
    }

    @Test
    void whatIsTypedDoesNotShowAndIsShownAgainAfterwards() throws InterruptedException {
        assertTrue(shows());
        try (Passphrase passphrase = new Passphrase()) {
            String seen = person(() -> passphrase.ask(name, "passphrase: ", true), "correct horsf\u007fe\n", "correct horse\n");
            assertEquals("correct horse", new String(passphrase.segment().asSlice(0, passphrase.length()).toArray(ValueLayout.JAVA_BYTE),
                    StandardCharsets.UTF_8), "a letter was erased");
            assertFalse(seen.contains("horse"), seen);
        }
        assertTrue(shows());
    }

    @Test
    void whoOpensIsAskedOnce() throws InterruptedException {
        try (Passphrase passphrase = new Passphrase()) {
            String seen = person(() -> passphrase.ask(name, "passphrase: ", false), "correct horse\n");
            assertEquals("correct horse".length(), passphrase.length());
            assertFalse(seen.contains("again"), seen);
        }
        assertTrue(shows());
    }

    @Test
    void twoThatDifferAndNoneAreRefusedAndTheTerminalIsAsItWas() {
        try (Passphrase passphrase = new Passphrase()) {
            Failure differ = assertThrows(Failure.class, () -> person(() -> passphrase.ask(name, "passphrase: ", true), "one\n", "two\n"));
            assertTrue(differ.getMessage().contains("not the same"), differ::getMessage);
            assertTrue(shows());
            assertThrows(Failure.class, () -> person(() -> passphrase.ask(name, "passphrase: ", true), "one\n", "one two\n"));
            Failure none = assertThrows(Failure.class, () -> person(() -> passphrase.ask(name, "passphrase: ", false), "\n"));
            assertTrue(none.getMessage().contains("empty"), none::getMessage);
            assertTrue(shows());
        }
    }

    @Test
    void whatIsNoTerminalIsRefused() {
        try (Passphrase passphrase = new Passphrase()) {
            for (String none : new String[] {"/dev/null", "/dev/none"}) {
                assertThrows(Failure.class, () -> passphrase.ask(none, "passphrase: ", false));
            }
        }
    }
}
