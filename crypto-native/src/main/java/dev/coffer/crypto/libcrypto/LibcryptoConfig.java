package dev.coffer.crypto.libcrypto;

/// How much the library may take, and how many keys it holds expanded. The two sizes are set by the first opening of a process.
///
/// @param startBytes  of the library's own memory for what it makes at its start, tables and names: 512 KiB..1 GiB, not locked. Default 512 KiB: version
///                    3.0 takes 215 KB of them, 3.5 takes 305
/// @param keyBytes    of its own memory for all that it makes later, contexts with their keys: 16 KiB..1 GiB, locked. Default 128 KiB: a context
///                    takes 1.3 KB at most, and a call on a curve 4 KiB while it lasts. Spent, an opening is refused, and our own code answers for the
///                    curves; keys of ciphers that are open need no more
/// @param contexts    expanded keys at a time, of each of six algorithms: 1..1,024. Default 8. A key that comes again while its context holds another's
///                    is expanded again, 0.13 us
/// @param rsaKeys     RSA keys at a time, each of 4,096 bits at most: 0..64. Default 0. Each adds 16 KiB to the memory of `keyBytes`
/// @param rsaCalls    signatures by them at a time: 1..64 where there are keys; the next one waits for the end of one. Default 1. Each adds 48 KiB to that
///                    memory
public record LibcryptoConfig(long startBytes, long keyBytes, int contexts, int rsaKeys, int rsaCalls) {
    private static final int RSA_MAX = 64;
    private static final long BYTES_MAX = 1 << 30;

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public LibcryptoConfig {
        range("startBytes", startBytes, 512 << 10, BYTES_MAX);
        range("keyBytes", keyBytes, 16 << 10, BYTES_MAX);
        range("contexts", contexts, 1, 1024);
        range("rsaKeys", rsaKeys, 0, RSA_MAX);
        range("rsaCalls", rsaCalls, 1, RSA_MAX);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }

    /// {@return the defaults above}
    public static LibcryptoConfig defaults() {
        return new LibcryptoConfig(512 << 10, 128 << 10, 8, 0, 1);
    }

    /// {@return this with so much memory for the library's start}
    public LibcryptoConfig withStartBytes(long newStartBytes) {
        return new LibcryptoConfig(newStartBytes, keyBytes, contexts, rsaKeys, rsaCalls);
    }

    /// {@return this with so much memory for contexts}
    public LibcryptoConfig withKeyBytes(long newKeyBytes) {
        return new LibcryptoConfig(startBytes, newKeyBytes, contexts, rsaKeys, rsaCalls);
    }

    /// {@return this with so many expanded keys of each algorithm}
    public LibcryptoConfig withContexts(int newContexts) {
        return new LibcryptoConfig(startBytes, keyBytes, newContexts, rsaKeys, rsaCalls);
    }

    /// {@return this with so many RSA keys, and signatures by them at a time}
    public LibcryptoConfig withRsa(int newRsaKeys, int newRsaCalls) {
        return new LibcryptoConfig(startBytes, keyBytes, contexts, newRsaKeys, newRsaCalls);
    }
}
