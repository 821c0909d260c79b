package dev.coffer.cli.audit;

import dev.coffer.cli.budget.Target;
import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.Account;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerLine;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.server.Exchange;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ServerIdentity;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/// The process that [BudgetProof] looks at: a server with room for the target and for nothing else. Tells what two of them, of one and of twice the size, map and how many bytes of objects they
/// make; then whether the five connections are there, and what was made because of them meanwhile.
///
/// Objects are counted by the virtual machine itself, in the histogram that follows a full collection.
final class BudgetChild {
    static final String READY = "ready";
    static final String LISTENING = "listening";
    static final String RUNNING = "running";
    /// In front of what was made meanwhile, by class.
    static final String MADE = " made=";
    /// More bytes of each hello than planned: the fault.
    static final int WASTED_BYTES = 8192;

    private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(8);  // against a hang, not a measure
    private static final int COLUMNS = 4;
    private static final Pattern OURS = Pattern.compile("\\[*L?(dev\\.coffer\\.|jdk\\.internal\\.foreign\\.).*|\\[+[IJSZC]|\\[Ljava\\.lang\\.Object;");
    private static final long STEP_NANOS = 5_000_000;

    private BudgetChild() {}

    /// {@return what the server answers with: nothing, as long as it is looked at}
    static Site site() {
        return Site.of(Exchange::later);
    }

    /// @param arguments  folder of the certificate, fault or "-"
    public static void main(String... arguments) throws IOException, UnusableKeysException, JMException {
        Path folder = Path.of(arguments[0]);
        try (ServerKeys own = ServerKeys.of(folder.resolve("localhost.pem"), folder.resolve("localhost-key.pem"), numbers -> {
            throw new IllegalStateException("a key of RSA");
        }, (file, room) -> 0)) {
            ServerConfig base = patient(Target.tight(own.identity()));
            if (arguments[1].equals(BudgetProof.UNPLANNED)) {
                base = base.withTls(Tls.of(base.tls().config().withHelloBytesMax(base.tls().config().helloBytesMax() + WASTED_BYTES),
                        base.tls().identities().toArray(ServerIdentity[]::new)));
            }
            ServerConfig once = Target.of(base, 1);
            ServerConfig twice = Target.of(base, 2);
            open(once).close();  // loads and links what either does
            open(twice).close();
            long none = bytes();
            try (Server server = open(once)) {
                long one = bytes();
                long[] larger = larger(twice);
                long grown = larger[0] - one - (one - none);
                server.start();
                states(server.ledger(), 0);  // the first time makes what stays
                ChildJvm.pause(READY + " " + server.address().getPort() + " " + grown + " " + server.ledger().regionBytes() + " " + larger[1]);
                Map<String, Long> before = classes();  // not before that line ran, which makes what stays as well
                ChildJvm.pause(LISTENING);
                String states = states(server.ledger(), MOST_NANOS);
                Map<String, Long> made = more(before, classes());
                ChildJvm.pause(RUNNING + " " + sum(made) + " " + server.ledger().usedBytes() + " " + states + MADE + made.toString().replace(" ", ""));
            }
        }
    }

    /// {@return bytes of all objects while another server is open too, and what that one maps; in a method of its own, as it is to be unreachable then}
    private static long[] larger(ServerConfig config) throws IOException, JMException {
        try (Server server = open(config)) {
            return new long[] {bytes(), server.ledger().regionBytes()};
        }
    }

    /// {@return the same, whose handshakes last until they were looked at, however busy the machine is: time is no memory}
    private static ServerConfig patient(ServerConfig base) {
        return base.withTls(Tls.of(base.tls().config().withNanosMax(MOST_NANOS, MOST_NANOS), base.tls().identities().toArray(ServerIdentity[]::new)));
    }

    private static Server open(ServerConfig config) throws IOException {
        return Server.open(config, site());
    }

    /// {@return once all five are there, what each kind of slot has lent: `name=now/peak`, blanks as `_`; `late` before it where that did not come about}
    private static String states(Ledger ledger, long mostNanos) {
        LedgerSnapshot snapshot = ledger.snapshot();
        List<LedgerLine> lines = ledger.lines();
        long end = System.nanoTime() + mostNanos;
        boolean late = false;
        while (!late && !(isLent(snapshot, lines, "http3/connection", Target.HTTP3 - Target.HANDSHAKES, Target.HTTP3)
                && isLent(snapshot, lines, "http3 stream", 1, 1) && isLent(snapshot, lines, "quic handshakes", 1, 1)
                && isLent(snapshot, lines, "active", 1, 1))) {
            LockSupport.parkNanos(STEP_NANOS);
            snapshot.refresh();
            late = System.nanoTime() - end > 0;
        }
        StringBuilder all = new StringBuilder(late ? "late" : "there");
        for (int i = 0; i < lines.size(); i++) {
            LedgerLine line = lines.get(i);
            if (line.account() != null) {
                all.append(' ').append(line.account().name().replace(' ', '_')).append('=').append(snapshot.usedBytes(i)).append('/')
                        .append(snapshot.peakBytes(i));
            }
        }
        return all.toString();
    }

    /// {@return whether so many of so many slots of a kind are lent}
    private static boolean isLent(LedgerSnapshot snapshot, List<LedgerLine> lines, String name, int some, int all) {
        for (int i = 0; i < lines.size(); i++) {
            Account account = lines.get(i).account();
            if (account != null && account.name().equals(name)) {
                return snapshot.usedBytes(i) * all == snapshot.capacityBytes(i) * some;
            }
        }
        throw new IllegalStateException("no account \"" + name + "\"");
    }

    /// {@return bytes of all reachable objects of ours}
    private static long bytes() throws JMException {
        return sum(classes());
    }

    private static long sum(Map<String, Long> classes) {
        return classes.values().stream().mapToLong(Long::longValue).sum();
    }

    /// {@return what there is more, or less, of each class}
    private static Map<String, Long> more(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> more = new TreeMap<>(after);
        before.forEach((name, bytes) -> more.merge(name, -bytes, Long::sum));
        more.values().removeIf(bytes -> bytes == 0);
        return more;
    }

    /// {@return bytes of all reachable objects of ours, and of arrays and segments, by class; what the JDK makes when a line runs for the first time (classes, method handles, text) is not for
    /// connections}
    private static Map<String, Long> classes() throws JMException {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        String all = (String) beans.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram", new Object[] {new String[0]},
                new String[] {String[].class.getName()});
        Map<String, Long> bytes = new TreeMap<>();
        for (String line : all.split("\n")) {
            String[] words = line.trim().split("\\s+");  // number, instances, bytes, class
            if (words.length >= COLUMNS && words[0].endsWith(":") && OURS.matcher(words[COLUMNS - 1]).matches()) {
                bytes.merge(words[COLUMNS - 1], Long.parseLong(words[2]), Long::sum);
            }
        }
        return bytes;
    }
}
