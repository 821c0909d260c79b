package dev.coffer.server;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.internal.os.ProcessLimits;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens servers that are refused at each step, in a process of its own: `FOLDER PORTABLE`. Says how often, or what was
/// still held.
final class RefusedOpens {
    private static final int HOARD = 4096;

    private final FileInputStream[] hoard = new FileInputStream[HOARD];
    private final Setup config;

    private RefusedOpens(Setup config) {
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
            int count = fill();
            for (int i = 0; i < left; i++) {
                hoard[--count].close();
            }
            Server opened = null;
            IOException refused = null;
            try {
                opened = config.assemble();
            } catch (IOException e) {
                refused = e;
            }
            for (int i = 0; i < count; i++) {
                hoard[i].close();
            }
            if (opened != null) {
                opened.close();
                expect(before, "opened with " + left);
                return left;
            }
            expect(before, left + " descriptors left (" + refused.getMessage() + ")");
        }
    }

    private int fill() {
        int count = 0;
        try {
            while (count < HOARD) {
                hoard[count] = new FileInputStream("/dev/null");
                count++;
            }
        } catch (IOException e) {
            return count;
        }
        throw new IllegalStateException("no limit of descriptors");
    }

    /// With address space for no region, one, two, and for all.
    private int memory(String before) throws Exception {
        long region = config.plan().totalBytes() / config.loops();
        int refusals = 0;
        for (int regions = 0; regions <= config.loops(); regions++) {
            limitAddressSpace(size() + regions * region + region / 2);
            try {
                config.assemble().close();
            } catch (OutOfMemoryError e) {
                refusals++;
            } finally {
                limitAddressSpace(-1);
            }
            expect(before, "room for " + regions + " regions");
        }
        return refusals;
    }

    private static long size() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmSize:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IllegalStateException("no VmSize");
    }

    private static void limitAddressSpace(long bytes) throws Exception {
        int code = new ProcessBuilder("prlimit", "--pid", Long.toString(ProcessHandle.current().pid()),
                "--as=" + (bytes < 0 ? "unlimited" : bytes) + ":unlimited").inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException("prlimit: " + code);
        }
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
