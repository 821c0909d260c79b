package dev.coffer.server.easy;

import dev.coffer.http.FieldName;
import dev.coffer.http.Status;
import dev.coffer.server.ContentSink;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Later;
import dev.coffer.server.Place;
import dev.coffer.server.Site;
import dev.coffer.server.Thrown;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// A site that a lambda answers.
///
/// ```java
/// Route.post("/echo", Easy.answering(request -> Response.text(request.text())))
/// Route.get("/users/{id}", Easy.answering(request -> Response.json(find(request.parameter("id")))).withVirtualThreads(100))
/// ```
///
/// The content is gathered first, up to [#contentBytesMax]; past it 413. Then the lambda is called: on the loop's thread, where it must
/// not wait, or on a virtual thread of its own ([#withVirtualThreads]), where it may. Loops share it, so it is called by several threads
/// at once as soon as there are two loops or virtual threads.
///
/// A response whose head is past the server's `sentHeadBytesMax` (1 KiB where nothing else is said) is 500, like any answer's.
///
/// Immutable. See the package for what it allocates.
public final class Easy extends Site {
    /// Bytes of content where nothing else is said: 1 MiB, as the server's own limit.
    public static final int CONTENT_BYTES = 1 << 20;
    private static final int RETRY_SECONDS = 1;
    private static final int FIRST_BYTES = 1 << 10;

    private final Responder responder;
    private final int contentBytesMax;
    private final @Nullable Semaphore threads;  // null on the loop's own

    private Easy(Responder responder, int contentBytesMax, @Nullable Semaphore threads) {
        this.responder = Objects.requireNonNull(responder);
        this.contentBytesMax = contentBytesMax;
        this.threads = threads;
    }

    private Semaphore threads() {
        return Objects.requireNonNull(threads, "on threads of its own");
    }

    /// {@return the site of that lambda, called on the loop's thread}
    public static Easy answering(Responder responder) {
        return new Easy(responder, CONTENT_BYTES, null);
    }

    /// {@return this site with another limit of content}
    ///
    /// @param bytes  0 or more; the server's and the route's limits hold too
    /// @throws IllegalArgumentException  a number below zero (caller's fault)
    public Easy withContentBytesMax(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("contentBytesMax: " + bytes + " (expected 0 or more)");
        }
        return new Easy(responder, bytes, threads);
    }

    /// {@return this site with each request on a virtual thread of its own, where the lambda may wait}
    ///
    /// A thread whose exchange has ended meanwhile (the peer went away, the time was over, the server stopped) goes on to its end
    /// and counts until then; its response comes to nothing.
    ///
    /// @param atOnceMax  threads at once, of all loops; one request more is 503 with Retry-After. 1 or more
    /// @throws IllegalArgumentException  another number (caller's fault)
    public Easy withVirtualThreads(int atOnceMax) {
        if (atOnceMax < 1) {
            throw new IllegalArgumentException("atOnceMax: " + atOnceMax + " (expected 1 or more)");
        }
        return new Easy(responder, contentBytesMax, new Semaphore(atOnceMax));
    }

    /// {@return bytes of content, at most}
    public int contentBytesMax() {
        return contentBytesMax;
    }

    @Override
    public Handler open(Place place) {
        return exchange -> exchange.receive(new Gathered(), contentBytesMax);
    }

    /// The content of one request on its way to the heap: as much as has come, never as much as was announced.
    private final class Gathered implements ContentSink {
        private byte[] bytes = {};
        private int length;

        @Override
        public long take(Exchange exchange, MemorySegment content, long at, long count) {
            int end = Math.addExact(length, (int) Math.min(count, Integer.MAX_VALUE));
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(end, Math.max(FIRST_BYTES, 2L * bytes.length))));
            }
            MemorySegment.copy(content, ValueLayout.JAVA_BYTE, at, bytes, length, end - length);
            length = end;
            return count;
        }

        @Override
        public void end(Exchange exchange) {
            Request request = new Request(exchange, length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
            if (threads == null) {
                Response response = answer(request);
                exchange.respond(response.status(), new ResponseAnswer(response));
            } else if (threads.tryAcquire()) {
                later(exchange, request);
            } else {
                exchange.field(FieldName.RETRY_AFTER, RETRY_SECONDS).respond(Status.SERVICE_UNAVAILABLE);
            }
        }
    }

    private void later(Exchange exchange, Request request) {
        boolean started = false;
        try {
            Later later = exchange.later();
            long ticket = later.ticket();
            Thread.ofVirtual().name("coffer-easy").start(() -> answer(request, later, ticket));
            started = true;
        } finally {
            if (!started) {
                threads().release();
            }
        }
    }

    private void answer(Request request, Later later, long ticket) {
        Response response = null;
        Throwable failure = null;
        try {
            response = answer(request);
        } catch (RuntimeException | Error thrown) {
            failure = thrown;
        } finally {
            threads().release();  // before the answer: whoever has heard it may ask again
        }
        if (failure == null && response != null) {
            later.respond(ticket, response.status(), new ResponseAnswer(response));
        } else {
            later.respond(ticket, Status.INTERNAL_SERVER_ERROR, new Thrown(Objects.requireNonNull(failure, "thrown")));
        }
    }

    private Response answer(Request request) {
        try {
            return Objects.requireNonNull(responder.respond(request), "response");
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Exception thrown) {
            throw new ResponderException(thrown);
        }
    }

    /// A checked exception of a lambda. Stands where that was thrown, so that the log names the place.
    private static final class ResponderException extends RuntimeException {
        private static final long serialVersionUID = 1;

        ResponderException(Exception cause) {
            super(cause);
            setStackTrace(cause.getStackTrace());
        }
    }
}
