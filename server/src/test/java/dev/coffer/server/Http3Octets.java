package dev.coffer.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// The octets of HTTP/3 as the standards have them, written anew for tests (RFC 9114, RFC 9204, RFC 9000 section 16): nothing here asks the code that reads them.
final class Http3Octets {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int CANCEL_PUSH = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int GOAWAY = 7;
    static final int MAX_PUSH_ID = 0xd;
    static final int PRIORITY_UPDATE = 0xf0700;

    private Http3Octets() {}

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] octets(int... values) {
        byte[] all = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            all[i] = (byte) values[i];
        }
        return all;
    }

    /// {@return numbers, each as short as it can be}
    static byte[] numbers(long... values) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (long value : values) {
            int log = value < 1 << 6 ? 0 : value < 1 << 14 ? 1 : value < 1 << 30 ? 2 : 3;
            for (int i = (1 << log) - 1; i >= 0; i--) {
                all.write((int) (value >>> 8 * i) | (i == (1 << log) - 1 ? log << 6 : 0));
            }
        }
        return all.toByteArray();
    }

    static byte[] frame(long type, byte... payload) {
        return join(numbers(type, payload.length), payload);
    }

    static byte[] data(int length) {
        return frame(DATA, new byte[length]);
    }

    static byte[] settings(long... idsAndValues) {
        return frame(SETTINGS, numbers(idsAndValues));
    }

    /// {@return a number with a prefix of so many bits below others (RFC 7541, section 5.1)}
    static byte[] prefixed(int above, int bits, int value) {
        int most = (1 << bits) - 1;
        if (value < most) {
            return octets(above | value);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(above | most);
        int rest = value - most;
        for (; rest >= 0x80; rest >>>= 7) {
            all.write(rest & 0x7f | 0x80);
        }
        all.write(rest);
        return all.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// {@return fields, all in full and uncoded (RFC 9204, section 4.5.6)}
    static byte[] lines(String... namesAndValues) {
        byte[][] parts = new byte[2 * namesAndValues.length][];
        for (int i = 0; i < namesAndValues.length; i++) {
            parts[2 * i] = i % 2 == 0 ? prefixed(0x20, 3, namesAndValues[i].length()) : prefixed(0, 7, namesAndValues[i].length());
            parts[2 * i + 1] = text(namesAndValues[i]);
        }
        return join(parts);
    }

    /// {@return HEADERS with a section that refers to no table but the static one}
    static byte[] head(String... namesAndValues) {
        return section(0, 0, lines(namesAndValues));
    }

    /// {@return HEADERS with a section that says so much of the table, as it is written}
    static byte[] section(int required, int base, byte[]... lines) {
        return frame(HEADERS, join(octets(required, base), join(lines)));
    }

    static byte[] request(String method, String path, String... more) {
        return frame(HEADERS, join(octets(0, 0), common(method), lines(":path", path), lines(more)));
    }

    private static byte[] common(String method) {
        return lines(":method", method, ":scheme", "https", ":authority", "localhost");
    }

    /// {@return the lines of a request but for its path}
    static byte[] pathless() {
        return common("GET");
    }

    /// {@return an instruction that adds an entry (RFC 9204, section 4.3.3)}
    static byte[] entry(String name, String value) {
        return join(prefixed(0x40, 5, name.length()), text(name), prefixed(0, 7, value.length()), text(value));
    }

    /// {@return an instruction that sets the table's capacity (RFC 9204, section 4.3.1)}
    static byte[] capacity(int bytes) {
        return prefixed(0x20, 5, bytes);
    }
}
