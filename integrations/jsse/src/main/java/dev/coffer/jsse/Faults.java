package dev.coffer.jsse;

import dev.coffer.tls.Alert;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLProtocolException;
import org.jspecify.annotations.Nullable;

/// Which exception JSSE's users expect for which alert: the same as the JDK's own provider throws. Stateless.
final class Faults {
    private Faults() {}

    static SSLException of(Alert alert, @Nullable String why, @Nullable Throwable cause) {
        String message = "(" + alert.name().toLowerCase(java.util.Locale.ROOT) + ") " + (why == null ? "" : why);
        SSLException made = switch (alert) {
            case UNEXPECTED_MESSAGE -> new SSLProtocolException(message);
            case BAD_RECORD_MAC, RECORD_OVERFLOW, INTERNAL_ERROR -> new SSLException(message);
            default -> new SSLHandshakeException(message);
        };
        if (cause != null) {
            made.initCause(cause);
        }
        return made;
    }
}
