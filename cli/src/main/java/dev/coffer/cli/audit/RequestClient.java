package dev.coffer.cli.audit;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// One connection to a server under audit: learns how long the answers to a round of requests are, then sends the round
/// as often as asked, pipelined, and takes exactly as many bytes back.
final class RequestClient implements AutoCloseable {
    private static final int INPUT_BYTES = 1 << 16;

    private final SocketChannel channel;
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);
    private ByteBuffer round;
    private long answerBytes;

    RequestClient(InetSocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
    }

    /// {@return the entity tag of a path's answer}
    String entityTag(String path) throws IOException {
        channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
        String head = answer(true);
        int at = head.toLowerCase(Locale.ROOT).indexOf("\r\netag: ");
        if (at < 0) {
            throw new IOException("no entity tag in the answer to " + path);
        }
        return head.substring(at + "\r\netag: ".length(), head.indexOf("\r\n", at + 2));
    }

    /// Sends each request alone and adds up the bytes of the answers.
    void learn(List<String> requests) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String request : requests) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            String head = answer(!request.startsWith("HEAD"));
            answerBytes += head.length() + bodyBytes(head, !request.startsWith("HEAD"));
            all.append(request);
        }
        round = ByteBuffer.allocateDirect(all.length());
        round.put(all.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /// Sends the round `count` times.
    ///
    /// @throws EOFException  the server closed the connection
    void rounds(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            round.clear();
            while (round.hasRemaining()) {
                channel.write(round);
            }
            long left = answerBytes;
            while (left > 0) {
                input.clear().limit((int) Math.min(INPUT_BYTES, left));
                left -= read();
            }
        }
    }

    /// Reads one answer, head and body.
    ///
    /// @return its head, with the empty line
    private String answer(boolean withBody) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            input.clear().limit(1);  // byte by byte: nothing of the body is taken with the head
            read();
            head.append((char) input.get(0));
        }
        long left = bodyBytes(head.toString(), withBody);
        while (left > 0) {
            input.clear().limit((int) Math.min(INPUT_BYTES, left));
            left -= read();
        }
        return head.toString();
    }

    private int read() throws IOException {
        int got = channel.read(input);
        if (got < 0) {
            throw new EOFException("the server closed the connection");
        }
        return got;
    }

    private static long bodyBytes(String head, boolean withBody) {
        int at = head.toLowerCase(Locale.ROOT).indexOf("\r\ncontent-length: ");
        if (at < 0 || !withBody || head.startsWith("HTTP/1.1 304")) {
            return 0;
        }
        int from = at + "\r\ncontent-length: ".length();
        return Long.parseLong(head.substring(from, head.indexOf("\r\n", from)).trim());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
