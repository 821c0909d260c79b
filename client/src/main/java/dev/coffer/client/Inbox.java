package dev.coffer.client;

import dev.coffer.server.drive.LoopContext;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The calls of a client, and what other threads have left for its own: to be taken up, cancelled, resumed. Each call stands in the
/// queue once at most, so it is bounded by them. Where all calls are under way the next is refused.
///
/// For any thread: one monitor, held for a few instructions and never while anything of a caller's runs. 0 heap bytes, save for
/// addresses that were found.
final class Inbox {
    private final Call[] calls;
    private @Nullable LoopContext context;
    private @Nullable Call free;
    private @Nullable Call first;
    private @Nullable Call last;
    private @Nullable Found found;
    private boolean stopped;    // no call is taken any more

    /// A host's addresses, or null for none.
    static final class Found {
        final OriginPool pool;
        final int question;     // to which it is the answer
        final InetAddress @Nullable [] addresses;
        final @Nullable Found before;  // link of the queue

        Found(OriginPool pool, int question, InetAddress @Nullable [] addresses, @Nullable Found before) {
            this.pool = pool;
            this.question = question;
            this.addresses = addresses;
            this.before = before;
        }
    }

    Inbox(int calls) {
        this.calls = new Call[calls];
    }

    private LoopContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    synchronized void open(LoopContext newContext, Call[] all) {
        context = newContext;
        System.arraycopy(all, 0, calls, 0, calls.length);
        for (int i = calls.length - 1; i >= 0; i--) {
            calls[i].nextFree = free;
            free = calls[i];
        }
    }

    /// Has a call taken up.
    ///
    /// @return its ticket, [Client#FULL] or [Client#STOPPED]
    synchronized long ask(Request request, ResponseSink sink) {
        if (stopped) {
            return Client.STOPPED;
        }
        Call call = free;
        if (call == null) {
            return Client.FULL;
        }
        free = call.nextFree;
        call.nextFree = null;
        call.lent = true;
        call.request = request;
        call.sink = sink;
        leave(call, Call.ASKED);
        return call.ticket;
    }

    /// Leaves word for a call.
    ///
    /// @return whether it is still under way
    synchronized boolean leave(long ticket, int what) {
        if (ticket < 0) {
            return false;
        }
        Call call = calls[(int) (ticket % calls.length)];
        if (!call.lent || call.ticket != ticket || stopped) {
            return false;
        }
        leave(call, what);
        return true;
    }

    private void leave(Call call, int what) {
        call.left |= what;
        if (call.queued) {
            return;
        }
        call.queued = true;
        if (last == null) {
            first = call;
            context().wake();  // who came first does
        } else {
            last.nextMail = call;
        }
        last = call;
    }

    /// Leaves the answer to a question after addresses.
    synchronized void found(OriginPool pool, int question, InetAddress @Nullable [] addresses) {
        if (!stopped) {
            found = new Found(pool, question, addresses, found);
            context().wake();
        }
    }

    synchronized @Nullable Found takeFound() {
        Found all = found;
        found = null;
        return all;
    }

    /// Takes all of them, with what was left for each in [Call#taken].
    ///
    /// @return the one that came first, the others behind it by [Call#taken()]: a link of its own, since each may stand in the queue
    ///         again before it is worked off; null where there is none
    synchronized @Nullable Call take() {
        Call all = first;
        Call next;
        for (Call call = all; call != null; call = next) {
            next = call.nextMail;
            call.take();
        }
        first = null;
        last = null;
        return all;
    }

    /// A call has ended: its ticket is stale, it may be lent again.
    synchronized void giveBack(Call call) {
        call.lent = false;
        renew(call);
        call.nextFree = free;
        free = call;
    }

    /// A call that ends is lent again as it is, to who had it.
    ///
    /// @return its new ticket, or [Client#STOPPED]
    synchronized long askAgain(Call call, Request request, ResponseSink sink) {
        if (stopped) {
            return Client.STOPPED;
        }
        renew(call);
        call.request = request;
        call.sink = sink;
        leave(call, Call.ASKED);
        return call.ticket;
    }

    private void renew(Call call) {
        call.left = 0;
        call.ticket += calls.length;
        if (call.ticket < 0) {
            call.ticket = call.index;
        }
    }

    /// No call is taken from here on; what stands in the queue is to be taken once more.
    synchronized void stop() {
        if (!stopped) {
            stopped = true;
            if (context != null) {
                context.wake();
            }
        }
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    @Override
    public synchronized String toString() {
        return "Inbox[" + Arrays.stream(calls).filter(c -> c != null && c.lent).count() + " of " + calls.length + " calls lent]";
    }
}
