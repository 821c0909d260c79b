package dev.coffer.server.easy;

import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.server.Exchange;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A whole request, copied onto the heap: it may be kept, and read by any thread. Immutable but for [#bytes].
///
/// Path, parameters and query are percent-decoded and read as UTF-8; what is no UTF-8 becomes U+FFFD, and in a query a `%` without two
/// digits stays as it is.
public final class Request {
    private final String method;
    private final String path;
    private final String rawQuery;
    private final String peer;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final Map<String, List<String>> headers = new LinkedHashMap<>();
    private final byte[] content;
    private @Nullable Map<String, List<String>> queries;  // made when it is asked for

    /// On the loop's thread, while the exchange runs.
    Request(Exchange exchange, byte[] content) {
        RequestHead head = exchange.request();
        MemorySegment memory = head.segment();
        this.method = head.method() == Method.OTHER ? ascii(memory, head.methodAt(), head.methodLength()) : head.method().name();
        this.path = decoded(ascii(memory, exchange.pathAt(), exchange.pathLength()), false);
        this.rawQuery = head.queryLength() < 0 ? "" : ascii(memory, head.queryAt(), head.queryLength());
        this.content = content;
        for (int i = 0; i < exchange.parameters(); i++) {
            parameters.put(exchange.parameterName(i), decoded(ascii(memory, exchange.parameterAt(i), exchange.parameterLength(i)), false));
        }
        for (int i = 0; i < head.count(); i++) {
            headers.computeIfAbsent(ascii(memory, head.nameAt(i), head.nameLength(i)), name -> new ArrayList<>(1))
                    .add(ascii(memory, head.valueAt(i), head.valueLength(i)));
        }
        byte[] address = new byte[Exchange.PEER_BYTES_MAX];
        int length = exchange.peer(MemorySegment.ofArray(address), 0);
        this.peer = new String(address, 0, length, StandardCharsets.US_ASCII);
    }

    private static String ascii(MemorySegment memory, long at, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// {@return the text behind percent-encoding}
    ///
    /// @param form  whether a `+` is a space
    private static String decoded(String sent, boolean form) {
        if (sent.indexOf('%') < 0 && (!form || sent.indexOf('+') < 0)) {
            return sent;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(sent.length());
        for (int i = 0; i < sent.length(); i++) {
            char c = sent.charAt(i);
            int octet = c == '%' && i + 2 < sent.length()
                    ? Character.digit(sent.charAt(i + 1), 16) << 4 | Character.digit(sent.charAt(i + 2), 16) : -1;
            if (octet >= 0) {
                i += 2;
            }
            bytes.write(octet >= 0 ? octet : form && c == '+' ? ' ' : c);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// {@return the method as it was sent, `GET`}
    public String method() {
        return method;
    }

    /// {@return the path, decoded: below a mount what is left of it}
    public String path() {
        return path;
    }

    /// {@return the parameter of the route's pattern}
    ///
    /// @throws IllegalArgumentException  the pattern has none of that name (caller's fault)
    public String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("parameter " + name + ": the route has " + parameters.keySet());
        }
        return value;
    }

    /// {@return the first value of that name in the query, read as forms write it (`a=b&c=d+e`); empty where the name is alone}
    public Optional<String> query(String name) {
        return queries(name).stream().findFirst();
    }

    /// {@return all values of that name in the query, in their order}
    public synchronized List<String> queries(String name) {
        if (queries == null) {
            queries = new LinkedHashMap<>();
            for (String pair : rawQuery.isEmpty() ? new String[0] : rawQuery.split("&")) {
                int equals = pair.indexOf('=');
                queries.computeIfAbsent(decoded(equals < 0 ? pair : pair.substring(0, equals), true), key -> new ArrayList<>(1))
                        .add(equals < 0 ? "" : decoded(pair.substring(equals + 1), true));
            }
        }
        return List.copyOf(queries.getOrDefault(name, List.of()));
    }

    /// {@return the query as it was sent, without `?`; empty where there is none}
    public String rawQuery() {
        return rawQuery;
    }

    /// {@return the value of the first field of that name, in upper or lower case}
    public Optional<String> header(String name) {
        return headers(name).stream().findFirst();
    }

    /// {@return the values of all fields of that name, in their order, each byte a character}
    public List<String> headers(String name) {
        return List.copyOf(headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()));
    }

    /// {@return the content; not a copy}
    public byte[] bytes() {
        return content;
    }

    /// {@return the content read as UTF-8; what is none becomes U+FFFD}
    public String text() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /// {@return the peer's address as text; empty where it has gone}
    public String peer() {
        return peer;
    }

    /// {@return sizes, never what it holds}
    @Override
    public String toString() {
        return "Request[" + method + ", " + headers.size() + " fields, " + content.length + " bytes]";
    }
}
