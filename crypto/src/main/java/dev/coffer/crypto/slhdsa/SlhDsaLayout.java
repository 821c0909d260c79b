package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.Mac;
import dev.coffer.crypto.Prehash;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.crypto.sha2.Compress32;
import dev.coffer.crypto.sha2.Compress64;
import dev.coffer.memory.MemoryPlan;
import java.util.Arrays;

/// Where everything lies in a workspace of SLH-DSA: one for all operations of a parameter set. Immutable, thread-safe.
final class SlhDsaLayout {
    private static final int DIGEST_BYTES = 56;   // m is at most 49; numbers are read four bytes at a time
    private static final int FRONT_BYTES = 64;    // before the values: PK.seed and ADRS
    private static final int BACK_BYTES = 160;    // behind them: the padding of a block of 128 bytes, and its length
    private static final int PREFIX_BYTES = 16;   // two bytes before a context, or the identifier of a hash function
    private static final int CHAIN_BYTES = Compress64.CHAIN_BYTES;
    private static final int COUNTED_32_BYTES = Compress32.CHAIN_BYTES + Long.BYTES;
    private static final int COUNTED_64_BYTES = Compress64.CHAIN_BYTES + Long.BYTES;

    private final int n;
    private final int heights;
    private final int count;
    private final long engineBytes;
    private final long messageBytes;

    /// SK.seed.
    final long skSeed;
    /// PK.seed.
    final long pkSeed;
    /// PK.root.
    final long pkRoot;
    /// opt_rand, then R.
    final long random;
    /// What a tree signs: the public key of FORS, or the root of the tree below.
    final long root;
    /// A value on a chain, or a secret value of FORS.
    final long value;
    /// The node that a tree is climbed with.
    final long node;
    /// A node of a path.
    final long sibling;
    /// The address of hash functions.
    final long adrs;
    /// The address of secret values.
    final long secretAdrs;
    /// The digest of the message: md, the number of the tree, that of the leaf.
    final long digest;
    /// Left nodes that wait for their right ones.
    final long waiting;
    /// Ends of chains, or roots of FORS: what T_l hashes.
    final long values;
    /// SHAKE: the state of Keccak. SHA-2: the states after the block of PK.seed.
    final long engine;
    final long seeded32;
    final long seeded64;
    /// SHA-2: the chaining value, the block.
    final long chain;
    final long block;
    /// The state of a running hash of the message; SHA-2: afterwards the message schedule.
    final long message;
    final long schedule;
    /// What is put before it.
    final long prefix;
    /// Vector lanes, in the fast profile.
    final long lanes;
    private final long lanesBytes;
    /// Bytes of all.
    final long bytes;

    /// @param fast  whether chains are walked in vector lanes
    SlhDsaLayout(Parameters p, boolean fast) {
        this.n = p.n();
        this.heights = Math.max(p.a(), p.hPrime());
        this.count = Math.max(p.len(), p.k());
        this.skSeed = 0;
        this.pkSeed = skSeed + n;
        this.pkRoot = pkSeed + n;
        this.random = pkRoot + n;
        this.root = random + n;
        this.value = root + n;
        this.node = value + n;
        this.sibling = node + n;
        this.adrs = sibling + n;
        this.secretAdrs = adrs + Adrs.BYTES;
        this.digest = secretAdrs + Adrs.BYTES;
        this.waiting = digest + DIGEST_BYTES;
        this.values = waiting + (long) heights * n + FRONT_BYTES;
        this.engine = values + (long) count * n + BACK_BYTES;
        this.seeded32 = engine;
        this.seeded64 = seeded32 + COUNTED_32_BYTES;
        this.chain = seeded64 + COUNTED_64_BYTES;
        this.block = chain + CHAIN_BYTES;
        this.engineBytes = p.shake() ? Keccak.STATE_BYTES : block + Compress64.BLOCK_BYTES - engine;
        this.message = engine + engineBytes;
        this.schedule = message;
        this.messageBytes = p.shake() ? Xof.STATE_BYTES : Mac.HMAC_SHA_512.stateBytes();
        this.prefix = message + messageBytes;
        this.lanes = prefix + PREFIX_BYTES;
        this.lanesBytes = !fast ? 0 : p.shake() ? ShakeLanes.BYTES : Sha2Lanes.BYTES;
        this.bytes = lanes + lanesBytes;
        assert p.shake() || Compress64.SCHEDULE_BYTES <= messageBytes;
        assert Prehash.IDENTIFIER_BYTES <= PREFIX_BYTES && p.m() + Integer.BYTES <= DIGEST_BYTES;
    }

    /// {@return the same as a plan: a row for each name, in this order}
    MemoryPlan plan(String name) {
        MemoryPlan[] rows = {MemoryPlan.block("strings", n, 8, "seeds, root, R, nodes"),
                MemoryPlan.block("addresses", Adrs.BYTES, 2, "ADRS"), MemoryPlan.block("digest", DIGEST_BYTES, 1, "of the message"),
                MemoryPlan.block("waiting", n, heights, "left nodes"),
                MemoryPlan.block("values", (long) count * n + FRONT_BYTES + BACK_BYTES, 1, "ends of chains, roots of FORS"),
                MemoryPlan.block("engine", engineBytes, 1, "state of the hash function"),
                MemoryPlan.block("message", messageBytes + PREFIX_BYTES, 1, "hash of the message"),
                MemoryPlan.block("lanes", lanesBytes, 1, "chains side by side")};
        return MemoryPlan.group(name, lanesBytes == 0 ? Arrays.copyOf(rows, rows.length - 1) : rows);
    }
}
