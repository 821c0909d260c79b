package dev.coffer.crypto.argon2;

import dev.coffer.crypto.blake2.Blake2b;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Argon2id, version 0x13 (RFC 9106): a key of a passphrase, over the caller's memory.
///
/// ```java
/// Argon2Cost cost = Argon2Cost.SECOND_RECOMMENDED;                   // 64 MiB, three passes
/// MemorySegment memory = region.carve("argon2id");                   // at least cost.memoryBytes(); cost.plan() names its parts
/// Argon2id.derive(cost, passphrase, 0, length, salt, 0, 16, key, 0, 32, memory, 0);
/// ```
///
/// Stateless, thread-safe; the memory is for one call at a time, off the heap, and zero afterwards, whatever happens. Lock it where
/// its size permits: it holds what the passphrase can be searched from. 0 heap bytes. Lanes are worked on one after the other in the
/// caller's thread: no thread is made, and p lanes take as long as one lane of the same memory.
///
/// Which block is read next does not depend on the passphrase in the first half of the first pass; from there on it does, as the RFC
/// has it (section 3.4.1.3): who watches caches or pages of this machine from then on learns something that makes guesses cheaper, and
/// no more. Nothing else here branches, indexes or divides by a secret.
public final class Argon2id {
    /// Bytes of a block (section 3.2).
    public static final int BLOCK_BYTES = 1024;
    /// Bytes of the shortest tag (section 3.1).
    public static final int TAG_BYTES_MIN = 4;
    /// Bytes of the shortest salt that is taken: fewer repeat among a few million; the RFC recommends 16.
    public static final int SALT_BYTES_MIN = 8;
    /// Slices of a lane, which are synchronization points (section 3.2).
    static final int SLICES = 4;

    private static final int VERSION = 0x13;
    private static final int TYPE = 2;  // Argon2id
    private static final int H0_BYTES = 64;
    private static final int SEED_BYTES = H0_BYTES + 2 * Integer.BYTES;
    private static final int ADDRESSES = BLOCK_BYTES / Long.BYTES;
    private static final int HALF_DIGEST = Blake2b.DIGEST_BYTES_MAX / 2;
    private static final long MAX_U32 = 0xffff_ffffL;
    private static final String NAME = "Argon2id";

    // Behind the blocks: what is permuted, zeros, the input and the output of addresses, H0 and what follows it, a hash and its digest.
    private static final long MIXED = 0;
    private static final long ZEROS = MIXED + BLOCK_BYTES;
    private static final long INPUT = ZEROS + BLOCK_BYTES;
    private static final long ADDRESS = INPUT + BLOCK_BYTES;
    private static final long SEED = ADDRESS + BLOCK_BYTES;
    private static final long HASH = SEED + SEED_BYTES;
    private static final long DIGEST = HASH + Blake2b.STATE_BYTES;
    /// Bytes beside the blocks, filled up to a cache line.
    static final long WORK_BYTES = (DIGEST + Blake2b.DIGEST_BYTES_MAX + 63) & -64;

    private Argon2id() {}

    static MemoryPlan plan(Argon2Cost cost) {
        return MemoryPlan.group(NAME, MemoryPlan.block("blocks", BLOCK_BYTES, cost.blocks(), "four slices in each lane"),
                MemoryPlan.block("mixed", BLOCK_BYTES), MemoryPlan.block("zeros", BLOCK_BYTES),
                MemoryPlan.block("input", BLOCK_BYTES, 1, "of the addresses that no secret decides"),
                MemoryPlan.block("addresses", BLOCK_BYTES, 1, "128 of them"),
                MemoryPlan.block("seed", SEED_BYTES, 1, "H0, and which block"),
                MemoryPlan.block("hash", WORK_BYTES - HASH, 1, "a state of BLAKE2b and a digest"));
    }

    /// Derives without a secret and associated data.
    ///
    /// @see #derive(Argon2Cost, MemorySegment, long, long, MemorySegment, long, long, MemorySegment, long, long, MemorySegment, long,
    ///      long, MemorySegment, long, long, MemorySegment, long)
    public static void derive(Argon2Cost cost, MemorySegment password, long passwordAt, long passwordLength, MemorySegment salt,
            long saltAt, long saltLength, MemorySegment tag, long tagAt, long tagLength, MemorySegment memory, long at) {
        derive(cost, password, passwordAt, passwordLength, salt, saltAt, saltLength, salt, saltAt, 0, salt, saltAt, 0, tag, tagAt,
                tagLength, memory, at);
    }

    /// Derives a tag (section 3.2).
    ///
    /// @param password        `P`, off the heap; of any length below 2^32, 0 too
    /// @param salt            `S`, [#SALT_BYTES_MIN] bytes or more
    /// @param secret          `K`, off the heap where it has a byte: a key that is not stored with the salt; of length 0 for none
    /// @param associated      `X`, of length 0 for none
    /// @param tag             room off the heap for `tagLength` bytes, [#TAG_BYTES_MIN] to 2^31 - 1
    /// @param memory          [Argon2Cost#memoryBytes] from `at`, off the heap; zero afterwards
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a length out of its range, memory that overlaps the rest, or a secret, the memory or the tag
    ///                                    on the heap (caller's fault); nothing is written
    public static void derive(Argon2Cost cost, MemorySegment password, long passwordAt, long passwordLength, MemorySegment salt,
            long saltAt, long saltLength, MemorySegment secret, long secretAt, long secretLength, MemorySegment associated,
            long associatedAt, long associatedLength, MemorySegment tag, long tagAt, long tagLength, MemorySegment memory, long at) {
        long bytes = cost.memoryBytes();
        Ranges.checkWorkspace(NAME, memory, at, bytes);
        Ranges.checkWorkspace(NAME, tag, tagAt, tagLength);
        Ranges.apart(NAME, tag, tagAt, tagLength, memory, at, bytes);
        checkLength("tag", tagLength, TAG_BYTES_MIN, Integer.MAX_VALUE);
        checkInput("salt", salt, saltAt, saltLength, memory, at, bytes);
        checkLength("salt", saltLength, SALT_BYTES_MIN, MAX_U32);
        checkInput("associated data", associated, associatedAt, associatedLength, memory, at, bytes);
        Ranges.checkSecret(NAME, password, passwordAt, passwordLength);
        checkInput("password", password, passwordAt, passwordLength, memory, at, bytes);
        if (secretLength > 0) {
            Ranges.checkSecret(NAME, secret, secretAt, secretLength);
        }
        checkInput("secret", secret, secretAt, secretLength, memory, at, bytes);
        long work = at + bytes - WORK_BYTES;
        try {
            begin(cost, tagLength, memory, work);
            prefixed(memory, work, password, passwordAt, passwordLength);
            prefixed(memory, work, salt, saltAt, saltLength);
            prefixed(memory, work, secret, secretAt, secretLength);
            prefixed(memory, work, associated, associatedAt, associatedLength);
            Blake2b.end(memory, work + HASH, memory, work + SEED, H0_BYTES);
            fill(cost, memory, at, work);
            end(cost, memory, at, work);
            lengthened(memory, work, memory, work + MIXED, BLOCK_BYTES, tag, tagAt, (int) tagLength);
        } finally {
            Wipe.bytes(memory, at, bytes);
        }
    }

    private static void checkInput(String what, MemorySegment input, long inputAt, long length, MemorySegment memory, long at,
            long bytes) {
        Ranges.check(NAME, input, inputAt, length);
        Ranges.apart(NAME, input, inputAt, length, memory, at, bytes);
        checkLength(what, length, 0, MAX_U32);
    }

    private static void checkLength(String what, long length, long least, long most) {
        if (length < least || length > most) {
            throw new IllegalArgumentException(NAME + " " + what + ": " + length + " bytes (expected " + least + " to " + most
                    + ", RFC 9106 section 3.1)");
        }
    }

    /// The six numbers that H0 begins with.
    private static void begin(Argon2Cost cost, long tagLength, MemorySegment memory, long work) {
        Blake2b.begin(memory, work + HASH, H0_BYTES);
        number(memory, work, cost.lanes());
        number(memory, work, tagLength);
        number(memory, work, cost.memoryKib());
        number(memory, work, cost.passes());
        number(memory, work, VERSION);
        number(memory, work, TYPE);
    }

    private static void number(MemorySegment memory, long work, long value) {
        LittleEndian.u32(memory, work + DIGEST, value);
        Blake2b.take(memory, work + HASH, memory, work + DIGEST, Integer.BYTES);
    }

    private static void prefixed(MemorySegment memory, long work, MemorySegment input, long inputAt, long length) {
        number(memory, work, length);
        Blake2b.take(memory, work + HASH, input, inputAt, length);
    }

    /// H' (section 3.3): BLAKE2b up to 64 bytes; beyond, halves of a chain of digests, and the last one whole.
    private static void lengthened(MemorySegment memory, long work, MemorySegment input, long inputAt, int inputLength,
            MemorySegment output, long outputAt, int length) {
        int digest = Math.min(length, Blake2b.DIGEST_BYTES_MAX);
        Blake2b.begin(memory, work + HASH, digest);
        number(memory, work, length);
        Blake2b.take(memory, work + HASH, input, inputAt, inputLength);
        Blake2b.end(memory, work + HASH, memory, work + DIGEST, digest);
        long to = outputAt;
        int left = length;
        while (left > Blake2b.DIGEST_BYTES_MAX) {
            MemorySegment.copy(memory, work + DIGEST, output, to, HALF_DIGEST);
            to += HALF_DIGEST;
            left -= HALF_DIGEST;
            digest = Math.min(left, Blake2b.DIGEST_BYTES_MAX);
            Blake2b.begin(memory, work + HASH, digest);
            Blake2b.take(memory, work + HASH, memory, work + DIGEST, Blake2b.DIGEST_BYTES_MAX);
            Blake2b.end(memory, work + HASH, memory, work + DIGEST, digest);
        }
        MemorySegment.copy(memory, work + DIGEST, output, to, left);
    }

    /// The first two blocks of each lane, then slice by slice.
    private static void fill(Argon2Cost cost, MemorySegment memory, long at, long work) {
        long laneBytes = (long) cost.laneBlocks() * BLOCK_BYTES;
        for (int lane = 0; lane < cost.lanes(); lane++) {
            for (int column = 0; column < 2; column++) {
                LittleEndian.i32(memory, work + SEED + H0_BYTES, column);
                LittleEndian.i32(memory, work + SEED + H0_BYTES + Integer.BYTES, lane);
                lengthened(memory, work, memory, work + SEED, SEED_BYTES, memory, at + lane * laneBytes + column * BLOCK_BYTES,
                        BLOCK_BYTES);
            }
        }
        Wipe.bytes(memory, work + ZEROS, BLOCK_BYTES);
        long inverse = Long.divideUnsigned(-1, cost.lanes());
        for (int pass = 0; pass < cost.passes(); pass++) {
            for (int slice = 0; slice < SLICES; slice++) {
                for (int lane = 0; lane < cost.lanes(); lane++) {
                    fillSegment(cost, pass, slice, lane, inverse, memory, at, work);
                }
            }
        }
    }

    /// A lane's part of a slice. Its lane's blocks up to the one before, and the finished slices of others, may be read.
    private static void fillSegment(Argon2Cost cost, int pass, int slice, int lane, long inverse, MemorySegment memory, long at,
            long work) {
        boolean independent = pass == 0 && slice < SLICES / 2;
        int laneBlocks = cost.laneBlocks();
        int segmentBlocks = cost.segmentBlocks();
        long laneAt = at + (long) lane * laneBlocks * BLOCK_BYTES;
        if (independent) {
            beginAddresses(cost, pass, slice, lane, memory, work);
        }
        int first = pass == 0 && slice == 0 ? 2 : 0;
        if (independent && first > 0) {
            nextAddresses(memory, work);
        }
        for (int i = first; i < segmentBlocks; i++) {
            int column = slice * segmentBlocks + i;
            long current = laneAt + (long) column * BLOCK_BYTES;
            long previous = column == 0 ? laneAt + (long) (laneBlocks - 1) * BLOCK_BYTES : current - BLOCK_BYTES;
            if (independent && (i & ADDRESSES - 1) == 0) {
                nextAddresses(memory, work);
            }
            long random = LittleEndian.i64(memory, independent ? work + ADDRESS + (long) (i & ADDRESSES - 1) * Long.BYTES : previous);
            long other = pass == 0 && slice == 0 ? lane : remainder(random >>> 32, cost.lanes(), inverse);
            long column2 = reference(random & MAX_U32, pass, slice, i, segmentBlocks, laneBlocks, other == lane);
            long referenced = at + (other * laneBlocks + column2) * BLOCK_BYTES;
            Argon2Block.compress(memory, previous, referenced, current, pass > 0, memory, work + MIXED);
        }
    }

    /// {@return `value % lanes` without a division, whose time would depend on a secret}
    ///
    /// @param value    below 2^32
    /// @param inverse  (2^64 - 1) / lanes, so the quotient is right or one too small
    static long remainder(long value, int lanes, long inverse) {
        long rest = value - Math.unsignedMultiplyHigh(inverse, value) * lanes;
        return rest - (lanes & ~(rest - lanes >> 63));
    }

    /// {@return the column that is read (sections 3.4.1.1 and 3.4.2): near ones more often}
    private static long reference(long random, int pass, int slice, int i, int segmentBlocks, int laneBlocks, boolean sameLane) {
        long finished = pass == 0 ? (long) slice * segmentBlocks : (long) laneBlocks - segmentBlocks;
        // In the own lane all but the block before; in another finished slices, without the newest where this is the first of one.
        long area = sameLane ? finished + i - 1 : finished - (i == 0 ? 1 : 0);
        long x = random * random >>> 32;
        long position = area - 1 - (area * x >>> 32);
        long start = pass == 0 || slice == SLICES - 1 ? 0 : (slice + 1L) * segmentBlocks;
        long column = start + position;
        return column - (laneBlocks & ~(column - laneBlocks >> 63));
    }

    /// Section 3.4.1.2: what the addresses of a segment are made of.
    private static void beginAddresses(Argon2Cost cost, int pass, int slice, int lane, MemorySegment memory, long work) {
        Wipe.bytes(memory, work + INPUT, BLOCK_BYTES);
        LittleEndian.i64(memory, work + INPUT, pass);
        LittleEndian.i64(memory, work + INPUT + 8, lane);
        LittleEndian.i64(memory, work + INPUT + 16, slice);
        LittleEndian.i64(memory, work + INPUT + 24, cost.blocks());
        LittleEndian.i64(memory, work + INPUT + 32, cost.passes());
        LittleEndian.i64(memory, work + INPUT + 40, TYPE);
    }

    private static void nextAddresses(MemorySegment memory, long work) {
        LittleEndian.i64(memory, work + INPUT + 48, LittleEndian.i64(memory, work + INPUT + 48) + 1);
        Argon2Block.compress(memory, work + ZEROS, work + INPUT, work + ADDRESS, false, memory, work + MIXED);
        Argon2Block.compress(memory, work + ZEROS, work + ADDRESS, work + ADDRESS, false, memory, work + MIXED);
    }

    /// The last blocks of all lanes, added without carry.
    private static void end(Argon2Cost cost, MemorySegment memory, long at, long work) {
        Wipe.bytes(memory, work + MIXED, BLOCK_BYTES);
        long laneBytes = (long) cost.laneBlocks() * BLOCK_BYTES;
        for (int lane = 0; lane < cost.lanes(); lane++) {
            Argon2Block.add(memory, at + (lane + 1) * laneBytes - BLOCK_BYTES, memory, work + MIXED);
        }
    }
}
