package dev.coffer.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One row of the table of connections: what the pool knows of it. The connection itself is the driver's; of HTTP/3 its own, with a row beside the table.
final class Seat {
    /// SHARED: of HTTP/2 or HTTP/3, with any number of calls, none among them.
    enum State { FREE, DIALING, IDLE, BUSY, SHARED }

    final int index;
    State state = State.FREE;
    @Nullable
    OriginPool pool;
    @Nullable
    CallConnection connection;    // where BUSY or SHARED
    int address;                // ordinal of the address that it was dialed at
    long until;                 // where DIALING: when that is given up
    long uses;                  // requests that it has carried
    long since;                 // without a call: since when
    @Nullable
    Seat newer;       // links of the pool's idle ones, or of its shared ones
    @Nullable
    Seat older;

    Seat(int index) {
        this.index = index;
    }

    /// {@return whether it is of HTTP/3, and so none of the driver's}
    boolean isOfQuic() {
        return connection instanceof Http3Connection;
    }

    /// {@return the pool that it is of, where it is not FREE}
    OriginPool pool() {
        return Objects.requireNonNull(pool, "of a pool");
    }

    /// {@return what it carries calls on, where it is BUSY or SHARED}
    CallConnection connection() {
        return Objects.requireNonNull(connection, "carries calls");
    }
}
