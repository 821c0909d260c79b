package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.memory.layout.Align;
import java.util.List;

/// What both sides' configurations say of memory and time.
sealed interface TlsSizes permits TlsServerConfig {
    int connections();

    int handshakes();

    int records();

    List<CipherSuite> suites();

    int carriedOutputBytesMin();

    long handshakeNanosMax();

    long recordNanosMax();

    /// {@return bytes of what a connection holds as long as it lasts}
    default long connectionBytes() {
        return Align.up(2 * keysBytes(), Align.CACHE_LINE_BYTES);
    }

    /// {@return bytes of the keys of one direction}
    default long keysBytes() {
        return suites().stream().mapToLong(PacketProtection::bytes).max().orElseThrow();
    }

    static void check(int connections, int handshakes, int records, int carriedOutputBytesMin, long handshakeNanosMax,
            long recordNanosMax) {
        range("connections", connections, 1, 1 << 20);
        range("handshakes", handshakes, 1, connections);
        range("records", records, 1, connections);
        range("carriedOutputBytesMin", carriedOutputBytesMin, 64, Wire.CONTENT_BYTES_MAX);
        range("handshakeNanosMax", handshakeNanosMax, 1_000_000, Long.MAX_VALUE / 4);
        range("recordNanosMax", recordNanosMax, 1_000_000, Long.MAX_VALUE / 4);
    }

    static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
