package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Xof;
import dev.coffer.memory.MemoryPlan;

/// Where everything lies in a workspace of Falcon: one layout for signing, one for making keys, one for verifying. Immutable, thread-safe.
final class FalconLayout {
    private static final int SEED_BYTES = 48;

    private final int n;
    private final int basisPolynomials;
    private final int pointPolynomials;
    private final long numbersBytes;
    private final long samplerBytes;

    /// f, g, F and G: n signed numbers of 8 bits each.
    final long basis;
    /// The hashed message, or h: n numbers of 16 bits.
    final long point;
    /// s2: n signed numbers of 16 bits.
    final long s2;
    /// Polynomials of doubles, or of whatever else an operation needs.
    final long numbers;
    /// The generator of the sampler.
    final long sampler;
    /// SHAKE256: of the message, then of the seed.
    final long hash;
    /// A block of it.
    final long block;
    /// r.
    final long salt;
    /// Of the sampler.
    final long seed;
    /// Bytes of all.
    final long bytes;

    private FalconLayout(int n, int basisPolynomials, int pointPolynomials, long numbersBytes, long samplerBytes) {
        this.n = n;
        this.basisPolynomials = basisPolynomials;
        this.pointPolynomials = pointPolynomials;
        this.numbersBytes = numbersBytes;
        this.samplerBytes = samplerBytes;
        this.basis = 0;
        this.point = basis + (long) basisPolynomials * n;
        this.s2 = point + 2L * n;
        this.numbers = point + (long) pointPolynomials * 2 * n;
        this.sampler = numbers + numbersBytes;
        this.hash = sampler + samplerBytes;
        this.block = hash + Xof.STATE_BYTES;
        this.salt = block + HashToPoint.BLOCK_BYTES;
        this.seed = salt + Parameters.SALT_BYTES;
        this.bytes = seed + SEED_BYTES;
    }

    /// Nine polynomials of doubles: a matrix of three, a target of two, and what the recursion holds, four.
    static FalconLayout signing(int n) {
        return new FalconLayout(n, 4, 2, 9L * n * Double.BYTES, Generator.BYTES);
    }

    /// 28 bytes a coefficient for the equation of NTRU.
    static FalconLayout generating(int n) {
        return new FalconLayout(n, 4, 1, 28L * n, 0);
    }

    /// h as it multiplies.
    static FalconLayout verifying(int n) {
        return new FalconLayout(n, 0, 2, 2L * n, 0);
    }

    long basis(int polynomial) {
        return basis + (long) polynomial * n;
    }

    /// {@return the same as a plan: a row for each name, in this order}
    MemoryPlan plan(String name) {
        MemoryPlan hashing = MemoryPlan.block("hash", bytes - hash, 1, "SHAKE256, a block of it, salt, seed");
        MemoryPlan points = MemoryPlan.block("points", 2L * n, pointPolynomials, pointPolynomials == 1 ? "h" : "hashed message, s2");
        MemoryPlan room = MemoryPlan.block("numbers", numbersBytes, 1, "polynomials of doubles, large integers, h");
        return basisPolynomials == 0 ? MemoryPlan.group(name, points, room, hashing)
                : samplerBytes == 0 ? MemoryPlan.group(name, MemoryPlan.block("basis", n, basisPolynomials, "f, g, F, G"), points, room, hashing)
                        : MemoryPlan.group(name, MemoryPlan.block("basis", n, basisPolynomials, "f, g, F, G"), points, room,
                                MemoryPlan.block("sampler", samplerBytes, 1, "ChaCha20 and what it gave"), hashing);
    }
}
