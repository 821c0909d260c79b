package dev.coffer.http.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The Huffman code of RFC 7541, appendix B. Stateless, thread-safe, 0 heap bytes.
///
/// The code is canonical: of two symbols with codes of one length the smaller symbol has the smaller code, and longer codes follow
/// the shorter ones. So its 257 lengths say all of it, and both tables are made from them.
///
/// Decoding goes four bits a step through an automaton whose states are the inner nodes of the code's tree: no code is shorter than
/// five bits, so a step ends one symbol at most.
public final class HuffmanCode {
    public static final int SYMBOLS = 257;         // octets, and EOS
    public static final int EOS = 256;
    public static final int START = 0;             // the state before the first bit: the root
    private static final int SHORTEST_BITS = 5;
    static final int LONGEST_BITS = 30;

    // An entry of the automaton: the next state, the symbol that ended, and these.
    public static final int STATE = 0xff;
    public static final int SYMBOL_SHIFT = 8;
    public static final int EMITS = 1 << 16;
    public static final int FAILS = 1 << 17;       // EOS stands in the string, which is an error (section 5.2)

    private static final byte[] BITS = {
            13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
            6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
            13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
            15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
            20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
            22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
            26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
            20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
            30};

    private static final int[] CODES = codes();
    private static final int[] STEPS;       // by state and four bits
    private static final long[] PADDING = new long[4];  // a bit for each state in which a string may end

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    static {
        int[][] tree = tree();
        STEPS = steps(tree);
        int state = START;
        PADDING[0] = 1;
        for (int bits = 1; bits < Byte.SIZE; bits++) {  // ones, fewer than eight: the beginning of EOS
            state = tree[state][1];
            PADDING[state >>> 6] |= 1L << state;
        }
    }

    private HuffmanCode() {}

    private static int[] codes() {
        int[] codes = new int[SYMBOLS];
        int code = 0;
        for (int bits = SHORTEST_BITS; bits <= LONGEST_BITS; bits++) {
            for (int symbol = 0; symbol < SYMBOLS; symbol++) {
                if (BITS[symbol] == bits) {
                    codes[symbol] = code++;
                }
            }
            code <<= 1;
        }
        return codes;
    }

    /// {@return the inner nodes, 256 of them: each with its two children, those below zero being the symbol's complement}
    private static int[][] tree() {
        int[][] nodes = new int[SYMBOLS - 1][2];
        int used = 1;
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            int node = START;
            for (int bit = BITS[symbol] - 1; bit > 0; bit--) {
                int side = CODES[symbol] >>> bit & 1;
                if (nodes[node][side] == 0) {
                    nodes[node][side] = used++;
                }
                node = nodes[node][side];
            }
            nodes[node][CODES[symbol] & 1] = ~symbol;
        }
        return nodes;
    }

    private static int[] steps(int[][] tree) {
        int[] steps = new int[tree.length << 4];
        for (int i = 0; i < steps.length; i++) {
            int node = i >>> 4;
            int flags = 0;
            for (int bit = 3; bit >= 0; bit--) {
                node = tree[node][i >>> bit & 1];
                if (node < 0) {
                    flags |= ~node == EOS ? FAILS : EMITS | ~node << SYMBOL_SHIFT;
                    node = START;
                }
            }
            steps[i] = node | flags;
        }
        return steps;
    }

    /// {@return where four more bits lead, an entry as above}
    public static int step(int state, int four) {
        return STEPS[state << 4 | four];
    }

    /// {@return whether a string may end in that state: what is left of its last octet is the beginning of EOS, less than an octet}
    public static boolean mayEnd(int state) {
        return (PADDING[state >>> 6] >>> state & 1) != 0;
    }

    /// {@return bytes of the coded text}
    public static int encodedBytes(MemorySegment segment, long at, int length) {
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits += BITS[segment.get(ValueLayout.JAVA_BYTE, at + i) & 0xff];
        }
        return (int) (bits + 7 >>> 3);
    }

    /// Writes the coded text.
    ///
    /// @param to  where; as many bytes as [#encodedBytes] says
    public static void encode(MemorySegment segment, long at, int length, MemorySegment output, long to) {
        long next = to;
        long word = 0;      // the bits that are not written yet, in the lower ones
        int bits = 0;       // 0..31 before each symbol
        for (int i = 0; i < length; i++) {
            int symbol = segment.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
            word = word << BITS[symbol] | CODES[symbol];
            bits += BITS[symbol];
            if (bits >= Integer.SIZE) {
                bits -= Integer.SIZE;
                output.set(WORD, next, (int) (word >>> bits));
                next += Integer.BYTES;
            }
        }
        if (bits > 0) {
            int fill = -bits & 7;
            word = word << fill | (1L << fill) - 1;
            for (bits += fill; bits > 0; next++) {
                bits -= Byte.SIZE;
                output.set(ValueLayout.JAVA_BYTE, next, (byte) (word >>> bits));
            }
        }
    }
}
