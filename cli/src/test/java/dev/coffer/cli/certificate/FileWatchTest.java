package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
            assertFalse(watch.hasNews());
            Files.writeString(one, "longer");
            assertFalse(watch.hasNews(), "it may go on");
            Files.writeString(two, "longer too");
            assertFalse(watch.hasNews(), "it goes on");
            assertTrue(watch.hasNews());
            assertFalse(watch.hasNews(), "it is known");
            Files.delete(one);
            assertFalse(watch.hasNews());
            assertTrue(watch.hasNews(), "gone is another state too");
            Files.move(Files.writeString(folder.resolve("fresh"), "longer"), one, StandardCopyOption.REPLACE_EXISTING);
            assertFalse(watch.hasNews());
            watch.read();
            assertFalse(watch.hasNews(), "somebody has read it meanwhile");
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
            assertFalse(watch.hasNews());
            assertTrue(watch.hasNews(), "another file of the same size and time");
            Files.delete(pipe);
            assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
            assertFalse(watch.hasNews());
            assertFalse(watch.hasNews(), "a stream is no other one");
        }
    }

    /// What is read of a change may throw whatever it likes: the next change is news all the same, and somebody hears of the fault.
    @Test
    void aLookThatFailsIsNotTheLast() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "1");
        AtomicInteger looks = new AtomicInteger();
        AtomicInteger news = new AtomicInteger();
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        try (FileWatch watch = new FileWatch(List.of(one))) {
            watch.start(Duration.ofMillis(2), () -> {
                if (news.incrementAndGet() == 1) {
                    throw new IllegalStateException("planted");
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
            Eventually.holds("the first change is seen", () -> news.get() == 1);
            Files.writeString(one, "longer still");
            Eventually.holds("the second one too", () -> news.get() == 2);
        }
        assertEquals(List.of("planted at the look", "planted"), told, "once in a row");
    }
}
