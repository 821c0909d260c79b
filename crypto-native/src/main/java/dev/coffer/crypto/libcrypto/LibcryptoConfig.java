package dev.coffer.crypto.libcrypto;

/// How much the library may take, and how many keys it holds expanded.
///
/// @param heapBytes  of the library's own memory, all of it: 512 KiB..1 GiB. Default 512 KiB: version 3.0 takes 220 KB for itself, 3.5 takes 310, and a
///                   context 0.9. Spent, an opening is refused; what is open needs no more. Set by the first opening of a process
/// @param contexts   expanded keys at a time, of each algorithm: 1..1,024. Default 8. A key that comes again while its context holds another's
///                   is expanded again, 0.13 us; a context takes some 2.3 KiB in all
public record LibcryptoConfig(long heapBytes, int contexts) {
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public LibcryptoConfig {
        if (heapBytes < 1 << 19 || heapBytes > 1 << 30) {
            throw new IllegalArgumentException("heapBytes: " + heapBytes + " (expected 524288..1073741824)");
        }
        if (contexts < 1 || contexts > 1024) {
            throw new IllegalArgumentException("contexts: " + contexts + " (expected 1..1024)");
        }
    }

    /// {@return the defaults above}
    public static LibcryptoConfig defaults() {
        return new LibcryptoConfig(512 << 10, 8);
    }

    /// {@return this with so much memory for the library}
    public LibcryptoConfig withHeapBytes(long newHeapBytes) {
        return new LibcryptoConfig(newHeapBytes, contexts);
    }

    /// {@return this with so many expanded keys of each algorithm}
    public LibcryptoConfig withContexts(int newContexts) {
        return new LibcryptoConfig(heapBytes, newContexts);
    }
}
