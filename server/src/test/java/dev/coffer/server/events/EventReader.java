package dev.coffer.server.events;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// A client's side of the standard (WHATWG HTML, section 9.2.6) over chunks (RFC 9112, section 7.1), for tests.
final class EventReader {
    private final InputStream in;
    private int chunk = -1;         // bytes left; -1 before the head was read
    private String head;
    private boolean ended;
    String lastId = "";
    String retry = "";
    int comments;

    EventReader(InputStream in) {
        this.in = new java.io.BufferedInputStream(in);
    }

    String head() throws IOException {
        if (head == null) {
            StringBuilder text = new StringBuilder();
            while (!text.toString().endsWith("\r\n\r\n")) {
                text.append((char) raw());
            }
            head = text.toString();
            chunk = 0;
        }
        return head;
    }

    private int raw() throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new IOException("cut");
        }
        return b;
    }

    private int next() throws IOException {
        head();
        if (chunk == 0 && !ended) {
            StringBuilder size = new StringBuilder();
            for (int b; (b = raw()) != '\n';) {
                size.append((char) b);
            }
            String digits = size.toString().trim();
            if (!digits.isEmpty()) {
                chunk = Integer.parseInt(digits, 16);
                if (chunk == 0) {
                    ended = true;
                    raw();
                    raw();
                }
                return ended ? -1 : next();
            }
            return next();  // the line end of the chunk before
        }
        if (ended) {
            return -1;
        }
        chunk--;
        return raw();
    }

    /// {@return a line, null at the end of the stream}
    private String line() throws IOException {
        java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
        for (int b; (b = next()) != '\n';) {
            if (b < 0) {
                return null;
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /// {@return the next event as `type:data`, null at the end: what was not ended by an empty line is none}
    String event() throws IOException {
        String type = "message";
        StringBuilder data = new StringBuilder();
        for (String line; (line = line()) != null;) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    return type + ":" + data.substring(0, data.length() - 1);
                }
                continue;
            }
            int colon = line.indexOf(':');
            String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
            switch (colon < 0 ? line : line.substring(0, colon)) {
                case "" -> comments++;
                case "event" -> type = value;
                case "data" -> data.append(value).append('\n');
                case "id" -> lastId = value;
                case "retry" -> retry = value;
                default -> throw new IOException("line " + line);
            }
        }
        return null;
    }
}
