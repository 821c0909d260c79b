package dev.coffer.jsse;

import dev.coffer.tls.Alert;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;

/// What a client's first message asks for (RFC 8446, section 4.1.2), before there is a connection that could be asked: which host, which
/// application protocols, what it verifies. It gathers the records until the message is whole. All of it is public.
///
/// It judges what no hello begins with ([#fault]), so that nothing is gathered which never becomes one, and names that are none: the connection takes them as they
/// are, and whoever asks for one shall not pass for somebody who asks for nobody. What else it cannot read it leaves out, and the connection, which is shown the same
/// bytes, refuses them.
final class Hello {
    /// Bytes of a message at most, as of the connection; longer ones are shown to it as they are, and refused there.
    static final int BYTES_MAX = 8192;

    private static final int RECORD_HEADER_BYTES = 5;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int HEADER_BYTES = 4;
    private static final int SERVER_NAME = 0;
    private static final int HOST_NAME = 0;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int ALPN = 16;

    private final List<byte[]> records = new ArrayList<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final List<SNIServerName> names = new ArrayList<>();
    private final List<String> protocols = new ArrayList<>();
    private int[] schemes = {};
    private int[] suites = {};
    private @Nullable Alert fault;

    /// Takes a record, whole.
    ///
    /// @return whether there is no need to wait for another
    boolean take(byte[] record) {
        records.add(record);
        if (record[0] != HANDSHAKE || record.length == RECORD_HEADER_BYTES) {  // sections 5 and 5.1: no ChangeCipherSpec before, no empty fragment
            fault = Alert.UNEXPECTED_MESSAGE;
            return true;
        }
        message.write(record, RECORD_HEADER_BYTES, record.length - RECORD_HEADER_BYTES);
        byte[] bytes = message.toByteArray();
        if (bytes[0] != CLIENT_HELLO) {
            fault = Alert.UNEXPECTED_MESSAGE;
            return true;
        }
        if (bytes.length < HEADER_BYTES) {
            return false;
        }
        int length = u24(bytes, 1);
        if (length > BYTES_MAX) {
            return true;
        }
        if (bytes.length < HEADER_BYTES + length) {
            return false;
        }
        try {
            read(bytes, HEADER_BYTES + length);
        } catch (IndexOutOfBoundsException e) {
            // cut short or longer than itself: the connection says so
        }
        return true;
    }

    /// {@return the alert for what is no hello at all, or asks for a host by what is no name of one; null where it may be one}
    @Nullable
    Alert fault() {
        return fault;
    }

    /// {@return the records, as they came}
    List<byte[]> records() {
        return records;
    }

    List<SNIServerName> names() {
        return List.copyOf(names);
    }

    /// {@return the application protocols that it offers, in its order}
    List<String> protocols() {
        return List.copyOf(protocols);
    }

    /// {@return the numbers of the signature schemes that it verifies, in its order}
    int[] schemes() {
        return schemes.clone();
    }

    /// {@return the numbers of the cipher suites that it offers, in its order}
    int[] suites() {
        return suites.clone();
    }

    private void read(byte[] b, int end) {
        int p = HEADER_BYTES + 2 + 32;
        p += 1 + u8(b, p);         // session
        suites = numbers(b, p + 2, p + 2 + u16(b, p));
        p += 2 + u16(b, p);
        p += 1 + u8(b, p) + 2;     // compressions, and the length of what follows
        while (p + 4 <= end) {
            int length = u16(b, p + 2);
            int at = p + 4;
            p = at + length;
            if (p > end) {
                return;
            }
            switch (u16(b, at - 4)) {
                case SERVER_NAME -> names(b, at + 2, p);
                case SIGNATURE_ALGORITHMS -> schemes = numbers(b, at + 2, p);
                case ALPN -> protocols(b, at + 2, p);
                default -> {}
            }
        }
    }

    private void names(byte[] b, int from, int end) {
        for (int p = from; p + 3 <= end;) {
            int length = u16(b, p + 1);
            if (p + 3 + length <= end) {
                name(u8(b, p), Arrays.copyOfRange(b, p + 3, p + 3 + length));
            }
            p += 3 + length;
        }
    }

    private void name(int type, byte[] name) {
        try {
            names.add(type == HOST_NAME ? new SNIHostName(name) : new OtherName(type, name));
        } catch (IllegalArgumentException e) {
            fault = Alert.ILLEGAL_PARAMETER;  // RFC 6066, section 3: letters, digits and hyphens, no dot behind
        }
    }

    /// A name of a type that is not known here: matchers of the program's may know it.
    private static final class OtherName extends SNIServerName {
        OtherName(int type, byte[] name) {
            super(type, name);
        }
    }

    private static int[] numbers(byte[] b, int from, int end) {
        int[] numbers = new int[Math.max(0, (end - from) / 2)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = u16(b, from + 2 * i);
        }
        return numbers;
    }

    private void protocols(byte[] b, int from, int end) {
        for (int p = from; p < end;) {
            int length = u8(b, p);
            if (p + 1 + length <= end) {
                protocols.add(new String(b, p + 1, length, StandardCharsets.ISO_8859_1));
            }
            p += 1 + length;
        }
    }

    private static int u8(byte[] b, int at) {
        return b[at] & 0xff;
    }

    private static int u16(byte[] b, int at) {
        return u8(b, at) << 8 | u8(b, at + 1);
    }

    private static int u24(byte[] b, int at) {
        return u8(b, at) << 16 | u16(b, at + 1);
    }
}
