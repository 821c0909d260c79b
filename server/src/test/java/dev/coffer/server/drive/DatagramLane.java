package dev.coffer.server.drive;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.server.net.DatagramConfig;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Time;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;

/// A loop with one datagram socket and an [EchoEngine] behind it, and no connections to speak of.
final class DatagramLane implements Lane, DatagramProtocol {
    private final DatagramConfig config;
    private final boolean portable;
    private final long delayNanos;
    private final int runMax;
    private final InetSocketAddress address;
    private Datagrams given;
    EchoEngine engine;
    DatagramDriver driver;
    Loop loop;
    Now now;
    int throwsLeft;             // of its events, the next ones
    boolean goesOn = true;      // after one that threw
    int failures;

    private DatagramLane(DatagramConfig config, boolean portable, long delayNanos, int runMax, InetSocketAddress address) {
        this.config = config;
        this.portable = portable;
        this.delayNanos = delayNanos;
        this.runMax = runMax;
        this.address = address;
    }

    /// Opens its loop.
    ///
    /// @param address  bound with the loop; null for not at all
    static DatagramLane open(DatagramConfig config, boolean portable, long delayNanos, int runMax, InetSocketAddress address)
            throws IOException {
        return open(config, portable, delayNanos, runMax, address, null);
    }

    /// @param given  the socket, instead of the system's
    static DatagramLane open(DatagramConfig config, boolean portable, long delayNanos, int runMax, InetSocketAddress address,
            Datagrams given) throws IOException {
        return open(config, portable, delayNanos, runMax, address, given, Time.SYSTEM);
    }

    /// @param time  of its loop
    static DatagramLane open(DatagramConfig config, boolean portable, long delayNanos, int runMax, InetSocketAddress address,
            Datagrams given, Time time) throws IOException {
        DatagramLane lane = new DatagramLane(config, portable, delayNanos, runMax, address);
        lane.given = given;
        lane.loop = new Loop(loopConfig(portable), lane, new SilentTally(), time);
        return lane;
    }

    private static LoopConfig loopConfig(boolean portable) {
        return new LoopConfig("datagrams", 0, true, 1, 1, 4096, Level.OFF, LoopConfig.COMMIT, portable, 1_000_000_000L, 1_000_000_000L);
    }

    @Override
    public MemoryPlan plan() {
        return MemoryPlan.group("lane", MemoryPlan.block("engine", EchoEngine.BYTES), Datagrams.plan(config, portable));
    }

    @Override
    public int timers() {
        return 0;
    }

    @Override
    public int datagrams() {
        return 1;
    }

    @Override
    public void open(LoopContext context, MemorySegment memory) throws IOException {
        now = context.now();
        engine = new EchoEngine(memory.asSlice(0, EchoEngine.BYTES), delayNanos, runMax);
        engine.reset(now.nanos());
        Datagrams socket = given != null ? given : Datagrams.of(config, portable, memory.asSlice(EchoEngine.BYTES));
        driver = context.drive(socket, this);
        if (address != null) {
            driver.bind(address);
        }
    }

    @Override
    public DatagramEngine<?> engine() {
        return engine;
    }

    @Override
    public boolean event(long nowNanos) {
        if (throwsLeft > 0) {
            throwsLeft--;
            throw new IllegalStateException("an application's fault");
        }
        return engine.pollEvent() != null;
    }

    @Override
    public boolean failed(Throwable thrown) {
        failures++;
        return goesOn;
    }

    @Override
    public List<Account> accounts() {
        return List.of(driver.account());
    }

    @Override
    public Protocol acquire() {
        return null;
    }

    @Override
    public void release(Protocol protocol) {
        throw new AssertionError("none was lent");
    }

    @Override
    public long silenceNanosMax() {
        return 1_000_000_000L;
    }

    @Override
    public long graceNanos() {
        return 1_000_000_000L;
    }

    @Override
    public long bytesPerSecondMin() {
        return 1;
    }

    @Override
    public byte[] refusal() {
        return new byte[] {'n', 'o'};
    }

    @Override
    public void tick() {
        // nothing is told the time
    }

    @Override
    public void takeIn() {
        // nobody leaves anything
    }

    @Override
    public void close() {
        if (engine != null) {
            engine.close();
        }
    }

    private static final class SilentTally implements Tally {
        @Override
        public void accepted() {}

        @Override
        public void turnedAway() {}

        @Override
        public void acceptPaused() {}

        @Override
        public void starved() {}

        @Override
        public void refused() {}

        @Override
        public void broken() {}
    }
}
