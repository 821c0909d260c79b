package dev.coffer.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.Status;
import dev.coffer.server.Answer;
import dev.coffer.server.Client;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// A server whose requests are logged: `/` and so many letters as say how it answers.
abstract class LoggedServer {
    @TempDir
    Path folder;

    Server server;
    AccessLog log;

    Path file() {
        return folder.resolve("access.log");
    }

    Client open(LogFormat format) throws IOException {
        return open(format, ServerConfig.standard());
    }

    Client open(LogFormat format, ServerConfig config) throws IOException {
        log = AccessLog.to(file(), format, Site.of(exchange -> {
            switch (exchange.pathLength()) {
                case 2 -> exchange.respond(Status.CREATED);
                case 3 -> throw new IllegalStateException("on purpose");
                case 4 -> exchange.later();
                case 5 -> exchange.respond(Status.OK, new Endless());
                case 6 -> exchange.respond(Status.OK, new Failing());
                case 7 -> exchange.abort();
                case 8 -> exchange.respond(Status.NO_CONTENT);
                case 10 -> {
                    exchange.respond(Status.OK);
                    exchange.abort();
                }
                default -> exchange.respond(Status.OK);
            }
        }));
        server = Server.open(config, log);
        server.start();
        return new Client(server.address());
    }

    /// Content without an end.
    private static final class Endless implements Answer {
        @Override
        public void head(HeadWriter head) {
            head.content(1L << 40);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            return room;
        }
    }

    /// 100 bytes of 1000.
    private static final class Failing implements Answer {
        private long left = 100;

        @Override
        public void head(HeadWriter head) {
            head.content(1000);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long bytes = Math.min(left, room);
            left -= bytes;
            return bytes == 0 ? FAILED : bytes;
        }
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    /// {@return the lines, once there are so many}
    List<String> lines(int count) {
        return lines(file(), count);
    }

    static List<String> lines(Path where, int count) {
        String text = Eventually.found(count + " lines in " + where, () -> {
            String now = Files.exists(where) ? Files.readString(where, StandardCharsets.US_ASCII) : "";
            return now.endsWith("\n") && now.lines().count() >= count ? now : null;
        });
        List<String> lines = text.lines().toList();
        assertEquals(count, lines.size(), text);
        return lines;
    }
}
