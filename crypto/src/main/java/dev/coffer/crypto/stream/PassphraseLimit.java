package dev.coffer.crypto.stream;

import dev.coffer.crypto.argon2.Argon2Cost;

/// What the reader of a sealed stream will spend on its passphrase stanzas, whose costs whoever wrote the header has chosen: a hostile
/// one asks for all there is. A stanza past a limit is passed over, and [SealedVerdict#TOO_COSTLY] says so.
///
/// @param memoryKib  memory in KiB that a derivation may take
/// @param workKib    memory times passes, in KiB, that all derivations of a header may take together: about a second for each GiB
public record PassphraseLimit(int memoryKib, long workKib) {
    /// 1 GiB of memory; 16 GiB of work, some 15 seconds on a machine of today.
    public static final PassphraseLimit DEFAULT = new PassphraseLimit(1 << 20, 16L << 20);

    /// @throws IllegalArgumentException  less than the cheapest derivation takes, 8 KiB (caller's fault)
    public PassphraseLimit {
        if (memoryKib < 8 || workKib < 8) {
            throw new IllegalArgumentException("passphrase limit: " + memoryKib + " KiB, " + workKib + " KiB of work (expected at least 8)");
        }
    }

    /// {@return memory times passes, in KiB}
    public static long workKib(Argon2Cost cost) {
        return (long) cost.memoryKib() * cost.passes();
    }

    /// {@return whether a stream sealed at this cost is opened within this limit}
    public boolean allows(Argon2Cost cost) {
        return allows(cost, workKib);
    }

    boolean allows(Argon2Cost cost, long workLeft) {
        return cost.memoryKib() <= memoryKib && workKib(cost) <= workLeft;
    }
}
