package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Records of `serve --tls-padding`, as who listens on the wire sees them.
@Timeout(600)
class ServePaddingTest extends TlsServing {
    private static final int MULTIPLE = 512;
    private static final int HEADER = 5;
    private static final int TAG = 16;
    private static final int APPLICATION_DATA = 23;

    /// Keeps what the server says.
    private static final class Overheard extends Socket {
        final ByteArrayOutputStream said = new ByteArrayOutputStream();

        Overheard(int port) throws IOException {
            super("localhost", port);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    int octet = super.read();
                    if (octet >= 0) {
                        said.write(octet);
                    }
                    return octet;
                }

                @Override
                public int read(byte[] into, int at, int length) throws IOException {
                    int bytes = super.read(into, at, length);
                    if (bytes > 0) {
                        said.write(into, at, bytes);
                    }
                    return bytes;
                }
            };
        }

        /// {@return bytes that are protected in each record that is}
        List<Integer> inner() {
            List<Integer> inner = new ArrayList<>();
            byte[] all = said.toByteArray();
            for (int i = 0; i + HEADER <= all.length;) {
                int length = (all[i + 3] & 0xff) << 8 | all[i + 4] & 0xff;
                if (all[i] == APPLICATION_DATA) {
                    inner.add(length - TAG);
                }
                i += HEADER + length;
            }
            return inner;
        }
    }

    private List<Integer> heard() throws Exception {
        try (Overheard wire = new Overheard(url.getPort());
                SSLSocket client = connect(folder.resolve("config/coffer/localhost.pem"), "localhost", wire)) {
            assertEquals("HTTP/1.1 200 OK", get(client));
            return wire.inner();
        }
    }

    @Test
    void everyRecordOnTheWireIsAMultiple() throws Exception {
        start("--tls-padding", Integer.toString(MULTIPLE));
        List<Integer> inner = heard();
        assertTrue(inner.size() >= 2, "a flight and an answer: " + inner);
        assertTrue(inner.stream().allMatch(bytes -> bytes % MULTIPLE == 0), inner.toString());
        end();
        start();
        inner = heard();
        assertTrue(inner.stream().anyMatch(bytes -> bytes % MULTIPLE != 0), "and not where nobody asks for it: " + inner);
    }
}
