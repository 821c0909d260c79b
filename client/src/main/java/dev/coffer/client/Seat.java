package dev.coffer.client;

/// One row of the table of connections: what the pool knows of it. The connection itself is the driver's.
final class Seat {
    enum State { FREE, DIALING, IDLE, BUSY }

    final int index;
    State state = State.FREE;
    OriginPool pool;
    int address;                // ordinal of the address that it was dialed at
    long until;                 // where DIALING: when that is given up
    long uses;                  // requests that it has carried
    long since;                 // where IDLE: since when
    Seat newer;                 // links of the pool's idle ones
    Seat older;

    Seat(int index) {
        this.index = index;
    }
}
