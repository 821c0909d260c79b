package dev.coffer.client;

import dev.coffer.server.time.Timer;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a client knows of one origin: its addresses, its connections, and the calls that wait for one, first come first served. A row
/// of a fixed table, used for one origin after another.
///
/// On the client's thread. 0 heap bytes, save for addresses.
final class OriginPool {
    /// How long addresses are taken for true when another connection is to be made.
    private static final long FRESH_NANOS = 30_000_000_000L;
    private static final int ADDRESSES_MAX = 8;

    private @Nullable Timer timer;  // of finding addresses

    @Nullable
    Origin origin;    // null for a free row
    int connections;            // idle, busy and under way
    int dialing;                // of these, under way over TCP
    int dialingQuic;            // of these, under way over QUIC
    int unsettled;              // those of which it is not known yet what they speak, or how much of it at a time
    boolean suspicious;         // one has died: those that are idle are closed before the next request
    long dialAfter;             // after every address has failed
    private @Nullable Seat newestIdle;
    private @Nullable Seat firstShared;
    private boolean mayShare;   // a connection may carry several calls, as far as is known
    private boolean ofFirst;    // HTTP/1.1 alone is spoken, to a server that would speak HTTP/2 and wants some requests so
    private boolean mixed;      // one that waits is for such a row
    private @Nullable Call first;
    private @Nullable Call last;
    private int waiting;

    private InetSocketAddress[] addresses = {};
    private long foundAt;
    private int next;           // ordinal of the address to dial next
    private int nextQuic;       // the same over QUIC
    private int firstQuic;      // where a round of them began
    private boolean knownQuic;  // that one was reached
    private long holdUntil;     // calls wait for that alone
    private int question;       // which search for addresses is under way, or was last
    private boolean asking;

    Origin origin() {
        return Objects.requireNonNull(origin, "taken");
    }

    private Timer timer() {
        return Objects.requireNonNull(timer, "opened");
    }

    void timer(Timer own) {
        timer = own;
    }

    void begin(Origin newOrigin, long now, boolean newMayShare, boolean newOfFirst) {
        origin = newOrigin;
        ofFirst = newOfFirst;
        mixed = false;
        connections = 0;
        dialing = 0;
        dialingQuic = 0;
        holdUntil = now;
        unsettled = 0;
        mayShare = newMayShare;
        suspicious = false;
        dialAfter = now;
        forgetAddresses();
    }

    /// {@return whether its connections speak HTTP/1.1 alone, though the server would speak HTTP/2}
    boolean isOfFirst() {
        return ofFirst;
    }

    /// {@return whether calls wait that are for another row of the origin, of which no note is kept}
    boolean takeMixed() {
        boolean was = mixed;
        mixed = false;
        return was;
    }

    /// It is known whether connections to it carry several calls.
    void shares(boolean now) {
        mayShare = now;
    }

    /// {@return whether those that wait want another connection: one each, or, where one carries several, one when all that there are are full}
    boolean wantsConnection() {
        if (!mayShare) {
            return dialing < waiting;
        }
        if (waiting == 0 || dialing + unsettled > 0) {
            return false;
        }
        for (Seat seat = firstShared; seat != null; seat = seat.older) {
            if (!seat.connection().isFull()) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether nobody would miss the row: no call waits, nothing is under way or busy}
    boolean isIdle() {
        return waiting == 0 && !asking && dialing + dialingQuic == 0 && connections == idleCount();
    }

    private int idleCount() {
        int count = 0;
        for (Seat seat = newestIdle; seat != null; seat = seat.older) {
            count++;
        }
        for (Seat seat = firstShared; seat != null; seat = seat.older) {
            count += seat.connection().isBusy() ? 0 : 1;
        }
        return count;
    }

    // Calls.

    void add(Call call) {
        call.before = last;
        call.after = null;
        if (last == null) {
            first = call;
        } else {
            last.after = call;
        }
        last = call;
        waiting++;
        call.waits(this);
    }

    void addFirst(Call call) {
        call.before = null;
        call.after = first;
        if (first == null) {
            last = call;
        } else {
            first.before = call;
        }
        first = call;
        waiting++;
        mixed |= call.isOfFirst() && !ofFirst;
        call.waits(this);
    }

    void remove(Call call) {
        if (call.before == null) {
            first = call.after;
        } else {
            call.before.after = call.after;
        }
        if (call.after == null) {
            last = call.before;
        } else {
            call.after.before = call.before;
        }
        call.before = null;
        call.after = null;
        waiting--;
    }

    @Nullable
    Call first() {
        return first;
    }

    int waiting() {
        return waiting;
    }

    /// Fails every call that waits.
    void giveUp(Failure why) {
        for (int i = waiting; i > 0 && first != null; i--) {
            Call call = first;
            remove(call);
            call.finish(why);
        }
    }

    // Idle connections, the newest first: those that are not needed grow old and end.

    void addIdle(Seat seat) {
        newestIdle = linked(newestIdle, seat);
    }

    void removeIdle(Seat seat) {
        newestIdle = unlinked(newestIdle, seat);
    }

    @Nullable
    Seat newestIdle() {
        return newestIdle;
    }

    // Connections that carry several calls.

    void addShared(Seat seat) {
        firstShared = linked(firstShared, seat);
    }

    void removeShared(Seat seat) {
        firstShared = unlinked(firstShared, seat);
    }

    @Nullable
    Seat firstShared() {
        return firstShared;
    }

    /// {@return the first of a list with this one before it}
    private static Seat linked(@Nullable Seat first, Seat seat) {
        seat.older = first;
        seat.newer = null;
        if (first != null) {
            first.newer = seat;
        }
        return seat;
    }

    /// {@return the first of a list without this one, which is in it}
    private static @Nullable Seat unlinked(@Nullable Seat first, Seat seat) {
        Seat now = seat.newer == null ? seat.older : first;
        if (seat.newer != null) {
            seat.newer.older = seat.older;
        }
        if (seat.older != null) {
            seat.older.newer = seat.newer;
        }
        seat.older = null;
        seat.newer = null;
        return now;
    }

    // Addresses.

    /// {@return whether there are addresses to dial}
    boolean isFound(long now) {
        return addresses.length > 0 && (origin().literal != null || now - foundAt < FRESH_NANOS);
    }

    boolean isAsking() {
        return asking;
    }

    /// Begins to look for addresses.
    ///
    /// @return the number of the question, by which the answer is known
    int ask(long untilNanos) {
        asking = true;
        timer().arm(untilNanos);
        return ++question;
    }

    /// The answer has come, or the time is over.
    ///
    /// @return whether it is the answer to this question
    boolean isAnswer(int to) {
        return asking && question == to;
    }

    void answered() {
        asking = false;
        timer().cancel();
    }

    /// Takes the addresses, the two families by turns, the first one's family first.
    void found(InetAddress[] all, long now) {
        List<InetSocketAddress> inTurn = new ArrayList<>();
        boolean six = all[0] instanceof Inet6Address;
        List<InetAddress> one = new ArrayList<>();
        List<InetAddress> other = new ArrayList<>();
        for (InetAddress address : all) {
            (address instanceof Inet6Address == six ? one : other).add(address);
        }
        for (int i = 0; i < all.length; i++) {
            if (i < one.size()) {
                inTurn.add(new InetSocketAddress(one.get(i), origin().port()));
            }
            if (i < other.size()) {
                inTurn.add(new InetSocketAddress(other.get(i), origin().port()));
            }
        }
        addresses = inTurn.stream().limit(ADDRESSES_MAX).toArray(InetSocketAddress[]::new);
        foundAt = now;
        next = 0;
        forgetQuic();
    }

    void forgetAddresses() {
        addresses = new InetSocketAddress[0];
        next = 0;
        forgetQuic();
    }

    int next() {
        return next;
    }

    InetSocketAddress address() {
        return addresses[next];
    }

    // Over QUIC the addresses are the same, and are tried from the one on that was reached over QUIC last, or else over TCP: where nobody listens nobody says so.

    private void forgetQuic() {
        firstQuic = 0;
        nextQuic = 0;
        knownQuic = false;
    }

    private void beginQuic(int address) {
        firstQuic = address < addresses.length ? address : 0;
        nextQuic = firstQuic;
    }

    /// {@return whether the next one is the first of a round}
    boolean isFirstQuic() {
        return nextQuic == firstQuic;
    }

    int nextQuic() {
        return nextQuic;
    }

    InetSocketAddress addressQuic() {
        return addresses[nextQuic];
    }

    void reachedByQuic(int address) {
        beginQuic(address);
        knownQuic = true;
    }

    /// An address could not be reached over QUIC.
    ///
    /// @return whether it was the last one of a round
    boolean missedByQuic(int address) {
        if (address != nextQuic) {
            return false;
        }
        nextQuic = nextQuic + 1 < addresses.length ? nextQuic + 1 : 0;
        knownQuic &= !isFirstQuic();
        return isFirstQuic();
    }

    /// {@return whether calls wait for a connection of QUIC alone}
    boolean isHeld(long now) {
        return now < holdUntil;
    }

    void hold(long untilNanos) {
        holdUntil = untilNanos;
    }

    long holdUntil() {
        return holdUntil;
    }

    /// {@return whether it has a connection of HTTP/3; of several it matters whether any is not full}
    ///
    /// @param full  whether all of them are to be full
    boolean hasQuic(boolean full) {
        boolean any = false;
        for (Seat seat = firstShared; seat != null; seat = seat.older) {
            if (seat.isOfQuic()) {
                if (full && !seat.connection().isFull()) {
                    return false;
                }
                any = true;
            }
        }
        return any;
    }

    int addressCount() {
        return addresses.length;
    }

    /// A connection was made to an address: it is the first choice from now on.
    void reached(int address) {
        next = address < addresses.length ? address : 0;
        if (!knownQuic && isFirstQuic() && dialingQuic == 0) {
            beginQuic(next);
        }
    }

    /// An address could not be reached.
    ///
    /// @return whether it was the last one: all have failed, and are forgotten
    boolean missed(int address) {
        if (address == next) {
            next++;
        }
        if (next < addresses.length) {
            return false;
        }
        forgetAddresses();
        return true;
    }
}
