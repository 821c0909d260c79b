package dev.coffer.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/// Refuses an `open` at each of its steps, one after the other: afterwards it holds nothing, and the next try succeeds.
///
/// A **step** is where the machine can say no: an object that is made, a call of the JDK that answers one, a call of the system, a thread that starts.
/// [RefusingLoader] puts a look at this class in front of each, in our own classes and no others; the looks are counted on the thread that opens alone.
/// What is to be opened is loaded by that loader and handed over in types of the JDK.
public final class Refusals {
    /// How the machine says no.
    public enum Kind {
        /// One object finds no heap, the next ones do.
        ONCE,
        /// From that object on none finds any until the open has come back, so whatever cleans up has to do without.
        SPENT,
        /// One call of the system is refused, or a thread does not start. What gives back, `close` and `munmap`, never is.
        SYSTEM
    }

    /// Something to open.
    ///
    /// @param name       for messages
    /// @param open       opens it, in memory of the caller's or its own
    /// @param untouched  throws where a refused open has left something in what is the caller's
    public record Opening(String name, Callable<? extends AutoCloseable> open, Runnable untouched) {
        public Opening(String name, Callable<? extends AutoCloseable> open) {
            this(name, open, () -> {
            });
        }
    }

    /// What became of one opening.
    ///
    /// @param steps    that it has
    /// @param tried    that were refused, one a try
    /// @param refused  tries that were refused for that; the others did without
    public record Tally(String name, Kind kind, long steps, int tried, int refused) {
        @Override
        public String toString() {
            return name + ", " + kind + ": " + steps + " steps, " + tried + " tried, " + refused + " refused";
        }
    }

    private static final boolean X86_64 = System.getProperty("os.arch", "").equals("amd64");
    private static final long ENOMEM = 12;
    private static final long EMFILE = 24;
    private static final int LOOKS = 200;
    private static final int ROUNDS = 3;

    // Of the one thread that counts; others see no thread of theirs here, and go on.
    private static Thread counted;
    private static Kind kind;
    private static long steps;
    private static long failing;    // 0: none
    private static Throwable planted;

    private Refusals() {}

    /// In front of what makes an object by itself.
    public static void object() {
        if (Thread.currentThread() == counted && kind != Kind.SYSTEM) {
            heap(failing > 0 && kind == Kind.SPENT && steps >= failing);
        }
    }

    /// In front of a call that answers an object: perhaps an old one.
    public static void call() {
        if (Thread.currentThread() == counted && kind == Kind.ONCE) {
            heap(false);
        }
    }

    private static void heap(boolean spent) {
        if ((++steps == failing || spent) && !isInitialising()) {
            OutOfMemoryError refusal = new OutOfMemoryError("planted at step " + steps);
            planted = planted == null ? refusal : planted;
            throw refusal;
        }
    }

    /// {@return whether a class is being initialised: one that could not be stays so for the process, whoever wrote it}
    private static boolean isInitialising() {
        return StackWalker.getInstance().walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("<clinit>")));
    }

    /// In front of a call of the system.
    ///
    /// @return what it answers instead, below 0; or 0, and it is made
    public static long system(long number) {
        if (Thread.currentThread() != counted || kind != Kind.SYSTEM || givesBack(number) || ++steps != failing) {
            return 0;
        }
        planted = new Throwable("planted: system call " + number);
        return isOfMemory(number) ? -ENOMEM : -EMFILE;
    }

    /// {@return whether it is `close` or `munmap`}
    private static boolean givesBack(long number) {
        return X86_64 ? number == 3 || number == 11 : number == 57 || number == 215;
    }

    /// {@return whether it is `mmap`, `mprotect`, `madvise` or `mlock`}
    private static boolean isOfMemory(long number) {
        return X86_64 ? number == 9 || number == 10 || number == 28 || number == 149
                : number == 222 || number == 226 || number == 233 || number == 228;
    }

    /// In front of a call of the JDK that asks the system for a descriptor.
    public static void descriptor() throws IOException {
        if (Thread.currentThread() == counted && kind == Kind.SYSTEM && ++steps == failing) {
            IOException refusal = new IOException("planted: Too many open files");
            planted = refusal;
            throw refusal;
        }
    }

    /// In front of a thread's start.
    public static void thread() {
        if (Thread.currentThread() == counted && kind == Kind.SYSTEM && ++steps == failing) {
            planted = new OutOfMemoryError("planted: unable to create native thread");
            throw (Error) planted;
        }
    }

    private static AutoCloseable open(Opening opening, Kind how, long nth) throws Exception {
        counted = Thread.currentThread();
        kind = how;
        steps = 0;
        failing = nth;
        planted = null;
        try {
            return opening.open().call();
        } finally {
            counted = null;
        }
    }

    /// Refuses an opening at its steps.
    ///
    /// @param most  tries at most: where it has more steps, the first and the last of them and a draw of the others
    /// @throws AssertionError  it held something, gave an answer that is none, or did not open afterwards
    public static Tally refuse(Opening opening, Kind how, int most, long seed) throws Exception {
        return refuse(opening, how, most, seed, LOOKS);
    }

    /// As above.
    ///
    /// @param looks  for what takes a moment to be given back, at most
    public static Tally refuse(Opening opening, Kind how, int most, long seed, int looks) throws Exception {
        for (int warm = 0; warm < 2; warm++) {
            open(opening, how, 0).close();
        }
        long all = steps;
        List<Long> tries = draw(all, most, seed);
        int refused = 0;
        String held = "";
        for (int round = 0; round < ROUNDS; round++) {  // the JDK opens files of its own at times: what is held once is looked for again, try by try
            Holdings before = Holdings.now();
            refused = 0;
            for (long nth : tries) {
                Holdings now = round == 0 ? before : Holdings.now();
                refused += isRefused(opening, how, nth) ? 1 : 0;
                if (round > 0 && !now.areBack(looks)) {
                    held = what(opening, how, nth) + " holds " + Holdings.now() + ", before " + now;
                    break;
                }
            }
            if (before.areBack(looks)) {
                open(opening, how, 0).close();
                return new Tally(opening.name(), how, all, tries.size(), refused);
            }
            held = held.isEmpty() ? opening.name() + ", " + how + ": holds " + Holdings.now() + ", before " + before : held;
        }
        throw new AssertionError(held, planted);
    }

    private static String what(Opening opening, Kind how, long nth) {
        return opening.name() + ", " + how + " at step " + nth;
    }

    private static boolean isRefused(Opening opening, Kind how, long nth) throws Exception {
        AutoCloseable opened = null;
        Throwable refusal = null;
        try {
            opened = open(opening, how, nth);
        } catch (Exception | Error thrown) {
            refusal = thrown;
        }
        if (opened != null) {
            opened.close();
        } else if (isNone(refusal)) {
            if (planted != null) {
                refusal.addSuppressed(planted);
            }
            throw new AssertionError(what(opening, how, nth) + " is answered by " + refusal, refusal);
        }
        try {
            opening.untouched().run();
        } catch (RuntimeException | Error left) {
            throw new AssertionError(what(opening, how, nth) + ": " + left.getMessage(), planted);
        }
        return opened == null;
    }

    /// {@return whether a throwable is no refusal but a fault of ours}
    private static boolean isNone(Throwable thrown) {
        return planted == null || thrown instanceof NullPointerException || thrown instanceof IndexOutOfBoundsException || thrown instanceof ClassCastException
                || thrown instanceof AssertionError || thrown instanceof LinkageError;
    }

    /// {@return steps, in order: all where they are few; else a third from each end and a draw of the others}
    private static List<Long> draw(long all, int most, long seed) {
        TreeSet<Long> drawn = new TreeSet<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 1; i <= all && (all <= most || i <= most / 3); i++) {
            drawn.add(i);
            drawn.add(all + 1 - i);
        }
        while (drawn.size() < Math.min(all, most)) {
            drawn.add(random.nextLong(1, all + 1));
        }
        return new ArrayList<>(drawn);
    }
}
