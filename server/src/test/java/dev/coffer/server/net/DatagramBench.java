package dev.coffer.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;

/// A datagram socket under test with its memory and the sockets of a loop that watch it, and peers on the JDK's channel.
final class DatagramBench implements AutoCloseable {
    static final String LOOPBACK_4 = "127.0.0.1";
    static final String LOOPBACK_6 = "::1";
    /// What [#close] looks for.
    static final byte CONTENT = (byte) 0xee;
    private static final int SLOT = 3;
    private static final int WAIT_MILLIS = Eventually.MILLIS;  // against a hang, not a measure

    final Arena arena = Arena.ofShared();
    final MemorySegment memory;
    final Datagrams datagrams;
    private final Sockets sockets;

    DatagramBench(boolean linux, DatagramConfig config) throws IOException {
        this(linux, config, DatagramKernel.SYSTEM);
    }

    DatagramBench(boolean linux, DatagramConfig config, DatagramKernel kernel) throws IOException {
        memory = arena.allocate(linux ? LinuxDatagrams.plan(config).totalBytes() : NioDatagrams.plan(config).totalBytes(), 64);
        datagrams = linux ? new LinuxDatagrams(config, memory, kernel) : new NioDatagrams(config, memory);
        sockets = linux ? new EpollSockets(SLOT, arena.allocate(EpollSockets.plan(SLOT).totalBytes(), 64)) : new NioSockets(SLOT + 1);
    }

    DatagramBench bind(String host) throws IOException {
        datagrams.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
        datagrams.watch(sockets, SLOT);
        return this;
    }

    int port() {
        return datagrams.address().getPort();
    }

    /// Waits until it is ready. {@return its operations}
    int await() {
        for (int i = 0; i < WAIT_MILLIS / 1000; i++) {
            if (sockets.await(1_000_000_000L) > 0) {
                assertEquals(SLOT, sockets.readySlot(0));
                return sockets.readyOperations(0);
            }
        }
        throw new AssertionError("never ready: " + datagrams);
    }

    boolean isReady() {
        return sockets.await(0) > 0;
    }

    /// Moves to the next datagram, waiting for it.
    byte[] receive() {
        while (!datagrams.next()) {
            await();
            datagrams.receive();
        }
        return datagrams.received().asSlice(datagrams.at(), datagrams.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    int ecn() {
        return DatagramHeader.ecn(datagrams.received(), datagrams.headerAt());
    }

    /// {@return an address of the present datagram's path, 16 bytes}
    byte[] pathAddress(long which) {
        return datagrams.received().asSlice(datagrams.headerAt() + DatagramHeader.PATH + which, NetworkPath.ADDRESS_BYTES)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    /// {@return an address as a path holds it}
    static byte[] mapped(String host) throws IOException {
        byte[] bytes = InetAddress.getByName(host).getAddress();
        byte[] mapped = new byte[NetworkPath.ADDRESS_BYTES];
        if (bytes.length == 4) {
            mapped[10] = (byte) 0xff;
            mapped[11] = (byte) 0xff;
        }
        System.arraycopy(bytes, 0, mapped, 16 - bytes.length, bytes.length);
        return mapped;
    }

    /// Queues an output for a peer: bytes that its position decides.
    void add(String to, int port, int bytes, int segment, int ecn) throws IOException {
        add(to, port, null, bytes, segment, ecn);
    }

    void add(String to, int port, String from, int bytes, int segment, int ecn) throws IOException {
        DatagramQueue queue = datagrams.queue();
        assertTrue(queue.room() >= bytes, "room for " + bytes + " in " + queue);
        for (int i = 0; i < bytes; i++) {
            queue.memory().set(ValueLayout.JAVA_BYTE, queue.at() + i, octet(i));
        }
        long path = queue.headerAt() + DatagramHeader.PATH;
        queue.memory().asSlice(queue.headerAt(), DatagramHeader.BYTES).fill((byte) 0);
        NetworkPath.ipv4(queue.memory(), path, 0, port, 0, port());
        MemorySegment.copy(mapped(to), 0, queue.memory(), ValueLayout.JAVA_BYTE, path + NetworkPath.REMOTE, 16);
        if (from != null) {
            MemorySegment.copy(mapped(from), 0, queue.memory(), ValueLayout.JAVA_BYTE, path + NetworkPath.LOCAL, 16);
        }
        DatagramHeader.ecn(queue.memory(), queue.headerAt(), ecn);
        DatagramHeader.segmentBytes(queue.memory(), queue.headerAt(), segment);
        queue.add(bytes);
    }

    static byte octet(int i) {
        return (byte) (i * 31 + (i >>> 8) * 7 + 1);
    }

    static byte[] octets(int from, int bytes) {
        byte[] result = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            result[i] = octet(from + i);
        }
        return result;
    }

    long count(DatagramStatistics.Count what) {
        return datagrams.statistics().of(what);
    }

    /// A peer on the JDK's channel.
    static DatagramSocket peer(String host) throws IOException {
        DatagramChannel channel = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getByName(host), 0));
        channel.socket().setSoTimeout(WAIT_MILLIS);
        channel.socket().setReceiveBufferSize(1 << 20);
        return channel.socket();
    }

    /// Holds a port at which nothing is heard but itself: for all others it is closed, and nobody else's meanwhile.
    static DatagramSocket deaf(String host) throws IOException {
        DatagramSocket socket = peer(host);
        socket.connect(socket.getLocalSocketAddress());
        return socket;
    }

    static void send(DatagramSocket peer, String to, int port, byte[] bytes) throws IOException {
        peer.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName(to), port));
    }

    static DatagramPacket receive(DatagramSocket peer) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[1 << 16], 1 << 16);
        peer.receive(packet);
        return packet;
    }

    static byte[] content(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Override
    public void close() {
        datagrams.close();
        datagrams.close();
        sockets.close();
        // Peers' addresses and lengths stay, in rows of their own; bytes that came or went do not.
        int row = 0;
        for (long at = 0; at < memory.byteSize(); at++) {
            row = memory.get(ValueLayout.JAVA_BYTE, at) == CONTENT ? row + 1 : 0;
            assertTrue(row < 16, "bytes of content before " + at);
        }
        arena.close();
    }
}
