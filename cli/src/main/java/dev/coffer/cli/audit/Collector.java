package dev.coffer.cli.audit;

/// The garbage collectors of HotSpot that move objects, by the names that users type.
public enum Collector {
    SERIAL("-XX:+UseSerialGC"), G1("-XX:+UseG1GC"), PARALLEL("-XX:+UseParallelGC"), ZGC("-XX:+UseZGC");

    private final String option;

    Collector(String option) {
        this.option = option;
    }

    /// {@return the option of the JVM}
    String option() {
        return option;
    }

    /// {@return whether the baseline must show at least 90 of 100 here: it copies in young collections, and our
    /// measurements always found the copies}
    boolean leavesCopies() {
        return this == SERIAL || this == G1;
    }
}
