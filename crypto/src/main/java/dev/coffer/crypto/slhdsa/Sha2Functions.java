package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.sha2.Compress32;
import dev.coffer.crypto.sha2.Compress64;
import dev.coffer.crypto.sha2.Sha256;
import dev.coffer.crypto.sha2.Sha512;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The functions of FIPS 205, section 11.2: SHA-256, and from category 3 on SHA-512 for H, T_l and messages. PK.seed fills a whole
/// block with zeros behind it, whose chaining value is kept; PRF, F and H are one compression from there.
final class Sha2Functions extends HashFunctions {
    private static final int BLOCK_32 = Compress32.BLOCK_BYTES;
    private static final int BLOCK_64 = Compress64.BLOCK_BYTES;
    private static final int LENGTH_32 = Long.BYTES;      // of the length in bits that ends a message (FIPS 180-4, section 5.1)
    private static final int LENGTH_64 = 2 * Long.BYTES;
    private static final int ADRS_C_BYTES = 22;           // the compressed address (section 11.2)
    private static final byte PADDING = (byte) 0x80;
    private static final Sha256 SHA_256 = new Sha256();
    private static final Sha512 SHA_512 = new Sha512(64);

    private final boolean large;  // categories 3 and 5
    private final Hash hash;
    private final Mac mac;

    Sha2Functions(Parameters p, SlhDsaLayout l) {
        super(p, l);
        this.large = n > 16;
        this.hash = large ? Hash.SHA_512 : Hash.SHA_256;
        this.mac = large ? Mac.HMAC_SHA_512 : Mac.HMAC_SHA_256;
    }

    @Override
    void begin(MemorySegment w, long at) {
        zero(w, at + l.block, BLOCK_64);
        copy(w, at + l.pkSeed, at + l.block);
        SHA_256.begin(w, at + l.seeded32);
        Compress32.blocks(w, at + l.seeded32, w, at + l.block, 1, w, at + l.schedule);
        SHA_512.begin(w, at + l.seeded64);
        Compress64.blocks(w, at + l.seeded64, w, at + l.block, 1, w, at + l.schedule);
    }

    @Override
    void prf(MemorySegment w, long at) {
        fill(w, at, at + l.secretAdrs, at + l.skSeed);
        one(w, at);
        Compress32.write(w, at + l.chain, w, at + l.value, n);
    }

    @Override
    void f(MemorySegment w, long at) {
        fill(w, at, at + l.adrs, at + l.value);
        one(w, at);
        Compress32.write(w, at + l.chain, w, at + l.value, n);
    }

    /// The block is filled once: from step to step the value in it changes, and the last word of the address.
    @Override
    void chain(MemorySegment w, long at, int start, int steps) {
        if (steps == 0) {
            return;
        }
        fill(w, at, at + l.adrs, at + l.value);
        long message = at + l.block + ADRS_C_BYTES;
        for (int j = start; j < start + steps; j++) {
            BigEndian.i32(w, message - Integer.BYTES, j);
            one(w, at);
            Compress32.write(w, at + l.chain, w, message, n);
        }
        copy(w, message, at + l.value);
    }

    /// A block of SHA-256 with an address and n bytes.
    void fill(MemorySegment w, long at, long adrs, long in) {
        long block = at + l.block;
        zero(w, block, BLOCK_32);
        compressed(w, adrs, block);
        copy(w, in, block + ADRS_C_BYTES);
        w.set(ValueLayout.JAVA_BYTE, block + ADRS_C_BYTES + n, PADDING);
        BigEndian.i64(w, block + BLOCK_32 - LENGTH_32, 8L * (BLOCK_32 + ADRS_C_BYTES + n));
    }

    private void one(MemorySegment w, long at) {
        seeded(w, at + l.seeded32, at + l.chain, Compress32.CHAIN_BYTES);
        Compress32.blocks(w, at + l.chain, w, at + l.block, 1, w, at + l.schedule);
    }

    private static void seeded(MemorySegment w, long from, long to, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            LittleEndian.i64(w, to + i, LittleEndian.i64(w, from + i));
        }
    }

    /// Layer, tree, type and the last three words of an address, each as short as it can be.
    private static void compressed(MemorySegment w, long adrs, long to) {
        w.set(ValueLayout.JAVA_BYTE, to, w.get(ValueLayout.JAVA_BYTE, adrs + Adrs.LAYER + 3));
        LittleEndian.i64(w, to + 1, LittleEndian.i64(w, adrs + Adrs.TREE + 4));
        w.set(ValueLayout.JAVA_BYTE, to + 9, w.get(ValueLayout.JAVA_BYTE, adrs + Adrs.TYPE + 3));
        LittleEndian.i64(w, to + 10, LittleEndian.i64(w, adrs + Adrs.KEY_PAIR));
        LittleEndian.i32(w, to + 18, LittleEndian.i32(w, adrs + Adrs.HASH));
    }

    @Override
    void h(MemorySegment w, long at, long left, long right, long out) {
        long block = at + l.block;
        int size = large ? BLOCK_64 : BLOCK_32;
        zero(w, block, size);
        compressed(w, at + l.adrs, block);
        copy(w, left, block + ADRS_C_BYTES);
        copy(w, right, block + ADRS_C_BYTES + n);
        w.set(ValueLayout.JAVA_BYTE, block + ADRS_C_BYTES + 2L * n, PADDING);
        BigEndian.i64(w, block + size - Long.BYTES, 8L * (size + ADRS_C_BYTES + 2L * n));
        compress(w, at, block, 1, out);
    }

    /// From the chaining value of PK.seed, with the hash of H and T_l.
    private void compress(MemorySegment w, long at, long from, long blocks, long out) {
        if (large) {
            seeded(w, at + l.seeded64, at + l.chain, Compress64.CHAIN_BYTES);
            Compress64.blocks(w, at + l.chain, w, from, blocks, w, at + l.schedule);
            Compress64.write(w, at + l.chain, w, out, n);
        } else {
            seeded(w, at + l.seeded32, at + l.chain, Compress32.CHAIN_BYTES);
            Compress32.blocks(w, at + l.chain, w, from, blocks, w, at + l.schedule);
            Compress32.write(w, at + l.chain, w, out, n);
        }
    }

    /// The address is put before the values, the padding behind them, and blocks are taken from there.
    @Override
    void t(MemorySegment w, long at, int count, long out) {
        int size = large ? BLOCK_64 : BLOCK_32;
        int shift = large ? 7 : 6;
        long from = at + l.values - ADRS_C_BYTES;
        long length = ADRS_C_BYTES + (long) count * n;
        compressed(w, at + l.adrs, from);
        long blocks = length + 1 + (large ? LENGTH_64 : LENGTH_32) + size - 1 >> shift;
        long end = from + (blocks << shift);
        w.set(ValueLayout.JAVA_BYTE, from + length, PADDING);
        for (long i = from + length + 1; i < end - Long.BYTES; i++) {
            w.set(ValueLayout.JAVA_BYTE, i, (byte) 0);
        }
        BigEndian.i64(w, end - Long.BYTES, 8 * (size + length));
        compress(w, at, from, blocks, out);
    }

    @Override
    void beginRandom(MemorySegment w, long at, MemorySegment skPrf, long skPrfAt) {
        mac.init(w, at + l.message, skPrf, skPrfAt, n);
        mac.update(w, at + l.message, w, at + l.random, n);
    }

    @Override
    void takeRandom(MemorySegment w, long at, MemorySegment message, long messageAt, long length) {
        mac.update(w, at + l.message, message, messageAt, length);
    }

    @Override
    void endRandom(MemorySegment w, long at) {
        mac.tag(w, at + l.message, w, at + l.values);
        copy(w, at + l.values, at + l.random);
    }

    @Override
    void beginDigest(MemorySegment w, long at) {
        hash.init(w, at + l.message);
        hash.update(w, at + l.message, w, at + l.random, n);
        hash.update(w, at + l.message, w, at + l.pkSeed, n);
        hash.update(w, at + l.message, w, at + l.pkRoot, n);
    }

    @Override
    void takeDigest(MemorySegment w, long at, MemorySegment message, long messageAt, long length) {
        hash.update(w, at + l.message, message, messageAt, length);
    }

    /// MGF1 (RFC 8017, appendix B.2.1) of R, PK.seed and the hash of all.
    @Override
    void endDigest(MemorySegment w, long at) {
        long seed = at + l.values;
        int seedBytes = 2 * n + hash.digestBytes();
        long mask = seed + seedBytes + Integer.BYTES;
        hash.digest(w, at + l.message, w, seed + 2L * n);
        copy(w, at + l.random, seed);
        copy(w, at + l.pkSeed, seed + n);
        int counter = 0;
        for (int done = 0; done < p.m(); done += hash.digestBytes()) {
            BigEndian.i32(w, seed + seedBytes, counter++);
            hash.hash(w, at + l.message, w, seed, seedBytes + Integer.BYTES, w, mask + done);
        }
        MemorySegment.copy(w, mask, w, at + l.digest, p.m());
    }
}
