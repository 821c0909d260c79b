package dev.coffer.cli.budget;

import java.util.List;

/// The rows of milli-http's own table ("Projected budget after all steps"), and where the bytes of a plan belong in it: the first row whose words are in their path.
enum BudgetRow {
    RECOVERY("recovery, congestion, flow", 4 * 328, "quic cores/recovery", "quic cores/flow control"),
    KEYS("keys of 1-RTT", 4 * 440, "quic cores/packet keys"),
    RANGES("received ranges", 4 * 272, "quic cores/received ranges"),
    EVENTS("events, turns, timers", 4 * 824, "quic turns", "quic timers", "deadlines"),
    STREAMS("streams, sent packets, stream I/O", 4 * (624 + 1324 + 4248), "quic blocks"),
    CORE("connection core", 4 * 1500, "quic cores", "quic endpoint"),
    HTTP3("HTTP/3", 4 * 200, "http3/connection", "http3/.heap"),
    REQUESTS("request streams and buffers", 4 * (124 + 3000), "http3/streams", "http/exchanges"),
    CONTEXT("handshake: context", 2 * 2008, "quic handshakes"),
    CRYPTO_SEND("handshake: CRYPTO send", 2 * 4000, "message of ours"),
    CRYPTO_REASSEMBLY("handshake: CRYPTO reassembly", 2 * 6200, "message of the client's"),
    TLS("handshake: TLS", 2 * (1100 + 6000), "tls lent/handshake", "tls lent/waiting"),
    HTTPS_TLS("HTTPS/1.1: TLS", 1600, "https/tls/tls lent", "https/tls/tls connections", "https/tls/.heap"),
    HTTPS("HTTPS/1.1: HTTP and buffers", 3700 + 10_096, "http/active", "data/connections", "lent memory"),
    OTHER("pools, and whatever else grows", 16);

    static final String SCRATCH = "tls workspace/operation";

    final String title;
    final long seedBytes;
    private final List<String> words;

    BudgetRow(String title, long seedBytes, String... words) {
        this.title = title;
        this.seedBytes = seedBytes;
        this.words = List.of(words);
    }

    static BudgetRow of(String path) {
        for (BudgetRow row : values()) {
            if (row.words.stream().anyMatch(path::contains)) {
                return row;
            }
        }
        return OTHER;
    }
}
