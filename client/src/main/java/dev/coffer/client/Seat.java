package dev.coffer.client;

/// One row of the table of connections: what the pool knows of it. The connection itself is the driver's.
final class Seat {
    /// SHARED: of HTTP/2, with any number of calls, none among them.
    enum State { FREE, DIALING, IDLE, BUSY, SHARED }

    final int index;
    State state = State.FREE;
    OriginPool pool;
    ClientConnection connection; // where BUSY or SHARED
    int address;                // ordinal of the address that it was dialed at
    long until;                 // where DIALING: when that is given up
    long uses;                  // requests that it has carried
    long since;                 // without a call: since when
    Seat newer;                 // links of the pool's idle ones, or of its shared ones
    Seat older;

    Seat(int index) {
        this.index = index;
    }
}
