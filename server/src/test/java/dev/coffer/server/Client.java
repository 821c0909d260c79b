package dev.coffer.server;

import dev.coffer.testkit.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// A plain peer for tests: sends bytes as they are given and reads one response at a time.
public final class Client implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    public Client(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Eventually.MILLIS);
        in = socket.getInputStream();
    }

    /// A response, its field names in lower case.
    public record Response(int status, Map<String, String> fields, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public String field(String name) {
            return fields.get(name);
        }
    }

    public Socket socket() {
        return socket;
    }

    public Client send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    public Response get(String path, String... fields) throws IOException {
        return request("GET", path, fields);
    }

    public Response request(String method, String path, String... fields) throws IOException {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        send(head.append("\r\n").toString());
        return read(!method.equals("HEAD"));
    }

    public Response read() throws IOException {
        return read(true);
    }

    public Response read(boolean withBody) throws IOException {
        String start = line();
        int status = Integer.parseInt(start.split(" ")[1]);
        Map<String, String> fields = new TreeMap<>();
        for (String line; !(line = line()).isEmpty();) {
            int colon = line.indexOf(':');
            String before = fields.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 1).trim());
            if (before != null) {
                throw new IOException("field twice: " + line);
            }
        }
        int length = withBody && status != 304 && status >= 200
                ? Integer.parseInt(fields.getOrDefault("content-length", "0")) : 0;
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new IOException("cut after " + body.length + " of " + length + " bytes");
        }
        return new Response(status, fields, body);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) != '\n';) {
            if (b < 0) {
                throw new IOException("ended");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new IOException("line without CR: " + text);
        }
        return text.substring(0, text.length() - 1);
    }

    /// {@return whether the server has closed: nothing more comes}
    public boolean atEnd() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
