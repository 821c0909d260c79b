package dev.coffer.cli;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.os.FileCalls;
import dev.coffer.memory.internal.os.Syscall;
import dev.coffer.memory.internal.os.TerminalCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The terminal of whoever runs the command, whatever standard input and output are: asks for what must not show, and reads it straight
/// into locked memory. `Console.readPassword` gives a `char[]`, which the collector copies.
///
/// What was shown before is shown again when this is closed, and where the process is told to end before that, by a shutdown hook.
final class Terminal implements AutoCloseable {
    /// The terminal that a process belongs to.
    static final String OWN = "/dev/tty";

    private final Arena arena = Arena.ofShared();
    private final MemorySegment before = arena.allocate(TerminalCalls.SETTINGS_BYTES);
    private final int fd;
    private final Thread hook = new Thread(this::restore, "coffer-terminal");
    private boolean hidden;

    private Terminal(int fd) {
        this.fd = fd;
    }

    /// {@return the terminal, which shows no more what is typed}
    ///
    /// @throws Failure  there is none, or the system's calls are not there
    static Terminal open(String path) {
        try (Arena work = Arena.ofConfined()) {
            int fd = TerminalCalls.open(work.allocateFrom(path, StandardCharsets.UTF_8), 0, work.allocate(FileCalls.HOW_BYTES, 8), 0);
            if (fd < 0) {
                throw new Failure(ExitCode.MISSING, "no terminal to ask for a passphrase on" + (Syscall.available() ? ""
                        : " (" + Syscall.obstacle() + ")") + "; --passphrase-file names a file or pipe");
            }
            Terminal terminal = new Terminal(fd);
            boolean whole = false;
            try {
                terminal.hide(work.allocate(TerminalCalls.SETTINGS_BYTES));
                whole = true;
                return terminal;
            } finally {
                if (!whole) {
                    terminal.close();
                }
            }
        }
    }

    private void hide(MemorySegment settings) {
        if (TerminalCalls.settings(fd, before, 0) < 0) {
            throw new Failure(ExitCode.MISSING, "what is named as a terminal is none");
        }
        settings.copyFrom(before);
        TerminalCalls.hide(settings, 0);
        Runtime.getRuntime().addShutdownHook(hook);
        synchronized (this) {
            hidden = true;
            if (TerminalCalls.apply(fd, settings, 0) < 0) {
                throw new Failure("the terminal does not stop showing what is typed");
            }
        }
    }

    /// Asks, and reads a line.
    ///
    /// @param target  room for the line and its end
    /// @return bytes of the line, without its end; -1 where there is no room for it
    int ask(String question, MemorySegment target) {
        try (Arena work = Arena.ofConfined()) {
            byte[] text = question.getBytes(StandardCharsets.UTF_8);
            TerminalCalls.write(fd, work.allocateFrom(ValueLayout.JAVA_BYTE, text), 0, text.length);
        }
        long length = 0;
        while (length < target.byteSize()) {
            long read = TerminalCalls.read(fd, target, length, target.byteSize() - length);
            if (read < 0) {
                throw new Failure("the terminal cannot be read");
            }
            length += read;
            if (read == 0 || target.get(ValueLayout.JAVA_BYTE, length - 1) == '\n') {
                return (int) (read == 0 ? length : length - 1);
            }
        }
        Wipe.bytes(target, 0, target.byteSize());
        return -1;
    }

    private synchronized void restore() {
        if (hidden) {
            TerminalCalls.apply(fd, before, 0);
            hidden = false;
        }
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return;  // the process ends: the hook may be at work with this memory and descriptor
        }
        FileCalls.close(fd);
        arena.close();
    }
}
