package dev.coffer.bench.serve;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.QuicConfig;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicEvent;
import dev.coffer.quic.QuicLoop;
import dev.coffer.quic.packet.Version;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.JdkVerifier;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.TlsClientConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Many clients of HTTP/3 behind few sockets, in a process of their own: our QUIC, and of HTTP/3 the octets of one request, so that they are small. Each has a
/// handshake, the first few in full and the others resumed, opens the three streams of one direction that browsers open, says its SETTINGS, asks once and is answered; then it is idle, but
/// for what it is told to say. It obeys lines: `ping SECONDS`, a PING of each, evenly over that time; `frames SECONDS`, a frame of HTTP/3 that nobody knows, on its control stream.
public final class Http3IdleClients {
    private static final int SOCKETS = 4;
    private static final int AT_ONCE = 32;          // handshakes under way
    private static final int SESSIONS = 2 * AT_ONCE;
    private static final int READS = 16;            // of a socket, a turn
    private static final int LOOKS = 64;            // at deadlines, a turn
    private static final byte ENDED = -1;
    private static final int BLOCKS = 10;           // a connection: an idle one holds half of them, and of what is free a quarter is not for writing
    private static final int LOOPBACK = 0x7f000001;
    private static final long HOUR_NANOS = 3_600_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final long PATIENCE = 5 * SECOND;    // while nothing comes and handshakes are under way
    private static final byte[] SETTINGS = {0, 4, 0};   // a control stream, and none (RFC 9114, sections 6.2.1, 7.2.4)
    private static final byte[] ENCODER = {2};          // QPACK's streams (RFC 9204, section 4.2)
    private static final byte[] DECODER = {3};
    /// HEADERS of GET https://localhost/ by QPACK's static table (RFC 9204, appendix A).
    private static final byte[] REQUEST =
            {1, 16, 0, 0, (byte) 0xd1, (byte) 0xd7, (byte) 0xc1, 0x50, 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
    private static final byte[] RESERVED = {0x21, 0};   // a frame that is nobody's (RFC 9114, section 7.2.8)
    private static final ValueLayout.OfLong ID = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);  // the eight octets of one, as a number

    private final int count;
    private final int port;
    private final QuicConnection[] all;
    private final long[] controls;
    private final byte[] stages;            // 0 none, 1 in handshake, 2 asked, 3 answered, ENDED
    private final Map<Long, Integer> byId;
    private final DatagramChannel[] sockets = new DatagramChannel[SOCKETS];
    private final int[] ports = new int[SOCKETS];
    private final MemorySegment wire = Arena.global().allocate(1 << 11);
    private final ByteBuffer bytes = wire.asByteBuffer();
    private final MemorySegment header = Arena.global().allocate(DatagramHeader.BYTES, 8);
    private final MemorySegment path = Arena.global().allocate(NetworkPath.BYTES, 8);
    private final ClientContext context;
    private final QuicLoop loop;
    private int answered;
    private int underWay;
    private int ended;
    private long heard;                     // datagrams
    private int again;                      // handshakes that came to nothing
    private final ArrayDeque<Integer> awaited = new ArrayDeque<>();  // whose deadline is looked at: in handshake, or something of theirs is under way
    private final boolean[] isAwaited;

    private Http3IdleClients(int port, int count, Path trusted) throws Exception {
        this.count = count;
        this.port = port;
        TlsClientConfig tls = TlsClientConfig.defaults().withCounts(count, Math.min(count, 2 * AT_ONCE), 1).withGroups(NamedGroup.X25519).withProtocols("h3")
                .withSessions(SESSIONS);
        QuicConfig quic = QuicConfig.tight().withStreams(0, 3).withBlocks(128, Math.min(1 << 20, count * BLOCKS + 8192)).withIdle(HOUR_NANOS);
        context = ClientContext.over(tls, JdkVerifier.of(trusted), Entropy.SYSTEM, Arena.global().allocate(tls.plan().totalBytes(), 64));
        loop = QuicLoop.over(quic, count, Math.min(count, 2 * AT_ONCE), tls.suites(), Entropy.SYSTEM,
                Arena.global().allocate(QuicLoop.plan(quic, count, Math.min(count, 2 * AT_ONCE), tls.suites()).totalBytes(), 64));
        all = new QuicConnection[count];
        controls = new long[count];
        stages = new byte[count];
        isAwaited = new boolean[count];
        byId = HashMap.newHashMap(count);
        for (int i = 0; i < SOCKETS; i++) {
            sockets[i] = DatagramChannel.open();
            sockets[i].configureBlocking(false);
            sockets[i].setOption(StandardSocketOptions.SO_RCVBUF, 1 << 21);
            sockets[i].connect(new InetSocketAddress("127.0.0.1", port));
            ports[i] = sockets[i].socket().getLocalPort();
        }
    }

    /// @param args  port, connections, the server's certificate
    public static void main(String[] args) throws Exception {
        Http3IdleClients clients = new Http3IdleClients(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Path.of(args[2]));
        long begun = System.nanoTime();
        clients.connect();
        System.out.printf(Locale.ROOT, "connected %d in %.1f s, %d at a second try, %d ended%n", clients.answered, (System.nanoTime() - begun) / 1e9,
                clients.again, clients.ended);
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String order; (order = orders.readLine()) != null;) {
            String[] words = order.split(" ");
            long said = clients.say(words[0].equals("ping"), SECOND * Integer.parseInt(words[1]));
            System.out.printf(Locale.ROOT, "%d %d %d%n", said, clients.heard, clients.ended);
        }
    }

    private void connect() throws IOException {
        for (int i = 0; i < count; i++) {
            all[i] = QuicConnection.client(loop, context, i);
        }
        int next = 0;
        long last = System.nanoTime();
        while (answered + ended < count) {
            if (underWay < AT_ONCE) {
                for (int n = 0; n < count; n++) {
                    next = (next + 1) % count;
                    if (stages[next] == 0) {
                        begin(next);
                        break;
                    }
                }
            }
            boolean news = turn();
            long now = System.nanoTime();
            if (news) {
                last = now;
            } else if (now - last > PATIENCE) {
                leave();
                last = now;
            }
            if (!news && underWay >= Math.min(AT_ONCE, count - answered - ended)) {
                LockSupport.parkNanos(100_000);
            }
        }
    }

    private void begin(int i) throws IOException {
        NetworkPath.ipv4(path, 0, LOOPBACK, port, LOOPBACK, ports[i % SOCKETS]);
        all[i].reset(System.nanoTime());
        if (!all[i].connect("localhost", Version.V1, path, 0, System.nanoTime())) {
            throw new IllegalStateException("no place for a handshake");
        }
        stages[i] = 1;
        underWay++;
        say(i);
        await(i);
    }

    /// Those whose deadline has come, of the next few that have something under way.
    private void late() throws IOException {
        for (int n = Math.min(awaited.size(), LOOKS); n > 0; n--) {
            int i = awaited.remove();
            isAwaited[i] = false;
            if (stages[i] > 0 && all[i].deadlineNanos() <= System.nanoTime()) {
                all[i].onDeadline(System.nanoTime());
                hear(i);
                say(i);
            }
            await(i);
        }
    }

    /// One that has waited for its answer too long leaves, and comes again.
    private void leave() throws IOException {
        for (int i = 0; i < count; i++) {
            if (stages[i] == 1 || stages[i] == 2) {
                System.err.println(
                        "nothing heard for " + PATIENCE / SECOND + " s: " + i + " at stage " + stages[i] + ", " + all[i] + ", " + answered + " answered");
                all[i].shutdown(System.nanoTime());
                say(i);
                hear(i);
            }
        }
    }

    private void await(int i) {
        if (!isAwaited[i] && stages[i] > 0 && all[i].deadlineNanos() - System.nanoTime() < MINUTE) {
            isAwaited[i] = true;
            awaited.add(i);
        }
    }

    private boolean turn() throws IOException {
        boolean news = false;
        late();
        for (int s = 0; s < SOCKETS; s++) {
            int got;
            for (int n = 0; n < READS && (got = sockets[s].read(bytes.clear())) > 0; n++) {  // by turns, else who is behind the last one waits for longer than the server does
                news = true;
                boolean isLong = wire.get(ValueLayout.JAVA_BYTE, 0) < 0;
                Integer of = byId.get(wire.get(ID, isLong ? 6 : 1));
                if (of != null) {
                    NetworkPath.ipv4(header, DatagramHeader.PATH, LOOPBACK, port, LOOPBACK, ports[s]);
                    DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
                    all[of].feed(wire, 0, got, header, 0, System.nanoTime());
                    heard++;
                    hear(of);
                    say(of);
                    await(of);
                }
            }
        }
        return news;
    }

    private void hear(int i) {
        QuicConnection quic = all[i];
        for (QuicEvent event; (event = quic.pollEvent()) != null;) {
            if (event == QuicEvent.CONNECTED) {
                controls[i] = quic.open(false);
                write(quic, controls[i], SETTINGS);
                write(quic, quic.open(false), ENCODER);
                write(quic, quic.open(false), DECODER);
                long stream = quic.open(true);
                write(quic, stream, REQUEST);
                quic.finish(stream);
                stages[i] = 2;
            } else if (event == QuicEvent.CLOSED && (stages[i] == 1 || stages[i] == 2)) {
                again++;
                underWay--;
                stages[i] = 0;
                quic.reset(System.nanoTime());  // and its place for a handshake is another's
                return;
            } else if (event == QuicEvent.CLOSED && stages[i] == 3) {
                ended++;
                if (ended <= 3 || ended % 100 == 0) {
                    System.err.println(
                            "ended " + i + " at stage " + stages[i] + ": " + quic + ", code " + quic.closeCode() + ", by peer " + quic.isClosedByPeer());
                }
                answered--;
                stages[i] = ENDED;
            }
        }
        for (long stream; (stages[i] == 2 || stages[i] == 3) && (stream = quic.pollReady()) != StreamTransport.NONE;) {
            for (long length; (stream & 3) != 2 && (length = quic.inputLength(stream)) > 0;) {  // of our own there is room to be told
                quic.consume(stream, length);
            }
            if ((stream & 3) == 0 && quic.isInputEnded(stream)) {
                quic.release(stream);
                answered++;
                underWay--;
                stages[i] = 3;
            }
        }
    }

    private static void write(QuicConnection quic, long stream, byte[] octets) {
        quic.write(stream, MemorySegment.ofArray(octets), 0, octets.length);
    }

    private void say(int i) throws IOException {
        for (long length; (length = all[i].pollOutput(wire, 0, wire.byteSize(), header, 0, System.nanoTime())) > 0;) {
            if (wire.get(ValueLayout.JAVA_BYTE, 0) < 0) {
                byId.putIfAbsent(wire.get(ID, 7 + wire.get(ValueLayout.JAVA_BYTE, 5)), i);
            }
            sockets[i % SOCKETS].write(bytes.limit((int) length).position(0));
        }
    }

    /// Each says something, evenly over a time.
    ///
    /// @return how many did
    private long say(boolean ping, long nanos) throws IOException {
        long begun = System.nanoTime();
        long said = 0;
        heard = 0;
        for (int i = 0; i < count;) {
            int due = (int) Math.min(count, (System.nanoTime() - begun) * count / nanos + 1);
            for (; i < due; i++) {
                if (stages[i] == 3) {
                    if (ping) {
                        all[i].ping();
                    } else {
                        write(all[i], controls[i], RESERVED);
                    }
                    say(i);
                    await(i);
                    said++;
                }
            }
            if (!turn()) {
                LockSupport.parkNanos(500_000);
            }
        }
        while (System.nanoTime() - begun < nanos || !awaited.isEmpty() && System.nanoTime() - begun < nanos + SECOND) {
            if (!turn()) {
                LockSupport.parkNanos(500_000);
            }
        }
        return said;
    }
}
