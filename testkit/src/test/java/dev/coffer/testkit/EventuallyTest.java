package dev.coffer.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What is waited for, and what ends a wait.
class EventuallyTest {
    @Test
    void whatComesTrueAfterManyLooksIsWaitedFor() {
        int[] looks = {0};
        Eventually.equal(150, () -> ++looks[0]);  // past the looks that follow at once
        Eventually.equal("151", () -> String.valueOf(++looks[0]));
        Eventually.holds("it", () -> ++looks[0] == 152);
        assertEquals(153, Eventually.found("it", () -> ++looks[0] == 153 ? looks[0] : null));
        AtomicInteger set = new AtomicInteger();
        Thread other = Thread.ofPlatform().start(() -> set.set(1));
        Eventually.passes(() -> assertEquals(1, set.get()));
        Eventually.ended(other);
    }

    @Test
    void anExceptionOrAnInterruptEndsAWaitAndSaysWhy() {
        IOException planted = new IOException("planted");
        AssertionError failed = assertThrows(AssertionError.class, () -> Eventually.holds("never", () -> {
            throw planted;
        }));
        assertSame(planted, failed.getCause());
        assertThrows(AssertionError.class, () -> Eventually.done(CompletableFuture.failedFuture(planted)));
        Thread.currentThread().interrupt();
        assertThrows(AssertionError.class, () -> Eventually.equal(1, () -> 2));
        assertTrue(Thread.interrupted(), "the interrupt is still told");
    }

    @Test
    void aProcessIsWaitedForAndItsStatusTold() throws IOException {
        assertEquals(3, Eventually.ended(new ProcessBuilder("sh", "-c", "exit 3").start()));
    }

    @Test
    void aPortThatRefusesIsHeldByNobodyElse() throws IOException {
        try (Socket nobody = FreePort.refusing(); Socket caller = new Socket()) {
            InetSocketAddress address = (InetSocketAddress) nobody.getLocalSocketAddress();
            assertThrows(ConnectException.class, () -> caller.connect(address));
            assertThrows(IOException.class, () -> new ServerSocket(address.getPort(), 1, address.getAddress()).close());
        }
    }

    @Test
    void whatFailsAtAPortIsDoneAgainAtAnother() {
        List<Integer> ports = new ArrayList<>();
        FreePort.with(port -> {
            ports.add(port);
            if (ports.size() < 3) {
                throw new IOException("taken");
            }
        });
        assertEquals(3, ports.size());
        AssertionError failed = assertThrows(AssertionError.class, () -> FreePort.with(port -> assertEquals(-1, port)));
        assertTrue(failed.getMessage().contains("each of"), failed.getMessage());
    }
}
