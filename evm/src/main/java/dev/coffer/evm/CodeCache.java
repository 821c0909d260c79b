package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Code with its jump destinations, analysed once (Yellow Paper, section 9.4.3), in one array of bounded size.
///
/// Known code is found by its hash. Code in use by a frame is pinned; when the array is full, what is not pinned goes
/// and the rest moves together, so that only code of running frames can fill it for good. Initcode has no hash and goes
/// first. Each code is followed by zeros, which are STOP, so that neither a PUSH nor the end needs a check.
final class CodeCache {
    /// Zero bytes behind each code: the operand of a PUSH32 at its end, and the STOP after it; then up to 64.
    private static final int PAD = 33;
    static final int FULL = -1;

    final byte[] bytes;
    final byte[] fused;              // as the loop executes it, place by place: the same but for what is Fused
    final MemorySegment segment;     // the same as bytes
    final long[] jumps;              // a bit for each byte that is a JUMPDEST
    private final int entriesMax;
    private final int[] at;          // by entry, ascending in the order array
    private final int[] lengths;
    private final int[] pins;
    private final boolean[] hashed;
    private final long[] hashes;
    private final int[] order;       // entries by place
    private final int[] free;        // entries not in use, from the end of those in use
    private final int[] dropped;     // working space of a compaction
    private final int[] table;       // hash to entry + 1; twice the entries
    private final WorldBuckets buckets = new WorldBuckets();  // a hash is to be had for some trials
    private int count;
    private int end;                 // bytes in use

    CodeCache(int bytesMax, int entriesMax) {
        this.bytes = new byte[(bytesMax + 63) & -64];
        this.fused = new byte[bytes.length];
        this.segment = MemorySegment.ofArray(bytes);
        this.jumps = new long[bytes.length >>> 6];
        this.entriesMax = entriesMax;
        this.at = new int[entriesMax];
        this.lengths = new int[entriesMax];
        this.pins = new int[entriesMax];
        this.hashed = new boolean[entriesMax];
        this.hashes = new long[Word.LONGS * entriesMax];
        this.order = new int[entriesMax];
        this.free = new int[entriesMax];
        this.dropped = new int[entriesMax];
        for (int i = 0; i < entriesMax; i++) {
            free[i] = entriesMax - 1 - i;
        }
        this.table = new int[places(entriesMax)];
    }

    private static int places(int entriesMax) {
        return Integer.highestOneBit(2 * entriesMax - 1) << 1;
    }

    /// {@return heap bytes of a cache's arrays}
    static long heapBytes(int bytesMax, int entriesMax) {
        long bytes = bytesMax + 63L & -64;
        return 2 * WorldStateConfig.heapBytes(bytes) + WorldStateConfig.heapBytes(bytes >>> 3) + 6 * WorldStateConfig.heapBytes(4L * entriesMax)
                + WorldStateConfig.heapBytes(entriesMax) + WorldStateConfig.heapBytes(8L * Word.LONGS * entriesMax)
                + WorldStateConfig.heapBytes(4L * places(entriesMax));
    }

    int at(int entry) {
        return at[entry];
    }

    int length(int entry) {
        return lengths[entry];
    }

    /// {@return the entry of a hash, pinned once more, or [#FULL] where it is not known}
    int find(long[] s, int hash) {
        for (int i = buckets.of(s, hash, 0, table.length); table[i] != 0; i = i + 1 & table.length - 1) {
            int entry = table[i] - 1;
            if (Word.equal(s, hash, hashes, Word.LONGS * entry)) {
                pins[entry]++;
                return entry;
            }
        }
        return FULL;
    }

    /// Makes room for code, pinned once. The caller writes the bytes at [#at], then calls [#analyse]. Other entries may
    /// have moved.
    ///
    /// Nobody finds it before [#keep].
    ///
    /// @return the entry, or [#FULL]
    int add(long length) {
        if (length > bytes.length - PAD) {
            return FULL;
        }
        int taken = ((int) length + PAD + 63) & -64;
        if (count == entriesMax || taken > bytes.length - end) {
            compact();
            if (count == entriesMax || taken > bytes.length - end) {
                return FULL;
            }
        }
        int entry = free[entriesMax - 1 - count];
        order[count++] = entry;
        at[entry] = end;
        lengths[entry] = (int) length;
        pins[entry] = 1;
        hashed[entry] = false;
        Arrays.fill(bytes, end + (int) length, end + taken, (byte) 0);
        Arrays.fill(fused, end + (int) length, end + taken, (byte) 0);
        end += taken;
        return entry;
    }

    /// Keeps an entry whose code is written and analysed, under its hash, for whoever looks for it.
    ///
    /// @param hash  index of the hash in `s`
    void keep(int entry, long[] s, int hash) {
        hashed[entry] = true;
        Word.copy(s, hash, hashes, Word.LONGS * entry);
        index(entry);
    }

    private void index(int entry) {
        int i = buckets.of(hashes, Word.LONGS * entry, 0, table.length);
        while (table[i] != 0) {
            i = i + 1 & table.length - 1;
        }
        table[i] = entry + 1;
    }

    /// Finds the jump destinations, JUMPDEST that is no operand of a PUSH; and what may be executed as one.
    void analyse(int entry) {
        int from = at[entry];
        int to = from + lengths[entry];
        Arrays.fill(jumps, from >>> 6, (to + PAD + 63) >>> 6, 0);
        System.arraycopy(bytes, from, fused, from, to - from);
        for (int pc = from; pc < to; pc++) {
            int opcode = bytes[pc];
            if (Fused.begins(opcode)) {
                fused[pc] = (byte) Fused.at(bytes, pc);
            }
            if (opcode >= Opcode.PUSH1) {  // 0x60..0x7f; what is above 0x7f is negative
                pc += opcode - Opcode.PUSH1 + 1;
            } else if (opcode == Opcode.JUMPDEST) {
                jumps[pc >>> 6] |= 1L << pc;
            }
        }
    }

    /// Unpins; initcode that no frame uses and that lies last gives its room back at once.
    void release(int entry) {
        assert pins[entry] > 0 : "entry " + entry;
        pins[entry]--;
        while (count > 0 && pins[order[count - 1]] == 0 && !hashed[order[count - 1]]) {
            count--;
            end = at[order[count]];
            free[entriesMax - 1 - count] = order[count];
        }
    }

    /// Unpins everything, after a run that ended in the middle.
    void releaseAll() {
        Arrays.fill(pins, 0);
    }

    private void compact() {
        int kept = 0;
        int to = 0;
        Arrays.fill(table, 0);
        int droppedCount = 0;
        for (int i = 0; i < count; i++) {
            int entry = order[i];
            int taken = (lengths[entry] + PAD + 63) & -64;
            if (pins[entry] == 0) {
                dropped[droppedCount++] = entry;
                continue;
            }
            System.arraycopy(bytes, at[entry], bytes, to, taken);
            System.arraycopy(fused, at[entry], fused, to, taken);
            System.arraycopy(jumps, at[entry] >>> 6, jumps, to >>> 6, taken >>> 6);
            at[entry] = to;
            to += taken;
            order[kept++] = entry;
            if (hashed[entry]) {
                index(entry);
            }
        }
        for (int i = 0; i < droppedCount; i++) {
            free[entriesMax - 1 - (kept + i)] = dropped[i];
        }
        count = kept;
        end = to;
    }
}
