package dev.coffer.server;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.Protection.Level;
import dev.coffer.testkit.Holdings;
import dev.coffer.testkit.Scarcity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Opens servers that are refused at each step, in a process of its own: `FOLDER PORTABLE`. Says how often, or what was
/// still held.
final class RefusedOpens {
    /// Blocks of a MiB in a region, which is large beside what else the process may take in the meantime.
    private static final int LARGE = 16;
    private static final int LOOKS = 1000;
    private static final int TRIES = 60;
    private static final Pattern REGION = Pattern.compile("region \"loop-\\d\"");

    private final Scarcity scarcity = new Scarcity();
    private final Setup config;

    private RefusedOpens(Setup config) throws IOException {
        this.config = config;
    }

    public static void main(String... arguments) throws Exception {
        RefusedOpens opens = new RefusedOpens(Setup.standard(Path.of(arguments[0])).sized(3, 9, 4).withBlocks(LARGE, 1 << 20)
                .withLocked(Level.OFF).withPortable(Boolean.parseBoolean(arguments[1])));
        opens.config.open().close();
        Holdings before = Holdings.now();
        ChildJvm.pause("descriptors " + opens.descriptors(before));
        ChildJvm.pause("memory " + opens.memory(before));
        ChildJvm.pause("port " + opens.port(before));
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

    /// With address space for none of the regions, for one, for two, until each has been the one that was refused: the rest of the process takes
    /// and gives back address space too, so that one look may find room for another number of them.
    private int memory(Holdings before) throws Exception {
        long region = config.plan().totalBytes() / config.loops();
        Set<String> refused = new TreeSet<>();
        for (int i = 0; i < TRIES && refused.size() < config.loops(); i++) {
            int room = i % config.loops();
            Scarcity.limitAddressBytes(Scarcity.addressBytes() + room * region + region / 2);
            try {
                config.assemble().close();
            } catch (OutOfMemoryError e) {
                Matcher named = REGION.matcher(String.valueOf(e.getMessage()));
                if (named.find()) {
                    refused.add(named.group());
                }
            } finally {
                Scarcity.limitAddressBytes(-1);
            }
            expect(before, "room for " + room + " regions");
        }
        return refused.size();
    }

    /// With a stranger at the port; then at the same port without.
    private String port(Holdings before) throws IOException {
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
