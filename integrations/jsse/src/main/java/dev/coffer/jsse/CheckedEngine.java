package dev.coffer.jsse;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What callers of `wrap` and `unwrap` may get wrong, looked at before anything changes. Any thread; one at a time is inside.
abstract sealed class CheckedEngine extends ConfiguredEngine permits TlsEngine {
    CheckedEngine(@Nullable String host, int port) {
        super(host, port);
    }

    /// @throws SSLException  what a task has found, once
    abstract void throwFault() throws SSLException;

    /// Wraps, from buffers that are there into one that can be written.
    abstract SSLEngineResult write(ByteBuffer[] sources, int offset, int length, ByteBuffer target) throws SSLException;

    /// Unwraps, into buffers that can be written.
    ///
    /// @param room  bytes that they have left
    abstract SSLEngineResult read(ByteBuffer source, ByteBuffer[] targets, int offset, int length, long room) throws SSLException;

    @Override
    public final SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) throws SSLException {
        lock.lock();
        try {
            checkMode();
            throwFault();
            check(sources, offset, length, "source");
            if (target == null) {
                throw new IllegalArgumentException("destination buffer is null");
            }
            if (target.isReadOnly()) {
                throw new ReadOnlyBufferException();
            }
            return write(sources, offset, length, target);
        } finally {
            lock.unlock();
            Reference.reachabilityFence(this);  // nothing of it comes back while it is at work
        }
    }

    @Override
    public final SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length) throws SSLException {
        lock.lock();
        try {
            checkMode();
            throwFault();
            check(targets, offset, length, "destination");
            if (source == null) {
                throw new IllegalArgumentException("source buffer is null");
            }
            long room = 0;
            for (int i = offset; i < offset + length; i++) {
                if (targets[i].isReadOnly()) {
                    throw new ReadOnlyBufferException();
                }
                room += targets[i].remaining();
            }
            return read(source, targets, offset, length, room);
        } finally {
            lock.unlock();
            Reference.reachabilityFence(this);
        }
    }

    private static void check(ByteBuffer[] buffers, int offset, int length, String what) {
        if (buffers == null) {
            throw new IllegalArgumentException(what + " buffers are null");
        }
        Objects.checkFromIndexSize(offset, length, buffers.length);
        for (int i = offset; i < offset + length; i++) {
            if (buffers[i] == null) {
                throw new IllegalArgumentException(what + " buffer[" + i + "] == null");
            }
        }
    }
}
