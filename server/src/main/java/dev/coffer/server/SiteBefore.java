package dev.coffer.server;

import dev.coffer.http.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A site that stands before another one and hands most requests on: what it needs is its own and the other's.
///
/// Immutable; asked by the thread that opens the server.
@SuppressWarnings("exports")  // annotations that users need not have
public abstract class SiteBefore extends Site {
    private final Site next;

    /// @param next  what gets the requests that are not this site's
    protected SiteBefore(Site next) {
        this.next = Objects.requireNonNull(next);
    }

    /// {@return the site behind}
    public final Site next() {
        return next;
    }

    /// {@return the same before another site}
    protected abstract SiteBefore withNext(Site other);

    /// {@return the same before the double of the site behind, for a rehearsal}
    protected SiteBefore withStage(Site stage) {
        return withNext(stage);
    }

    /// {@return file descriptors of its own, of each loop}
    protected int ownDescriptors() {
        return 0;
    }

    /// {@return path parameters that its own handlers note, at most}
    protected int ownParameters() {
        return 0;
    }

    /// {@return requests that run every path of its own, each a whole one of HTTP/1.1; none by default}
    protected List<String> ownRequests() {
        return List.of();
    }

    @Override
    public int timers() {
        return next.timers();
    }

    @Override
    public int resting() {
        return next.resting();
    }

    @Override
    public final int descriptors() {
        return next.descriptors() + ownDescriptors();
    }

    @Override
    public final int descriptorsMin() {
        return next.descriptorsMin() + ownDescriptors();
    }

    @Override
    public final int parameters() {
        return next.parameters() + ownParameters();
    }

    @Override
    public final Site withDescriptors(int count) {
        return withNext(next.withDescriptors(count - ownDescriptors()));
    }

    @Override
    public final boolean serves(Path file) {
        return next.serves(file);
    }

    @Override
    public final @Nullable Script rehearsal() {
        Script behind = next.rehearsal();
        List<String> requests = new ArrayList<>(ownRequests());
        if (behind == null && requests.isEmpty()) {
            return null;
        }
        if (behind != null) {
            requests.addAll(behind.requests());
        }
        return new Script(withStage(behind == null ? Site.of(exchange -> exchange.respond(Status.NOT_FOUND)) : behind.stage()), requests);
    }
}
