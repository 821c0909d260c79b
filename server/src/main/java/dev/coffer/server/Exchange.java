package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.HttpServer;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Transport;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// One request and its answer, in any version of HTTP: one of possibly many on a connection. Lent to a [Handler] from the
/// request's head until the answer is sent or cut.
///
/// ```
///   handle --respond------------------------------------> answered --sent or cut--> over
///      |'---receive--> content, piece by piece, its end --respond-'
///      |'---later----> [Later#respond] from any thread -----------'
///      '-- none of them, or a throw: 500
/// ```
///
/// On the loop's thread alone, save what [#later] gives. Made at start with its memory, used for one exchange after another:
/// whoever keeps it past its end talks of somebody else's. 0 heap bytes.
///
/// Its memory: [#SCRATCH_BYTES] for whoever handles it, and [#FIELD_BYTES_MAX] for copies of field values; both wiped at the
/// end.
public final class Exchange {
    /// Path parameters, at most.
    public static final int PARAMETERS_MAX = 8;
    /// Bytes of scratch memory.
    public static final int SCRATCH_BYTES = 128;
    /// Fields of [#field], at most.
    public static final int FIELDS_MAX = 8;
    /// Bytes of the values of these fields that are copied, all together, at most.
    public static final int FIELD_BYTES_MAX = 384;
    /// Who can be told of the end, at most.
    public static final int ENDINGS_MAX = 4;
    /// Bytes of [#peer], at most.
    public static final int PEER_BYTES_MAX = 39;
    /// Bytes of memory of one exchange.
    static final int BYTES = SCRATCH_BYTES + FIELD_BYTES_MAX;

    private static final int STATUS_MIN = 200;
    private static final int STATUS_MAX = 999;
    private static final int ERROR_MIN = 400;

    private final MemorySegment memory;
    private final long base;
    private final ExtraFields fields;
    private final Reply reply;
    private final Reception reception = new Reception();
    private final Later later;
    private final Failures failures;
    private final LoopStatistics statistics;
    private final Now now;
    private final Timer timer;
    private final int[] parameterAt = new int[PARAMETERS_MAX];          // from the path's first byte
    private final int[] parameterLength = new int[PARAMETERS_MAX];
    private final String[] parameterName = new String[PARAMETERS_MAX];  // constants of whoever noted them
    private final Ending[] endings = new Ending[ENDINGS_MAX];

    private HttpServer engine;          // null while it is lent to nobody
    private Transport transport;
    private long stream;
    private RequestHead request;
    private boolean deferred;
    private boolean discarded;          // the content
    private boolean aborted;            // by the application
    private boolean timed;              // the timer is armed
    private boolean scratched;
    private int parameters;
    private int skippedPath;            // bytes of the path that mounts before the handler have dealt with
    private int endingCount;
    private Object attachment;
    private long began;                 // nanoseconds
    private long contentBytesMax;
    private long nanosMax;
    Exchange next;                      // link of the connection's list

    /// @param memory  [#BYTES] at `base`, zero
    Exchange(MemorySegment memory, long base, LoopContext context, Completions completions, LoopStatistics statistics,
            Failures failures, Reply.Pulled pulled) {
        this.memory = memory;
        this.base = base;
        this.fields = new ExtraFields(memory, base + SCRATCH_BYTES, FIELD_BYTES_MAX);
        this.reply = new Reply(fields, pulled, failures);
        this.later = new Later(this, completions);
        this.failures = failures;
        this.statistics = statistics;
        this.now = context.now();
        this.timer = context.timer(new Expiry());
    }

    /// {@return bytes of the Java objects of one exchange, its timer's aside}
    static long heapBytes() {
        return HeapLayout.instance(Exchange.class) + HeapLayout.instance(ExtraFields.class)
                + HeapLayout.instance(Reply.class) + HeapLayout.instance(Reception.class)
                + HeapLayout.instance(Later.class) + HeapLayout.instance(Expiry.class) + 2 * HeapLayout.array(int.class, PARAMETERS_MAX)
                + HeapLayout.array(String.class, PARAMETERS_MAX) + HeapLayout.array(Ending.class, ENDINGS_MAX) + ExtraFields.arrayBytes();
    }

    // The request.

    /// {@return the request's head, a view that is valid until the exchange is over}
    public RequestHead request() {
        requireLent();
        return request;
    }

    /// {@return whether the peer is this machine}
    public boolean isLoopback() {
        requireLent();
        return transport.isLoopback();
    }

    /// Writes the peer's address as text: IPv4 in dotted form, else the eight groups of IPv6.
    ///
    /// @param target  room for [#PEER_BYTES_MAX] bytes at `at`
    /// @return bytes written; 0 where the peer has gone
    public int peer(MemorySegment target, long at) {
        requireLent();
        return transport.peer(target, at);
    }

    /// {@return nanoseconds of a clock that never goes back, read once for this turn of the loop}
    public long nowNanos() {
        return now.nanos();
    }

    /// {@return seconds since 1970, read once for this turn of the loop}
    public long epochSeconds() {
        return now.epochSeconds();
    }

    /// {@return when the request's head was complete, on the clock of [#nowNanos]}
    public long beganNanos() {
        return began;
    }

    // What a router, or whoever else stands before a handler, hands on.

    /// {@return offset of what is left of the path for this handler: all of it, or what lies behind the prefix that it is mounted
    /// below. In the memory of the request's head, which has the whole path}
    public long pathAt() {
        return request().pathAt() + skippedPath;
    }

    /// {@return bytes of what is left of the path}
    public int pathLength() {
        return request().pathLength() - skippedPath;
    }

    /// Takes a prefix off what is left of the path, for the handlers behind.
    ///
    /// @param length  bytes, 0..[#pathLength]
    public void skipPath(int length) {
        Objects.checkFromIndexSize(0, length, pathLength());
        skippedPath += length;
    }

    /// Notes a path parameter, for the handlers behind.
    ///
    /// @param name    by which [#parameter] finds it: a constant
    /// @param at      offset in the memory of the request's head, at or behind its path
    /// @param length  bytes, as sent: not decoded
    /// @throws IllegalStateException  there are [#PARAMETERS_MAX] already (caller's fault)
    public void addParameter(String name, long at, int length) {
        if (parameters == PARAMETERS_MAX) {
            throw new IllegalStateException("parameters: " + PARAMETERS_MAX + " are there already, which is the most");
        }
        parameterName[parameters] = Objects.requireNonNull(name);
        parameterAt[parameters] = Math.toIntExact(at - request().pathAt());
        parameterLength[parameters++] = length;
    }

    /// Forgets the parameters from that one on.
    public void dropParameters(int from) {
        parameters = Math.min(parameters, from);
    }

    /// {@return how many path parameters there are}
    public int parameters() {
        return parameters;
    }

    /// {@return index of the path parameter of that name, the one that was noted last where there are several; -1 for none}
    public int parameter(String name) {
        int index = parameters - 1;
        while (index >= 0 && !parameterName[index].equals(name)) {
            index--;
        }
        return index;
    }

    /// {@return the name of a path parameter}
    public String parameterName(int index) {
        return parameterName[Objects.checkIndex(index, parameters)];
    }

    /// {@return offset of a path parameter in the memory of the request's head}
    public long parameterAt(int index) {
        return request().pathAt() + parameterAt[Objects.checkIndex(index, parameters)];
    }

    /// {@return bytes of a path parameter}
    public int parameterLength(int index) {
        return parameterLength[Objects.checkIndex(index, parameters)];
    }

    /// {@return an object of the application's, null at first}
    public Object attachment() {
        return attachment;
    }

    /// Keeps an object of the application's until the exchange is over: one made at start, where no heap may be used.
    public void attach(Object object) {
        attachment = object;
    }

    /// {@return the memory of [#scratchAt]}
    public MemorySegment scratch() {
        scratched = true;
        return memory;
    }

    /// {@return offset of [#SCRATCH_BYTES] bytes that are the application's until the exchange is over; zero at first}
    public long scratchAt() {
        return base;
    }

    /// Has someone told when the exchange is over; who asked last is told first.
    ///
    /// @throws IllegalStateException  there are [#ENDINGS_MAX] already (caller's fault)
    public void onEnd(Ending ending) {
        requireLent();
        if (endingCount == ENDINGS_MAX) {
            throw new IllegalStateException("endings: " + ENDINGS_MAX + " are there already, which is the most");
        }
        endings[endingCount++] = Objects.requireNonNull(ending);
    }

    /// Sets the limits of what is asked for: a route's. Content that is announced to be larger is answered 413 at once; larger
    /// content that was not announced, when it has come. An exchange that has no answer in time gets 408 where its content is
    /// still coming, else 503.
    ///
    /// @param bytesMax  of the content; more than the server's own limit (`Limits.bodyBytesMax`) is as much as that
    /// @param nanos     from the request's head to the answer
    /// @return whether the request is within them; where not it is answered already
    public boolean limit(long bytesMax, long nanos) {
        requireUnanswered();
        if (bytesMax < 0 || nanos < 1) {
            throw new IllegalArgumentException("limits: " + bytesMax + " bytes, " + nanos + " ns");
        }
        contentBytesMax = bytesMax;
        nanosMax = nanos;
        if (request.contentLength() > bytesMax) {
            respond(Status.CONTENT_TOO_LARGE);
            return false;
        }
        return true;
    }

    // The content.

    /// Asks for the content: before the handler returns, else it is skipped, within the connection's limits. A client that waits
    /// for 100 is told to send it.
    ///
    /// @param bytesMax  past it 413; the route's limit holds too
    /// @return whether it is within its limits, as far as is known; where not the request is answered already
    /// @throws IllegalStateException  asked for before, or answered (caller's fault)
    public boolean receive(ContentSink sink, long bytesMax) {
        requireLent();
        Objects.requireNonNull(sink);
        if (reception.isOpen() || discarded) {
            throw new IllegalStateException("the content was asked for before, or is skipped");
        }
        long most = Math.min(bytesMax, contentBytesMax);
        if (request.contentLength() > most) {
            respond(Status.CONTENT_TOO_LARGE);
            return false;
        }
        reception.open(sink, most);
        engine.proceed(stream);
        return true;
    }

    /// {@return fields that came behind the content, from [ContentSink#end] on; none where there were none}
    public Fields trailers() {
        requireLent();
        return engine.trailers(stream);
    }

    /// Says that what held the exchange back is over: a sink that left something is offered it again, an answer that had
    /// nothing is asked again.
    public void resume() {
        requireLent();
        if (reception.isHeld()) {
            data();
        }
        if (engine != null && reply.isGiven()) {
            engine.resume(stream);
        }
        turnSoon();
    }

    // The answer.

    /// Adds a field to the answer that is given later, whatever it is.
    ///
    /// @throws IllegalStateException  answered, or [#FIELDS_MAX] are there already (caller's fault)
    public Exchange field(FieldName name, Ascii value) {
        requireUnanswered();
        fields.add(name, null, Objects.requireNonNull(value));
        return this;
    }

    /// Adds a field whose name is not listed.
    ///
    /// @param lowerCaseName  a token in lower case
    /// @throws IllegalStateException  as of [#field(FieldName, Ascii)]
    public Exchange field(Ascii lowerCaseName, Ascii value) {
        requireUnanswered();
        fields.add(FieldName.OTHER, Objects.requireNonNull(lowerCaseName), Objects.requireNonNull(value));
        return this;
    }

    /// Adds a field with a copy of a value.
    ///
    /// @throws IllegalStateException  as of [#field(FieldName, Ascii)], or the copies are more than [#FIELD_BYTES_MAX]
    public Exchange field(FieldName name, MemorySegment value, long at, int length) {
        requireUnanswered();
        fields.add(name, value, at, length);
        return this;
    }

    /// Adds a field with a decimal number.
    ///
    /// @param value  0 or more
    /// @throws IllegalStateException  as of [#field(FieldName, Ascii)]
    public Exchange field(FieldName name, long value) {
        requireUnanswered();
        fields.add(name, value);
        return this;
    }

    /// Answers with a status and its words as plain text; without any where the status has no content.
    ///
    /// @param status  200..999
    /// @throws IllegalStateException  answered before, or to be answered by [#later] (caller's fault)
    public void respond(int status) {
        checkStatus(status);
        requireUnanswered();
        begin(status);
    }

    /// Answers with bytes that lie somewhere. They are read while they are sent, and must not change until the exchange is
    /// over ([#onEnd] tells).
    ///
    /// @throws IllegalStateException      answered before, or to be answered by [#later] (caller's fault)
    /// @throws IndexOutOfBoundsException  not in the segment (caller's fault)
    public void respond(int status, Ascii mediaType, MemorySegment segment, long at, long length) {
        checkStatus(status);
        checkBytes(mediaType, segment, at, length);
        requireUnanswered();
        begin(status, mediaType, segment, at, length);
    }

    /// Answers in full: fields and content are pulled when there is room for them.
    ///
    /// @throws IllegalStateException  answered before, or to be answered by [#later] (caller's fault)
    public void respond(int status, Answer answer) {
        checkStatus(status);
        Objects.requireNonNull(answer);
        requireUnanswered();
        begin(status, answer);
    }

    /// Says that the answer comes later: from another thread, or from this one when something else has happened.
    ///
    /// @return where to give it, see [Later]; the same object for this exchange's whole life
    /// @throws IllegalStateException  answered (caller's fault)
    public Later later() {
        requireLent();
        if (!deferred) {
            requireUnanswered();
            deferred = true;
            later.open();
        }
        return later;
    }

    /// {@return what [Later#resume] wants, for an exchange that is not deferred}
    public Later remote() {
        requireLent();
        return later;
    }

    /// {@return whether the answer was given}
    public boolean isAnswered() {
        return reply.isGiven();
    }

    /// {@return the status of the answer, 0 before it is given}
    public int status() {
        return reply.status();
    }

    /// Gives up the exchange: what was not sent never is, and the peer sees that it was cut. In HTTP/1.1 the connection ends.
    public void abort() {
        requireLent();
        aborted = true;
        engine.abort(stream);
        turnSoon();
    }

    static void checkStatus(int status) {
        if (status < STATUS_MIN || status > STATUS_MAX) {
            throw new IllegalArgumentException("status: " + status + " (expected " + STATUS_MIN + ".." + STATUS_MAX + ")");
        }
    }

    static void checkBytes(Ascii mediaType, MemorySegment segment, long at, long length) {
        Objects.requireNonNull(mediaType);
        Objects.checkFromIndexSize(at, length, segment.byteSize());
    }

    private void requireLent() {
        if (engine == null) {
            throw new IllegalStateException("the exchange is over");
        }
    }

    private void requireUnanswered() {
        requireLent();
        if (reply.isGiven() || deferred) {
            throw new IllegalStateException(deferred ? "the exchange is answered later" : "the exchange has its answer");
        }
    }

    // What follows is the connection's and the loop's.

    /// A request's head is complete.
    void lend(HttpServer newEngine, Transport newTransport, long newStream, long newContentBytesMax, long newNanosMax) {
        assert engine == null : "lent before";
        engine = newEngine;
        transport = newTransport;
        stream = newStream;
        request = newEngine.request(newStream);
        began = now.nanos();
        contentBytesMax = newContentBytesMax;
        nanosMax = newNanosMax;
        reply.renew();
    }

    long stream() {
        return stream;
    }

    boolean isReply(Reply one) {
        return reply == one;
    }

    void handle(Handler handler) {
        try {
            handler.handle(this);
        } catch (RuntimeException | Error thrown) {
            fail(thrown);
        }
        if (!reception.isOpen()) {
            discard();
        }
        requireDecision();
    }

    /// The handler, or its sink, has returned: it must have done something, or be waiting for something.
    private void requireDecision() {
        if (reply.isGiven() || aborted) {
            return;
        }
        if (!deferred && !reception.isOpen()) {
            failures.unanswered();
            begin(Status.INTERNAL_SERVER_ERROR);
        } else if (!timed && nanosMax != Long.MAX_VALUE) {
            timed = true;
            timer.arm(began + nanosMax);
        }
    }

    private void discard() {
        if (!discarded) {
            discarded = true;
            reception.close();
            engine.discard(stream);
        }
    }

    /// Content has come.
    void data() {
        if (!reception.isOpen()) {
            engine.consume(stream, engine.dataLength(stream));
            return;
        }
        if (reception.isTooLarge(engine, stream)) {
            tooLarge();
            return;
        }
        try {
            reception.offer(this, engine, stream);
        } catch (RuntimeException | Error thrown) {
            fail(thrown);
        }
    }

    private void tooLarge() {
        if (!giveUpLater() || reply.isGiven()) {
            discard();
            if (reply.isGiven()) {
                engine.abort(stream);
            }
            return;
        }
        discard();
        begin(Status.CONTENT_TOO_LARGE);
    }

    /// The content is complete.
    void contentEnd() {
        if (reception.isOpen()) {
            try {
                reception.end(this);
            } catch (RuntimeException | Error thrown) {
                fail(thrown);
            }
            requireDecision();
        }
    }

    /// Something of the application's has thrown.
    private void fail(Throwable thrown) {
        failures.thrown(thrown);
        if (aborted) {
            return;
        }
        if (!failReply()) {
            engine.abort(stream);
        }
        discard();
    }

    /// Makes the answer 500, where that can still be.
    ///
    /// @return whether it is, or somebody is giving another one at this moment
    boolean failReply() {
        if (reply.isGiven()) {
            return reply.fail();
        }
        if (giveUpLater()) {
            fields.clear();
            begin(Status.INTERNAL_SERVER_ERROR);
        }
        return true;
    }

    /// {@return whether the exchange is this thread's to answer: nobody else is doing so at this moment}
    private boolean giveUpLater() {
        if (deferred && later.close()) {
            deferred = false;
        }
        return !deferred;
    }

    /// The exchange's time is over.
    private final class Expiry implements Runnable {
        @Override
        public void run() {
            timeIsOver();
        }
    }

    private void timeIsOver() {
        timed = false;
        if (engine != null && !reply.isGiven() && giveUpLater()) {
            boolean coming = reception.isOpen();
            discard();
            fields.clear();
            begin(coming ? Status.REQUEST_TIMEOUT : Status.SERVICE_UNAVAILABLE);
        }
    }

    void begin(int status) {
        reply.give(status);
        begun(status);
    }

    void begin(int status, Ascii mediaType, MemorySegment segment, long at, long length) {
        reply.give(status, mediaType, segment, at, length);
        begun(status);
    }

    void begin(int status, Answer answer) {
        reply.give(status, answer);
        begun(status);
    }

    private void begun(int status) {
        deferred = false;
        if (status >= ERROR_MIN) {
            statistics.add(Count.ERRORS);
        }
        if (timed) {
            timed = false;
            timer.cancel();
        }
        engine.respond(stream, reply);
        turnSoon();
    }

    private void turnSoon() {
        transport.turnSoon();
    }

    /// Another thread has something for the exchange.
    ///
    /// @return whether the exchange, which had ended before, can now be lent again
    boolean signalled() {
        boolean answered = later.taken();
        if (engine == null) {
            if (answered) {
                try {
                    later.drop();
                } catch (RuntimeException | Error thrown) {
                    failures.thrown(thrown);
                }
                renew();
            }
            return answered;
        }
        if (answered && !reply.isGiven()) {
            later.give();
        }
        if (later.isResumed() && engine != null) {
            resume();
        }
        return false;
    }

    /// The exchange is over.
    ///
    /// @return whether it can be lent again now: not where somebody is writing down an answer at this moment
    boolean end(boolean complete) {
        boolean free = later.close();  // first: whoever hears of the end finds that no answer is taken any more
        if (timed) {
            timed = false;
            timer.cancel();
        }
        reception.close();
        engine = null;  // before they hear of it: what they do to it is refused, and does not reach the next one
        transport = null;
        request = null;
        reply.end(complete);
        while (endingCount > 0) {
            Ending ending = endings[--endingCount];
            endings[endingCount] = null;
            try {
                ending.ended(this, complete);
            } catch (RuntimeException | Error thrown) {
                failures.thrown(thrown);
            }
        }
        fields.clear();
        if (scratched) {
            Wipe.bytes(memory, base, SCRATCH_BYTES);
            scratched = false;
        }
        attachment = null;
        parameters = 0;
        skippedPath = 0;
        deferred = false;
        discarded = false;
        aborted = false;
        if (free) {
            renew();
        }
        return free;
    }

    private void renew() {
        later.renew();
    }
}
