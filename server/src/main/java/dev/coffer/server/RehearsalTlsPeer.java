package dev.coffer.server;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.engine.Engine;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.SignatureScheme;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A client of TLS in the [RehearsalTls]: one offer, one connection at a time, and a text that it says inside. It trusts the certificate of the identity
/// that it was made for and no other; nothing is looked up anywhere.
final class RehearsalTlsPeer implements AutoCloseable {
    private static final int IO_BYTES = 1 << 15;   // a record, and more
    private static final String HOST = "localhost";
    private static final int TOLD_MAX = 12;        // octets of an answer that are remembered: version and status

    private final ClientContext context;
    private final TlsClient<Object> engine;
    private final MemorySegment io;
    private final ByteBuffer bytes;
    private final Region region;
    private @Nullable SocketChannel channel;
    private Said said = new Said("");
    private boolean begun;                         // TLS
    private boolean ended;

    /// What is said inside, and how the answer begins.
    private static final class Said implements Engine<Object> {
        private final byte[] text;
        private int sent;
        private final StringBuilder told = new StringBuilder();
        private boolean over;

        Said(String text) {
            this.text = text.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public long feed(MemorySegment input, long at, long length, long nowNanos) {
            for (long i = 0; i < length && told.length() < TOLD_MAX; i++) {
                told.append((char) (input.get(ValueLayout.JAVA_BYTE, at + i) & 0xff));
            }
            return length;
        }

        @Override
        public long feedRoom() {
            return Long.MAX_VALUE;
        }

        @Override
        public void feedEnd(long nowNanos) {
            over = true;
        }

        @Override
        public void disconnect(long nowNanos) {
            over = true;
        }

        @Override
        public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
            int part = (int) Math.min(length, text.length - sent);
            MemorySegment.copy(text, sent, output, ValueLayout.JAVA_BYTE, at, part);
            sent += part;
            return part;
        }

        @Override
        public long outputBytesMin() {
            return 1;
        }

        @Override
        public boolean isOutputEnded() {
            return over;
        }

        @Override
        public @Nullable Object pollEvent() {
            return null;
        }

        @Override
        public long deadlineNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void onDeadline(long nowNanos) {}

        @Override
        public void shutdown(long nowNanos) {
            over = true;
        }

        @Override
        public boolean isEnded() {
            return over;
        }

        @Override
        public void reset(long nowNanos) {}

        @Override
        public void close() {
            over = true;
        }
    }

    /// Trusts one certificate, octet by octet. That the signature is right is its server's affair, whose own key has just made it.
    static final class Pinned implements PeerVerifier {
        private final byte[] certificate;
        private final int[] offered;

        /// @param server  what is rehearsed
        Pinned(TlsServerConfig server, ServerIdentity identity) {
            this.certificate = certificate(identity);
            this.offered = server.schemes().stream().mapToInt(SignatureScheme::code).toArray();
        }

        @Override
        public int[] schemes() {
            return offered.clone();
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public @Nullable Alert trust(MemorySegment chain, long at, int length, String host) {
            int from = 3;  // bytes of the first entry's length
            return length >= from + certificate.length
                    && MemorySegment.mismatch(chain, at + from, at + from + certificate.length, MemorySegment.ofArray(certificate), 0,
                            certificate.length) < 0 ? null : Alert.BAD_CERTIFICATE;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return signatureLength > 0;
        }
    }

    /// Makes the client and its memory, which protects nothing and so is not locked.
    ///
    /// @param server    what is rehearsed
    /// @param identity  who answers
    /// @param protocol  that is offered, or empty for none
    RehearsalTlsPeer(TlsServerConfig server, ServerIdentity identity, CipherSuite suite, List<NamedGroup> groups, String protocol) {
        TlsClientConfig config = TlsClientConfig.defaults().withCounts(1, 1, 1).withSuites(suite).withGroups(groups.toArray(NamedGroup[]::new))
                .withSessions(1).withEarlyBytes(server.tickets().earlyBytes());
        config = protocol.isEmpty() ? config : config.withProtocols(protocol);
        MemoryPlan tls = config.plan();
        region = Region.open(RegionConfig.defaults("rehearsal").withProtection(Protection.LOCKED, Level.OFF),
                MemoryPlan.group("rehearsal", tls, MemoryPlan.block("io", IO_BYTES)));
        try {
            context = ClientContext.over(config, new Pinned(server, identity), Entropy.SYSTEM, region.carve(tls.name()));
            engine = new TlsClient<Object>(context, 0, (connection, nowNanos) -> said).to(HOST);
            io = region.carve("io");
            bytes = io.asByteBuffer();
        } catch (RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    private static byte[] certificate(ServerIdentity identity) {
        try {
            return identity.certificate().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read and cannot be written", e);
        }
    }

    /// Has a certificate for a server that asks.
    void show(ServerIdentity identity) {
        context.identity(identity);
    }

    /// Says with the hello what a server takes there, from the next connection on.
    void early(boolean may) {
        engine.early(may);
    }

    /// Begins a connection, on which a text is said inside TLS.
    void connect(InetSocketAddress address, String text, long nowNanos) throws IOException {
        open(address);
        said = new Said(text);
        engine.reset(nowNanos);
        begun = true;
        exchange(nowNanos);
    }

    /// Begins a connection on which a text is said and no TLS.
    void connectInTheClear(InetSocketAddress address, String text) throws IOException {
        open(address);
        said = new Said("");
        channel().write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private SocketChannel channel() {
        return Objects.requireNonNull(channel, "open");
    }

    private void open(InetSocketAddress address) throws IOException {
        SocketChannel opened = SocketChannel.open(address);
        channel = opened;
        opened.configureBlocking(false);
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        begun = false;
        ended = false;
    }

    /// Takes what has come and says what there is to say.
    ///
    /// @return whether something was
    boolean exchange(long nowNanos) throws IOException {
        boolean news = listen(nowNanos);
        return begun && speak(nowNanos) || news;
    }

    private boolean listen(long nowNanos) {
        bytes.clear();
        int got;
        try {
            got = channel().read(bytes);
        } catch (IOException e) {  // cut by the other side
            got = -1;
        }
        boolean news = got > 0 || got < 0 && !ended;
        ended |= got < 0;
        if (!begun) {
            said.feed(io, 0, Math.max(got, 0), nowNanos);
        } else if (got < 0 && news) {
            engine.feedEnd(nowNanos);
        }
        for (long taken = 0; begun && taken < got;) {
            long bit = engine.feed(io, taken, got - taken, nowNanos);
            if (bit == 0) {
                return news;  // an ended engine: it hears no more
            }
            taken += bit;
        }
        return news;
    }

    private boolean speak(long nowNanos) throws IOException {
        boolean news = false;
        for (long length; (length = engine.pollOutput(io, 0, IO_BYTES, nowNanos)) > 0; news = true) {
            bytes.clear().limit((int) length);
            while (bytes.hasRemaining() && !ended) {
                try {
                    channel().write(bytes);  // fewer than a socket buffer holds
                } catch (IOException e) {
                    ended = true;
                }
            }
        }
        return news;
    }

    /// {@return whether an answer has begun}
    boolean isAnswered() {
        return !said.told.isEmpty();
    }

    /// {@return whether nothing more comes}
    boolean isEnded() {
        return ended;
    }

    /// {@return what was heard: the protocol, whether it was resumed, and the first octets inside or the alert}
    String told() {
        if (!begun) {
            return "clear";
        }
        Alert alert = engine.alertReceived() != null ? engine.alertReceived() : engine.alertSent();
        String inside = said.told.toString().replaceAll("[^ -~]", ".");
        return (engine.isOpen() ? engine.protocol() + (engine.isResumed() ? " resumed" : "") + (engine.isEarlyTaken() ? " early" : "") : "refused")
                + (alert != null ? " " + alert : "")
                + " " + inside;
    }

    /// Says goodbye and goes.
    void leave(long nowNanos) throws IOException {
        engine.shutdown(nowNanos);
        said.over = true;
        speak(nowNanos);
        cut();
    }

    /// Goes without a word.
    void cut() throws IOException {
        engine.close();
        channel().close();
    }

    @Override
    public void close() throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            engine.close();
            context.close();
            region.close();
        }
    }
}
