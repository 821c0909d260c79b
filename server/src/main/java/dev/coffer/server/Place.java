package dev.coffer.server;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.net.Notice;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// Where the handler of one loop is opened: the loop's memory, clock and timers, for a [Site] to take what it has planned.
///
/// For the thread that opens the server.
public final class Place {
    private final ServerConfig config;
    private final LoopContext context;
    private final int exchanges;
    private final MemorySegment memory;
    private long carved;
    private final List<Account> accounts = new ArrayList<>();
    private final List<AutoCloseable> closing = new ArrayList<>();
    private final List<Consumer<Overview>> ready = new ArrayList<>();
    private final Failures failures;
    private Signal[] signals = {};

    Place(ServerConfig config, LoopContext context, int exchanges, MemorySegment memory, Failures failures) {
        this.failures = failures;
        this.config = config;
        this.context = context;
        this.exchanges = exchanges;
        this.memory = memory;
    }

    /// {@return the configuration of the server}
    public ServerConfig config() {
        return config;
    }

    /// {@return the loop's ordinal, from 0}
    public int loop() {
        return context.index();
    }

    /// {@return exchanges that the loop can have in flight at once: how many of anything an exchange holds are enough}
    public int exchanges() {
        return exchanges;
    }

    /// Takes the next row of the site's plan.
    ///
    /// @param bytes  of the row
    /// @return that many, zero, aligned to 64
    /// @throws IllegalStateException  the plan has no more (caller's fault)
    public MemorySegment carve(long bytes) {
        long at = Align.up(carved, Align.CACHE_LINE_BYTES);
        if (bytes < 0 || bytes > memory.byteSize() - at) {
            throw new IllegalStateException("site: " + bytes + " bytes wanted at " + at + " of the " + memory.byteSize()
                    + " that it planned");
        }
        carved = at + bytes;
        return memory.asSlice(at, bytes);
    }

    /// {@return bytes that were planned and not taken}
    long left() {
        return memory.byteSize() - carved;
    }

    /// {@return the time of the loop's present turn, the same object for ever}
    public Now now() {
        return context.now();
    }

    /// A timer, made now and used for ever.
    ///
    /// @param task  run on the loop's thread. What it throws is counted and logged
    /// @throws IllegalStateException  more than [Site#timers] says (caller's fault)
    public Timer timer(Runnable task) {
        return context.timer(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error thrown) {
                failures.thrown(thrown);
            }
        });
    }

    /// Shows a row of the plan in the ledger as it is used.
    ///
    /// @param account  named after the row, see `Ledger.region`
    public void account(Account account) {
        accounts.add(account);
    }

    /// A signal, made now and used for ever: what any thread gives has the task run by the loop.
    ///
    /// @param task  run on the loop's thread. What it throws is counted and logged
    public Signal signal(Runnable task) {
        Signal signal = new Signal(context, task);
        signals = Arrays.copyOf(signals, signals.length + 1);
        signals[signals.length - 1] = signal;
        return signal;
    }

    /// Counts requests that an access log could not take. On the loop's thread.
    public void unlogged(long count) {
        failures.statistics().add(LoopStatistics.Count.UNLOGGED, count);
    }

    /// Opens a site that stands behind another one.
    ///
    /// @param row  its plan, as a row of the other's plan: what it tells of its rows is named by their path from there, so
    ///             that two sites of one kind can stand side by side
    public Handler open(Site site, MemoryPlan row) throws IOException {
        int from = accounts.size();
        Handler handler = site.open(this);
        for (int i = from; i < accounts.size(); i++) {
            accounts.set(i, new RowAccount(accounts.get(i), row));
        }
        return handler;
    }

    /// Has this closed with the loop, what was told last first; now, where that cannot be kept in mind.
    ///
    /// @throws OutOfMemoryError  there is no heap for it (machine's fault); the resource is closed
    public void closing(AutoCloseable resource) {
        boolean known = false;
        try {
            closing.add(resource);
            known = true;
        } finally {
            if (!known) {
                close(resource);
            }
        }
    }

    /// Is told once all loops are open and before any of them runs.
    public void whenReady(Consumer<Overview> told) {
        ready.add(told);
    }

    /// Runs the tasks of the signals that were given.
    void takeIn() {
        for (Signal signal : signals) {
            try {
                signal.takeIn();
            } catch (RuntimeException | Error thrown) {
                failures.thrown(thrown);
            }
        }
    }

    List<Account> accounts() {
        return accounts;
    }

    void ready(Overview overview) {
        for (Consumer<Overview> told : ready) {
            told.accept(overview);
        }
    }

    void close() {
        while (!closing.isEmpty()) {
            close(closing.removeLast());
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception | Error e) {
            Notice.tell(System.Logger.Level.WARNING, "a handler's resource was not closed", e);
        }
    }
}
