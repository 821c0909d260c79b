package dev.coffer.client;

import dev.coffer.client.easy.Easy;
import dev.coffer.client.easy.FetchException;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Scarcity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Opens clients that are refused at each step, in a process of its own: `PORTABLE URL`. Says how often, or what was still held. Threads take
/// 256 MiB of address space here, so that there can be room for a region and none for a thread.
final class RefusedClients {
    static final String STACKS = "-Xss256m";
    private static final long STACK = 256L << 20;

    private final Scarcity scarcity = new Scarcity();
    private final ClientConfig config;

    private RefusedClients(ClientConfig config) throws IOException {
        this.config = config;
    }

    public static void main(String... arguments) throws Exception {
        RefusedClients opens = new RefusedClients(ClientConfig.standard().withPortable(Boolean.parseBoolean(arguments[0])));
        opens.fetch(arguments[1]);  // all is loaded
        String before = held();
        ChildJvm.pause("descriptors " + opens.descriptors(before));
        ChildJvm.pause("thread " + opens.thread());
        ChildJvm.pause("pressed " + opens.pressed(arguments[1]));
    }

    private String fetch(String url) throws Exception {
        try (Easy http = Easy.open(config)) {
            return http.get(url).text();
        }
    }

    /// Descriptors, mappings and threads, which is all that a client holds beside its heap.
    private static String held() throws IOException {
        System.gc();  // what the JDK keeps for threads that are gone
        long descriptors;
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            descriptors = all.count();
        }
        long regions = Files.readAllLines(Path.of("/proc/self/maps")).stream().filter(line -> line.contains("[anon:")).count();
        long threads = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("coffer")).count();
        return descriptors + " descriptors, " + regions + " regions, " + threads + " threads";
    }

    private static void expect(String before, String step) throws IOException {
        String after = held();
        if (!after.equals(before)) {
            throw new IllegalStateException(step + ": held " + after + ", before " + before);
        }
    }

    /// With none left, one, two ... until it opens.
    private int descriptors(String before) throws IOException {
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
        String before = held();
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
