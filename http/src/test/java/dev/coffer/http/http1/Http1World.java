package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.Network;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamDriver;
import dev.coffer.testkit.simulation.StreamEnd;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// A client and a server with their applications in a simulated world of one seed, and the model: what each may have got of what the other
/// sent. Nothing else may come out, whatever happened on the way.
final class Http1World {
    /// What may happen to a world.
    enum Fault { RESET, TRUNCATION, SHUTDOWN, ABORT, EARLY_ANSWER, SHORT_LIMITS, CORRUPTION }

    private static final Method[] METHODS = {Method.GET, Method.HEAD, Method.POST, Method.PUT};
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3600 * SECOND;
    private static final int STEPS_MAX = 400_000;

    private final SplittableRandom random;
    final Simulation simulation;
    private final Network.Stream stream;
    private final Set<Fault> faults = EnumSet.noneOf(Fault.class);
    private final List<Exchange> exchanges = new ArrayList<>();
    private final Http1Application client;
    private final Http1Application server;
    private final Http1Client clientEngine;
    private final Http1Server serverEngine;
    private StreamDriver<HttpEvent> clientDriver;
    private StreamDriver<HttpEvent> serverDriver;

    /// One request with its answer, and what each side saw of the other's.
    static final class Exchange {
        final Message request;
        final Message answer;
        final Seen atServer = new Seen();
        final Seen atClient = new Seen();

        Exchange(SplittableRandom random) {
            Method method = METHODS[random.nextInt(METHODS.length)];
            request = new Message(random, true, method);
            answer = new Message(random, false, method);
        }

        /// {@return whether the answer has neither content nor trailers on the wire}
        boolean isSilent() {
            return request.method == Method.HEAD || answer.status == 204 || answer.status == 304;
        }
    }

    /// What one side was told of an exchange.
    static final class Seen {
        boolean head;
        boolean end;
        boolean trailers;
        boolean sent;
        boolean aborted;
        boolean discarded;
        boolean refused;    // by the other engine, not answered by its application
        byte[] content = new byte[0];
    }

    /// Makes a driver for one side: the right one, or one with a planted mistake.
    interface Drivers {
        StreamDriver<HttpEvent> driver(String name, Http1Engine engine, StreamEnd end, SplittableRandom random,
                Http1Application application);
    }

    static StreamDriver<HttpEvent> rightDriver(String name, Http1Engine engine, StreamEnd end, SplittableRandom random,
            Http1Application application) {
        return new StreamDriver<>(name, engine, end, random, application::handle);
    }

    /// @param clientMemory  all zero, as the configuration's plan says
    /// @param serverMemory  likewise
    Http1World(SplittableRandom random, Http1Config defaults, MemorySegment clientMemory, MemorySegment serverMemory,
            Drivers drivers) {
        this.random = random;
        simulation = new Simulation(random);
        for (Fault fault : Fault.values()) {
            if (random.nextInt(5) == 0) {
                faults.add(fault);
            }
        }
        boolean corrupts = faults.contains(Fault.CORRUPTION);
        stream = simulation.network().stream(Conditions.any(random, corrupts), Conditions.any(random, corrupts));
        Http1Config config = defaults.withLimits(faults.contains(Fault.SHORT_LIMITS)
                ? Limits.tight().withTimes(2 * SECOND, 5 * SECOND, 3 * SECOND) : Limits.tight().withTimes(HOUR, HOUR, HOUR));
        clientEngine = new Http1Client(config, clientMemory, 0);
        serverEngine = new Http1Server(config, serverMemory, 0, null);
        long now = simulation.clock().nanos();
        clientEngine.reset(now);
        serverEngine.reset(now);
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            exchanges.add(new Exchange(random));
        }
        client = simulation.add(new Http1Application(this, clientEngine, random.split()));
        server = simulation.add(new Http1Application(this, serverEngine, random.split()));
        clientDriver = simulation.add(drivers.driver("client", clientEngine, stream.client(), random.split(), client).readsAlways());
        serverDriver = simulation.add(drivers.driver("server", serverEngine, stream.server(), random.split(), server));
        plan(Fault.RESET, () -> (random.nextBoolean() ? stream.client() : stream.server()).reset());
        plan(Fault.TRUNCATION, () -> (random.nextBoolean() ? stream.client() : stream.server()).truncate());
        plan(Fault.SHUTDOWN, () -> (random.nextBoolean() ? clientDriver : serverDriver).shutdown(simulation.clock().nanos()));
        plan(Fault.ABORT, () -> (random.nextBoolean() ? client : server).abort());
    }

    /// Lets a fault happen once, when a random number of bytes has gone either way.
    private void plan(Fault fault, Runnable action) {
        if (!faults.contains(fault)) {
            return;
        }
        boolean up = random.nextBoolean();
        long after = random.nextLong(random.nextBoolean() ? 300 : 10_000);
        simulation.add(new Actor() {
            private boolean done;

            @Override
            public boolean turn(long nowNanos) {
                if (done || (up ? stream.client() : stream.server()).written() < after) {
                    return false;
                }
                done = true;
                simulation.trace(fault);
                action.run();
                return true;
            }

            @Override
            public long deadlineNanos() {
                return Long.MAX_VALUE;
            }
        });
    }

    boolean has(Fault fault) {
        return faults.contains(fault);
    }

    /// {@return the i-th exchange; after corruption a server may see requests that nobody made}
    Exchange exchange(int i) {
        while (has(Fault.CORRUPTION) && i >= exchanges.size()) {
            exchanges.add(new Exchange(random));
        }
        return exchanges.get(i);
    }

    int exchanges() {
        return exchanges.size();
    }

    /// Runs to the end of the connection, checks it against the model, and closes the engines.
    void run() {
        simulation.run(STEPS_MAX, () -> clientDriver.isDone() && serverDriver.isDone());
        check();
        clientEngine.close();
        serverEngine.close();
    }

    private void check() {
        String what = "faults " + faults + ", " + clientEngine + ", " + serverEngine;
        assertEquals(1, client.closed, what);
        assertEquals(1, server.closed, what);
        for (int i = 0; i < client.begun; i++) {
            Exchange exchange = exchanges.get(i);
            String which = "exchange " + i + " of " + client.begun + ", " + what;
            Seen seen = exchange.atClient;
            assertTrue(seen.aborted || seen.sent && (seen.end || seen.discarded), "held at the client: " + which);
            assertTrue(!seen.aborted || i == client.begun - 1, "an aborted exchange is the last: " + which);
            check(seen, exchange.isSilent() ? new byte[0] : exchange.answer.content, exchange.answer.trailer && !exchange.isSilent(),
                    "client, " + which);
            // an answer that was written before its connection ended in good order arrives whole
            assertTrue(!isCalm() || client.gaveUp || !exchange.atServer.sent || seen.end || seen.discarded, "lost: " + which);
            assertTrue(!seen.head || seen.refused || exchange.atServer.head || has(Fault.CORRUPTION), "an answer to what was not seen: " + which);
        }
        for (int i = 0; i < server.begun; i++) {
            String which = "exchange " + i + " of " + server.begun + ", " + what;
            Seen seen = exchanges.get(i).atServer;
            assertTrue(seen.sent ^ seen.aborted, "held at the server: " + which);
            check(seen, exchanges.get(i).request.content, exchanges.get(i).request.trailer, "server, " + which);
        }
        if (has(Fault.CORRUPTION)) {
            return;
        }
        assertTrue(server.begun <= client.begun, "requests that nobody made: " + what);
        assertTrue(allowed().contains(clientEngine.refusal()), clientEngine.refusal() + " at the client, " + what);
        assertTrue(allowed().contains(serverEngine.refusal()), serverEngine.refusal() + " at the server, " + what);
        if (faults.isEmpty()) {
            assertEquals(exchanges.size(), client.begun, what);
            for (Exchange exchange : exchanges) {
                assertTrue(exchange.atClient.sent && exchange.atServer.sent && exchange.atServer.end, what);
            }
        }
    }

    /// {@return whether nothing in this world takes what one side has sent from the other}
    private boolean isCalm() {
        return !has(Fault.RESET) && !has(Fault.TRUNCATION) && !has(Fault.EARLY_ANSWER) && !has(Fault.SHORT_LIMITS)
                && !has(Fault.CORRUPTION);
    }

    /// {@return exchanges that a client saw through}
    int completed() {
        return (int) exchanges.stream().filter(e -> e.atClient.sent && e.atClient.end).count();
    }

    /// {@return exchanges that a client lost}
    int aborted() {
        return (int) exchanges.stream().filter(e -> e.atClient.aborted).count();
    }

    private void check(Seen seen, byte[] whole, boolean trailer, String which) {
        if (has(Fault.CORRUPTION) || seen.refused) {
            return;
        }
        assertTrue(seen.content.length <= whole.length, seen.content.length + " bytes of " + whole.length + ", " + which);
        assertArrayEquals(java.util.Arrays.copyOf(whole, seen.content.length), seen.content, which);
        if (seen.end) {
            assertEquals(whole.length, seen.content.length, "END of what is not whole: " + which);
            assertEquals(trailer, seen.trailers, which);
        }
    }

    /// Reasons that the faults of this world give.
    private Set<Refusal> allowed() {
        Set<Refusal> allowed = EnumSet.of(Refusal.NONE);
        if (has(Fault.RESET) || has(Fault.TRUNCATION)) {
            allowed.addAll(EnumSet.of(Refusal.BROKEN, Refusal.TRUNCATED, Refusal.LOCAL));
        }
        // one side ends inside a message of the other
        if (has(Fault.ABORT) || has(Fault.EARLY_ANSWER) || has(Fault.SHUTDOWN) || has(Fault.SHORT_LIMITS)) {
            allowed.addAll(EnumSet.of(Refusal.BROKEN, Refusal.TRUNCATED, Refusal.LOCAL));
        }
        if (has(Fault.SHORT_LIMITS)) {
            allowed.addAll(EnumSet.of(Refusal.TOO_SLOW, Refusal.IDLE, Refusal.READS_TOO_SLOWLY, Refusal.UNEXPECTED));
        }
        return allowed;
    }
}
