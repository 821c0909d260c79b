package dev.coffer.examples.seeds;

/// Prints what a document expects beside what Coffer answers. A line with a star is one where the two differ, and
/// `docs/from-the-seeds.md` says why; one without a star that differs ends the program.
final class Beside {
    private static final String LINE = "%c %-58s %-34s %s%n";

    private Beside() {}

    /// Begins an example.
    static void example(String title) {
        System.out.printf("%n" + LINE, '#', title, "document", "Coffer");
    }

    /// Both say the same.
    static void agrees(String what, Object document, Object coffer) {
        if (!String.valueOf(document).equals(String.valueOf(coffer))) {
            throw new AssertionError(what + ": the document expects " + document + ", Coffer answers " + coffer);
        }
        System.out.printf(LINE, ' ', what, document, coffer);
    }

    /// They differ, and are meant to.
    static void differs(String what, Object document, Object coffer) {
        if (String.valueOf(document).equals(String.valueOf(coffer))) {
            throw new AssertionError(what + ": both say " + coffer);
        }
        System.out.printf(LINE, '*', what, document, coffer);
    }

    /// The document has nothing to compare with.
    static void only(String what, Object coffer) {
        System.out.printf(LINE, ' ', what, "-", coffer);
    }

    /// {@return the simple name of what `body` throws, or "done"}
    static String outcome(Runnable body) {
        try {
            body.run();
            return "done";
        } catch (RuntimeException refusal) {
            return refusal.getClass().getSimpleName();
        }
    }

    /// {@return the message of what `body` throws, or "done"}
    static String words(Runnable body) {
        try {
            body.run();
            return "done";
        } catch (RuntimeException refusal) {
            return refusal.getMessage();
        }
    }
}
