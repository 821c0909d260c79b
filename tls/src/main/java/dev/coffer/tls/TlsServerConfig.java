package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// What the TLS servers of one loop speak, and how many of each thing there are.
///
/// @param connections            connections at a time: 1..2^20. Default 256
/// @param handshakes             handshakes at a time: 0..`connections`, 0 for connections that go on with others' ([TlsConnection#goOn]); the next one waits, and the oldest makes
///                               way. Default 32
/// @param waiting                handshakes beside these that wait at a time for the client's last word, in little memory: 0..2^20; where there is no place for one it keeps its own until it
///                               has heard it. None is of use without `handshakes`, nor more than `connections`. Default as many as there are connections that cannot shake hands at a time, 256 at most: 224
/// @param records                connections that may be in the middle of a record at a time: 0..`connections`, 0 where QUIC carries all handshakes; the next one waits.
///                               Default 16
/// @param suites                 cipher suites, the first that the client has too is taken. Default ChaCha20-Poly1305, AES-128-GCM,
///                               AES-256-GCM: without the processor's instructions that is their order by speed
/// @param groups                 of the key exchange, the first in which the client sent a share is taken, else the first that it has,
///                               by a retry. Default all four, the hybrids with ML-KEM-768 first
/// @param schemes                what certificates' keys may sign with: the workspace is as long as the longest needs. Default Ed25519
///                               and ECDSA on P-256
/// @param protocols              application protocols (RFC 7301), the first that the client has too is taken; none: the extension is
///                               passed over. Names of 1..255 ASCII characters. Default none
/// @param quicProtocols          the same for handshakes that QUIC carries ([QuicHandshake]), so that a context serves both: nobody agrees on these over records, or on the others
///                               over QUIC. Default none: QUIC agrees on `protocols`, and the context is for the one or the other
/// @param helloBytesMax          the longest ClientHello, or other message of a handshake, a client's Certificate among them: 512..65,536; past it `decode_error`. Default 8,192: one hello
///                               with a share of ML-KEM-768 has some 1,800
/// @param longHelloBytesMax      the longest ClientHello of one connection of the loop at a time that is longer than `helloBytesMax`, in a place that they share. Another one meanwhile
///                               waits: over QUIC until its client asks again, with records where they lie. Who has held the place for a second gives way, and hears `close_notify` (over QUIC
///                               CONNECTION_REFUSED) with its next octet. Hellos alone: a client's certificates are never longer than `helloBytesMax`. 0 for none, or `helloBytesMax`..131,396, which is the longest that there
///                               can be. Default 0
/// @param carriedOutputBytesMin  the largest `outputBytesMin` of the engines that are carried: 64..16,384. Default 2,048
/// @param recordSizeLimit        bytes of what is protected in a record that we take at most, its type and padding among them, from peers that
///                               heed it (RFC 8449; others send 2^14 + 1, for which there is memory whatever is said here): 64..16,385. Default
///                               16,385. What the peer tells of its own is heeded always
/// @param handshakeNanosMax      how long a handshake may take: 1 ms or more. Default 10 s
/// @param recordNanosMax         how long a record that has begun may take to come: 1 ms or more; a quarter of that while others lack the
///                               memory for one. Default 10 s
/// @param tickets                how clients resume, where the context has keys for it ([ServerContext#ticketKeys]). Default two tickets of six hours
/// @param clientAuthentication   whether clients are asked for certificates; then the context needs a [ClientVerifier]. Default none
/// @param paddingBytes           what is protected in a record, its type among it, is filled up with zeros to a multiple of so many bytes, as far as the peer takes records of that length
///                               (RFC 8446, section 5.4), so that lengths tell less: 0..16,384, 0 and 1 for none. As much more room is asked of an output, less one byte. What is said with
///                               a client's hello is not filled up. Default 0
/// @param carried                of the connections the last so many, which QUIC carries: they have handshakes here and no records, so neither secrets nor keys of these:
///                               0..`connections`. Default 0
/// @param keys                   connections whose keys may lie expanded at a time, 2 KB each in Java's AES; whose were used the longest ago rest where all are taken, and are expanded again
///                               by their next record: 0..2^20, 0 for as many as shake hands and two for each record, than which more are of no use. Default 0
public record TlsServerConfig(int connections, int handshakes, int waiting, int records, List<CipherSuite> suites, List<NamedGroup> groups,
        List<SignatureScheme> schemes, List<String> protocols, List<String> quicProtocols, int helloBytesMax, int longHelloBytesMax, int carriedOutputBytesMin,
        int recordSizeLimit, long handshakeNanosMax, long recordNanosMax, TicketConfig tickets, ClientAuthentication clientAuthentication,
        int paddingBytes, int carried, int keys) implements TlsSizes {
    /// Bytes of a ClientHello at most, its header aside: all lists at their longest (RFC 8446, section 4.1.2).
    public static final int HELLO_BYTES_MAX = 2 + Wire.RANDOM_BYTES + 1 + Wire.SESSION_ID_BYTES_MAX + 2 + 65_534 + 1 + 255 + 2 + 65_535;

    private static final long SECOND = 1_000_000_000L;
    private static final int WAITING_MAX = 256;
    private static final int TIGHT_HELLO_BYTES = 2628;       // with what a handshake holds besides a multiple of 64, and our answers have room at its end
    private static final int TIGHT_LONG_HELLO_BYTES = 4096;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range, an empty list, or a name that is none (caller's fault)
    public TlsServerConfig {
        TlsSizes.check(connections, handshakes, records, carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax);
        TlsSizes.range("carried", carried, 0, connections);
        TlsSizes.range("keys", keys, 0, 1 << 20);
        TlsSizes.range("paddingBytes", paddingBytes, 0, Wire.CONTENT_BYTES_MAX);
        TlsSizes.range("waiting", waiting, 0, 1 << 20);
        TlsSizes.range("helloBytesMax", helloBytesMax, 512, 1 << 16);
        if (longHelloBytesMax != 0) {
            TlsSizes.range("longHelloBytesMax", longHelloBytesMax, helloBytesMax, HELLO_BYTES_MAX);
        }
        Objects.requireNonNull(tickets);
        Objects.requireNonNull(clientAuthentication);
        suites = List.copyOf(suites);
        groups = List.copyOf(groups);
        schemes = List.copyOf(schemes);
        protocols = TlsSizes.names(protocols);
        quicProtocols = TlsSizes.names(quicProtocols);
        if (suites.isEmpty() || groups.isEmpty() || schemes.isEmpty()) {
            throw new IllegalArgumentException("suites " + suites + ", groups " + groups + ", schemes " + schemes
                    + " (expected one of each at least)");
        }
    }

    /// {@return the defaults above}
    public static TlsServerConfig defaults() {
        return new TlsServerConfig(256, 32, waitingOf(256, 32), 16,
                List.of(CipherSuite.CHACHA20_POLY1305_SHA256, CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384),
                List.of(NamedGroup.values()), List.of(SignatureScheme.ED25519, SignatureScheme.ECDSA_SECP256R1_SHA256), List.of(), List.of(), 8192, 0,
                2048, Wire.INNER_BYTES_MAX, 10 * SECOND, 10 * SECOND, TicketConfig.defaults(), ClientAuthentication.NONE, 0, 0, 0);
    }

    /// {@return the least: 4 handshakes and 4 records at a time, keys of 4 connections expanded, hellos of 2,628 bytes (one with a share of ML-KEM-768 has some 1,800, a browser's over QUIC
    /// 1,981, a ticket with it some 2,300) and one at a time of 4,096, and no signatures of ML-DSA, whose work and length all others would pay for: 4.6 KB a handshake, 23 KB a loop}
    public static TlsServerConfig tight() {
        return defaults().withCounts(256, 4, 4).withKeys(4).withHelloBytesMax(TIGHT_HELLO_BYTES).withLongHelloBytesMax(TIGHT_LONG_HELLO_BYTES)
                .withSchemes(SignatureScheme.ED25519,
                        SignatureScheme.ECDSA_SECP256R1_SHA256,
                        SignatureScheme.RSA_PSS_RSAE_SHA256, SignatureScheme.RSA_PSS_RSAE_SHA384, SignatureScheme.RSA_PSS_RSAE_SHA512);
    }

    /// {@return this, of whose connections the keys of so many may lie expanded at a time}
    public TlsServerConfig withKeys(int newKeys) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, newKeys);
    }

    private static int waitingOf(int connections, int handshakes) {
        return handshakes == 0 ? 0 : Math.clamp(connections - handshakes, 0, WAITING_MAX);
    }

    /// {@return this with so many connections, handshakes and records at a time, and the default for those that wait; QUIC carries none of them}
    public TlsServerConfig withCounts(int newConnections, int newHandshakes, int newRecords) {
        return new TlsServerConfig(newConnections, newHandshakes, waitingOf(newConnections, newHandshakes), newRecords, suites, groups, schemes, protocols,
                quicProtocols, helloBytesMax, longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, 0, keys);
    }

    /// {@return this, of whose connections QUIC carries the last so many}
    public TlsServerConfig withCarried(int newCarried) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, newCarried, keys);
    }

    /// {@return this with so many handshakes beside those that may wait}
    public TlsServerConfig withWaiting(int newWaiting) {
        return new TlsServerConfig(connections, handshakes, newWaiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with other cipher suites}
    public TlsServerConfig withSuites(CipherSuite... newSuites) {
        return new TlsServerConfig(connections, handshakes, waiting, records, List.of(newSuites), groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with other groups}
    public TlsServerConfig withGroups(NamedGroup... newGroups) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, List.of(newGroups), schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with other signature schemes}
    public TlsServerConfig withSchemes(SignatureScheme... newSchemes) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, List.of(newSchemes), protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with application protocols}
    public TlsServerConfig withProtocols(String... newProtocols) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, List.of(newProtocols), quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with application protocols for QUIC}
    public TlsServerConfig withQuicProtocols(String... newQuicProtocols) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, List.of(newQuicProtocols), helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with another longest hello; that of one connection at a time, where there is one, is no shorter}
    public TlsServerConfig withHelloBytesMax(int newHelloBytesMax) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, newHelloBytesMax,
                longHelloBytesMax == 0 ? 0 : Math.max(longHelloBytesMax, newHelloBytesMax),
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this for engines that need so much room for their output}
    public TlsServerConfig withCarriedOutputBytesMin(int newCarriedOutputBytesMin) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                newCarriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with other limits of time}
    public TlsServerConfig withNanosMax(long newHandshakeNanosMax, long newRecordNanosMax) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, newHandshakeNanosMax, newRecordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this that takes records of so many bytes at most, as `recordSizeLimit` counts them}
    public TlsServerConfig withRecordSizeLimit(int newRecordSizeLimit) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin,
                newRecordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this with other tickets}
    public TlsServerConfig withTickets(TicketConfig newTickets) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin,
                recordSizeLimit, handshakeNanosMax, recordNanosMax, newTickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this that takes one long hello at a time}
    public TlsServerConfig withLongHelloBytesMax(int newLongHelloBytesMax) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                newLongHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this that asks clients for certificates, or does not}
    public TlsServerConfig withClientAuthentication(ClientAuthentication newClientAuthentication) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin,
                recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, newClientAuthentication, paddingBytes, carried, keys);
    }

    /// {@return this that fills records up to multiples of so many bytes}
    public TlsServerConfig withPaddingBytes(int newPaddingBytes) {
        return new TlsServerConfig(connections, handshakes, waiting, records, suites, groups, schemes, protocols, quicProtocols, helloBytesMax,
                longHelloBytesMax,
                carriedOutputBytesMin, recordSizeLimit, handshakeNanosMax, recordNanosMax, tickets, clientAuthentication, newPaddingBytes, carried, keys);
    }

    /// {@return bytes that a record takes beside its content at most: header, type, padding, tag}
    @Override
    public int recordOverheadBytes() {
        return TlsSizes.super.recordOverheadBytes();
    }

    /// {@return the plan of a [ServerContext]}
    public MemoryPlan plan() {
        List<MemoryPlan> rows = new ArrayList<>(List.of(SlotPool.plan(slots()),
                MemoryPlan.block(TlsContext.CONNECTIONS, connectionBytes(), connections - carried, "the secrets of both directions"),
                ServerContext.workspacePlan(this),
                MemoryPlan.block(ServerContext.RESUMPTION, Align.up(ServerResumption.memoryBytes(this), Align.CACHE_LINE_BYTES), 1,
                        "the loop's copy of the tickets' keys")));
        if (longHelloBytesMax > 0) {
            rows.add(MemoryPlan.block(ServerContext.LONG_HELLO, Align.up(Wire.MESSAGE_HEADER_BYTES + longHelloBytesMax, Align.CACHE_LINE_BYTES), 1,
                    "one that is longer than a handshake's place"));
        }
        return MemoryPlan.group("tls", rows.toArray(MemoryPlan[]::new));
    }

    SlotPoolConfig slots() {
        MemoryPlan handshake = ServerHandshake.plan(this)
                .withHeap(HeapLayout.instance(ServerHandshake.class) + HeapLayout.instance(Transcript.class)
                        + HeapLayout.instance(ServerChoice.class) + HeapLayout.instance(ServerFinish.class) + HeapLayout.instance(ServerSecrets.class)
                        + HeapLayout.instance(ClientProof.class) + HeapLayout.instance(Line.Place.class));
        return TlsContext.slots(this, handshake);
    }

    /// {@return connections whose keys may lie expanded at a time}
    @Override
    public int expandedKeys() {
        int most = TlsSizes.super.expandedKeys();
        return keys == 0 ? most : Math.min(most, keys);
    }

    /// {@return bytes of what a connection holds as long as it lasts: the secrets of both directions}
    @Override
    public long connectionBytes() {
        return TlsSizes.super.connectionBytes();
    }

    /// {@return all application protocols: those over records, then QUIC's}
    @Override
    public List<String> allProtocols() {
        return Stream.concat(protocols.stream(), quicProtocols.stream()).toList();
    }

    int signatureBytesMax() {
        return schemes.stream().mapToInt(SignatureScheme::signatureBytesMax).max().orElseThrow();
    }
}
