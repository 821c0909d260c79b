package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.RequestHead;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.time.Now;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
/// Its memory: [#SCRATCH_BYTES] for whoever handles it, up to [#FIELD_BYTES_MAX] for copies of field values, and 96 bytes for where path parameters and values are; all wiped at the
/// end.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Exchange {
    /// Path parameters, at most.
    public static final int PARAMETERS_MAX = 8;
    /// Bytes of scratch memory.
    public static final int SCRATCH_BYTES = 128;
    /// Fields of [#field], at most.
    public static final int FIELDS_MAX = 8;
    /// Bytes of the values of these fields that are copied, all together, at most; no more than the longest head that each version sends has room for beside status and date, 192 in the tight profile with HTTP/3.
    public static final int FIELD_BYTES_MAX = 384;
    /// Who can be told of the end, at most.
    public static final int ENDINGS_MAX = 4;
    /// Bytes of [#peer], at most.
    public static final int PEER_BYTES_MAX = 39;
    /// Offset of what [ExtraFields] has, behind the scratch memory and what [PathParameters] has.
    static final int FIELDS = SCRATCH_BYTES + PathParameters.PLACES_BYTES;
    private static final int STATUS_MIN = 200;
    private static final int STATUS_MAX = 999;

    private final Course course;
    private final MemorySegment memory;
    private final long base;
    private final ExtraFields fields;
    private final Now now;
    private final PathParameters path;
    private final Endings endings = new Endings();
    private boolean scratched;          // someone asked for the scratch memory: it is wiped
    private @Nullable Object attachment;

    /// @param memory  [#bytes] at `base`, zero
    Exchange(Course course, MemorySegment memory, long base, ExtraFields fields, Now now) {
        this.course = course;
        this.memory = memory;
        this.base = base;
        this.fields = fields;
        this.now = now;
        this.path = new PathParameters(memory, base + SCRATCH_BYTES);
    }

    /// {@return bytes of memory of one exchange}
    ///
    /// @param fieldBytes  of these, for copies of field values
    static int bytes(int fieldBytes) {
        return FIELDS + ExtraFields.VALUES_BYTES + fieldBytes;
    }

    /// {@return bytes of this object and those that are its own}
    static long heapBytes() {
        return HeapLayout.instance(Exchange.class) + PathParameters.heapBytes() + Endings.heapBytes();
    }

    // The request.

    /// {@return the request's head, a view that is valid until the exchange is over; of a tunnel, until its handler has returned}
    ///
    /// @throws IllegalStateException  it is gone (caller's fault)
    public RequestHead request() {
        requireLent();
        RequestHead head = course.request();
        if (head == null) {
            throw new IllegalStateException("the exchange is a tunnel: its request's head is gone");
        }
        return head;
    }

    /// {@return whether the peer is this machine}
    public boolean isLoopback() {
        requireLent();
        return course.transport().isLoopback();
    }

    /// {@return whether the request came before TLS's handshake was done, here or, as it says by `Early-Data`, at a gateway: then somebody who listened may say
    /// it again (RFC 8470). Only safe methods come this
    /// far then: others were answered 425. What is not harmless twice all the same answers [dev.coffer.http.Status#TOO_EARLY] too. False from when the handshake
    /// is done, with which it is proven that the client is there}
    public boolean isEarly() {
        requireLent();
        return course.isEarly();
    }

    /// Writes the peer's address as text: IPv4 in dotted form, else the eight groups of IPv6.
    ///
    /// @param target  room for [#PEER_BYTES_MAX] bytes at `at`
    /// @return bytes written; 0 where the peer has gone
    public int peer(MemorySegment target, long at) {
        requireLent();
        return course.transport().peer(target, at);
    }

    /// Writes who the peer is that has shown a certificate which the server verified (`Tls.withClients`), on this connection or when the session
    /// began that it resumed.
    ///
    /// @param target  room for 32 bytes at `at`: the SHA-256 of the certificate's SubjectPublicKeyInfo
    /// @return 32, or 0 where it has shown none
    public int peerKey(MemorySegment target, long at) {
        requireLent();
        return course.transport().peerKey(target, at);
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
        return course.began();
    }

    // What a router, or whoever else stands before a handler, hands on.

    /// {@return offset of what is left of the path for this handler: all of it, or what lies behind the prefix that it is mounted
    /// below. In the memory of the request's head, which has the whole path}
    public long pathAt() {
        return request().pathAt() + path.skipped();
    }

    /// {@return bytes of what is left of the path}
    public int pathLength() {
        return request().pathLength() - path.skipped();
    }

    /// Takes a prefix off what is left of the path, for the handlers behind.
    ///
    /// @param length  bytes, 0..[#pathLength]
    public void skipPath(int length) {
        Objects.checkFromIndexSize(0, length, pathLength());
        path.skip(length);
    }

    /// Notes a path parameter, for the handlers behind.
    ///
    /// @param name    by which [#parameter] finds it: a constant
    /// @param at      offset in the memory of the request's head, at or behind its path
    /// @param length  bytes, as sent: not decoded
    /// @throws IllegalStateException  there are [#PARAMETERS_MAX] already (caller's fault)
    public void addParameter(String name, long at, int length) {
        path.add(name, Math.toIntExact(at - request().pathAt()), length);
    }

    /// Forgets the parameters from that one on.
    public void dropParameters(int from) {
        path.drop(from);
    }

    /// {@return how many path parameters there are}
    public int parameters() {
        return path.count();
    }

    /// {@return index of the path parameter of that name, the one that was noted last where there are several; -1 for none}
    public int parameter(String name) {
        return path.find(name);
    }

    /// {@return the name of a path parameter}
    public String parameterName(int index) {
        return path.name(index);
    }

    /// {@return offset of a path parameter in the memory of the request's head}
    public long parameterAt(int index) {
        return request().pathAt() + path.at(index);
    }

    /// {@return bytes of a path parameter}
    public int parameterLength(int index) {
        return path.length(index);
    }

    /// {@return an object of the application's, null at first}
    public @Nullable Object attachment() {
        return attachment;
    }

    /// Keeps an object of the application's until the exchange is over: one made at start, where no heap may be used.
    public void attach(Object object) {
        attachment = object;
    }

    /// {@return the memory of [#scratchAt], in which others' bytes lie before and behind it}
    public MemorySegment scratch() {
        scratched = true;
        return memory;
    }

    /// {@return offset of [#SCRATCH_BYTES] bytes that are the application's until the exchange is over; zero at first}
    ///
    /// **Another thread** that was told of them by the loop's (whoever answers by [#later]) may read and write them until it has answered, while the loop's leaves them alone: they are not given back
    /// to the system under it, whatever the server's [ServerConfig#commit]. But it has to be done before the exchange is over, which may be any time, as its client leaves or its time is over: right
    /// behind its endings ([#onEnd]) they are wiped, and the next exchange's. A thread that nobody can wait for there writes to memory of its own.
    public long scratchAt() {
        return base;
    }

    /// Has someone told when the exchange is over; who asked last is told first.
    ///
    /// @throws IllegalStateException  there are [#ENDINGS_MAX] already (caller's fault)
    public void onEnd(Ending ending) {
        requireLent();
        endings.add(ending);
    }

    /// Sets both limits: [#limitContent] and [#limitTime].
    ///
    /// @return whether the request is within them; where not it is answered already
    public boolean limit(long bytesMax, long nanos) {
        checkNanos(nanos);
        boolean within = limitContent(bytesMax);
        if (within) {
            limitTime(nanos);
        }
        return within;
    }

    /// Sets a limit of the content, beside those that were set before and the server's own (`Limits.bodyBytesMax`): the smallest
    /// counts. What is announced to be larger, or has come already, is answered 413 at once; what was not announced, when it has
    /// come. From within a sink too.
    ///
    /// @param bytesMax  0 or more
    /// @return whether the request is within it; where not it is answered already
    public boolean limitContent(long bytesMax) {
        requireUnanswered();
        if (bytesMax < 0) {
            throw new IllegalArgumentException("limit: " + bytesMax + " bytes");
        }
        return course.limitContent(bytesMax);
    }

    /// Sets the limit of the time to the answer in place of the one that was there. An exchange that has no answer by then gets
    /// 408 where its content is still coming, else 503. From within a sink too.
    ///
    /// @param nanos  from the request's head, 1 or more; what ends past the end of the clock never ends
    public void limitTime(long nanos) {
        requireUnanswered();
        checkNanos(nanos);
        course.limitTime(nanos);
    }

    private static void checkNanos(long nanos) {
        if (nanos < 1) {
            throw new IllegalArgumentException("limit: " + nanos + " ns");
        }
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
        return course.receive(Objects.requireNonNull(sink), bytesMax);
    }

    /// {@return fields that came behind the content, from [ContentSink#end] on; none where there were none}
    public Fields trailers() {
        requireLent();
        return course.trailers();
    }

    /// Says that what held the exchange back is over: a sink that left something is offered it again, an answer that had
    /// nothing is asked again.
    public void resume() {
        requireLent();
        course.resume();
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

    /// Adds fields that were checked before, in place of those that were added so before: they take no room of the exchange's. An
    /// answer that turns out to be 500 goes without, as it goes without the others.
    ///
    /// @throws IllegalStateException  answered (caller's fault)
    public Exchange fields(FixedFields some) {
        requireUnanswered();
        fields.add(Objects.requireNonNull(some));
        return this;
    }

    /// Answers with a status and its words as plain text; without any where the status has no content.
    ///
    /// @param status  200..999
    /// @throws IllegalStateException  answered before, or to be answered by [#later] (caller's fault)
    public void respond(int status) {
        checkStatus(status);
        requireUnanswered();
        course.begin(status);
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
        course.begin(status, mediaType, segment, at, length);
    }

    /// Answers in full: fields and content are pulled when there is room for them. Where this throws, the answer stays the
    /// caller's, and its [Answer#ended] is not called.
    ///
    /// @throws IllegalStateException  answered before, or to be answered by [#later] (caller's fault)
    public void respond(int status, Answer answer) {
        checkStatus(status);
        Objects.requireNonNull(answer);
        requireUnanswered();
        course.begin(status, answer);
    }

    /// Answers by making the exchange a tunnel: 101 in HTTP/1.1, 200 in HTTP/2 (RFC 8441), and from there on bytes both ways. In the handler alone, before
    /// it returns; the request's head is gone once it has. In HTTP/1.1 the connection ends with it.
    ///
    /// @param protocol  what is spoken from here on, a token as it stands in Upgrade
    /// @throws IllegalStateException  answered before, or its content was asked for; the request has content, or cannot become one
    ///                                (see [dev.coffer.http.HttpServer#tunnel]) (caller's fault)
    public void tunnel(Ascii protocol, Tunnel tunnel) {
        Objects.requireNonNull(protocol);
        Objects.requireNonNull(tunnel);
        requireUnanswered();
        course.tunnel(protocol, tunnel);
    }

    /// Says that a tunnel, or an answer, that had nothing to say has something now: it is asked soon. Calls nobody at once, so it may be used anywhere
    /// on the loop's thread, in a sink too.
    public void resumeAnswer() {
        requireLent();
        course.resumeAnswer();
    }

    /// Sends 103 (Early Hints, RFC 8297) before the answer: fields that let a client begin to load what the answer will need, `Link` above all.
    ///
    /// @param hints  as small as a head may be: with 32 bytes around them no more than `sentHeadBytesMax`
    /// @return whether it will be sent: not to a client of HTTP/1.0, and not while another one has yet to go
    /// @throws IllegalStateException     answered (caller's fault)
    /// @throws IllegalArgumentException  larger (caller's fault)
    public boolean earlyHints(FixedFields hints) {
        requireLent();
        return course.earlyHints(hints);
    }

    /// Says that the answer comes later: from another thread, or from this one when something else has happened.
    ///
    /// @return where to give it, see [Later]; the same object for this exchange's whole life
    /// @throws IllegalStateException  answered (caller's fault)
    public Later later() {
        requireLent();
        return course.later();
    }

    /// {@return what [Later#resume] wants, for an exchange that is not deferred}
    public Later remote() {
        requireLent();
        return course.remote();
    }

    /// {@return whether the answer was given}
    public boolean isAnswered() {
        return course.reply().isGiven();
    }

    /// {@return the status of the answer, 0 before it is given}
    public int status() {
        return course.reply().status();
    }

    /// {@return bytes of content that were handed to the connection; of an answer that was cut, once it is over, those that the system was
    /// handed: what still lay in our own memory when the connection ended never left. Where that were several pieces of content with frames
    /// between (chunks), no more than were handed and no fewer than before those pieces}
    public long contentBytes() {
        return course.reply().contentBytes();
    }

    /// {@return whether the answer's status was handed to the connection and, once an answer that was cut is over, to the system}
    public boolean isBegun() {
        return course.reply().isBegun();
    }

    /// Gives up the exchange: what was not sent never is, and the peer sees that it was cut. In HTTP/1.1 the connection ends. It
    /// takes no answer and no content from then on; a second call does nothing.
    public void abort() {
        requireLent();
        course.cut();
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
        course.requireLent();
    }

    private void requireUnanswered() {
        course.requireUnanswered();
    }

    /// It is over: tells of it, and forgets.
    void end(boolean complete, Failures failures) {
        endings.tell(this, complete, failures);
        fields.clear();
        if (scratched) {
            Wipe.bytes(memory, base, SCRATCH_BYTES);
            scratched = false;
        }
        attachment = null;
        path.clear();
    }
}
