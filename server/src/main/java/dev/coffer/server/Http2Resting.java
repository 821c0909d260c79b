package dev.coffer.server;

import dev.coffer.http.http2.Http2Rests;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.Transport;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The HTTP/2 connections of one loop that are at rest: each is one of these objects, and some blocks of [Http2Rests].
final class Http2Resting {
    /// One of them, kept by its connection.
    private static final class Rest implements Kept {
        private int number;
        private @Nullable Transport transport;  // null while it is nobody's
        private boolean stopping;       // the server is, and it has yet to say so
        private boolean lingers;        // its peer may send yet what nobody reads

        @Override
        public boolean isBusy() {
            return false;
        }
    }

    private final Http2Rests rests;
    private final Rest[] free;          // a stack
    private int freeCount;

    /// @param connections  of the loop
    /// @param planned      for which 2 KiB are planned
    Http2Resting(int connections, int planned, MemorySegment memory, long at) {
        rests = new Http2Rests(planned, memory, at);
        free = new Rest[count(connections, planned)];
        while (freeCount < free.length) {
            free[freeCount++] = new Rest();
        }
    }

    private static int count(int connections, int planned) {
        return Math.min(connections, Http2Rests.connectionsMax(planned));
    }

    static MemoryPlan plan(int connections, int planned) {
        int count = count(connections, planned);
        return MemoryPlan.group("resting", Http2Rests.plan(planned)).withHeap(HeapLayout.instance(Http2Resting.class)
                + (long) count * HeapLayout.instance(Rest.class) + HeapLayout.array(Rest.class, count));
    }

    Account account() {
        return rests.account();
    }

    /// {@return whether a connection can rest, and there is room for what is kept of it}
    boolean takes(Http2Server engine) {
        return freeCount > 0 && rests.takes(engine);
    }

    /// Has a connection rest.
    ///
    /// @param lingers  whether its peer may send yet what nobody reads, as [#lingers] will say
    void rest(Http2Server engine, Transport transport, boolean lingers) {
        Rest rest = free[freeCount - 1];
        rest.number = rests.keep(engine);
        freeCount--;
        rest.transport = transport;
        rest.lingers = lingers;
        transport.keep(rest);
    }

    /// {@return whether that is a connection of HTTP/2 at rest}
    static boolean isOne(Kept kept) {
        return kept instanceof Rest;
    }

    /// {@return whether the peer of a connection of HTTP/2 at rest may send yet what nobody reads}
    static boolean lingers(Kept kept) {
        return ((Rest) kept).lingers;
    }

    /// Has a connection go on with an engine, which was reset.
    ///
    /// @return whether the server is stopping, which the engine has yet to be told
    boolean resume(Kept kept, Http2Server engine) {
        Rest rest = (Rest) kept;
        boolean stopping = giveBack(rest);
        rests.resume(rest.number, engine);
        return stopping;
    }

    /// A connection has ended.
    void forget(Kept kept) {
        Rest rest = (Rest) kept;
        rests.forget(rest.number);
        giveBack(rest);
    }

    private boolean giveBack(Rest rest) {
        boolean stopping = rest.stopping;
        rest.transport = null;
        rest.stopping = false;
        free[freeCount++] = rest;
        return stopping;
    }

    /// The server stops: the connection has a turn, in which it says so.
    static void stopping(Kept kept) {
        Rest rest = (Rest) kept;
        rest.stopping = true;
        Objects.requireNonNull(rest.transport, "at rest").turnSoon();
    }
}
