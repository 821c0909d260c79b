package dev.coffer.cli.certificate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Looks at files now and then, by their attributes alone, and says when one has changed and all have stayed the same since the look before: whoever puts several new
/// ones in their place is done then, or is heard again. Streams and devices never change. It opens nothing, so it goes on where descriptors are spent. What could not be
/// read although it has not changed (no descriptor was left, a permission comes later than the file) is due at every look at which all have stayed the same.
public final class FileWatch implements AutoCloseable {
    private record Look(Object file, FileTime modified, long bytes) {}

    /// What there is to do after a look.
    enum Due {
        NOTHING,
        /// Files have changed since they were read.
        ALL,
        /// They have not, and something was not read then.
        REST
    }

    private final List<Path> files;
    private List<Optional<Look>> known;   // as they were when they were read
    private List<Optional<Look>> before;  // as they were at the look before
    private boolean unheard;              // a change was news, and whoever heard of it threw something
    private boolean lacking;              // something was not read, for the machine's sake
    private Thread thread;                // null: nobody looks by himself

    /// From now on what changes is news.
    public FileWatch(List<Path> files) {
        this.files = List.copyOf(files);
        this.known = look();
        this.before = known;
    }

    private List<Optional<Look>> look() {
        return files.stream().map(FileWatch::look).toList();
    }

    private static Optional<Look> look(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return now.isOther() ? Optional.empty() : Optional.of(new Look(now.fileKey(), now.lastModifiedTime(), now.size()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// They are read now, for whatever reason: only what changes from here on is news.
    public synchronized void read() {
        known = look();
        before = known;
        unheard = false;
        lacking = false;
    }

    /// Something of them was not read for the machine's sake, and is due at the next look. Until [#read] or that.
    public synchronized void lacks() {
        lacking = true;
    }

    /// {@return [Due#ALL] where they have changed since they were read, and have stayed the same since the last call; they count as read then, and what is due as done}
    synchronized Due due() {
        List<Optional<Look>> now = look();
        boolean settled = now.equals(before);
        before = now;
        if (!settled || now.equals(known) && !unheard && !lacking) {
            return Due.NOTHING;
        }
        Due due = now.equals(known) && !unheard ? Due.REST : Due.ALL;
        known = now;
        unheard = false;
        lacking = false;
        return due;
    }

    private synchronized void missed(Due due) {
        unheard |= due == Due.ALL;
        lacking |= due == Due.REST;
    }

    /// Looks every so often, on a thread of its own, until this is closed. What a look throws, or what runs at it, ends that look and no other; what was due is due again.
    ///
    /// @param changed  runs after news
    /// @param rest     runs after [#lacks]
    /// @param always   runs at each look
    /// @param failed   hears what was thrown, the first time in a row; what it throws is passed over
    public synchronized void start(Duration every, Runnable changed, Runnable rest, Runnable always, Consumer<Throwable> failed) {
        thread = Thread.ofPlatform().daemon().name("coffer-watch").start(() -> {
            try {
                boolean failing = false;
                while (true) {
                    Thread.sleep(every);
                    Throwable thrown = look(changed, rest, always);
                    if (thrown != null && !failing) {
                        tell(failed, thrown);
                    }
                    failing = thrown != null;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private Throwable look(Runnable changed, Runnable rest, Runnable always) {
        Due due = Due.NOTHING;
        try {
            always.run();
            due = due();
            if (due == Due.ALL) {
                changed.run();
            } else if (due == Due.REST) {
                rest.run();
            }
            return null;
        } catch (RuntimeException | Error e) {
            missed(due);
            return e;
        }
    }

    private static void tell(Consumer<Throwable> failed, Throwable thrown) {
        try {
            failed.accept(thrown);
        } catch (RuntimeException | Error e) {
            // nobody is left to tell
        }
    }

    /// Nobody looks any more, once the look that is under way is over.
    @Override
    public synchronized void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
