package dev.coffer.jsse;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/// The sessions of a context, of one side: a bounded table, the oldest makes room. Any thread.
final class Sessions implements SSLSessionContext {
    private static final int SIZE = 1024;             // sessions; for 0, which JSSE takes for "no limit", as many as that
    private static final int TIMEOUT_SECONDS = 6 * 3600;

    private final Map<String, Session> byId = new LinkedHashMap<>();
    private int size = SIZE;
    private int timeout = TIMEOUT_SECONDS;

    synchronized void keep(Session session) {
        byId.put(HexFormat.of().formatHex(session.getId()), session);
        session.home(this);
        shrink();
    }

    synchronized void forget(Session session) {
        byId.remove(HexFormat.of().formatHex(session.getId()));
        session.home(null);
    }

    private void shrink() {
        int limit = size == 0 ? SIZE : size;
        for (Iterator<Session> oldest = byId.values().iterator(); byId.size() > limit;) {
            oldest.next().home(null);
            oldest.remove();
        }
    }

    private boolean isOver(Session session) {
        return timeout > 0 && System.currentTimeMillis() - session.getCreationTime() >= timeout * 1000L;
    }

    @Override
    public synchronized @Nullable SSLSession getSession(byte[] sessionId) {
        if (sessionId == null) {
            throw new NullPointerException("a session's id");
        }
        Session found = byId.get(HexFormat.of().formatHex(sessionId));
        if (found != null && isOver(found)) {
            found.invalidate();
            return null;
        }
        return found;
    }

    @Override
    public synchronized Enumeration<byte[]> getIds() {
        List<byte[]> ids = new ArrayList<>();
        for (Session each : byId.values()) {
            if (!isOver(each)) {
                ids.add(each.getId());
            }
        }
        return Collections.enumeration(ids);
    }

    @Override
    public synchronized void setSessionTimeout(int seconds) {
        if (seconds < 0) {
            throw new IllegalArgumentException("session timeout: " + seconds + " s (expected 0 or more)");
        }
        timeout = seconds;
    }

    @Override
    public synchronized int getSessionTimeout() {
        return timeout;
    }

    @Override
    public synchronized void setSessionCacheSize(int newSize) {
        if (newSize < 0) {
            throw new IllegalArgumentException("session cache: " + newSize + " (expected 0 or more)");
        }
        size = newSize;
        shrink();
    }

    @Override
    public synchronized int getSessionCacheSize() {
        return size;
    }
}
