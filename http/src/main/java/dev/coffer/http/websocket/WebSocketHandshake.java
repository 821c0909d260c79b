package dev.coffer.http.websocket;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The opening handshake (RFC 6455, section 4.2; RFC 8441, section 5): whether a request is one, from where it comes, and what answers it.
///
/// One thread at a time; 0 heap bytes after construction.
public final class WebSocketHandshake {
    /// What the exchange becomes: the value of Upgrade and of `:protocol`.
    public static final Ascii WEBSOCKET = Ascii.of("websocket");
    /// The version that is spoken, the value of Sec-WebSocket-Version.
    public static final Ascii VERSION = Ascii.of("13");
    /// Bytes of Sec-WebSocket-Accept.
    public static final int ACCEPT_BYTES = AcceptKey.BYTES;
    /// From [#judge]: the request opens a WebSocket.
    public static final int OPENS = 0;

    private static final Ascii UPGRADE = Ascii.of("upgrade");
    private static final Ascii HTTP = Ascii.of("http://");
    private static final Ascii HTTPS = Ascii.of("https://");
    private static final int HTTP_2 = 20;
    private static final int HTTP_1_1 = 11;

    private final AcceptKey key = new AcceptKey();

    /// Makes one, for one request after another.
    public WebSocketHandshake() {}

    /// {@return bytes of its Java objects}
    public static long heapBytes() {
        return HeapLayout.instance(WebSocketHandshake.class) + AcceptKey.heapBytes();
    }

    /// {@return [#OPENS], or the status that answers: 426 where it is no upgrade to WebSocket or asks for another version (with Upgrade and
    /// Sec-WebSocket-Version), 405 where the method cannot be upgraded, 501 for another `:protocol`, 400 for what is malformed}
    public static int judge(RequestHead request) {
        return request.version() >= HTTP_2 ? judgeConnect(request) : judgeUpgrade(request);
    }

    private static int judgeConnect(RequestHead request) {
        if (request.method() != Method.CONNECT) {
            return request.method() == Method.GET ? Status.BAD_REQUEST : Status.METHOD_NOT_ALLOWED;
        }
        if (!WEBSOCKET.matchesAnyCase(request.segment(), request.protocolAt(), request.protocolLength())) {
            return Status.NOT_IMPLEMENTED;
        }
        // content of a known length, none too, is no stream of frames
        return request.contentLength() >= 0 || !isVersion(request) ? Status.BAD_REQUEST : OPENS;
    }

    private static int judgeUpgrade(RequestHead request) {
        if (request.method() != Method.GET) {
            return Status.METHOD_NOT_ALLOWED;
        }
        if (request.version() < HTTP_1_1 || !request.lists(FieldName.CONNECTION, UPGRADE) || !request.lists(FieldName.UPGRADE, WEBSOCKET)
                || !isVersion(request)) {
            return Status.UPGRADE_REQUIRED;
        }
        int index = request.find(FieldName.SEC_WEBSOCKET_KEY);
        boolean good = index >= 0 && request.find(FieldName.SEC_WEBSOCKET_KEY, index + 1) < 0 && request.contentLength() == 0
                && AcceptKey.isKey(request.segment(), request.valueAt(index), request.valueLength(index));
        return good ? OPENS : Status.BAD_REQUEST;
    }

    private static boolean isVersion(RequestHead request) {
        int index = request.find(FieldName.SEC_WEBSOCKET_VERSION);
        return index >= 0 && request.find(FieldName.SEC_WEBSOCKET_VERSION, index + 1) < 0 && request.valueIs(index, VERSION);
    }

    /// {@return whether the request comes from a page of this very host, or from no page: browsers say Origin in each handshake, and nothing else
    /// keeps another site's page from opening one with the user's cookies (RFC 6455, section 10.2). Host and port are compared, in any case, with
    /// what the request calls this server; the scheme is not, as TLS may end in a proxy}
    public static boolean isSameOrigin(RequestHead request) {
        int index = request.find(FieldName.ORIGIN);
        if (index < 0) {
            return true;
        }
        MemorySegment memory = request.segment();
        long at = request.valueAt(index);
        int length = request.valueLength(index);
        int scheme = HTTPS.length() < length && HTTPS.matchesAnyCase(memory, at, HTTPS.length()) ? HTTPS.length()
                : HTTP.length() < length && HTTP.matchesAnyCase(memory, at, HTTP.length()) ? HTTP.length() : 0;
        int host = length - scheme;
        boolean same = scheme > 0 && host == request.authorityLength() && request.find(FieldName.ORIGIN, index + 1) < 0;
        for (int i = 0; same && i < host; i++) {
            same = Ascii.lower(memory.get(ValueLayout.JAVA_BYTE, at + scheme + i)) == Ascii.lower(memory.get(ValueLayout.JAVA_BYTE, request.authorityAt() + i));
        }
        return same;
    }

    /// {@return the first subprotocol that the client lists and the server has (section 1.9), or null where there is none: the handshake then says
    /// none, and the client decides whether it goes on}
    ///
    /// @param had  what the server has; names are compared octet for octet
    @SuppressWarnings("exports")  // an annotation that users need not have
    public static @Nullable Ascii protocol(Fields request, Ascii[] had) {
        MemorySegment memory = request.segment();
        for (int i = request.find(FieldName.SEC_WEBSOCKET_PROTOCOL); i >= 0; i = request.find(FieldName.SEC_WEBSOCKET_PROTOCOL, i + 1)) {
            long end = request.valueAt(i) + request.valueLength(i);
            for (long at = request.valueAt(i); at < end; at++) {
                long stop = at;
                while (stop < end && memory.get(ValueLayout.JAVA_BYTE, stop) != ',') {
                    stop++;
                }
                Ascii chosen = among(had, memory, at, stop);
                if (chosen != null) {
                    return chosen;
                }
                at = stop;
            }
        }
        return null;
    }

    private static @Nullable Ascii among(Ascii[] had, MemorySegment memory, long from, long to) {
        long at = from;
        long end = to;
        while (at < end && isSpace(memory.get(ValueLayout.JAVA_BYTE, at))) {
            at++;
        }
        while (at < end && isSpace(memory.get(ValueLayout.JAVA_BYTE, end - 1))) {
            end--;
        }
        for (Ascii one : had) {
            if (one.matches(memory, at, end - at)) {
                return one;
            }
        }
        return null;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    /// Writes Sec-WebSocket-Accept for a request of HTTP/1.1 that [#judge] lets open.
    ///
    /// @param target  room for [#ACCEPT_BYTES] at `to`
    public void accept(RequestHead request, MemorySegment target, long to) {
        key.write(request.segment(), request.valueAt(request.find(FieldName.SEC_WEBSOCKET_KEY)), target, to);
    }
}
