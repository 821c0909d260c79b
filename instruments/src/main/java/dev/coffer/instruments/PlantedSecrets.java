package dev.coffer.instruments;

/// Secrets that a child plants and its parent looks for: each byte is computed on its own from a seed, so a process
/// that builds one byte by byte holds no other copy of it, not even a part as long as a word.
///
/// Not random to anyone who knows the seed; for experiments only. Immutable, thread-safe; 0 heap bytes per byte.
///
/// @param seed   any number; two runs with different seeds share no secret
/// @param count  number of secrets
public record PlantedSecrets(long seed, int count) {
    /// Bytes of one secret, as of a key of 256 bits.
    public static final int BYTES = 32;

    /// {@return byte `at` of secret `index`}
    ///
    /// @param index  0 or more; a control may lie past `count`
    /// @param at     0..31
    public byte at(int index, int at) {
        // SplitMix64's mixing of a counter (Steele, Lea, Flood 2014); only 8 of its 64 bits ever leave a register.
        long z = seed + (index * (long) BYTES + at + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return (byte) ((z ^ (z >>> 31)) >>> 56);
    }

    /// {@return secret `index` as an array; for the process that searches, never for the one that is searched}
    public byte[] bytes(int index) {
        byte[] secret = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            secret[i] = at(index, i);
        }
        return secret;
    }
}
