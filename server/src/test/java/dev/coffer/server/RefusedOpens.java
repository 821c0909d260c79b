package dev.coffer.server;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.internal.os.ProcessLimits;
import dev.coffer.testkit.Scarcity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens servers that are refused at each step, in a process of its own: `FOLDER PORTABLE`. Says how often, or what was
/// still held.
final class RefusedOpens {
    private final Scarcity scarcity = new Scarcity();
    private final Setup config;

    private RefusedOpens(Setup config) throws IOException {
        this.config = config;
    }

    public static void main(String... arguments) throws Exception {
        RefusedOpens opens = new RefusedOpens(Setup.standard(Path.of(arguments[0])).sized(3, 9, 4)
                .withPortable(Boolean.parseBoolean(arguments[1])));
        opens.config.open().close();
        String before = held();
        ChildJvm.pause("descriptors " + opens.descriptors(before));
        ChildJvm.pause("memory " + opens.memory(before));
        ChildJvm.pause("port " + opens.port(before));
    }

    /// Descriptors and mappings, which is all that a server holds beside its heap.
    private static String held() throws IOException {
        System.gc();  // what the JDK keeps for threads that are gone
        long regions = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            regions += line.contains("loop-") || line.contains("coffer") && line.contains("[anon") ? 1 : 0;
        }
        long threads = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("coffer")).count();
        return ProcessLimits.descriptorsOpen() + " descriptors, " + regions + " regions, " + threads + " threads";
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
            Server opened = null;
            IOException refused = null;
            try {
                opened = config.assemble();
            } catch (IOException e) {
                refused = e;
            }
            scarcity.close();
            if (opened != null) {
                opened.close();
                expect(before, "opened with " + left);
                return left;
            }
            expect(before, left + " descriptors left (" + refused.getMessage() + ")");
        }
    }

    /// With address space for no region, one, two, and for all.
    private int memory(String before) throws Exception {
        long region = config.plan().totalBytes() / config.loops();
        int refusals = 0;
        for (int regions = 0; regions <= config.loops(); regions++) {
            Scarcity.limitAddressBytes(Scarcity.addressBytes() + regions * region + region / 2);
            try {
                config.assemble().close();
            } catch (OutOfMemoryError e) {
                refusals++;
            } finally {
                Scarcity.limitAddressBytes(-1);
            }
            expect(before, "room for " + regions + " regions");
        }
        return refusals;
    }

    /// With a stranger at the port; then at the same port without.
    private String port(String before) throws IOException {
        String message;
        InetSocketAddress taken;
        try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            taken = (InetSocketAddress) stranger.getLocalSocketAddress();
            try {
                config.at(taken).assemble().close();
                return "opened";
            } catch (IOException e) {
                message = e.getMessage();
            }
        }
        expect(before, "port in use");
        config.at(taken).assemble().close();
        expect(before, "port free again");
        return message;
    }
}
