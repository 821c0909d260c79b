package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.RequestHead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Who may see what a server tells of itself: this machine, under a name of its own. A web page whose own name was made to point here is
/// refused, and so is what says that a proxy has passed it on (RFC 7239, RFC 9110 section 7.6.3). A proxy on this machine that says neither and
/// names this machine in Host looks like this machine, which it is: where there is one, the pages belong in an [Annex].
///
/// Stateless, thread-safe; 0 heap bytes.
final class LocalRequest {
    private static final Ascii LOCALHOST = Ascii.of("localhost");
    private static final Ascii LOOPBACK_4 = Ascii.of("127.");
    private static final Ascii LOOPBACK_6 = Ascii.of("[::1]");
    private static final Ascii FORWARDED = Ascii.of("x-forwarded-");
    private static final Ascii REAL_PEER = Ascii.of("x-real-ip");

    private LocalRequest() {}

    static boolean is(Exchange exchange) {
        RequestHead request = exchange.request();
        return exchange.isLoopback() && isNamedLocally(request) && !isForwarded(request);
    }

    private static boolean isForwarded(RequestHead request) {
        for (int i = 0; i < request.count(); i++) {
            FieldName name = request.name(i);
            if (name == FieldName.FORWARDED || name == FieldName.VIA || name == FieldName.X_FORWARDED_FOR || name == FieldName.OTHER
                    && (FORWARDED.prefixes(request.segment(), request.nameAt(i), request.nameLength(i))
                            || REAL_PEER.matches(request.segment(), request.nameAt(i), request.nameLength(i)))) {
                return true;
            }
        }
        return false;
    }

    /// {@return whether the request names no other host than this machine: `localhost`, 127.x.x.x or `[::1]`}
    private static boolean isNamedLocally(RequestHead request) {
        int length = request.authorityLength();
        if (length < 0) {
            return true;  // HTTP/1.0 without Host: no browser's
        }
        MemorySegment segment = request.segment();
        long at = request.authorityAt();
        if (LOOPBACK_6.prefixes(segment, at, length)) {
            return true;  // what follows the bracket was found to be a port
        }
        int host = 0;
        boolean numeric = true;
        for (byte c; host < length && (c = segment.get(ValueLayout.JAVA_BYTE, at + host)) != ':'; host++) {
            numeric &= c == '.' || c >= '0' && c <= '9';
        }
        return LOCALHOST.matchesAnyCase(segment, at, host) || numeric && LOOPBACK_4.prefixes(segment, at, host);
    }
}
