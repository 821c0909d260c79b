package dev.coffer.server.log;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.SiteBefore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A line for each request that reaches a handler, and behind it the site whose requests they are. Status and bytes are those of the answer
/// that was sent: of one that was cut, what was handed to the system of it (`-`, in JSON `null`, where no status was). Requests that
/// are refused before they are whole reach no handler: the server counts them.
///
/// A line holds the first 1,024 bytes of a target, 64 of a method, 384 of Referer and of User-Agent, escaped; what is longer ends with
/// `...`. No authority, cookie or other field is written; a query is, as it was sent.
///
/// Lines are written by a thread of each loop's log, at most 20 ms late, to a file that is appended to. A loop never waits for it: past
/// 256 KiB that are not written yet lines are dropped, and those that the file refuses are lost; both are counted
/// ([dev.coffer.server.LoopStatistics.Count#UNLOGGED]). 0 heap bytes a request.
public final class AccessLog extends SiteBefore {
    /// Bytes of lines that wait to be written, of each loop.
    public static final int RING_BYTES = 1 << 18;

    /// A file is open, and while it is opened anew another one.
    private static final int DESCRIPTORS = 2;

    private final LogFile file;
    private final LogFormat format;

    private AccessLog(LogFile file, LogFormat format, Site next) {
        super(next);
        this.file = file;
        this.format = Objects.requireNonNull(format);
    }

    /// {@return a log in a file, which is appended to and made where it is not there}
    ///
    /// @throws IllegalArgumentException  the site would serve the file to everyone ([Site#serves]; caller's fault)
    public static AccessLog to(Path file, LogFormat format, Site next) {
        if (next.serves(file)) {
            throw new IllegalArgumentException("access log " + file
                    + " would be served with the site (expected another folder, or a name that begins with a dot)");
        }
        return new AccessLog(LogFile.at(file), format, next);
    }

    /// {@return a log on standard output, which nobody else should write to}
    public static AccessLog toStandardOutput(LogFormat format, Site next) {
        return new AccessLog(LogFile.standardOutput(), format, next);
    }

    /// {@return a log on standard error, between the messages that others write there}
    public static AccessLog toStandardError(LogFormat format, Site next) {
        return new AccessLog(LogFile.standardError(), format, next);
    }

    /// The file cannot be written to: the message says which and why in a few words.
    public static final class LogException extends IOException {
        private static final long serialVersionUID = 1;

        LogException(String message, @Nullable IOException cause) {
            super(message, cause);
        }
    }

    LogFile file() {
        return file;
    }

    /// Has the file opened anew, soon: it was renamed, and the next lines belong into one of the old name. Where that cannot be opened
    /// the old one goes on. From any thread.
    public void reopen() {
        file.reopen();
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return MemoryPlan.group("logged",
                MemoryPlan.block("line endings", LoopLog.ENDING_BYTES, 1, "a line as it is put together"),
                MemoryPlan.block("log lines", LogEntry.BYTES, exchanges, "target " + LogEntry.TARGET_BYTES_MAX + ", method "
                        + LogEntry.METHOD_BYTES_MAX + ", fields 2 x " + LogEntry.FIELD_BYTES_MAX + ", the rest 192")
                        .withHeap(exchanges * HeapLayout.instance(LogEntry.class) + HeapLayout.array(LogEntry.class, exchanges)),
                CircularBuffer.plan("log ring", RING_BYTES),
                next().plan(config, exchanges));
    }

    @Override
    protected int ownDescriptors() {
        return file.isFile() ? DESCRIPTORS : 0;
    }

    @Override
    protected SiteBefore withNext(Site other) {
        return new AccessLog(file, format, other);
    }

    @Override
    protected SiteBefore withStage(Site stage) {
        return new AccessLog(LogFile.nothing(), format, stage);
    }

    @Override
    public Handler open(Place place) throws IOException {
        var endings = place.carve(LoopLog.ENDING_BYTES);
        var lines = place.carve((long) LogEntry.BYTES * place.exchanges());
        CircularBuffer ring = CircularBuffer.over("log ring", place.carve(RING_BYTES), 0, RING_BYTES);
        LogWriter writer = new LogWriter(file, ring, place.loop());
        place.closing(writer);  // before anything else can be refused
        place.account(ring);
        Handler behind = next().open(place);
        LoopLog log = new LoopLog(format, place, behind, endings, lines, ring, writer);
        place.account(log.account());
        place.closing(() -> {
            writer.close();
            log.countRefused();
        });
        writer.start(place.signal(log::countRefused)::give);
        return log;
    }
}
