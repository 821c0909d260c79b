package dev.coffer.client;

import dev.coffer.client.easy.Easy;
import dev.coffer.client.easy.FetchException;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Holdings;
import dev.coffer.testkit.Scarcity;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/// Opens clients that are refused at each step, in a process of its own: `PORTABLE URL`. Says how often, or what was still held. Threads take
/// 256 MiB of address space here, so that there can be room for a region and none for a thread.
final class RefusedClients {
    static final String STACKS = "-Xss256m";
    private static final long STACK = 256L << 20;

    private static final int LOOKS = 1000;

    private final Scarcity scarcity = new Scarcity();
    private final ClientConfig config;

    private RefusedClients(ClientConfig config) throws IOException {
        this.config = config;
    }

    public static void main(String... arguments) throws Exception {
        RefusedClients opens = new RefusedClients(ClientConfig.standard().withPortable(Boolean.parseBoolean(arguments[0])));
        opens.fetch(arguments[1]);  // all is loaded
        Holdings before = Holdings.now();
        ChildJvm.pause("descriptors " + opens.descriptors(before));
        ChildJvm.pause("thread " + opens.thread());
        ChildJvm.pause("pressed " + opens.pressed(arguments[1]));
    }

    private String fetch(String url) throws Exception {
        try (Easy http = Easy.open(config)) {
            return http.get(url).text();
        }
    }

    private static void expect(Holdings before, String step) {
        if (!before.areBack(LOOKS)) {
            throw new IllegalStateException(step + ": held " + Holdings.now() + ", before " + before);
        }
    }

    /// With none left, one, two ... until it opens.
    private int descriptors(Holdings before) throws IOException {
        for (int left = 0;; left++) {
            scarcity.exhaust();
            scarcity.leave(left);
            boolean opened = false;
            try {
                Client.open(config).close();
                opened = true;
            } catch (IOException e) {
                opened = false;
            } finally {
                scarcity.close();
            }
            expect(before, left + " descriptors left");
            if (opened) {
                return left;
            }
        }
    }

    /// With address space for the region and none for the thread, which the parent limits.
    private String thread() throws IOException {
        Thread.ofPlatform().daemon().start(LockSupport::park);  // takes the stack that the last thread has left to the next
        Holdings before = Holdings.now();
        ChildJvm.pause("limit " + (Scarcity.addressBytes() + Client.plan(config).totalBytes() + STACK / 2));
        String refused = "opened";
        try {
            Client.open(config).close();
        } catch (OutOfMemoryError e) {
            refused = "refused";
        }
        ChildJvm.pause("unlimit");
        expect(before, "no room for a thread");
        Client.open(config).close();
        return refused;
    }

    /// A client that was opened before the descriptors ran out fails while there is none, and asks afterwards.
    private String pressed(String url) throws Exception {
        try (Easy http = Easy.open(config)) {
            scarcity.exhaust();
            String failure = "answered";
            try {
                http.get(url);
            } catch (FetchException e) {
                failure = String.valueOf(e.failure().orElse(null));
            } finally {
                scarcity.close();
            }
            return failure + ", then " + http.get(url).text();
        }
    }
}
