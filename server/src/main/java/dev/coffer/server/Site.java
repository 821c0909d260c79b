package dev.coffer.server;

import dev.coffer.memory.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a server serves: a handler for each of its loops, with the memory, timers and file descriptors that it needs,
/// planned before the start. One that stands around others plans and opens theirs with its own.
///
/// Immutable; asked by the thread that opens the server.
@SuppressWarnings("exports")  // annotations that users need not have
public abstract class Site {
    /// A site without a handler yet.
    protected Site() {}

    /// {@return the site of a handler that holds nothing, shared by all loops}
    ///
    /// @param handler  called by the threads of all loops
    public static Site of(Handler handler) {
        Objects.requireNonNull(handler);
        return new Site() {
            @Override
            public Handler open(Place place) {
                return handler;
            }
        };
    }

    /// {@return what the handler of one loop holds, a group whose rows it carves in their order; nothing by default}
    ///
    /// @param config     of the server
    /// @param exchanges  that the loop can have in flight at once
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return MemoryPlan.group("handler");
    }

    /// {@return timers that the handler of one loop makes, at most}
    public int timers() {
        return 0;
    }

    /// {@return exchanges of one loop that go on while their connection rests, at most ([Tunnel]): so many are planned beside those that are active. None
    /// by default}
    public int resting() {
        return 0;
    }

    /// {@return file descriptors that the handler of one loop holds, at most}
    public int descriptors() {
        return 0;
    }

    /// {@return the fewest descriptors with which it is worth opening}
    public int descriptorsMin() {
        return descriptors();
    }

    /// {@return this site, made to do with fewer descriptors, because the system allows no more}
    ///
    /// @param count  [#descriptorsMin]..[#descriptors]
    public Site withDescriptors(int count) {
        return this;
    }

    /// {@return path parameters that its handlers note, and those of the sites behind it, at most: see [Exchange#addParameter]. None by default}
    public int parameters() {
        return 0;
    }

    /// {@return whether a file, there or not yet, is public through this site: what should be nobody's is put elsewhere. None is, unless it says so}
    public boolean serves(Path file) {
        return false;
    }

    /// Opens the handler of one loop. What it opens it tells to the place at once, which closes it with the loop, and where a
    /// later step is refused.
    ///
    /// @throws IOException  something is refused: the message says what, in a few words
    public abstract Handler open(Place place) throws IOException;

    /// {@return how it is rehearsed before the server listens, null where nothing has to be}
    public @Nullable Script rehearsal() {
        return null;
    }

    /// A site's rehearsal: every path that a request can take through it, run once, so that no class is loaded, no call linked
    /// and no jar opened for the first time when memory or descriptors are short.
    ///
    /// @param stage     a small double of the site, which touches nothing of the original's
    /// @param requests  in HTTP/1.1, each answered before the next is sent
    public record Script(Site stage, List<String> requests) {}
}
