package dev.coffer.jsse;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What goes through a socket of TLS: the engine on one side, the streams of the socket below on the other, in the caller's thread.
///
/// One thread reads, one writes, and a handshake needs both; each has a lock of its own, so that reading waits for no peer that does not read, and a
/// third may close at any time. A time limit of the socket's interrupts nothing: what has come of a record is kept, and the next call goes on.
///
/// Content that a caller has not asked for yet waits in an array, which is wiped as it is taken. A stream that ends without the peer's
/// close_notify is an [SSLException], not an end: anybody can cut it.
final class Traffic {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final TlsEngine engine;
    private final Socket wire;
    private final InputStream before;       // bytes that were read off the socket before this was made
    private final ReentrantLock shaking = new ReentrantLock();
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private ByteBuffer sealed = NONE;       // that came; from 0 to its position; under reading
    private ByteBuffer content = NONE;      // that was opened and not taken; under reading
    private ByteBuffer leaving = NONE;      // a record of ours; under writing
    private volatile @Nullable IOException fault;
    private volatile @Nullable SocketException mute;  // why a record of ours was lost, and no other may follow
    private volatile boolean open;          // a handshake was done
    private volatile boolean closed;

    /// @param before  bytes that came first
    Traffic(TlsEngine engine, Socket wire, InputStream before) {
        this.engine = engine;
        this.wire = wire;
        this.before = before;
    }

    /// {@return whether a handshake was done}
    boolean isOpen() {
        return open;
    }

    boolean isClosed() {
        return closed;
    }

    private void checkUsable() throws IOException {
        if (closed) {
            throw new SocketException("Socket is closed");
        }
        IOException thrown = fault;
        if (thrown != null) {
            throw new SSLException("the connection has failed: " + thrown.getMessage(), thrown);
        }
        if (!wire.isConnected()) {
            throw new SocketException("Socket is not connected");
        }
    }

    /// The connection is lost: the peer is told if it can be, and the engine's memory comes back.
    private IOException fail(IOException why) {
        if (closed) {
            return new SocketException("Socket is closed");
        }
        fault = why;
        try {
            engine.closeOutbound();
            flushIfFree();
        } catch (IOException | RuntimeException told) {
            why.addSuppressed(told);
        }
        release();
        return why;
    }

    /// Everything of the engine's comes back, whatever is left to be said.
    private void release() {
        engine.closeOutbound();
        try {
            engine.closeInbound();
        } catch (SSLException cut) {
            // that is what this is
        }
    }

    // ---- handshake

    /// Goes on to the end of a handshake.
    ///
    /// @return whether there was one to be done
    boolean handshake() throws IOException {
        if (open || shaking.isHeldByCurrentThread()) {  // a manager asks in the middle of it
            return false;
        }
        shaking.lock();
        try {
            checkUsable();
            if (open) {
                return false;
            }
            shake();
            open = true;
            return true;
        } finally {
            shaking.unlock();
        }
    }

    private void shake() throws IOException {
        try {
            if (engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
                engine.beginHandshake();
            }
            for (HandshakeStatus status; (status = engine.getHandshakeStatus()) != HandshakeStatus.NOT_HANDSHAKING;) {
                if (status == HandshakeStatus.NEED_TASK) {
                    work();
                } else if (status == HandshakeStatus.NEED_WRAP) {
                    flushLate();
                } else {
                    hear();
                }
            }
        } catch (SocketTimeoutException e) {
            throw e;  // it goes on where the next call comes
        } catch (IOException e) {
            throw fail(e);
        }
        if (closed) {
            throw new SocketException("Socket is closed");
        }
    }

    private void work() {
        for (Runnable task; (task = engine.getDelegatedTask()) != null;) {
            task.run();
        }
    }

    private void hear() throws IOException {
        reading.lock();
        try {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
                take(NONE);
            }
        } finally {
            reading.unlock();
        }
    }

    /// Has our key updated.
    void updateKey() throws IOException {
        checkUsable();
        try {
            engine.beginHandshake();
            flush();
        } catch (IOException e) {
            throw fail(e);
        }
    }

    // ---- reading

    /// {@return bytes read, 1 or more where there is room; -1 behind the peer's close_notify}
    int read(byte[] to, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, to.length);
        if (length == 0) {
            return 0;
        }
        handshake();
        reading.lock();
        try {
            while (!content.hasRemaining()) {
                boolean ended = engine.isInboundDone();
                checkUsable();  // closed meanwhile, by another thread: that is no end
                if (ended) {
                    return -1;
                }
                fillContent();
            }
            int part = Math.min(length, content.remaining());
            int at = content.position();
            content.get(to, from, part);
            Arrays.fill(content.array(), at, at + part, (byte) 0);
            return part;
        } finally {
            reading.unlock();
        }
    }

    private void fillContent() throws IOException {
        if (content.capacity() == 0) {
            content = ByteBuffer.allocate(Session.CONTENT_BYTES);
        }
        content.clear();
        try {
            take(content);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw fail(e);
        } finally {
            content.flip();
        }
    }

    /// {@return bytes that can be read without waiting}
    int available() throws IOException {
        if (closed) {
            throw new SocketException("Socket is closed");
        }
        if (!reading.tryLock()) {
            return 0;
        }
        try {
            return content.remaining();
        } finally {
            reading.unlock();
        }
    }

    /// Takes one record of the peer's, or waits for more of it.
    private void take(ByteBuffer to) throws IOException {
        sealed.flip();
        Status status;
        try {
            status = engine.unwrap(sealed, to).getStatus();
        } finally {
            sealed.compact();
        }
        if (status == Status.BUFFER_UNDERFLOW) {
            receive();
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && open && !closed) {  // who closes says so himself, before he cuts
            flushIfFree();
        }
    }

    private void receive() throws IOException {
        if (sealed.capacity() == 0) {
            sealed = ByteBuffer.allocate(Session.PACKET_BYTES);
        }
        int bytes = before.available() > 0 ? before.read(sealed.array(), sealed.position(), sealed.remaining()) : 0;
        bytes = bytes > 0 ? bytes : wire.getInputStream().read(sealed.array(), sealed.position(), sealed.remaining());
        if (bytes < 0) {
            EOFException cut = new EOFException("the stream ended without a close_notify");
            String when = open ? "closed without close_notify: what came may be cut short" : "Remote host terminated the handshake";
            throw open ? new SSLException(when, cut) : new javax.net.ssl.SSLHandshakeException(when, cut);
        }
        sealed.position(sealed.position() + bytes);
    }

    // ---- writing

    void write(byte[] from, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, from.length);
        if (length == 0) {
            return;
        }
        handshake();
        writing.lock();
        try {
            ByteBuffer source = ByteBuffer.wrap(from, at, length);
            while (source.hasRemaining()) {
                checkUsable();
                checkHeard();
                if (say(source).getStatus() == Status.CLOSED) {
                    throw new SocketException("Connection or outbound has closed");
                }
            }
        } finally {
            writing.unlock();
        }
    }

    private void checkHeard() throws SocketException {
        SocketException lost = mute;
        if (lost != null) {
            throw new SocketException("a record before this could not be written: " + lost.getMessage());
        }
    }

    private SSLEngineResult say(ByteBuffer source) throws IOException {
        if (leaving.capacity() == 0) {
            leaving = ByteBuffer.allocate(Session.PACKET_BYTES);
        }
        leaving.clear();
        SSLEngineResult result = engine.wrap(source, leaving);
        if (leaving.position() > 0) {
            OutputStream out = wire.getOutputStream();
            out.write(leaving.array(), 0, leaving.position());
            out.flush();
        }
        return result;
    }

    /// Says what TLS has to say.
    private void flush() throws IOException {
        writing.lock();
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                say(NONE.duplicate());
            }
        } finally {
            writing.unlock();
        }
    }

    /// The same; but a server's tickets are owed to nobody: what a client said that has left already is heard.
    private void flushLate() throws IOException {
        try {
            flush();
        } catch (SocketException gone) {
            boolean done = engine.getApplicationProtocol() != null;  // as it is known then, and not before
            if (engine.getUseClientMode() || !done || closed) {
                throw gone;
            }
            mute = gone;
        }
    }

    /// The same, but where somebody writes that one's next record brings it.
    private void flushIfFree() throws IOException {
        if (writing.tryLock()) {
            try {
                flush();
            } finally {
                writing.unlock();
            }
        }
    }

    // ---- ends

    /// Says that nothing more is said.
    void endOutput() throws IOException {
        engine.closeOutbound();
        flush();
    }

    /// {@return whether the peer has said that it says no more}
    boolean isInputEnded() {
        return engine.isInboundDone();
    }

    boolean isOutputEnded() {
        return engine.isOutboundDone();
    }

    /// Nothing more is heard.
    ///
    /// @throws SSLException  the peer has not said that it says no more
    void endInput() throws IOException {
        engine.closeInbound();
    }

    /// Closes, once: close_notify goes if nobody is in the middle of writing; where the socket below goes on being used, the peer's is waited for.
    ///
    /// @param awaits  whether it is
    /// @return whether it was not closed before
    boolean close(boolean awaits) {
        if (closed) {
            return false;
        }
        closed = true;
        try {
            if (wire.isConnected() && !wire.isClosed() && fault == null && engine.hasBegun()) {
                engine.closeOutbound();
                flushIfFree();
                if (awaits && open && reading.tryLock()) {
                    try {
                        drain();
                    } finally {
                        reading.unlock();
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            // it is closed all the same
        } finally {
            engine.leave();
        }
        return true;
    }

    private void drain() throws IOException {
        ByteBuffer drained = ByteBuffer.allocate(Session.CONTENT_BYTES);
        while (!engine.isInboundDone()) {
            take(drained.clear());
        }
        Arrays.fill(drained.array(), (byte) 0);
    }

    /// What waits to be read is wiped, where nobody is reading it.
    void forget() {
        if (reading.tryLock()) {
            try {
                if (content.capacity() > 0) {
                    Arrays.fill(content.array(), (byte) 0);
                }
                content = NONE;
                sealed = NONE;
            } finally {
                reading.unlock();
            }
        }
    }
}
