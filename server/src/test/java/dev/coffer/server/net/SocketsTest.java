package dev.coffer.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.FreePort;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Both drivers behind one set of promises, with real peers on the loopback address.
class SocketsTest {
    private static final int SLOTS = 3;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(1 << 16);
    private Sockets sockets;

    private void open(boolean linux) throws IOException {
        sockets = linux ? new EpollSockets(SLOTS, arena.allocate(EpollSockets.plan(SLOTS).totalBytes(), 64))
                : new NioSockets(SLOTS);
        sockets.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() {
        if (sockets != null) {
            sockets.close();
            sockets.close();
        }
        arena.close();
    }

    private Socket connect(int slot) throws IOException {
        Socket peer = new Socket(sockets.address().getAddress(), sockets.address().getPort());
        assertEquals(Sockets.READ, awaitReady(Sockets.LISTENER) & Sockets.READ | Sockets.READ);
        assertEquals(Sockets.ACCEPTED, sockets.accept());
        assertTrue(sockets.keep(slot));
        return peer;
    }

    /// Waits until that slot is reported. {@return its operations}
    private int awaitReady(int slot) {
        for (int turn = 0; turn < 100; turn++) {
            int count = sockets.await(1_000_000_000L);
            for (int i = 0; i < count; i++) {
                if (sockets.readySlot(i) == slot) {
                    return sockets.readyOperations(i);
                }
            }
        }
        throw new AssertionError("slot " + slot + " never became ready");
    }

    private String receive(int slot) {
        int count = sockets.receive(slot, buffer, 100, 1000);
        assertTrue(count > 0, "received " + count);
        return new String(buffer.asSlice(100, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    @Test
    void anErrorThatAnotherAcceptDoesNotEndIsARestAndNotALoop() throws Exception {
        assumeTrue(EpollSockets.available());
        open(true);
        Field listener = EpollSockets.class.getDeclaredField("listener");
        listener.setAccessible(true);
        assertEquals(0, SocketCalls.shutdown(listener.getInt(sockets), 0));  // no listener any more: EINVAL, for ever
        assertTimeoutPreemptively(Duration.ofMinutes(10), () -> assertEquals(Sockets.NO_DESCRIPTOR, sockets.accept()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void carriesBytesBothWays(boolean linux) throws IOException {
        open(linux);
        try (Socket peer = connect(1)) {
            assertTrue(sockets.isOpen(1));
            assertFalse(sockets.isOpen(0));
            assertTrue(sockets.isLoopback(1));
            assertEquals(Sockets.NOTHING, sockets.receive(1, buffer, 0, 10));
            peer.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
            assertEquals(Sockets.READ, awaitReady(1));
            assertEquals("ping", receive(1));
            buffer.setString(7, "pong");
            assertEquals(4, sockets.send(1, buffer, 7, 4));
            assertEquals("pong", new String(peer.getInputStream().readNBytes(4), StandardCharsets.US_ASCII));
            sockets.finish(1);
            assertEquals(-1, peer.getInputStream().read());
            peer.shutdownOutput();
            awaitReady(1);
            assertEquals(Sockets.FINISHED, sockets.receive(1, buffer, 0, 10));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsAReset(boolean linux) throws IOException {
        open(linux);
        Socket peer = connect(0);
        peer.setSoLinger(true, 0);
        peer.close();
        awaitReady(0);
        assertEquals(Sockets.BROKEN, sockets.receive(0, buffer, 0, 10));
        assertEquals(Sockets.BROKEN, sockets.send(0, buffer, 0, 10));  // and no SIGPIPE
        sockets.close(0);
        assertFalse(sockets.isOpen(0));
        sockets.close(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void awaitsOnlyWhatWasAsked(boolean linux) throws IOException {
        open(linux);
        try (Socket peer = connect(2)) {
            peer.getOutputStream().write(1);
            sockets.interest(2, 0);
            assertEquals(0, sockets.await(0));
            sockets.interest(2, Sockets.WRITE);
            assertEquals(Sockets.WRITE, awaitReady(2));
            sockets.interest(2, Sockets.READ);
            assertEquals(Sockets.READ, awaitReady(2));
            assertEquals(1, sockets.await(Eventually.MILLIS * 1_000_000L), "level-triggered: reported again");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sendsWhatFitsAndGoesOnWhenThereIsRoom(boolean linux) throws IOException {
        open(linux);
        try (Socket peer = connect(0)) {
            int total = 0;
            int sent;
            while ((sent = sockets.send(0, buffer, 0, (int) buffer.byteSize())) > 0) {
                total += sent;
            }
            assertEquals(Sockets.NOTHING, sent);
            sockets.interest(0, Sockets.WRITE);
            assertEquals(0, sockets.await(0));
            assertEquals(total, peer.getInputStream().readNBytes(total).length);
            assertEquals(Sockets.WRITE, awaitReady(0));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWakeEndsAWait(boolean linux) throws IOException, InterruptedException {
        open(linux);
        Thread waker = Thread.ofPlatform().start(sockets::wake);
        awaitReady(Sockets.WAKE);
        waker.join();
        assertEquals(0, sockets.await(0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAddressInUseIsSaidInAFewWords(boolean linux) throws IOException {
        open(linux);
        try (Sockets other = another(linux, 1)) {
            IOException e = assertThrows(IOException.class, () -> other.listen(sockets.address()));
            assertEquals("address in use", e.getMessage());
            e = assertThrows(IOException.class,
                    () -> other.listen(new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 0)));
            assertEquals("no such address on this machine", e.getMessage());
        }
    }

    private Sockets another(boolean linux, int slots) throws IOException {
        return linux ? new EpollSockets(slots, arena.allocate(EpollSockets.plan(slots).totalBytes(), 64))
                : new NioSockets(slots);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsPassedIsAdoptedInOrderAndWakesTheOther(boolean linux) throws IOException {
        open(linux);
        try (Sockets other = another(linux, 2)) {
            assertFalse(other.adopt());
            for (int round = 0; round < 3; round++) {  // the ring has two places
                try (Socket one = new Socket(sockets.address().getAddress(), sockets.address().getPort());
                        Socket two = new Socket(sockets.address().getAddress(), sockets.address().getPort())) {
                    for (int i = 0; i < 2; i++) {
                        awaitReady(Sockets.LISTENER);
                        assertEquals(Sockets.ACCEPTED, sockets.accept());
                        sockets.pass(other);
                    }
                    assertEquals(1, other.await(Eventually.MILLIS * 1_000_000L));
                    assertEquals(Sockets.WAKE, other.readySlot(0));
                    for (int i = 0; i < 2; i++) {
                        assertTrue(other.adopt());
                        assertTrue(other.keep(i));
                        assertTrue(other.isLoopback(i));
                    }
                    assertFalse(other.adopt());
                    buffer.setString(0, "12");
                    assertEquals(1, other.send(0, buffer, 0, 1));
                    assertEquals(1, other.send(1, buffer, 1, 1));
                    assertEquals('1', one.getInputStream().read());
                    assertEquals('2', two.getInputStream().read());
                    other.close(0);
                    other.close(1);
                    other.await(0);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasPassedAndNotAdoptedIsClosedWithTheSockets(boolean linux) throws IOException {
        open(linux);
        try (Socket peer = new Socket(sockets.address().getAddress(), sockets.address().getPort());
                Socket second = new Socket(sockets.address().getAddress(), sockets.address().getPort())) {
            awaitReady(Sockets.LISTENER);
            assertEquals(Sockets.ACCEPTED, sockets.accept());
            try (Sockets other = another(linux, 1)) {
                sockets.pass(other);
            }
            assertEquals(-1, peer.getInputStream().read());
            awaitReady(Sockets.LISTENER);
            assertEquals(Sockets.ACCEPTED, sockets.accept());
            sockets.drop();
            assertEquals(-1, second.getInputStream().read());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sparesAreHeldAndSpentOneByOne(boolean linux) throws IOException {
        open(linux);
        assertFalse(sockets.spend());
        assertEquals(2, sockets.save(2));
        assertEquals(3, sockets.save(3));
        assertEquals(3, sockets.save(1), "none is given up");
        for (int i = 0; i < 3; i++) {
            assertTrue(sockets.spend());
        }
        assertFalse(sockets.spend());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMutedListenerReportsNothingUntilItListensAgain(boolean linux) throws IOException {
        open(linux);
        sockets.listening(false);
        try (Socket peer = new Socket(sockets.address().getAddress(), sockets.address().getPort())) {
            assertEquals(0, sockets.await(20_000_000L));
            sockets.listening(true);
            awaitReady(Sockets.LISTENER);
            assertEquals(Sockets.ACCEPTED, sockets.accept());
            assertTrue(sockets.keep(0));
            assertEquals(Sockets.NOTHING, sockets.accept());
            assertTrue(peer.isConnected());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void listensAtIpv6(boolean linux) throws IOException {
        open(linux);
        sockets.closeListener();
        sockets.listen(new InetSocketAddress(InetAddress.getByName("::1"), 0));
        try (Socket peer = connect(0)) {
            assertTrue(sockets.isLoopback(0));
            assertTrue(peer.isConnected());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void callsOthersOverBothFamilies(boolean linux) throws IOException {
        open(linux);
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName(host))) {
                assertEquals(Sockets.NOTHING, sockets.connect(1, (InetSocketAddress) other.getLocalSocketAddress()));
                assertTrue(sockets.isOpen(1));
                assertEquals(Sockets.WRITE, awaitReady(1) & Sockets.WRITE);
                assertEquals(Sockets.CONNECTED, sockets.connected(1));
                assertTrue(sockets.isLoopback(1));
                sockets.interest(1, Sockets.READ);
                try (Socket peer = other.accept()) {
                    buffer.setString(0, "call");
                    assertEquals(4, sockets.send(1, buffer, 0, 4));
                    assertEquals("call", new String(peer.getInputStream().readNBytes(4), StandardCharsets.US_ASCII));
                    peer.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
                    assertEquals(Sockets.READ, awaitReady(1));
                    assertEquals("answer", receive(1));
                }
                sockets.close(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCallThatNobodyTakesIsBroken(boolean linux) throws IOException {
        open(linux);
        int result;
        try (Socket nobody = FreePort.refusing()) {
            result = sockets.connect(2, (InetSocketAddress) nobody.getLocalSocketAddress());
            if (result == Sockets.NOTHING) {
                awaitReady(2);
                result = sockets.connected(2);
                sockets.close(2);
            }
        }
        assertEquals(Sockets.BROKEN, result);
        assertFalse(sockets.isOpen(2));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCallThatIsUnderWayIsNeitherMadeNorBroken(boolean linux) throws IOException {
        open(linux);
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); Socket one = new Socket(); Socket two = new Socket()) {
            InetSocketAddress address = (InetSocketAddress) full.getLocalSocketAddress();
            one.connect(address);  // fills the backlog of one, and the one more that Linux takes
            two.connect(address);
            if (sockets.connect(0, address) == Sockets.NOTHING && sockets.await(0) == 0) {
                assertEquals(Sockets.NOTHING, sockets.connected(0));
                full.accept().close();  // room: the system tries again, in a second
                awaitReady(0);
                assertEquals(Sockets.CONNECTED, sockets.connected(0));
            }
        }
    }
}
