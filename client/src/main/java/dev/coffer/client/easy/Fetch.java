package dev.coffer.client.easy;

import dev.coffer.client.Call;
import dev.coffer.client.CallsExhaustedException;
import dev.coffer.client.Client;
import dev.coffer.client.Failure;
import dev.coffer.client.Origin;
import dev.coffer.client.Request;
import dev.coffer.client.ResponseSink;
import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One question on its way, over as many calls as redirects want. Begun by who asks, else on the client's thread.
final class Fetch implements Request, ResponseSink {
    private static final int FIRST_BYTES = 1 << 10;
    /// Bytes of a followed redirect's content that are read, for the sake of its connection; past them the call is given up, and the redirect followed all the same.
    private static final int REDIRECT_BYTES_MAX = 1 << 16;

    private final Client client;
    private final @Nullable ReplySink sink;  // null where the content is gathered
    private final int contentBytesMax;
    private final long began = System.nanoTime();
    private final long nanosMax;    // of the whole question, from its beginning
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();
    private final AtomicLong ticket = new AtomicLong(-1);  // of the call under way
    private volatile Question question;
    private int redirectsLeft;
    private int sent;
    private @Nullable Reply head;
    private @Nullable String location;      // where the reply is a redirect that is followed
    private byte[] bytes = {};
    private int length;
    private long passed;                    // bytes of the redirect's content
    private @Nullable Throwable thrown;     // by the sink
    private @Nullable Reply answer;         // one of these two is what is told
    private @Nullable Throwable fault;

    Fetch(Client client, Question question, @Nullable ReplySink sink, int contentBytesMax, int redirectsMax, long nanosMax) {
        this.client = client;
        this.question = question;
        this.sink = sink;
        this.contentBytesMax = contentBytesMax;
        this.redirectsLeft = redirectsMax;
        this.nanosMax = nanosMax > 0 ? nanosMax : client.config().times().call();
        var _ = reply.whenComplete((done, failed) -> {
            if (failed != null) {
                client.cancel(ticket.get());  // given up by who asked; elsewhere the call has ended
            }
        });
    }

    private Reply head() {
        return Objects.requireNonNull(head, "of an answer that came");
    }

    /// Asks.
    ///
    /// @throws CallsExhaustedException  all are under way
    void start() {
        question.check(client.config().http().sentHeadBytesMax());
        ticket.compareAndSet(-1, client.ask(this, this));  // a redirect may have been quicker
    }

    CompletableFuture<Reply> reply() {
        return reply;
    }

    @Override
    public Origin origin() {
        return question.origin();
    }

    @Override
    public Method method() {
        return question.method();
    }

    @Override
    public Ascii target() {
        return question.target();
    }

    @Override
    public long nanosMax() {
        return Math.max(1, nanosMax - (System.nanoTime() - began));
    }

    @Override
    public void begin() {
        sent = 0;
    }

    @Override
    public void head(HeadWriter writer) {
        for (Question.Field field : question.fields()) {
            writer.field(field.name(), field.value());
        }
        if (question.content() != null) {
            writer.content(question.content().length);
        }
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        byte[] content = Objects.requireNonNull(question.content(), "where a head says so");
        int count = (int) Math.min(room, content.length - sent);
        MemorySegment.copy(content, sent, output, ValueLayout.JAVA_BYTE, at, count);
        sent += count;
        return count;
    }

    @Override
    public void head(Call call) {
        head = Reply.of(question.uri(), call.response());
        location = redirectsLeft > 0 && head.isRedirect() ? head.header("location").orElse(null) : null;
        if (sink != null && location == null) {
            try {
                sink.head(head);
            } catch (Throwable e) {
                giveUp(call, e);
            }
        }
    }

    private void giveUp(Call call, Throwable reason) {
        thrown = thrown == null ? reason : thrown;
        call.cancel();
    }

    @Override
    public long take(Call call, MemorySegment content, long at, long count) {
        if (location != null) {  // nobody reads a redirect's words
            passed += count;
            if (passed > REDIRECT_BYTES_MAX) {
                call.cancel();
            }
            return count;
        }
        if (thrown != null) {
            return count;
        }
        if (sink != null) {
            try {
                sink.take(content.asSlice(at, count).asByteBuffer().asReadOnlyBuffer());
            } catch (Throwable e) {
                giveUp(call, e);
            }
            return count;
        }
        if (count > contentBytesMax - length) {
            giveUp(call, new FetchException(origin() + ": more than " + contentBytesMax + " bytes of content", Failure.TOO_LARGE));
            return count;
        }
        int end = length + (int) count;
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, (int) Math.min(contentBytesMax, Math.max(FIRST_BYTES, 2L * bytes.length))));
        }
        MemorySegment.copy(content, ValueLayout.JAVA_BYTE, at, bytes, length, (int) count);
        length = end;
        return count;
    }

    @Override
    public void end(Call call) {
        try {
            if (thrown != null) {
                fault = thrown;
            } else if (location != null) {
                follow(call, location);
            } else {
                answer = head().withContent(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
            }
        } catch (RuntimeException | Error e) {
            fault = e;  // no memory for it: who waits must not wait for ever
        }
    }

    /// Asks the place that a redirect names, in the place of the call that has just ended.
    private void follow(Call call, String to) {
        Origin from = origin();
        redirectsLeft--;
        try {
            question = question.redirected(head().status(), to);
            question.check(client.config().http().sentHeadBytesMax());
        } catch (IllegalArgumentException e) {
            fault = new FetchException(from + ": redirected to what cannot be asked: " + e.getMessage(), null);
            return;
        }
        location = null;
        passed = 0;
        ticket.set(call.askAgain(this, this));
        if (ticket.get() < 0) {
            fault = new IllegalStateException("the client has stopped");
        } else if (reply.isDone()) {
            client.cancel(ticket.get());    // given up between two calls
        }
    }

    @Override
    public void failed(Call call, Failure why) {
        if (thrown != null) {
            fault = thrown;
            return;
        }
        try {
            fail(call, why);
        } catch (RuntimeException | Error e) {
            fault = e;  // as at the end
        }
    }

    private void fail(Call call, Failure why) {
        if (location != null && passed > REDIRECT_BYTES_MAX && why == Failure.CANCELLED && !reply.isDone()) {
            end(call);  // its head was all that is needed of it
            return;
        }
        String words = call.refusal() == Refusal.NONE || call.refusal().reason().length() == 0 || why != Failure.PROTOCOL ? why.words()
                : why.words() + ": " + call.refusal().reason();
        fault = new FetchException(origin() + ": " + words, why);
    }

    /// Only now may who waits ask the next.
    @Override
    public void released() {
        if (answer != null) {
            reply.complete(answer);
        } else {
            reply.completeExceptionally(Objects.requireNonNull(fault, "where there is no answer"));
        }
    }
}
