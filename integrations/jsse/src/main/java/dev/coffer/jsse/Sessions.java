package dev.coffer.jsse;

import java.util.Collections;
import java.util.Enumeration;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/// The sessions of a context, of one side: none. What a server knows of a session lies in the client's ticket, and our clients resume none. What is set
/// is told and has no effect. Any thread.
final class Sessions implements SSLSessionContext {
    private static final int SIZE = 1024;
    private static final int TIMEOUT_SECONDS = 6 * 3600;

    private volatile int size = SIZE;
    private volatile int timeout = TIMEOUT_SECONDS;

    @Override
    public @Nullable SSLSession getSession(byte[] sessionId) {
        if (sessionId == null) {
            throw new NullPointerException("a session's id");
        }
        return null;
    }

    @Override
    public Enumeration<byte[]> getIds() {
        return Collections.emptyEnumeration();
    }

    @Override
    public void setSessionTimeout(int seconds) {
        if (seconds < 0) {
            throw new IllegalArgumentException("session timeout: " + seconds + " s (expected 0 or more)");
        }
        timeout = seconds;
    }

    @Override
    public int getSessionTimeout() {
        return timeout;
    }

    @Override
    public void setSessionCacheSize(int newSize) {
        if (newSize < 0) {
            throw new IllegalArgumentException("session cache: " + newSize + " (expected 0 or more)");
        }
        size = newSize;
    }

    @Override
    public int getSessionCacheSize() {
        return size;
    }
}
