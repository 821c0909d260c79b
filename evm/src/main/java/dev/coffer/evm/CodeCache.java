package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Code that is ready to run, in one array of bounded size, and what is known of where its instructions begin (decision 0105).
///
/// ```
///   a row without end:   ... gone | code | code | code | to be written        the array holds its last part, round and round
///                                 ^ tail               ^ head
/// ```
///
/// Code is written behind the code before, over the oldest. Nothing is held for a frame: whose code is gone when it goes on writes it anew. So each entry of a frame and each return to one copies its code once at the most.
/// Known code has an entry, found by its hash, which outlives its bytes, and with it marks: for each 128 bytes the first instruction. A jump looks from the mark on, until jumps have looked
/// at twice as many bytes as the code has; then all of it is analysed at once, its jump destinations (Yellow Paper, section 9.4.3) and what is [Fused]. Code that is hardly used is never analysed. Where all entries are in use,
/// any of them goes, drawn so that nobody can know which. Each code is followed by zeros, which are STOP, so that neither a PUSH nor the end needs a check.
final class CodeCache {
    static final int FULL = -1;
    /// Bytes of a mark's part, of code that is not longer than what is deployed since EIP-170; longer code has longer parts.
    static final int PART_BITS_MIN = 7;
    /// Marks of each code: 24,576 / 128.
    static final int MARKS = 192;
    /// What looking for one destination counts at the least, in bytes looked at.
    static final int LOOK_BYTES = 32;

    /// What being entered once more counts.
    static final int ENTRY_BYTES = 1024;

    /// Zero bytes behind each code: the operand of a PUSH32 at its end, and the STOP after it; then up to 64.
    private static final int PAD = 33;
    private static final int NONE = -1;

    final byte[] bytes;
    final byte[] fused;              // as the loop executes what is analysed, place by place: the same but for what is Fused
    final MemorySegment segment;     // the same as bytes
    final long[] jumps;              // a bit for each byte that is a JUMPDEST, of what is analysed; of other code, for those that jumps led to
    private final int entriesMax;
    private final long[] places;     // by entry: where its bytes lie in the row
    private final int[] at;          // the same in the array
    private final int[] lengths;
    private final int[] looked;      // bytes that jumps looked at since they were written
    private final boolean[] analysed;
    private final boolean[] hashed;
    private final long[] hashes;
    private final int[] marked;      // parts whose mark is known, from the first on
    private final byte[] marks;      // by part: its first instruction, from the part's start
    private final int[] table;       // hash to entry + 1; twice the entries
    private final WorldBuckets buckets = new WorldBuckets();  // a hash is to be had for some trials
    private int count;               // entries that have been used
    private int spare = NONE;        // an entry that nobody needs
    private long random = drawn();
    private long head;               // the row's end
    private int headAt;
    private long tail;
    private int roomLength;          // of the code that is being written
    private long roomPlace;
    private int roomAt;
    private int patience = 2;        // times as many bytes as a code has, that jumps look at before it is analysed
    private long examined;           // bytes that were looked at one by one, ever

    CodeCache(int bytesMax, int entriesMax) {
        this.bytes = new byte[(bytesMax + 63) & -64];
        this.fused = new byte[bytes.length];
        this.segment = MemorySegment.ofArray(bytes);
        this.jumps = new long[bytes.length >>> 6];
        this.entriesMax = entriesMax;
        this.places = new long[entriesMax];
        this.at = new int[entriesMax];
        this.lengths = new int[entriesMax];
        this.looked = new int[entriesMax];
        this.analysed = new boolean[entriesMax];
        this.hashed = new boolean[entriesMax];
        this.hashes = new long[Word.LONGS * entriesMax];
        this.marked = new int[entriesMax];
        this.marks = new byte[MARKS * entriesMax];
        this.table = new int[tableLength(entriesMax)];
    }

    private static int tableLength(int entriesMax) {
        return Integer.highestOneBit(2 * entriesMax - 1) << 1;
    }

    private static long drawn() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment drawn = arena.allocate(Long.BYTES, Long.BYTES);
            Entropy.SYSTEM.fill(drawn, 0, Long.BYTES);
            return drawn.get(ValueLayout.JAVA_LONG, 0) | 1;
        }
    }

    /// {@return heap bytes of a cache's arrays}
    static long heapBytes(int bytesMax, int entriesMax) {
        long bytes = bytesMax + 63L & -64;
        return 2 * WorldStateConfig.heapBytes(bytes) + WorldStateConfig.heapBytes(bytes >>> 3) + 4 * WorldStateConfig.heapBytes(4L * entriesMax)
                + 2 * WorldStateConfig.heapBytes(entriesMax) + WorldStateConfig.heapBytes(8L * entriesMax)
                + WorldStateConfig.heapBytes(8L * Word.LONGS * entriesMax)
                + WorldStateConfig.heapBytes((long) MARKS * entriesMax) + WorldStateConfig.heapBytes(4L * tableLength(entriesMax));
    }

    // --- by entry ---------------------------------------------------------------------------------------------------

    /// {@return where its bytes lie in [#bytes], while [#holds] says that they do}
    int at(int entry) {
        return at[entry];
    }

    /// {@return where they lie in the row: no two codes ever have the same place, while one of them is held}
    long place(int entry) {
        return places[entry];
    }

    int length(int entry) {
        return lengths[entry];
    }

    boolean isAnalysed(int entry) {
        return analysed[entry];
    }

    /// {@return whether its bytes are there}
    boolean holds(int entry) {
        return places[entry] >= tail;
    }

    /// {@return whether the bytes of a frame's code are where the frame found them, and the entry is still that code's}
    boolean holds(int entry, long place) {
        return places[entry] == place && place >= tail;
    }

    /// {@return bytes of code that were looked at one by one since the cache was made}
    long examined() {
        return examined;
    }

    // --- writing code -----------------------------------------------------------------------------------------------

    /// {@return the entry of a hash, or [#FULL] where it is not known}
    int find(long[] s, int hash) {
        for (int i = buckets.of(s, hash, 0, table.length); table[i] != 0; i = i + 1 & table.length - 1) {
            int entry = table[i] - 1;
            if (Word.equal(s, hash, hashes, Word.LONGS * entry)) {
                return entry;
            }
        }
        return FULL;
    }

    /// Makes room for code, over the oldest. The caller writes the bytes there, then calls [#named] or [#unnamed]; where it does not come to that, nobody finds them.
    ///
    /// @return where in [#bytes], or [#FULL] for code that is longer than all of it
    int room(long length) {
        if (length > bytes.length - PAD) {
            return FULL;
        }
        int taken = taken((int) length);
        if (taken > bytes.length - headAt) {
            head += bytes.length - headAt;       // what is left at the end holds no whole code
            headAt = 0;
        }
        roomLength = (int) length;
        roomPlace = head;
        roomAt = headAt;
        head += taken;
        headAt += taken;
        tail = Math.max(tail, head - bytes.length);
        Arrays.fill(bytes, roomAt + roomLength, headAt, (byte) 0);
        Arrays.fill(jumps, roomAt >>> 6, headAt >>> 6, 0);
        return roomAt;
    }

    private static int taken(int length) {
        return length + PAD + 63 & -64;
    }

    /// Keeps the code just written for whoever looks for its hash.
    ///
    /// @param known  what [#find] said
    /// @param hash   index of the hash in `s`
    /// @return its entry
    int named(int known, long[] s, int hash) {
        int entry = known == FULL ? vacant() : known;
        if (known == FULL) {
            Word.copy(s, hash, hashes, Word.LONGS * entry);
            hashed[entry] = true;
            int i = bucket(entry);
            while (table[i] != 0) {
                i = i + 1 & table.length - 1;
            }
            table[i] = entry + 1;
        } else if (lengths[entry] != roomLength) {
            marked[entry] = 0;                   // a host whose hashes are none
        }
        settle(entry);
        return entry;
    }

    /// {@return an entry for the code just written, initcode, which nobody looks for}
    int unnamed() {
        int entry = vacant();
        settle(entry);
        return entry;
    }

    private void settle(int entry) {
        places[entry] = roomPlace;
        at[entry] = roomAt;
        lengths[entry] = roomLength;
        looked[entry] = 0;
        analysed[entry] = false;
        if (patience == 0) {
            analyse(entry);
        }
    }

    /// Says when code is analysed: once jumps have looked at so many times its bytes; 0 for at once.
    void patience(int times) {
        patience = times;
    }

    private int vacant() {
        int entry = spare;
        if (entry != NONE) {
            spare = NONE;
        } else if (count < entriesMax) {
            entry = count++;
        } else {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            entry = (int) ((random >>> Integer.SIZE) * entriesMax >>> Integer.SIZE);
            if (hashed[entry]) {
                forget(entry);
            }
        }
        hashed[entry] = false;
        marked[entry] = 0;
        return entry;
    }

    private int bucket(int entry) {
        return buckets.of(hashes, Word.LONGS * entry, 0, table.length);
    }

    /// Takes an entry out of the table; what stands behind it moves up.
    private void forget(int entry) {
        int mask = table.length - 1;
        int gap = bucket(entry);
        while (table[gap] != entry + 1) {
            gap = gap + 1 & mask;
        }
        for (int i = gap + 1 & mask; table[i] != 0; i = i + 1 & mask) {
            if ((i - bucket(table[i] - 1) & mask) >= (i - gap & mask)) {
                table[gap] = table[i];
                gap = i;
            }
        }
        table[gap] = 0;
    }

    /// A frame has ended: initcode gives its entry back, and its room where it lies last.
    void release(int entry, long place) {
        if (hashed[entry] || places[entry] != place) {
            return;
        }
        spare = entry;
        places[entry] = NONE;
        if (place + taken(lengths[entry]) == head) {
            head = place;
            headAt = at[entry];
        }
    }

    // --- where instructions begin -----------------------------------------------------------------------------------

    /// Looks whether a JUMPDEST stands at an offset of code that is not analysed, and no operand of a PUSH, and sets its bit; may analyse the code at last.
    boolean leads(int entry, int to) {
        int from = at[entry];
        if (bytes[from + to] != Opcode.JUMPDEST) {
            return false;
        }
        int bits = partBits(lengths[entry]);
        int part = to >>> bits;
        int first = MARKS * entry;
        for (int i = marked[entry]; i <= part; i++) {
            int begin = i << bits;
            marks[first + i] = (byte) (i == 0 ? 0 : next(from, (i - 1 << bits) + marks[first + i - 1], begin) - begin);
            marked[entry] = i + 1;
        }
        int mark = (part << bits) + marks[first + part];
        boolean leads = next(from, mark, to) == to;
        if (leads) {
            jumps[from + to >>> 6] |= 1L << from + to;
        }
        looks(entry, LOOK_BYTES + Math.max(to - mark, 0));
        return leads;
    }

    /// Counts that code which is held is entered once more; may analyse it at last.
    void enters(int entry) {
        if (!analysed[entry]) {
            looks(entry, ENTRY_BYTES);
        }
    }

    private void looks(int entry, int count) {
        looked[entry] += count;
        if (looked[entry] >= (long) patience * lengths[entry]) {
            analyse(entry);
        }
    }

    private static int partBits(int length) {
        int bits = PART_BITS_MIN;
        while (length - 1 >>> bits >= MARKS) {
            bits++;
        }
        return bits;
    }

    /// {@return the first instruction at `until` or behind it}
    ///
    /// @param from  where the code lies
    /// @param pc    an instruction of it
    private int next(int from, int pc, int until) {
        int i = from + pc;
        int end = from + until;
        while (i < end) {
            int opcode = bytes[i];
            i += opcode >= Opcode.PUSH1 ? opcode - Opcode.PUSH1 + 2 : 1;   // 0x60..0x7f; what is above 0x7f is negative
        }
        examined += Math.max(until - pc, 0);
        return i - from;
    }

    /// Finds all jump destinations, JUMPDEST that is no operand of a PUSH; and what may be executed as one.
    private void analyse(int entry) {
        int from = at[entry];
        int to = from + lengths[entry];
        System.arraycopy(bytes, from, fused, from, taken(lengths[entry]));
        for (int pc = from; pc < to; pc++) {
            int opcode = bytes[pc];
            fused[pc] = (byte) Fused.at(bytes, pc);
            if (opcode >= Opcode.PUSH1) {
                pc += opcode - Opcode.PUSH1 + 1;
            } else if (opcode == Opcode.JUMPDEST) {
                jumps[pc >>> 6] |= 1L << pc;
            }
        }
        analysed[entry] = true;
        examined += lengths[entry];
    }
}
