package dev.coffer.cli;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.QuicConfig;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicLoop;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.JdkVerifier;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.TlsClientConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Clients of QUIC that say what a test has them say, each from a port of its own.
final class QuicStrangers implements AutoCloseable {
    private static final int LOOPBACK = 0x7f000001;

    private final Arena arena = Arena.ofShared();
    private final ClientContext context;
    private final QuicLoop loop;
    private final List<DatagramChannel> channels = new ArrayList<>();
    private final List<QuicConnection> connections = new ArrayList<>();
    private final MemorySegment wire = arena.allocate(1 << 11);
    private final ByteBuffer bytes = wire.asByteBuffer();
    private final MemorySegment header = arena.allocate(DatagramHeader.BYTES, 8);
    private final MemorySegment path = arena.allocate(NetworkPath.BYTES, 8);

    /// @param trusted  whose server's certificate is good
    /// @param count    at most
    QuicStrangers(Path trusted, int count) throws Exception {
        TlsClientConfig tls = TlsClientConfig.defaults().withCounts(count, count, 1).withGroups(NamedGroup.X25519).withProtocols("h3");
        QuicConfig quic = QuicConfig.defaults().withBlocks(1032, 256);
        context = ClientContext.over(tls, JdkVerifier.of(trusted), Entropy.SYSTEM, arena.allocate(tls.plan().totalBytes(), 64));
        loop = QuicLoop.over(quic, count, count, tls.suites(), Entropy.SYSTEM,
                arena.allocate(QuicLoop.plan(quic, count, count, tls.suites()).totalBytes(), 64));
    }

    /// Has one more ready to say its hello.
    ///
    /// @param token  that the server gave another, empty for none
    /// @return its number
    int ready(int port, byte[] token) throws IOException {
        int number = channels.size();
        DatagramChannel channel = DatagramChannel.open();
        channels.add(channel);
        channel.configureBlocking(false);
        channel.connect(new InetSocketAddress("127.0.0.1", port));
        NetworkPath.ipv4(path, 0, LOOPBACK, port, LOOPBACK, channel.socket().getLocalPort());
        QuicConnection quic = QuicConnection.client(loop, context, number);
        connections.add(quic);
        quic.reset(System.nanoTime());
        MemorySegment given = arena.allocate(QuicConnection.TOKEN_BYTES_MAX);
        MemorySegment.copy(token, 0, given, ValueLayout.JAVA_BYTE, 0, token.length);
        if (!quic.connect("localhost", Version.V1, path, 0, given, 0, token.length, System.nanoTime())) {
            throw new AssertionError("no place for a handshake");
        }
        return number;
    }

    /// Says what that one has to say.
    void say(int number) throws IOException {
        QuicConnection quic = connections.get(number);
        for (long length; (length = quic.pollOutput(wire, 0, wire.byteSize(), header, 0, System.nanoTime())) > 0;) {
            channels.get(number).write(bytes.limit((int) length).position(0));
        }
    }

    /// {@return the first octet of the datagram that comes back}
    int first(int number) {
        Eventually.holds("an answer", () -> hear(number) > 0);
        return bytes.get(0) & 0xff;
    }

    /// {@return the token that one which goes on until it is connected is given for another time}
    byte[] token(int number) {
        QuicConnection quic = connections.get(number);
        MemorySegment token = arena.allocate(QuicConnection.TOKEN_BYTES_MAX);
        return Eventually.found("a token", () -> {
            for (int length; (length = hear(number)) > 0;) {
                NetworkPath.ipv4(header, DatagramHeader.PATH, LOOPBACK, port(number), LOOPBACK, channels.get(number).socket().getLocalPort());
                DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
                quic.feed(wire, 0, length, header, 0, System.nanoTime());
                while (quic.pollEvent() != null) {}
            }
            say(number);
            int given = quic.takeToken(token, 0);
            return given == 0 ? null : token.asSlice(0, given).toArray(ValueLayout.JAVA_BYTE);
        });
    }

    private int port(int number) throws IOException {
        return ((InetSocketAddress) channels.get(number).getRemoteAddress()).getPort();
    }

    /// {@return bytes of the datagram that has come, 0 or less for none}
    private int hear(int number) throws IOException {
        QuicConnection quic = connections.get(number);
        if (quic.deadlineNanos() <= System.nanoTime()) {
            quic.onDeadline(System.nanoTime());
            say(number);
        }
        return channels.get(number).read(bytes.clear());
    }

    @Override
    public void close() throws IOException {
        for (DatagramChannel channel : channels) {
            channel.close();
        }
        loop.close();
        context.close();
        arena.close();
    }
}
