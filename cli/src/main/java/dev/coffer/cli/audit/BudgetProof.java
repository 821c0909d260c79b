package dev.coffer.cli.audit;

import dev.coffer.cli.audit.Verdict.Outcome;
import dev.coffer.cli.budget.Budget;
import dev.coffer.cli.budget.Target;
import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What five connections of the tight profile take, measured while they are there, and what the plan says beforehand.
///
/// A server of the target's size and one of twice the size are opened in a process of their own: what the larger one maps and makes more is the target's (decision 0184). Then five clients come.
/// It holds if the mappings are the plan's to the byte, objects no more than the plan's, all five are seen in the ledger, and the number is at most the bound. **The bound is what
/// was reached below the gate of 69,700 bytes.**
final class BudgetProof implements Proof {
    static final String UNPLANNED = "budget-unplanned";
    static final String OVER = "budget-over";
    /// The most that the number may be: 61,640 bytes were reached (decision 0189), 62,824 with full object headers, for which 63,144 are planned. It goes down as bytes are saved.
    static final long BOUND_BYTES = 63_500;

    private static final int SLACK_BYTES = 2048;                  // of objects that have nothing to do with connections, in two counts of a whole heap
    private static final String HEADERS = "-XX:" + (HeapLayout.instance(Object.class) == Long.BYTES ? '+' : '-') + "UseCompactObjectHeaders";  // as planned for, here

    @Override
    public String name() {
        return "budget";
    }

    @Override
    public String claim() {
        return "1 HTTPS/1.1 and 4 HTTP/3 connections, 2 of them in handshake with ML-KEM, take what the plan says, measured live";
    }

    @Override
    public List<String> faults() {
        return List.of(UNPLANNED, OVER);
    }

    @Override
    public Verdict run(Setting setting) {
        try {
            ServerKeys.make(setting.folder());
            ServerConfig base = Target.tight().withCommit(setting.commit());
            if (setting.has(OVER)) {
                base = base.withHttp3(
                        base.http3().withConfig(base.http3().config().withHeadShareBytes(0).withLimits(base.http3().config().limits().withHead(1 << 14, 100))));
            }
            return run(setting, base, Budget.of(base, BudgetChild.site()));
        } catch (UnusableKeysException e) {
            return Verdict.notRun(e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Verdict run(Setting setting, ServerConfig base, Budget budget) throws IOException {
        List<String> table = new ArrayList<>(budget.table());
        if (budget.bytes() > BOUND_BYTES) {
            return new Verdict(Outcome.FAIL, String.format(Locale.ROOT, "%,d bytes by plan (expected %,d at most)", budget.bytes(), BOUND_BYTES), table);
        }
        long once = Server.plan(Target.of(base, 1), BudgetChild.site()).totalBytes();
        long twice = Server.plan(Target.of(base, 2), BudgetChild.site()).totalBytes();
        try (ChildJvm child = ChildJvm.start(List.of(), setting.options("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", HEADERS),
                BudgetChild.class,
                setting.folder().toString(), setting.fault().orElse("-"))) {
            long[] said = numbers(child.await(BudgetChild.READY), 4);
            if (said[2] != once || said[3] != twice) {
                return new Verdict(Outcome.FAIL,
                        String.format(Locale.ROOT, "mapped %,d and, of twice the size, %,d bytes (expected %,d and %,d, as planned)", said[2],
                                said[3], once, twice),
                        table);
            }
            child.resume();
            child.await(BudgetChild.LISTENING);
            try (BudgetClients clients = new BudgetClients(setting.folder(), (int) said[0])) {
                clients.come();
                child.resume();
                String words = child.await(BudgetChild.RUNNING);
                return verdict(budget, said[1], numbers(words, 2), words, table);
            }
        }
    }

    private static long[] numbers(String words, int count) {
        return Arrays.stream(words.split(" ", count + 1)).limit(count).mapToLong(Long::parseLong).toArray();
    }

    /// @param grown  bytes of objects that the target's size makes, before any connection
    /// @param live   bytes of objects made meanwhile; bytes in use of all regions
    private static Verdict verdict(Budget budget, long grown, long[] live, String words, List<String> table) {
        long objects = grown + Math.max(0, live[0]);
        long measured = budget.regionBytes() + budget.scratchBytes() + objects;
        boolean there = words.contains(" there ");
        boolean held = there && grown <= budget.objectBytes() + SLACK_BYTES && measured <= BOUND_BYTES;
        int made = words.indexOf(BudgetChild.MADE);
        table.add(String.format(Locale.ROOT, "objects: %,d planned, %,d counted by the virtual machine, %,d more while all five were there, by class %s",
                budget.objectBytes(), grown, live[0], words.substring(made + BudgetChild.MADE.length())));
        table.add("lent, now/most: " + words.substring(words.indexOf(there ? "there" : "late"), made));
        return new Verdict(held ? Outcome.PASS : Outcome.FAIL, String.format(Locale.ROOT,
                "%s: %,d bytes, %,d off the heap, %,d of scratch, %,d of objects (planned %,d in all); %s; with all that is shared %,d",
                there ? "all five there" : "NOT all five came", measured, budget.regionBytes(), budget.scratchBytes(), objects, budget.bytes(),
                Budget.against(measured), budget.bytesWithShared() - budget.objectBytes() + objects), table);
    }
}
