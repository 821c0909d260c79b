package dev.coffer.cli;

import dev.coffer.memory.internal.os.FileNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/// What a command writes, opened by [CommandFiles].
///
/// A regular file appears under its name only when it is whole: it is written beside it, flushed, and put in place in one
/// step. It keeps the owner, group and permissions of the file that it replaces (access lists it does not). Standard
/// output, pipes and devices are written to as they are.
final class Output {
    /// What is written, which decides who may read it and whether a terminal may show it.
    enum Kind {
        /// A secret as text: its owner's alone, from the first byte on, whatever is replaced.
        SECRET,
        /// Text.
        TEXT,
        /// Bytes that a terminal would take as commands.
        BINARY,
        /// Whatever somebody else wrote; a terminal gets it as long as it is text.
        UNKNOWN
    }

    private static final long PAUSE_MILLIS = 1;

    private final String name;
    private final FileChannel channel;
    private final boolean terminal;       // whose user did not ask for binary
    private final Path file;              // null where the bytes go out at once
    private final Path partial;           // likewise
    private final FileIdentity there;     // what is written to or replaced; null where the name is new
    private Path kept;                    // another name of the file that was replaced, until all is done
    private volatile Path part;           // where what was written goes if it does not become whole; null for nowhere
    private boolean published;
    private boolean wrote;
    private boolean left;                 // what was there is what is wanted
    private int last;                     // byte that went to the terminal: a character may come in two pieces

    private Output(String name, FileChannel channel, boolean terminal, Path file, Path partial, FileIdentity there) {
        this.name = name;
        this.channel = channel;
        this.terminal = terminal;
        this.file = file;
        this.partial = partial;
        this.there = there;
    }

    /// Bytes go out at once: to a standard stream, a pipe or a device.
    ///
    /// @param there    what it is
    /// @param checked  whether what is no text is refused
    static Output direct(String name, FileChannel channel, FileIdentity there, boolean checked) {
        return new Output(name, channel, checked, null, null, there);
    }

    /// A new file, or one in place of `replaced`.
    ///
    /// @throws FileSystemException  there is no name for the partial one
    static Output file(String name, Path file, FileIdentity replaced, Kind kind) throws IOException {
        boolean secret = kind == Kind.SECRET;
        FileNames.Partial partial = FileNames.openPartial(file, secret || replaced != null);
        Output output = new Output(name, partial.channel(), false, file, partial.path(), replaced);
        if (replaced != null && !secret) {
            output.takePermissions();
        }
        return output;
    }

    /// Owner and group first, as changing them may drop permissions. Where the group cannot be kept, its rights would be
    /// another's: they are dropped.
    private void takePermissions() throws IOException {
        try {
            Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
            permissions.addAll(Files.getPosixFilePermissions(file));
            FileIdentity mine = FileIdentity.of(partial);
            if (mine.owner() != there.owner()) {
                chown("unix:uid", there.owner());
            }
            if (mine.group() != there.group() && !chown("unix:gid", there.group())) {
                permissions.removeAll(EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE,
                        PosixFilePermission.GROUP_EXECUTE));
            }
            Files.setPosixFilePermissions(partial, permissions);
        } catch (UnsupportedOperationException e) {
            return;  // another kind of system
        } catch (IOException e) {
            discard();
            throw e;
        }
    }

    private boolean chown(String attribute, int number) {
        try {
            Files.setAttribute(partial, attribute, number);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// {@return whether bytes go out at once, and cannot be called back}
    boolean isDirect() {
        return partial == null;
    }

    /// {@return whether a byte has gone out}
    boolean hasWritten() {
        return wrote;
    }

    /// {@return the file that this will be, or null}
    Path file() {
        return file;
    }

    /// {@return the stream that is written to, or the file that is replaced, or null}
    FileIdentity identity() {
        return there;
    }

    /// Writes all of the buffer.
    ///
    /// @throws BrokenPipe  nobody reads the pipe any more
    /// @throws Failure     it cannot be written
    void write(ByteBuffer bytes) {
        if (terminal) {
            refuseCommands(bytes);
        }
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) > 0) {
                    wrote = true;  // not before: a key that has locked nothing yet may go again
                } else {
                    Thread.sleep(PAUSE_MILLIS);  // a descriptor that does not wait
                }
            }
        } catch (IOException e) {
            if (isDirect() && BrokenPipe.is(e)) {
                throw new BrokenPipe();
            }
            throw Failure.of(ExitCode.FAILED, name, e);
        } catch (InterruptedException e) {
            throw new Failure(ExitCode.FAILED, name + ": interrupted", e);
        }
    }

    private void refuseCommands(ByteBuffer bytes) {
        int before = last;
        for (int at = bytes.position(); at < bytes.limit(); at++) {
            int c = bytes.get(at) & 0xff;
            boolean control = c < 0x20 && c != '\n' && c != '\t' && c != '\r' || c == 0x7f
                    || before == 0xc2 && (c & 0xe0) == 0x80;  // C1, in UTF-8
            if (control) {
                throw new Failure(ExitCode.FAILED, "what would be written to the terminal is no text: name a file with -o, "
                        + "or --force");
            }
            before = c;
        }
        last = before;
    }

    /// Everything is written: on the disk, under the name of the partial file.
    void settle() throws IOException {
        if (partial != null && channel.isOpen()) {
            channel.force(true);
            channel.close();
        }
    }

    /// Puts the file in place, durably.
    ///
    /// @param keep  whether [#undo] must be possible
    void publish(boolean keep) throws IOException {
        if (partial == null || published) {
            return;
        }
        settle();
        if (left && !wrote) {
            discard();
            return;
        }
        if (there != null) {
            if (keep) {
                keep(file.resolveSibling(partial.getFileName() + ".kept"));
            }
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } else {
            FileNames.placeNew(partial, file);
        }
        published = true;
        FileNames.flushFolder(file);
    }

    private void keep(Path other) throws IOException {
        try {
            Files.createLink(other, file);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {  // no hard links there
            Files.move(file, other, StandardCopyOption.ATOMIC_MOVE);
        }
        kept = other;
    }

    /// All outputs are in place: what was kept may go.
    void settled() throws IOException {
        if (kept != null) {
            Files.deleteIfExists(kept);
            kept = null;
        }
    }

    /// As it was before: nothing, or the file that was replaced.
    void undo() throws IOException {
        if (kept != null) {
            Files.move(kept, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(kept);  // rename(2) leaves both where they are names of one file
            kept = null;
        } else if (published && there == null) {
            Files.deleteIfExists(file);
        }
        published = false;
        discard();
    }

    /// Leaves nothing of a file that was not put in place.
    private void discard() throws IOException {
        if (partial == null) {
            return;
        }
        channel.close();
        if (part != null && Files.exists(partial) && Files.size(partial) > 0) {
            Files.move(partial, part, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.deleteIfExists(partial);
        }
    }

    /// Where it does not become whole, what was written stays, under another name.
    void keepPart(Path name) {
        part = name;
    }

    /// Nothing came that could stand in the file's place: what is there stays, and where nothing is nothing is made. Not where something was
    /// written, a head.
    void leave() {
        left = true;
    }

    boolean isPublished() {
        return published;
    }

    String name() {
        return name;
    }
}
