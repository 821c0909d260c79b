package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The contract of `SSLEngine`, state by state: the same steps with our engine and with the JDK's, alone and crossed. What the JDK does is what is expected.
final class ContractTest {
    static Stream<Arguments> pairs() {
        return CrossedTest.pairs();
    }

    private static ByteBuffer none() {
        return ByteBuffer.allocate(0);
    }

    private static Exchange open(Side client, Side server) throws Exception {
        Exchange exchange = new Exchange(client.client().createSSLEngine("localhost", 443), server.server("EC").createSSLEngine());
        exchange.handshake();
        return exchange;
    }

    private static void handshakeAndWrap(Exchange exchange, SSLEngine engine) throws SSLException {
        exchange.handshake();
        engine.wrap(none(), ByteBuffer.allocate(20_000));
    }

    private static void is(SSLEngineResult result, Status status, HandshakeStatus handshake, int consumed, int produced) {
        assertEquals(status + " " + handshake + " " + consumed + "/" + produced,
                result.getStatus() + " " + result.getHandshakeStatus() + " " + result.bytesConsumed() + "/" + result.bytesProduced());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void sidesMustBeSaidFirst(Side side) throws Exception {
        SSLEngine engine = side.client().createSSLEngine();
        assertThrows(IllegalStateException.class, engine::beginHandshake);
        assertThrows(IllegalStateException.class, () -> engine.wrap(none(), ByteBuffer.allocate(20_000)));
        assertThrows(IllegalStateException.class, () -> engine.unwrap(none(), ByteBuffer.allocate(20_000)));
        engine.setUseClientMode(true);
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, engine.getHandshakeStatus());
        assertEquals("NONE", engine.getSession().getProtocol());
        assertFalse(engine.getSession().isValid());
        assertNull(engine.getHandshakeSession());
        assertNull(engine.getApplicationProtocol());
        engine.beginHandshake();
        assertThrows(IllegalArgumentException.class, () -> engine.setUseClientMode(false));
        assertEquals(HandshakeStatus.NEED_WRAP, engine.getHandshakeStatus());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void buffersAreLookedAtFirst(Side side) throws Exception {
        SSLEngine engine = side.client().createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        assertThrows(ReadOnlyBufferException.class, () -> engine.wrap(none(), ByteBuffer.allocate(20_000).asReadOnlyBuffer()));
        assertThrows(ReadOnlyBufferException.class, () -> engine.unwrap(none(), ByteBuffer.allocate(20_000).asReadOnlyBuffer()));
        assertThrows(IllegalArgumentException.class, () -> engine.wrap(new ByteBuffer[] {null}, 0, 1, ByteBuffer.allocate(20_000)));
        assertThrows(IndexOutOfBoundsException.class, () -> engine.wrap(new ByteBuffer[1], 0, 2, ByteBuffer.allocate(20_000)));
        assertThrows(IndexOutOfBoundsException.class, () -> engine.unwrap(none(), new ByteBuffer[1], 1, 1));
        is(engine.wrap(none(), ByteBuffer.allocate(engine.getSession().getPacketBufferSize() - 1)), Status.BUFFER_OVERFLOW, HandshakeStatus.NEED_WRAP, 0, 0);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aClientWrapsThenWaits(Side side) throws Exception {
        SSLEngine client = side.client().createSSLEngine("localhost", 443);
        client.setUseClientMode(true);
        ByteBuffer out = ByteBuffer.allocate(20_000);
        is(client.unwrap(none(), ByteBuffer.allocate(20_000)), Status.OK, HandshakeStatus.NEED_WRAP, 0, 0);
        SSLEngineResult hello = client.wrap(ByteBuffer.wrap(new byte[5]), out);
        assertEquals(Status.OK, hello.getStatus());
        assertEquals(HandshakeStatus.NEED_UNWRAP, hello.getHandshakeStatus());
        assertEquals(0, hello.bytesConsumed());
        is(client.wrap(none(), out), Status.OK, HandshakeStatus.NEED_UNWRAP, 0, 0);
        is(client.unwrap(none(), ByteBuffer.allocate(20_000)), Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_UNWRAP, 0, 0);
        assertNull(client.getDelegatedTask());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aServerTakesWholeRecordsAndDelegates(Side side) throws Exception {
        Exchange exchange = new Exchange(Side.JDK.client().createSSLEngine("localhost", 443), side.server("EC").createSSLEngine());
        exchange.client.beginHandshake();
        exchange.turn(true);
        ByteBuffer hello = exchange.toServer.flip();
        int whole = hello.limit();
        for (int cut : new int[] {1, 4, 5, whole - 1}) {
            is(exchange.server.unwrap(hello.limit(cut), none()), Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_UNWRAP, 0, 0);
        }
        is(exchange.server.unwrap(hello.limit(whole), none()), Status.OK, HandshakeStatus.NEED_TASK, whole, 0);
        is(exchange.server.wrap(none(), ByteBuffer.allocate(20_000)), Status.OK, HandshakeStatus.NEED_TASK, 0, 0);
        is(exchange.server.unwrap(none(), none()), Status.OK, HandshakeStatus.NEED_TASK, 0, 0);
        Runnable task = exchange.server.getDelegatedTask();
        assertNull(exchange.server.getDelegatedTask());
        Thread other = new Thread(task);
        other.start();
        other.join();
        assertEquals(HandshakeStatus.NEED_WRAP, exchange.server.getHandshakeStatus());
        assertNotNull(exchange.server.getHandshakeSession());
        exchange.toServer.clear();
        exchange.settle();
        assertEquals(1, exchange.finishedByServer);
        assertNull(exchange.server.getHandshakeSession());
        assertTrue(exchange.server.getSession().isValid());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void severalRecordsLieInOneBuffer(Side client, Side server) throws Exception {
        Exchange exchange = open(client, server);
        ByteBuffer wire = ByteBuffer.allocateDirect(100_000);
        for (int i = 1; i <= 3; i++) {
            SSLEngineResult said = exchange.client.wrap(ByteBuffer.wrap(new byte[i * 100]).asReadOnlyBuffer(), wire);
            assertEquals(i * 100, said.bytesConsumed());
        }
        wire.flip();
        ByteBuffer[] scattered = {ByteBuffer.allocate(7), ByteBuffer.allocateDirect(150), ByteBuffer.allocate(20_000)};
        for (int i = 1; i <= 3; i++) {
            assertEquals(i * 100, exchange.server.unwrap(wire, scattered).bytesProduced());
        }
        assertFalse(wire.hasRemaining());
        assertEquals(600 - 157, scattered[2].position());
        is(exchange.server.unwrap(wire, scattered), Status.BUFFER_UNDERFLOW, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void gatheredSourcesBecomeOneRecordAndNoRoomTakesNothing(Side client, Side server) throws Exception {
        Exchange exchange = open(client, server);
        ByteBuffer[] parts = {ByteBuffer.wrap("one ".getBytes()), ByteBuffer.wrap("two ".getBytes()), ByteBuffer.wrap("three".getBytes())};
        assertEquals(9, exchange.client.wrap(parts, 1, 2, exchange.toServer).bytesConsumed());
        assertEquals(4, parts[0].remaining());
        exchange.toServer.flip();
        int bytes = exchange.toServer.remaining();
        is(exchange.server.unwrap(exchange.toServer, ByteBuffer.allocate(8)), Status.BUFFER_OVERFLOW, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
        ByteBuffer heard = ByteBuffer.allocate(20_000);
        is(exchange.server.unwrap(exchange.toServer, heard), Status.OK, HandshakeStatus.NOT_HANDSHAKING, bytes, 9);
        assertArrayEquals("two three".getBytes(), Exchange.taken(heard));
        is(exchange.client.wrap(none(), ByteBuffer.allocate(20_000)), Status.OK, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
        is(exchange.client.wrap(parts[0], ByteBuffer.allocate(exchange.client.getSession().getPacketBufferSize() - 1)), Status.BUFFER_OVERFLOW,
                HandshakeStatus.NOT_HANDSHAKING, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void halvesCloseApart(Side client, Side server) throws Exception {
        Exchange exchange = open(client, server);
        exchange.client.closeOutbound();
        assertEquals(HandshakeStatus.NEED_WRAP, exchange.client.getHandshakeStatus());
        SSLEngineResult last = exchange.client.wrap(ByteBuffer.wrap(new byte[3]), exchange.toServer);
        assertEquals(Status.CLOSED, last.getStatus());
        assertEquals(0, last.bytesConsumed());
        assertTrue(exchange.client.isOutboundDone());
        assertEquals(Status.CLOSED, exchange.client.wrap(none(), ByteBuffer.allocate(20_000)).getStatus());
        exchange.settle();
        assertTrue(exchange.server.isInboundDone());
        exchange.say(false, "yet".getBytes());
        assertArrayEquals("yet".getBytes(), Exchange.taken(exchange.heardByClient));
        exchange.server.closeInbound();
        exchange.server.closeOutbound();
        exchange.settle();
        assertTrue(exchange.client.isInboundDone());
        is(exchange.client.unwrap(none(), none()), Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
        exchange.client.closeInbound();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void anEndWithoutAWordIsAFault(Side client, Side server) throws Exception {
        Exchange exchange = open(client, server);
        assertThrows(SSLException.class, exchange.client::closeInbound);
        assertTrue(exchange.client.isInboundDone());
        exchange.client.closeInbound();
        assertEquals(Status.CLOSED, exchange.client.unwrap(none(), none()).getStatus());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void whatHasNotBegunClosesQuietly(Side side) throws Exception {
        SSLEngine engine = side.client().createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        engine.closeInbound();
        engine.closeOutbound();
        assertTrue(engine.isInboundDone());
        assertEquals(Status.CLOSED, engine.wrap(none(), ByteBuffer.allocate(20_000)).getStatus());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aChangedRecordEndsItWithAnAlert(Side client, Side server) throws Exception {
        Exchange exchange = open(client, server);
        exchange.client.wrap(ByteBuffer.wrap(new byte[10]), exchange.toServer);
        exchange.toServer.put(12, (byte) (exchange.toServer.get(12) ^ 1));
        exchange.toServer.flip();
        assertThrows(SSLException.class, () -> exchange.server.unwrap(exchange.toServer, ByteBuffer.allocate(20_000)));
        assertTrue(exchange.server.isInboundDone());
        assertEquals(HandshakeStatus.NEED_WRAP, exchange.server.getHandshakeStatus());
        assertEquals(Status.CLOSED, exchange.server.wrap(none(), exchange.toClient).getStatus());
        assertTrue(exchange.server.isOutboundDone());
        exchange.toClient.flip();
        SSLException heard = assertThrows(SSLException.class, () -> exchange.client.unwrap(exchange.toClient, ByteBuffer.allocate(20_000)));
        assertTrue(heard.getMessage().contains("bad_record_mac"), heard.getMessage());
        assertTrue(exchange.client.isInboundDone() && exchange.client.isOutboundDone());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void whatIsNoTlsIsRefused(Side side) throws Exception {
        SSLEngine server = side.server("EC").createSSLEngine();
        server.setUseClientMode(false);
        assertThrows(SSLException.class, () -> server.unwrap(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes()), none()));
        assertTrue(server.isInboundDone());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aNameThatIsAnothersIsRefusedByTheTrustManager(Side client, Side server) throws Exception {
        for (String host : List.of("localhost", "elsewhere.example")) {
            Exchange exchange = new Exchange(client.client().createSSLEngine(host, 443), server.server("EC").createSSLEngine());
            SSLParameters parameters = exchange.client.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            exchange.client.setSSLParameters(parameters);
            if (host.equals("localhost")) {
                exchange.handshake();
                assertEquals("localhost", exchange.client.getSession().getPeerHost());
                assertThrows(SSLPeerUnverifiedException.class, exchange.server.getSession()::getPeerCertificates);
            } else {
                assertThrows(SSLHandshakeException.class, () -> handshakeAndWrap(exchange, exchange.client));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void protocolsAreAgreedOnByListAndBySelector(Side client, Side server) throws Exception {
        for (boolean selects : new boolean[] {false, true}) {
            Exchange exchange = new Exchange(client.client().createSSLEngine("localhost", 443), server.server("EC").createSSLEngine());
            SSLParameters asks = exchange.client.getSSLParameters();
            asks.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            exchange.client.setSSLParameters(asks);
            if (selects) {
                exchange.server.setHandshakeApplicationProtocolSelector((engine, offered) -> offered.get(1));
            } else {
                SSLParameters takes = exchange.server.getSSLParameters();
                takes.setApplicationProtocols(new String[] {"h3", "h2"});
                exchange.server.setSSLParameters(takes);
            }
            exchange.handshake();
            String expected = selects ? "http/1.1" : "h2";
            assertEquals(expected, exchange.client.getApplicationProtocol());
            assertEquals(expected, exchange.server.getApplicationProtocol());
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void noProtocolInCommonIsRefused(Side client, Side server) throws Exception {
        Exchange exchange = new Exchange(client.client().createSSLEngine("localhost", 443), server.server("EC").createSSLEngine());
        SSLParameters asks = exchange.client.getSSLParameters();
        asks.setApplicationProtocols(new String[] {"h2"});
        exchange.client.setSSLParameters(asks);
        exchange.server.setHandshakeApplicationProtocolSelector((engine, offered) -> null);
        assertThrows(SSLHandshakeException.class, () -> handshakeAndWrap(exchange, exchange.server));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void clientsShowWhoTheyAreWhereTheyAreAsked(Side client, Side server) throws Exception {
        for (boolean has : new boolean[] {true, false}) {
            for (boolean must : new boolean[] {true, false}) {
                Exchange exchange =
                        new Exchange(client.context(has ? Certificates.keys("Ed25519") : null, Certificates.trust()).createSSLEngine("localhost", 443),
                                server.server("EC").createSSLEngine());
                if (must) {
                    exchange.server.setNeedClientAuth(true);
                } else {
                    exchange.server.setWantClientAuth(true);
                }
                if (has || !must) {
                    exchange.handshake();
                    assertEquals(1, exchange.finishedByServer);
                    if (has) {
                        assertEquals("CN=Ed25519", exchange.server.getSession().getPeerPrincipal().getName());
                        assertEquals("CN=Ed25519", exchange.client.getSession().getLocalPrincipal().getName());
                    } else {
                        assertThrows(SSLPeerUnverifiedException.class, exchange.server.getSession()::getPeerCertificates);
                    }
                } else {
                    assertThrows(SSLException.class, () -> handshakeAndWrap(exchange, exchange.server));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void namesAreAskedForAndMatched(Side client, Side server) throws Exception {
        for (String pattern : List.of("one\\.example", "two\\.example")) {
            Exchange exchange = new Exchange(client.client().createSSLEngine("one.example", 443), server.server("EC").createSSLEngine());
            SSLParameters matches = exchange.server.getSSLParameters();
            matches.setSNIMatchers(List.of(SNIHostName.createSNIMatcher(pattern)));
            exchange.server.setSSLParameters(matches);
            if (pattern.startsWith("one")) {
                exchange.handshake();
                assertEquals(1, exchange.finishedByServer);
            } else {
                assertThrows(SSLException.class, () -> handshakeAndWrap(exchange, exchange.server));
            }
        }
    }

    /// A name that a program of its own puts into its hello.
    private static final class Odd extends SNIServerName {
        Odd(int type, String name) {
            super(type, name.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void whoAsksByWhatIsNoNameIsNotOneWhoAsksForNobody(Side server) throws Exception {
        for (String name : List.of("good.example", "bad.example", "no_such.example", "-x", "a b", "b\u00e9.example", "bad.example.", "good.example.", "\0")) {
            for (boolean matched : new boolean[] {true, false}) {
                Exchange exchange = new Exchange(Side.JDK.client().createSSLEngine("localhost", 443), server.server("EC").createSSLEngine());
                asks(exchange, new Odd(0, name), matched);
                if (name.equals("good.example") || name.equals("bad.example") && !matched) {
                    exchange.handshake();
                    assertEquals(List.of(new SNIHostName(name)), ((ExtendedSSLSession) exchange.server.getSession()).getRequestedServerNames());
                } else {
                    SSLException refused = assertThrows(SSLException.class, () -> handshakeAndWrap(exchange, exchange.server), name);
                    String why = name.equals("bad.example") ? "Unrecognized server name" : "Illegal server name";
                    assertTrue(refused.getMessage().contains(why), name + ": " + refused.getMessage());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aNameOfAnotherTypeIsForMatchersOfThatType(Side server) throws Exception {
        for (boolean matched : new boolean[] {true, false}) {
            Exchange exchange = new Exchange(Side.JDK.client().createSSLEngine("localhost", 443), server.server("EC").createSSLEngine());
            asks(exchange, new Odd(7, "good.example"), matched);
            if (matched) {
                SSLException refused = assertThrows(SSLException.class, () -> handshakeAndWrap(exchange, exchange.server));
                assertTrue(refused.getMessage().contains("Unrecognized server name"), refused.getMessage());
            } else {
                exchange.handshake();
                assertEquals(7, ((ExtendedSSLSession) exchange.server.getSession()).getRequestedServerNames().getFirst().getType());
            }
        }
    }

    private static void asks(Exchange exchange, SNIServerName name, boolean matched) {
        SSLParameters asks = exchange.client.getSSLParameters();
        asks.setServerNames(List.of(name));
        exchange.client.setSSLParameters(asks);
        if (matched) {
            SSLParameters matches = exchange.server.getSSLParameters();
            matches.setSNIMatchers(List.of(SNIHostName.createSNIMatcher("good\\.example")));
            exchange.server.setSSLParameters(matches);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void suitesAndGroupsAreThoseThatAreEnabled(Side client, Side server) throws Exception {
        for (String suite : Names.suites()) {
            Exchange exchange = new Exchange(client.client().createSSLEngine("localhost", 443), server.server("EC", "Ed25519").createSSLEngine());
            exchange.client.setEnabledCipherSuites(new String[] {suite});
            SSLParameters groups = exchange.client.getSSLParameters();
            groups.setNamedGroups(new String[] {"secp256r1"});
            exchange.client.setSSLParameters(groups);
            exchange.handshake();
            assertEquals(suite, exchange.server.getSession().getCipherSuite());
        }
    }

    @Test
    void olderVersionsArePassedOverBesideTls13AndRefusedAlone() throws Exception {
        SSLEngine engine = Side.OURS.client().createSSLEngine();
        engine.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        assertArrayEquals(new String[] {"TLSv1.3"}, engine.getEnabledProtocols());
        engine.setEnabledCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"});
        assertArrayEquals(new String[] {"TLS_AES_128_GCM_SHA256"}, engine.getEnabledCipherSuites());
        assertThrows(IllegalArgumentException.class, () -> engine.setEnabledProtocols(new String[] {"TLSv1.2"}));
        assertThrows(IllegalArgumentException.class, () -> engine.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv9"}));
        assertThrows(IllegalArgumentException.class, () -> engine.setEnabledCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void keysAreUpdatedUnseen(Side client, Side server) throws Exception {
        Exchange exchange = open(client, server);
        AtomicInteger updates = new AtomicInteger();
        for (boolean clients : new boolean[] {true, false}) {
            (clients ? exchange.client : exchange.server).beginHandshake();
            updates.addAndGet((clients ? exchange.client : exchange.server).getHandshakeStatus() == HandshakeStatus.NEED_WRAP ? 1 : 0);
            exchange.settle();
            exchange.say(clients, "after".getBytes());
            assertArrayEquals("after".getBytes(), Exchange.taken(clients ? exchange.heardByServer : exchange.heardByClient));
            exchange.say(!clients, "before".getBytes());
            assertArrayEquals("before".getBytes(), Exchange.taken(clients ? exchange.heardByClient : exchange.heardByServer));
        }
        assertEquals(2, updates.get());
    }
}
