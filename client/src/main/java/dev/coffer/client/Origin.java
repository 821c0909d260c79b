package dev.coffer.client;

import dev.coffer.http.Ascii;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Whom a request is for: scheme, host and port (RFC 9110, section 4.3.1). Connections are pooled by it. Made once and used for any
/// number of requests; two of the same parts are equal.
///
/// Immutable, thread-safe.
public final class Origin {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int PORT_MAX = 65_535;
    /// Of the longest name (RFC 1035, section 3.1): TLS names it to the server.
    private static final int HOST_BYTES_MAX = 253;

    private final String host;          // lower case, without brackets
    private final int port;
    private final boolean secure;
    private final Ascii authority;
    final @Nullable InetAddress literal;  // null for a name

    private Origin(String host, int port, boolean secure) {
        this.host = host.toLowerCase(Locale.ROOT);
        this.port = port;
        this.secure = secure;
        boolean six = host.indexOf(':') >= 0;
        this.literal = six || host.matches("[0-9.]+") ? InetAddress.ofLiteral(host) : null;
        this.authority = Ascii.of((six ? "[" + this.host + "]" : this.host) + (port == (secure ? HTTPS_PORT : HTTP_PORT) ? "" : ":" + port));
    }

    /// {@return the origin `http://host:port`}
    ///
    /// @param host  a name of 1..253 letters, digits, `-`, `.` and `_`, or an address as a literal, IPv6 without brackets or zone
    /// @param port  1..65535
    /// @throws IllegalArgumentException  none of these (caller's fault)
    public static Origin http(String host, int port) {
        return checked(host, port, false);
    }

    /// {@return the origin `https://host:port`, for a client with [ClientConfig#tls]}
    ///
    /// @param host  as of [#http]
    /// @param port  1..65535
    /// @throws IllegalArgumentException  none of these (caller's fault)
    public static Origin https(String host, int port) {
        return checked(host, port, true);
    }

    private static Origin checked(String host, int port, boolean secure) {
        boolean fits = host.length() <= HOST_BYTES_MAX
                && (host.indexOf(':') >= 0 ? host.matches("[0-9a-fA-F:.]+") : host.matches("[a-zA-Z0-9._-]+"));
        if (!fits) {
            throw new IllegalArgumentException("host: " + host.length() + " characters that are no name and no address");
        }
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("port: " + port + " (expected 1.." + PORT_MAX + ")");
        }
        return new Origin(host, port, secure);
    }

    /// {@return the origin of an absolute `http` or `https` URI; its path and query are the request's business}
    ///
    /// @throws IllegalArgumentException  another scheme, no host, a user's name or password in it
    ///                                   (caller's fault)
    public static Origin of(URI uri) {
        String scheme = uri.getScheme();
        boolean https = scheme != null && scheme.equalsIgnoreCase("https");
        if (!https && (scheme == null || !scheme.equalsIgnoreCase("http"))) {
            throw new IllegalArgumentException(scheme == null ? "a URI without a scheme (expected http://... or https://...)"
                    : "scheme " + scheme.length() + " characters long (expected http or https)");
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("a user's name in the URI: an Authorization field is the place for it");
        }
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("a URI without a host");
        }
        return checked(host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                uri.getPort() >= 0 ? uri.getPort() : https ? HTTPS_PORT : HTTP_PORT, https);
    }

    /// {@return the host: a name, or a literal without brackets; lower case}
    public String host() {
        return host;
    }

    /// {@return the port}
    public int port() {
        return port;
    }

    /// {@return whether TLS is spoken to it: `https`}
    public boolean isSecure() {
        return secure;
    }

    /// {@return host and port as the Host field says them}
    public Ascii authority() {
        return authority;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Origin origin && port == origin.port && secure == origin.secure && host.equals(origin.host);
    }

    @Override
    public int hashCode() {
        return Objects.hash(host, port, secure);
    }

    /// {@return `http://host:port` or `https://host:port`, without the port where it is the scheme's own}
    @Override
    public String toString() {
        return (secure ? "https://" : "http://") + authority;
    }
}
