package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.memory.layout.Align;
import java.util.List;

/// What both sides' configurations say of memory and time.
sealed interface TlsSizes permits TlsServerConfig, TlsClientConfig {
    /// Bytes of a protocol's name (RFC 7301, section 3.1).
    int NAME_BYTES_MAX = 255;
    /// Bytes of all names with their lengths.
    int NAMES_BYTES_MAX = 512;

    int connections();

    int handshakes();

    /// {@return handshakes that may wait in little memory}
    default int waiting() {
        return 0;
    }

    int records();

    /// {@return of the connections the last so many, which have handshakes and no records}
    default int carried() {
        return 0;
    }

    List<CipherSuite> suites();

    List<String> protocols();

    /// {@return the names that protocols are known by, by place: one for each that may be agreed on}
    default List<String> allProtocols() {
        return protocols();
    }

    int carriedOutputBytesMin();

    /// {@return bytes of what is protected in a record that we take at most, as RFC 8449 counts them}
    int recordSizeLimit();

    /// {@return what records are filled up to multiples of; 0 and 1: they are not}
    int paddingBytes();

    /// {@return bytes that a record takes beside its content at most}
    default int recordOverheadBytes() {
        return TlsConnection.OVERHEAD_BYTES + Math.max(0, paddingBytes() - 1);
    }

    long handshakeNanosMax();

    long recordNanosMax();

    /// {@return bytes of what a connection holds as long as it lasts: secrets and keys of both directions; none where QUIC has them}
    default long connectionBytes() {
        return records() == 0 ? 0 : Align.up(2 * PacketProtection.STATE_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// {@return bytes of the expanded key of one direction}
    default long scheduleBytes() {
        return suites().stream().mapToLong(suite -> suite.aead().scheduleBytes()).max().orElseThrow();
    }

    /// {@return connections whose keys may lie expanded at a time: those that shake hands, and two for each record in flight, as far as there are such that have records}
    default int expandedKeys() {
        return records() == 0 ? 0 : Math.min(connections() - carried(), handshakes() + 2 * records());
    }

    static void check(int connections, int handshakes, int records, int carriedOutputBytesMin, int recordSizeLimit, long handshakeNanosMax,
            long recordNanosMax) {
        range("connections", connections, 1, 1 << 20);
        range("handshakes", handshakes, 0, connections);
        range("records", records, 0, connections);
        range("carriedOutputBytesMin", carriedOutputBytesMin, 64, Wire.CONTENT_BYTES_MAX);
        range("recordSizeLimit", recordSizeLimit, Wire.INNER_LIMIT_MIN, Wire.INNER_BYTES_MAX);
        range("handshakeNanosMax", handshakeNanosMax, 1_000_000, Long.MAX_VALUE / 4);
        range("recordNanosMax", recordNanosMax, 1_000_000, Long.MAX_VALUE / 4);
    }

    /// {@return names of application protocols, as they were given}
    static List<String> names(List<String> protocols) {
        for (String name : protocols) {
            if (name.isEmpty() || name.length() > NAME_BYTES_MAX || !name.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw new IllegalArgumentException("protocol \"" + name + "\" (expected 1.." + NAME_BYTES_MAX
                        + " printable ASCII characters)");
            }
        }
        if (protocols.stream().mapToInt(name -> 1 + name.length()).sum() > NAMES_BYTES_MAX) {
            throw new IllegalArgumentException("protocols " + protocols + " (expected " + NAMES_BYTES_MAX + " bytes in all at most)");
        }
        return List.copyOf(protocols);
    }

    static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
