package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import dev.coffer.memory.Account;
import dev.coffer.tls.TlsClientConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Buffers that are gone while an engine copies: mapped files that were cut. No byte is lost without a word: the connection is.
final class LostTest {
    @TempDir
    private Path folder;

    private Exchange open() throws Exception {
        Exchange exchange = new Exchange(Side.OURS.client().createSSLEngine("localhost", 443), Side.OURS.server("EC").createSSLEngine());
        exchange.handshake();
        return exchange;
    }

    /// {@return a file in memory whose pages are there no more}
    private ByteBuffer gone(int bytes) throws IOException {
        Path file = Files.write(Files.createTempFile(folder, "gone", ""), new byte[bytes]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer mapped = channel.map(MapMode.READ_WRITE, 0, bytes);
            channel.truncate(0);
            return mapped;
        }
    }

    private static long held() {
        return Certificates.COFFER.accounts().stream().filter(each -> each.name().startsWith("jsse room")).mapToLong(Account::usedBytes).sum();
    }

    private static void isOver(Exchange exchange, SSLException thrown, long before) throws SSLException {
        assertInstanceOf(InternalError.class, thrown.getCause());
        ByteBuffer next = ByteBuffer.wrap("next".getBytes());
        assertEquals(Status.CLOSED, exchange.client.wrap(next, exchange.toServer).getStatus());
        assertEquals(4, next.remaining());
        assertTrue(exchange.client.isOutboundDone() && exchange.client.isInboundDone());
        exchange.settle();
        assertEquals(0, exchange.heardByServer.position(), "nothing, and nothing behind a gap");
        assertEquals(before, held(), "given back");
    }

    @Test
    void aSourceThatIsGoneEndsTheConnection() throws Exception {
        Exchange exchange = open();
        long before = held() - TlsClientConfig.defaults().connectionBytes();
        ByteBuffer[] sources = {ByteBuffer.wrap("first".getBytes()), gone(8192)};
        SSLException thrown = assertThrows(SSLException.class, () -> exchange.client.wrap(sources, exchange.toServer));
        isOver(exchange, thrown, before);
    }

    @Test
    void aTargetThatIsGoneEndsTheConnection() throws Exception {
        Exchange exchange = open();
        long before = held() - TlsClientConfig.defaults().connectionBytes();
        ByteBuffer target = gone(1 << 16);
        SSLException thrown = assertThrows(SSLException.class, () -> exchange.client.wrap(ByteBuffer.wrap("first".getBytes()), target));
        isOver(exchange, thrown, before);
    }

    @Test
    void contentWhoseTargetIsGoneEndsTheConnection() throws Exception {
        Exchange exchange = open();
        long before = held() - TlsClientConfig.defaults().connectionBytes();
        exchange.server.wrap(ByteBuffer.wrap("said".getBytes()), exchange.toClient);
        exchange.toClient.flip();
        ByteBuffer target = gone(1 << 16);
        SSLException thrown = assertThrows(SSLException.class, () -> exchange.client.unwrap(exchange.toClient, target));
        isOver(exchange, thrown, before);
    }
}
