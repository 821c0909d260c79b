package dev.coffer.evm.precompiles;

import java.util.Locale;

/// Whose BLS12-381 computes precompiles 10 to 17. Both answer the same, refusals included.
public enum CurveLibrary {
    /// blst in machine code, from the jar `tech.pegasys:jblst`, called without Java's part of it.
    BLST("blst"),
    /// Bouncy Castle in Java: everywhere, and 10 to 90 times slower, at sums 4.
    BOUNCY_CASTLE("Bouncy Castle");

    /// Name of the system property that chooses: `auto`, `blst` or `bouncy-castle`.
    public static final String PROPERTY = "coffer.precompiles";

    private final String title;

    CurveLibrary(String title) {
        this.title = title;
    }

    /// {@return why it cannot be had in this process, in words that say what would help; empty where it can be}
    /// The first call for blst looks for the library, loads it, and compares its answers with known ones: some 20 ms, once.
    public String obstacle() {
        return this == BLST ? BlstSelfTest.obstacle() : "";
    }

    /// {@return the one that a word names, or for `auto` the fastest that can be had}
    ///
    /// @throws IllegalArgumentException  another word (caller's fault)
    public static CurveLibrary named(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "auto" -> BLST.obstacle().isEmpty() ? BLST : BOUNCY_CASTLE;
            case "blst" -> BLST;
            case "bouncy-castle" -> BOUNCY_CASTLE;
            default -> throw new IllegalArgumentException("precompiles \"" + word + "\": expected auto, blst or bouncy-castle");
        };
    }

    String title() {
        return title;
    }
}
