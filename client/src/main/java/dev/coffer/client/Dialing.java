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
    private final @Nullable Http3Socket quic;   // null where HTTP/3 is not spoken
    private @Nullable LoopContext context;

    /// @param quic  null where HTTP/3 is not spoken
    Dialing(ClientLane lane, Seating seating, ClientConfig config, Resolver resolver, Seat[] seats, @Nullable Http3Socket quic) {
        this.lane = lane;
        this.seating = seating;
        this.config = config;
        this.resolver = resolver;
        this.seats = seats;
        this.quic = quic;
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
            if (!row.isFound(now) && !find(row, now)) {
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

    /// {@return whether the addresses are known at once}
    private boolean find(OriginPool row, long now) {
        Origin origin = row.origin();
        if (origin.literal != null) {
            row.found(new InetAddress[] {origin.literal}, now);
            return true;
        }
        if (row.isAsking()) {
            return false;
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
        return false;
    }

    /// Makes a connection of HTTP/3 where one is wanted for those that wait.
    ///
    /// @return whether they wait for it, or for one that is there, and TCP is not to be tried
    boolean growQuic(OriginPool row, long now) {
        if (quic == null || row.isOfFirst()) {
            return false;
        }
        Origin origin = row.origin();
        Http3Asking.When when = quic.asking().when();
        boolean alone = when == Http3Asking.When.ALONE;
        if (alone && !origin.isSecure()) {
            row.giveUp(Failure.NO_HTTP3);
            return true;
        }
        int port = origin.isSecure() ? quic.alternatives().port(origin, when == Http3Asking.When.ANNOUNCED ? AltServices.NONE : origin.port(), alone, now)
                : AltServices.NONE;
        if (port == AltServices.NONE) {
            return false;
        }
        if (row.dialingQuic > 0) {
            return alone || row.isHeld(now);
        }
        boolean has = row.hasQuic(false);
        if (has && (!row.hasQuic(true) || row.connections >= config.perOrigin())) {
            return true;    // there will be room on one of them
        }
        if (!row.isFound(now) && !find(row, now)) {
            return true;
        }
        Http3Connection free = quic.free();
        int address = row.nextQuic();
        long until = now + Math.max(1, config.times().connect() / row.addressCount());
        if (row.isFirstQuic()) {
            row.hold(alone ? until : now + Math.min(quic.asking().waitNanos(), config.times().connect()));
        }
        if (free == null || !quic.dial(free, row, address, row.addressQuic(), port, until, row.holdUntil(), now)) {
            return alone || has;    // until a place is free
        }
        row.dialingQuic++;
        row.connections++;
        return alone || has || row.isHeld(now);
    }

    /// An address of an origin was not reached over QUIC. When none is left TCP is tried, where it is spoken.
    void missedByQuic(OriginPool row, int address, Failure why) {
        if (row.missedByQuic(address) && quic != null) {
            row.hold(lane.nowNanos());
            quic.alternatives().broken(row.origin(), lane.nowNanos());
            if (quic.asking().when() == Http3Asking.When.ALONE && row.connections == 0) {
                row.giveUp(why);
            }
        }
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
