package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.cli.certificate.FileWatch.Due;
import dev.coffer.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What counts as a change, look by look.
class FileWatchTest {
    @TempDir
    private Path folder;

    @Test
    void aChangeIsNewsOnceAndWhenAllHaveSettled() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "1");
        Path two = Files.writeString(folder.resolve("two"), "2");
        try (FileWatch watch = new FileWatch(List.of(one, two))) {
            assertEquals(Due.NOTHING, watch.due());
            Files.writeString(one, "longer");
            assertEquals(Due.NOTHING, watch.due(), "it may go on");
            Files.writeString(two, "longer too");
            assertEquals(Due.NOTHING, watch.due(), "it goes on");
            assertEquals(Due.ALL, watch.due());
            assertEquals(Due.NOTHING, watch.due(), "it is known");
            Files.delete(one);
            assertEquals(Due.NOTHING, watch.due());
            assertEquals(Due.ALL, watch.due(), "gone is another state too");
            Files.move(Files.writeString(folder.resolve("fresh"), "longer"), one, StandardCopyOption.REPLACE_EXISTING);
            assertEquals(Due.NOTHING, watch.due());
            watch.read();
            assertEquals(Due.NOTHING, watch.due(), "somebody has read it meanwhile");
        }
    }

    /// As certbot and Kubernetes replace files: what a link leads to is looked at, not the link.
    @Test
    void aLinkThatLeadsElsewhereIsAChangeAndAStreamIsNone() throws Exception {
        Path first = Files.writeString(folder.resolve("first"), "same size");
        Path second = Files.writeString(folder.resolve("second"), "same size");
        Files.setLastModifiedTime(second, Files.getLastModifiedTime(first));
        Path link = Files.createSymbolicLink(folder.resolve("link"), first);
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        try (FileWatch watch = new FileWatch(List.of(link, pipe))) {
            Files.delete(link);
            Files.createSymbolicLink(link, second);
            assertEquals(Due.NOTHING, watch.due());
            assertEquals(Due.ALL, watch.due(), "another file of the same size and time");
            Files.delete(pipe);
            assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
            assertEquals(Due.NOTHING, watch.due());
            assertEquals(Due.NOTHING, watch.due(), "a stream is no other one");
        }
    }

    /// Whoever could not open a file that has not changed since is sent to it again, once for each time that he says so; a change is all of it.
    @Test
    void whatLackedIsDueAtTheNextLookThatFindsAllSettled() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "1");
        try (FileWatch watch = new FileWatch(List.of(one))) {
            watch.lacks();
            assertEquals(Due.REST, watch.due());
            assertEquals(Due.NOTHING, watch.due(), "until somebody says so again");
            watch.lacks();
            Files.writeString(one, "longer");
            assertEquals(Due.NOTHING, watch.due(), "it may go on");
            assertEquals(Due.ALL, watch.due());
            assertEquals(Due.NOTHING, watch.due(), "what lacked was of before");
            watch.lacks();
            watch.read();
            assertEquals(Due.NOTHING, watch.due(), "somebody has read all meanwhile");
        }
    }

    /// What is read of a change may throw whatever it likes: it is news until nothing is thrown, and so is the next one; somebody hears of the fault.
    @Test
    void aLookThatFailsIsNotTheLast() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "1");
        AtomicInteger looks = new AtomicInteger();
        AtomicInteger news = new AtomicInteger();
        AtomicInteger rests = new AtomicInteger();
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        try (FileWatch watch = new FileWatch(List.of(one))) {
            watch.start(Duration.ofMillis(2), () -> {
                if (news.incrementAndGet() <= 2) {
                    throw new IllegalStateException("planted");
                }
            }, () -> {
                if (rests.incrementAndGet() == 1) {
                    throw new IllegalStateException("planted at the rest");
                }
            }, () -> {
                if (looks.incrementAndGet() <= 3) {
                    throw new AssertionError("planted at the look");
                }
            }, thrown -> {
                told.add(thrown.getMessage());
                throw new IllegalArgumentException("nor may who hears it end that");
            });
            Files.writeString(one, "longer");
            Eventually.holds("the change is news until it is taken", () -> news.get() == 3);
            Files.writeString(one, "longer still");
            Eventually.holds("the second one is too", () -> news.get() == 4);
            watch.lacks();
            Eventually.holds("the rest is due until it is taken", () -> rests.get() == 2);
        }
        assertEquals(List.of("planted at the look", "planted", "planted at the rest"), told, "once in a row");
    }
}
