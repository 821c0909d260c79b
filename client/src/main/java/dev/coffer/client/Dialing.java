package dev.coffer.client;

import dev.coffer.server.drive.LoopContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes connections for the calls of an origin that wait: finds its addresses, dials one after the other, and gives the calls up where there is
/// none.
final class Dialing {
    /// After every address of an origin has failed while other connections to it go on.
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final ClientLane lane;
    private final Seating seating;
    private final ClientConfig config;
    private final Resolver resolver;
    private final Seat[] seats;
    private @Nullable LoopContext context;

    Dialing(ClientLane lane, Seating seating, ClientConfig config, Resolver resolver, Seat[] seats) {
        this.lane = lane;
        this.seating = seating;
        this.config = config;
        this.resolver = resolver;
        this.seats = seats;
    }

    private LoopContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    void open(LoopContext newContext) {
        context = newContext;
    }

    /// Makes as many as there may be. Where it is not known whether one will carry all the calls, that is one.
    void grow(OriginPool row, long now) {
        while (row.wantsConnection() && row.connections < config.perOrigin() && (row.connections == 0 || now >= row.dialAfter)) {
            if (!row.isFound(now)) {
                find(row, now);
                return;
            }
            int address = row.next();
            long until = now + Math.max(1, config.times().connect() / row.addressCount());
            int result = context().connect(row.address(), until);
            if ((result == LoopContext.NO_SEAT || result == LoopContext.NO_DESCRIPTOR) && seating.closeOldestIdle()) {
                result = context().connect(row.address(), until);
            }
            switch (result) {
                case LoopContext.NO_SEAT -> {
                    return;
                }
                case LoopContext.NO_DESCRIPTOR -> {
                    if (row.connections == 0) {
                        row.giveUp(Failure.NO_DESCRIPTOR);
                    }
                    return;
                }
                case LoopContext.REFUSED -> missed(row, address, Failure.UNREACHABLE);
                default -> {
                    Seat seat = seats[result];
                    seat.state = Seat.State.DIALING;
                    seat.pool = row;
                    seat.address = address;
                    seat.until = until;
                    seat.uses = 0;
                    row.dialing++;
                    row.connections++;
                }
            }
        }
    }

    private void find(OriginPool row, long now) {
        Origin origin = row.origin();
        if (origin.literal != null) {
            row.found(new InetAddress[] {origin.literal}, now);
            grow(row, now);
            return;
        }
        if (row.isAsking()) {
            return;
        }
        int question = row.ask(now + config.times().connect());
        Thread.ofVirtual().name("coffer-resolve").start(() -> {
            InetAddress @Nullable [] addresses = null;
            try {
                addresses = resolver.resolve(origin.host());
            } catch (UnknownHostException | RuntimeException | Error e) {
                // there are none
            }
            lane.inbox().found(row, question, addresses);
        });
    }

    void found(OriginPool row, InetAddress @Nullable [] addresses) {
        row.answered();
        if (addresses == null || addresses.length == 0) {
            row.giveUp(Failure.UNKNOWN_HOST);
        } else {
            row.found(addresses, lane.nowNanos());
        }
    }

    void tooLong(OriginPool row) {
        row.answered();
        row.giveUp(Failure.CONNECT_TIMED_OUT);
    }

    /// An address of an origin was not reached. When none is left, who waits has waited in vain, unless another connection is there.
    void missed(OriginPool row, int address, Failure why) {
        if (row.missed(address)) {
            row.dialAfter = lane.nowNanos() + PAUSE_NANOS;
            if (row.connections == 0) {
                row.giveUp(why);
            }
        }
    }
}
