package dev.coffer.testkit;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Waits for what another thread or process does later: a gauge that goes down, a line in a log, a file, a thread's end.
///
/// A client that has read the end of an answer knows nothing of what its server does next, and a machine may stop any thread for
/// as long as it likes. So what is not this thread's own work is never asserted at once, and no wait ends by a duration that a busy
/// machine could need: it ends after a number of looks with a pause between them, which takes five minutes or longer, and only a
/// test that fails ever waits so long. The first looks follow at once: what is true already costs nothing.
///
/// What must *not* happen cannot be waited for. Let something happen that comes after it in the same thread (an answer to another
/// request on the same loop), then assert.
///
/// What is looked at may throw: an exception ends the wait as a failure, an [AssertionError] is a "not yet".
public final class Eventually {
    /// For calls that want a time of their own (`Socket.setSoTimeout`): as long as a wait takes.
    public static final int MILLIS = 300_000;

    private static final int LOOKS_AT_ONCE = 100;      // with a yield between them
    private static final int LOOKS_SOON = 1_000;       // with a millisecond between them
    private static final int LOOKS = 30_000 + LOOKS_SOON;
    private static final long PAUSE_MILLIS = 10;

    private Eventually() {}

    /// What is looked at.
    @FunctionalInterface
    public interface Look<T> {
        /// {@return what there is at this moment}
        T now() throws Exception;
    }

    /// A number that is looked at.
    @FunctionalInterface
    public interface Number {
        /// {@return what it is at this moment}
        long now() throws Exception;
    }

    /// Something that is or is not so.
    @FunctionalInterface
    public interface State {
        /// {@return whether it is so at this moment}
        boolean now() throws Exception;
    }

    /// Assertions.
    @FunctionalInterface
    public interface Claim {
        /// Asserts.
        void assertNow() throws Exception;
    }

    /// Waits until a number is that.
    ///
    /// @throws AssertionError  it never was
    public static void equal(long expected, Number actual) {
        passes(() -> {
            long now = actual.now();
            if (now != expected) {
                throw new AssertionError("stays " + now + ", expected " + expected);
            }
        });
    }

    /// Waits until something equals that.
    ///
    /// @throws AssertionError  it never did
    public static void equal(Object expected, Look<?> actual) {
        passes(() -> {
            Object now = actual.now();
            if (!Objects.equals(expected, now)) {
                throw new AssertionError("stays <" + now + ">, expected <" + expected + ">");
            }
        });
    }

    /// Waits until something is so.
    ///
    /// @param what  it is, for the message
    /// @throws AssertionError  it never was
    public static void holds(String what, State state) {
        passes(() -> {
            if (!state.now()) {
                throw new AssertionError("never: " + what);
            }
        });
    }

    /// Waits until something is there.
    ///
    /// @return it, never null
    /// @throws AssertionError  it never was
    public static <T> T found(String what, Look<T> look) {
        Object[] found = new Object[1];
        holds(what, () -> (found[0] = look.now()) != null);
        @SuppressWarnings("unchecked")  // of the look's type, one line above
        T typed = (T) found[0];
        return typed;
    }

    /// Waits until assertions pass.
    ///
    /// @throws AssertionError  the last one that they threw
    public static void passes(Claim claim) {
        for (int looks = 0;; looks++) {
            try {
                claim.assertNow();
                return;
            } catch (AssertionError notYet) {
                if (looks == LOOKS) {
                    throw notYet;
                }
            } catch (Exception e) {
                throw failed(e);
            }
            pause(looks);
        }
    }

    /// Waits until a thread has ended.
    public static void ended(Thread thread) {
        holds("the end of " + thread, () -> !thread.isAlive());
    }

    /// Waits until a process has ended; one that never does is killed.
    ///
    /// @return its exit status
    public static int ended(Process process) {
        try {
            if (process.waitFor(MILLIS, TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            throw failed(e);
        } finally {
            process.destroyForcibly();
        }
        throw new AssertionError("never: the end of " + process);
    }

    /// Waits until a latch is open.
    public static void open(CountDownLatch latch) {
        try {
            if (!latch.await(MILLIS, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("stays " + latch);
            }
        } catch (InterruptedException e) {
            throw failed(e);
        }
    }

    /// {@return what a future gives}
    ///
    /// @throws AssertionError  it failed, or never was done
    public static <T> T done(Future<T> future) {
        try {
            return future.get(MILLIS, TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            throw failed(e);
        }
    }

    private static void pause(int looks) {
        if (looks < LOOKS_AT_ONCE) {
            Thread.yield();
            return;
        }
        try {
            Thread.sleep(looks < LOOKS_SOON ? 1 : PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw failed(e);
        }
    }

    private static AssertionError failed(Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new AssertionError(e.toString(), e);
    }
}
