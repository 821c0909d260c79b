package dev.coffer.jsse;

import dev.coffer.tls.NamedGroup;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Objects;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// An `SSLEngine` of TLS 1.3. The states are JSSE's:
///
/// ```
///   NEW --begin--> SHAKING --FINISHED told--> OPEN       in SHAKING each record of the peer's is one delegated task
///                     '---------fault----------'-------> BROKEN: what is left to be said is kept in an array, all memory is given back
/// ```
///
/// A delegated task takes the record with all that follows from it: key exchange, the managers' work, signatures. Meanwhile `wrap` and `unwrap`
/// answer NEED_TASK and touch nothing, so no thread of theirs waits; any thread may run it. What it throws is thrown by the next of them. Any thread;
/// one at a time is inside.
final class TlsEngine extends CheckedEngine {
    enum Phase { NEW, SHAKING, OPEN, BROKEN }

    private static final int HEADER_BYTES = 5;
    private static final int TAG_AND_TYPE_BYTES = 17;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int APPLICATION_DATA = 23;
    private static final byte[] NONE = {};

    private final Vault vault;
    private final Negotiation negotiation;
    private final @Nullable SSLSocket socket;
    private volatile @Nullable String host;  // whom it leads to, where that was not known when it was made
    private volatile int port;
    private Phase phase = Phase.NEW;
    private @Nullable Link link;
    private byte[] lastWords = NONE;       // once it is broken or closed
    private volatile @Nullable HandshakeTask task;  // due, or under way
    private @Nullable SSLException fault;  // to be thrown next
    private boolean inputDone;
    private boolean outputClosed;          // nothing of the application's goes any more
    private boolean outputDone;            // nothing at all does

    /// @param socket  whose engine this is; null for one that a program drives
    TlsEngine(TlsContextSpi context, @Nullable String host, int port, @Nullable SSLSocket socket) {
        super(host, port);
        this.host = host;
        this.port = port;
        this.socket = socket;
        this.vault = context.vault();
        this.negotiation = new Negotiation(this, context);
    }

    /// {@return whose engine this is, and whom managers shall see in its place; null for one that a program drives}
    @Nullable
    SSLSocket socket() {
        return socket;
    }

    /// {@return whom a client asks for}
    @Nullable
    String host() {
        return host;
    }

    /// Says whom it leads to, before it begins.
    void leadsTo(String newHost, int newPort) {
        host = newHost;
        port = newPort;
    }

    @Override
    public @Nullable String getPeerHost() {
        return host;
    }

    @Override
    public int getPeerPort() {
        return port;
    }

    /// The peer has shown a chain, which is not trusted yet.
    void onPeer(X509Certificate[] chain) {
        negotiation.onPeer(chain);
    }

    @Override
    boolean hasBegun() {
        return phase != Phase.NEW;
    }

    @Override
    public void beginHandshake() throws SSLException {
        lock.lock();
        try {
            checkMode();
            if (phase == Phase.NEW) {
                begin();
            } else if (phase == Phase.OPEN && !outputClosed) {
                link().connection().updateKey();
            } else if (phase == Phase.BROKEN || outputClosed) {
                throw new SSLException("the connection is over");
            }
        } finally {
            lock.unlock();
            Reference.reachabilityFence(this);  // nothing of it comes back while it is at work
        }
    }

    private void begin() throws SSLException {
        phase = Phase.SHAKING;
        try {
            link = negotiation.begin();
        } catch (SSLException | RuntimeException | Error e) {
            throw broken(e, NONE);
        }
    }

    private Link link() {
        return Objects.requireNonNull(link, "begun");
    }

    // ---- wrap

    @Override
    SSLEngineResult write(ByteBuffer[] sources, int offset, int length, ByteBuffer target) throws SSLException {
        if (outputDone) {
            return result(Status.CLOSED, 0, 0);
        }
        if (task != null) {
            return result(Status.OK, 0, 0);
        }
        if (phase == Phase.NEW && !outputClosed) {
            begin();
        }
        if (phase == Phase.SHAKING && status() == HandshakeStatus.NEED_UNWRAP) {
            return result(Status.OK, 0, 0);
        }
        if (target.remaining() < Session.PACKET_BYTES) {
            return result(Status.BUFFER_OVERFLOW, 0, 0);
        }
        if (lastWords.length > 0 || link == null) {
            return writeLast(target);
        }
        int before = target.position();
        boolean mayTake = phase == Phase.OPEN && !outputClosed;
        long consumed;
        try {
            consumed = link().seal(sources, offset, mayTake ? length : 0, target);
        } catch (RuntimeException | Error e) {  // an Error: a mapped buffer whose file was cut
            throw broken(e, NONE);
        }
        int produced = target.position() - before;
        if (phase == Phase.SHAKING && isAgreed()) {
            phase = Phase.OPEN;
            negotiation.end(link());
            moveOut();
            return new SSLEngineResult(Status.OK, HandshakeStatus.FINISHED, (int) consumed, produced);
        }
        settle();
        moveOut();
        return result(outputDone ? Status.CLOSED : Status.OK, (int) consumed, produced);
    }

    /// What an open connection needs no more goes to who shakes hands next.
    private void moveOut() throws SSLException {
        Link of = link;
        if (of != null && phase == Phase.OPEN) {
            try {
                of.moveOut(vault, this);
            } catch (RuntimeException | Error e) {
                throw broken(e, NONE);
            }
        }
    }

    /// {@return whether both sides are done, and all of ours has gone that the peer needs for it}
    private boolean isAgreed() {
        return link != null && link.connection().isOpen() && (!isClient() || !link.connection().owesOutput());
    }

    private SSLEngineResult writeLast(ByteBuffer target) {
        target.put(lastWords);
        int produced = lastWords.length;
        lastWords = NONE;
        outputDone = true;
        return result(Status.CLOSED, 0, produced);
    }

    // ---- unwrap

    @Override
    SSLEngineResult read(ByteBuffer source, ByteBuffer[] targets, int offset, int length, long room) throws SSLException {
        if (inputDone) {
            return result(Status.CLOSED, 0, 0);
        }
        if (task != null) {
            return result(Status.OK, 0, 0);
        }
        if (phase == Phase.NEW && !outputClosed) {
            begin();
        }
        if (phase == Phase.SHAKING && status() == HandshakeStatus.NEED_WRAP) {
            return result(Status.OK, 0, 0);
        }
        if (source.remaining() < HEADER_BYTES) {
            return result(Status.BUFFER_UNDERFLOW, 0, 0);
        }
        int at = source.position();
        int type = source.get(at) & 0xff;
        int bytes = HEADER_BYTES + ((source.get(at + 3) & 0xff) << 8 | source.get(at + 4) & 0xff);
        if (link == null && (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA || source.get(at + 1) != 3)) {
            throw broken(new SSLException("Unsupported or unrecognized SSL message"), NONE);
        }
        if (bytes > Session.PACKET_BYTES) {
            throw tooLong(source, at, bytes);
        }
        if (phase == Phase.OPEN && Math.min(bytes - HEADER_BYTES - TAG_AND_TYPE_BYTES, Session.CONTENT_BYTES) > room) {
            return result(Status.BUFFER_OVERFLOW, 0, 0);
        }
        if (source.remaining() < bytes) {
            return result(Status.BUFFER_UNDERFLOW, 0, 0);
        }
        return phase == Phase.OPEN ? open(source, bytes, targets, offset, length) : shake(source, type, bytes);
    }

    private SSLException tooLong(ByteBuffer source, int at, int bytes) {
        Link with = link;
        if (with == null) {
            return broken(new SSLException("Unsupported or unrecognized SSL message"), NONE);
        }
        with.feed(MemorySegment.ofBuffer(source.slice(at, HEADER_BYTES)), 0, HEADER_BYTES);
        return broken(new SSLException("a record of " + bytes + " bytes (expected at most " + Session.PACKET_BYTES + ")"), with.lastWords());
    }

    private SSLEngineResult open(ByteBuffer source, int bytes, ByteBuffer[] targets, int offset, int length) throws SSLException {
        long produced;
        try {
            produced = link().open(source, bytes, targets, offset, length);
        } catch (RuntimeException | Error e) {
            throw broken(e, NONE);
        }
        source.position(source.position() + bytes);
        look();
        return result(inputDone ? Status.CLOSED : Status.OK, bytes, (int) produced);
    }

    private SSLEngineResult shake(ByteBuffer source, int type, int bytes) throws SSLException {
        byte[] record = new byte[bytes];
        source.get(record);
        if (type == CHANGE_CIPHER_SPEC && link != null) {
            link.feed(MemorySegment.ofArray(record), 0, bytes);
            look();
        } else if (negotiation.isWhole(record, link)) {
            task = new HandshakeTask(this, record);
        }
        return result(inputDone ? Status.CLOSED : Status.OK, bytes, 0);
    }

    // ---- tasks

    /// {@return whether this one is due: it has not run}
    boolean isDue(HandshakeTask of) {
        return task == of;
    }

    /// {@return what the record has made of the connection; outside of the lock}
    @Nullable
    Link take(byte[] record) throws SSLException {
        return negotiation.take(record, link);
    }

    /// The task has run.
    ///
    /// @param made  what it has made, where nothing was thrown
    void end(@Nullable Link made, @Nullable Throwable thrown) {
        lockedRun(() -> settle(made, thrown));
    }

    private void settle(@Nullable Link made, @Nullable Throwable thrown) {
        link = thrown == null ? made : link;
        task = null;
        try {
            if (thrown != null) {
                throw broken(thrown, negotiation.lastWords());
            }
            look();
            if (outputClosed && link != null) {
                link.endOutput();
            }
            settle();
        } catch (SSLException e) {
            fault = e;
        }
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        lock.lock();
        try {
            HandshakeTask due = task;
            return due == null || !due.take() ? null : due;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void throwFault() throws SSLException {
        SSLException thrown = fault;
        if (thrown != null) {
            fault = null;
            throw thrown;
        }
    }

    // ---- what came of it

    /// Looks at what the last record has done to the connection.
    private void look() throws SSLException {
        Link of = link;
        if (of == null) {
            return;
        }
        SSLException wrong = negotiation.fault(of, phase != Phase.OPEN);
        if (wrong != null) {
            throw broken(wrong, of.lastWords());
        }
        if (of.connection().alertReceived() != null) {  // a close_notify: others are faults
            inputDone = true;
            settle();
        }
    }

    /// The connection may be over: then all memory is given back.
    private void settle() {
        Link of = link;
        if (of == null) {
            return;
        }
        outputDone |= of.connection().isOutputEnded();
        if (inputDone && (outputDone || outputClosed)) {
            if (!outputDone) {
                lastWords = of.lastWords();
                outputDone = lastWords.length == 0;
            }
            of.close();
            link = null;
        }
    }

    /// The connection is lost.
    ///
    /// @param words  that are left to be said
    /// @return what is to be thrown
    private SSLException broken(Throwable why, byte[] words) {
        Link of = link;
        link = null;
        phase = Phase.BROKEN;
        inputDone = true;
        outputClosed = true;
        lastWords = words;
        outputDone = words.length == 0;
        if (of != null) {
            of.close();
        }
        negotiation.broken();
        return why instanceof SSLException ssl ? ssl : new SSLException(why.getMessage(), why);
    }

    private SSLEngineResult result(Status status, int consumed, int produced) {
        return new SSLEngineResult(status, status(), consumed, produced);
    }

    private HandshakeStatus status() {
        if (task != null) {
            return HandshakeStatus.NEED_TASK;
        }
        if (lastWords.length > 0 || fault != null) {
            return HandshakeStatus.NEED_WRAP;  // which throws what a task has found: nobody shall take its end for a success
        }
        Link of = link;
        if (of != null && !outputDone && (of.connection().owesOutput() || outputClosed && !of.connection().isOutputEnded())) {
            return HandshakeStatus.NEED_WRAP;
        }
        if (phase != Phase.SHAKING || inputDone) {
            return HandshakeStatus.NOT_HANDSHAKING;
        }
        return of != null && of.connection().isOpen() ? HandshakeStatus.NEED_WRAP : HandshakeStatus.NEED_UNWRAP;
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        return locked(this::status);
    }

    // ---- ends

    @Override
    public void closeInbound() throws SSLException {
        lock.lock();
        try {
            if (endInput()) {
                negotiation.cut();
                throw new SSLException("closing inbound before receiving peer's close_notify");
            }
        } finally {
            lock.unlock();
            Reference.reachabilityFence(this);
        }
    }

    /// {@return whether something may be on its way that is not heard any more}
    private boolean endInput() {
        if (inputDone) {
            return false;
        }
        inputDone = true;
        if (phase == Phase.SHAKING) {
            negotiation.broken();
        }
        if (task == null) {
            settle();
        }
        return phase != Phase.NEW;
    }

    /// Ends both directions for a socket whose program closes it: it has heard what it wanted, and its session stays good.
    void leave() {
        closeOutbound();
        lockedRun(this::endInput);
    }

    @Override
    public boolean isInboundDone() {
        return locked(() -> inputDone);
    }

    @Override
    public void closeOutbound() {
        lockedRun(() -> {
            if (outputClosed) {
                return;
            }
            outputClosed = true;
            if (link == null) {
                outputDone = task == null;
                inputDone |= outputDone;  // nobody is answered any more
            } else if (task == null) {
                link.endOutput();
                settle();
            }
        });
    }

    @Override
    public boolean isOutboundDone() {
        return locked(() -> outputDone);
    }

    // ---- what is known

    @Override
    public SSLSession getSession() {
        return negotiation.session();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return negotiation.handshakeSession();
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return negotiation.protocol();
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return negotiation.handshakeProtocol();
    }

    /// {@return the group in which the keys were exchanged; null before, and when the engine is over}
    @Nullable
    NamedGroup group() {
        return locked(() -> link == null ? null : link.connection().group());
    }

    @Override
    public String toString() {
        return "TlsEngine[" + (getPeerHost() == null ? "" : getPeerHost() + ":" + getPeerPort() + ", ") + negotiation.session() + "]";
    }
}
