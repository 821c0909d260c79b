package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import java.util.List;

/// What the TLS clients of one loop speak, and how many of each thing there are.
///
/// @param connections            connections at a time: 1..2^20. Default 16
/// @param handshakes             handshakes at a time: 0..`connections`, 0 for connections that go on with others' ([TlsConnection#goOn]); one more ends at once. Default 4
/// @param records                connections that may be in the middle of a record at a time: 0..`connections`, 0 where QUIC carries all handshakes; the next one waits.
///                               Default 4
/// @param suites                 cipher suites, 1 to 8, all of them are offered in this order. Default ChaCha20-Poly1305, AES-128-GCM,
///                               AES-256-GCM
/// @param groups                 of the key exchange, 1 to 8, all of them are offered in this order, and a share in the first of them, and in X25519
///                               where it is another. Default all four, the hybrids with ML-KEM-768 first
/// @param protocols              application protocols (RFC 7301) that are offered, in this order. Default none: the extension is not sent
/// @param chainBytesMax          the longest message of the server's, which is its certificates: 512..2^17; past it `decode_error`. Default
///                               16,384
/// @param carriedOutputBytesMin  the largest `outputBytesMin` of the engines that are carried: 64..16,384. Default 2,048
/// @param recordSizeLimit        bytes of what is protected in a record that we take at most, its type and padding among them, from peers that
///                               heed it (RFC 8449; others send 2^14 + 1, for which there is memory whatever is said here): 64..16,385. Default
///                               16,385. What the peer tells of its own is heeded always
/// @param handshakeNanosMax      how long a handshake may take: 1 ms or more. Default 10 s
/// @param recordNanosMax         how long a record that has begun may take to come: 1 ms or more. Default 10 s
/// @param sessions               that are kept to be resumed, each once: 0..65,536; 0: none. The oldest makes room. Default 8
/// @param earlyBytes             of content that is said with a hello where a server's ticket allows it, for connections that ask for it ([TlsClient#early]): 0..16,384, and
///                               of use from `carriedOutputBytesMin` on. As many more in the slot of a handshake, until the server has taken them. Default 0
/// @param paddingBytes           what is protected in a record, its type among it, is filled up with zeros to a multiple of so many bytes, as far as the peer takes records of that length
///                               (RFC 8446, section 5.4), so that lengths tell less: 0..16,384, 0 and 1 for none. As much more room is asked of an output, less one byte. What is said with
///                               a client's hello is not filled up. Default 0
public record TlsClientConfig(int connections, int handshakes, int records, List<CipherSuite> suites, List<NamedGroup> groups,
        List<String> protocols, int chainBytesMax, int carriedOutputBytesMin, int recordSizeLimit, long handshakeNanosMax, long recordNanosMax,
        int sessions, int earlyBytes, int paddingBytes)
        implements
            TlsSizes {
    private static final long SECOND = 1_000_000_000L;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range, an empty list, or a name that is none (caller's fault)
    public TlsClientConfig {
        TlsSizes.check(connections, handshakes, records, carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax);
        TlsSizes.range("paddingBytes", paddingBytes, 0, Wire.CONTENT_BYTES_MAX);
        TlsSizes.range("earlyBytes", earlyBytes, 0, Wire.CONTENT_BYTES_MAX);
        TlsSizes.range("sessions", sessions, 0, 1 << 16);
        TlsSizes.range("chainBytesMax", chainBytesMax, 512, 1 << 17);
        suites = List.copyOf(suites);
        groups = List.copyOf(groups);
        protocols = TlsSizes.names(protocols);
        if (suites.isEmpty() || groups.isEmpty() || suites.size() > ClientHelloWriter.LIST_MAX || groups.size() > ClientHelloWriter.LIST_MAX) {
            throw new IllegalArgumentException("suites " + suites + ", groups " + groups + " (expected 1.." + ClientHelloWriter.LIST_MAX
                    + " of each)");
        }
    }

    /// {@return the defaults above}
    public static TlsClientConfig defaults() {
        return new TlsClientConfig(16, 4, 4,
                List.of(CipherSuite.CHACHA20_POLY1305_SHA256, CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384),
                List.of(NamedGroup.values()), List.of(), 1 << 14, 2048, Wire.INNER_BYTES_MAX, 10 * SECOND, 10 * SECOND, 8, 0, 0);
    }

    /// {@return this with so many connections, handshakes and records at a time}
    public TlsClientConfig withCounts(int newConnections, int newHandshakes, int newRecords) {
        return new TlsClientConfig(newConnections, newHandshakes, newRecords, suites, groups, protocols, chainBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, earlyBytes, paddingBytes);
    }

    /// {@return this with other cipher suites}
    public TlsClientConfig withSuites(CipherSuite... newSuites) {
        return new TlsClientConfig(connections, handshakes, records, List.of(newSuites), groups, protocols, chainBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, earlyBytes, paddingBytes);
    }

    /// {@return this with other groups}
    public TlsClientConfig withGroups(NamedGroup... newGroups) {
        return new TlsClientConfig(connections, handshakes, records, suites, List.of(newGroups), protocols, chainBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, earlyBytes, paddingBytes);
    }

    /// {@return this with application protocols}
    public TlsClientConfig withProtocols(String... newProtocols) {
        return new TlsClientConfig(connections, handshakes, records, suites, groups, List.of(newProtocols), chainBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, earlyBytes, paddingBytes);
    }

    /// {@return this for engines that need so much room for their output}
    public TlsClientConfig withCarriedOutputBytesMin(int newCarriedOutputBytesMin) {
        return new TlsClientConfig(connections, handshakes, records, suites, groups, protocols, chainBytesMax,
                newCarriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, earlyBytes, paddingBytes);
    }

    /// {@return this with other limits of time}
    public TlsClientConfig withNanosMax(long newHandshakeNanosMax, long newRecordNanosMax) {
        return new TlsClientConfig(connections, handshakes, records, suites, groups, protocols, chainBytesMax, carriedOutputBytesMin,
                recordSizeLimit, newHandshakeNanosMax, newRecordNanosMax, sessions, earlyBytes, paddingBytes);
    }

    /// {@return this that takes records of so many bytes at most, as `recordSizeLimit` counts them}
    public TlsClientConfig withRecordSizeLimit(int newRecordSizeLimit) {
        return new TlsClientConfig(connections, handshakes, records, suites, groups, protocols, chainBytesMax, carriedOutputBytesMin,
                newRecordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, earlyBytes, paddingBytes);
    }

    /// {@return this with so many sessions kept to be resumed}
    public TlsClientConfig withSessions(int newSessions) {
        return new TlsClientConfig(connections, handshakes, records, suites, groups, protocols, chainBytesMax, carriedOutputBytesMin,
                recordSizeLimit, handshakeNanosMax, recordNanosMax, newSessions, earlyBytes, paddingBytes);
    }

    /// {@return this that may say so many bytes with its hello}
    public TlsClientConfig withEarlyBytes(int newEarlyBytes) {
        return new TlsClientConfig(connections, handshakes, records, suites, groups, protocols, chainBytesMax, carriedOutputBytesMin,
                recordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, newEarlyBytes, paddingBytes);
    }

    /// {@return this that fills records up to multiples of so many bytes}
    public TlsClientConfig withPaddingBytes(int newPaddingBytes) {
        return new TlsClientConfig(connections, handshakes, records, suites, groups, protocols, chainBytesMax, carriedOutputBytesMin,
                recordSizeLimit, handshakeNanosMax, recordNanosMax, sessions, earlyBytes, newPaddingBytes);
    }

    /// {@return bytes that a record takes beside its content at most: header, type, padding, tag}
    @Override
    public int recordOverheadBytes() {
        return TlsSizes.super.recordOverheadBytes();
    }

    /// {@return the plan of a [ClientContext]}
    public MemoryPlan plan() {
        return MemoryPlan.group("tls client", SlotPool.plan(slots()),
                MemoryPlan.block(TlsContext.CONNECTIONS, connectionBytes(), connections, "the secrets of both directions"),
                MemoryPlan.block(TlsContext.WORKSPACE, Align.up(ClientContext.workspaceBytes(this), Align.CACHE_LINE_BYTES), 1,
                        "zero between calls"),
                MemoryPlan.block(ClientContext.SESSIONS,
                        Align.up(ClientResumption.memoryBytes(connections, sessions), Align.CACHE_LINE_BYTES), 1,
                        sessions + " sessions to resume, a secret a connection"));
    }

    SlotPoolConfig slots() {
        MemoryPlan handshake = MemoryPlan.block("handshake", Align.up(ClientHandshake.bytes(this), Align.CACHE_LINE_BYTES))
                .withHeap(HeapLayout.instance(ClientHandshake.class) + HeapLayout.instance(Transcript.class)
                        + HeapLayout.instance(ClientShares.class) + HeapLayout.instance(EarlyOffer.class)
                        + HeapLayout.instance(ClientSecrets.class) + HeapLayout.instance(OwnProof.class));
        return TlsContext.slots(this, handshake);
    }
}
