package dev.coffer.http.websocket;

import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Makes Sec-WebSocket-Accept of a key (RFC 6455, section 4.2.2): the base64 of the SHA-1 of the key and a fixed text. It shows that the server has
/// read the handshake and keeps nothing secret, so that SHA-1 (FIPS 180-4, section 6.1), which is broken for everything else, is what the
/// standard still wants here: it lives here, for these 60 bytes, and not among the hashes that somebody could choose.
///
/// One thread at a time; 0 heap bytes after construction.
final class AcceptKey {
    /// Bytes of a key, the base64 of 16.
    static final int KEY_BYTES = 24;
    /// Bytes of the answer, the base64 of 20.
    static final int BYTES = 28;

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int BLOCK_WORDS = 16;
    private static final int ROUNDS = 80;

    private final int[] schedule = new int[ROUNDS];
    private final int[] message = new int[2 * BLOCK_WORDS];
    private final int[] digest = new int[5];

    static long heapBytes() {
        return HeapLayout.instance(AcceptKey.class) + HeapLayout.array(int.class, ROUNDS) + HeapLayout.array(int.class, 2 * BLOCK_WORDS)
                + HeapLayout.array(int.class, 5);
    }

    /// {@return whether these bytes are the base64 of 16 octets}
    static boolean isKey(MemorySegment memory, long at, int length) {
        boolean good = length == KEY_BYTES;
        for (int i = 0; good && i < KEY_BYTES; i++) {
            int c = memory.get(ValueLayout.JAVA_BYTE, at + i);
            good = i >= KEY_BYTES - 2 ? c == '='
                    : c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/';
        }
        return good;
    }

    /// Writes the answer to a key.
    ///
    /// @param target  room for [#BYTES] at `to`
    void write(MemorySegment memory, long at, MemorySegment target, long to) {
        java.util.Arrays.fill(message, 0);
        int length = KEY_BYTES + GUID.length();
        for (int i = 0; i < length; i++) {
            put(i, i < KEY_BYTES ? memory.get(ValueLayout.JAVA_BYTE, at + i) : GUID.charAt(i - KEY_BYTES));
        }
        put(length, 0x80);
        message[message.length - 1] = length * Byte.SIZE;
        digest[0] = 0x67452301;
        digest[1] = 0xefcdab89;
        digest[2] = 0x98badcfe;
        digest[3] = 0x10325476;
        digest[4] = 0xc3d2e1f0;
        block(0);
        block(BLOCK_WORDS);
        base64(target, to);
    }

    private void put(int index, int octet) {
        message[index >> 2] |= octet << Integer.SIZE - Byte.SIZE - (index & 3) * Byte.SIZE;
    }

    private void block(int from) {
        for (int t = 0; t < ROUNDS; t++) {
            schedule[t] = t < BLOCK_WORDS ? message[from + t]
                    : Integer.rotateLeft(schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16], 1);
        }
        int a = digest[0];
        int b = digest[1];
        int c = digest[2];
        int d = digest[3];
        int e = digest[4];
        for (int t = 0; t < ROUNDS; t++) {
            int f = t < 20 ? (b & c ^ ~b & d) + 0x5a827999 : t < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                    : t < 60 ? (b & c ^ b & d ^ c & d) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
            int next = Integer.rotateLeft(a, 5) + f + e + schedule[t];
            e = d;
            d = c;
            c = Integer.rotateLeft(b, 30);
            b = a;
            a = next;
        }
        digest[0] += a;
        digest[1] += b;
        digest[2] += c;
        digest[3] += d;
        digest[4] += e;
    }

    private void base64(MemorySegment target, long to) {
        for (int i = 0; i < BYTES - 1; i++) {
            int bit = i * 6;
            int bits = 0;
            for (int j = 0; j < 6; j++) {
                int from = bit + j;
                bits = bits << 1 | (from >> 5 < digest.length ? digest[from >> 5] >>> Integer.SIZE - 1 - (from & 31) & 1 : 0);
            }
            target.set(ValueLayout.JAVA_BYTE, to + i, (byte) DIGITS.charAt(bits));
        }
        target.set(ValueLayout.JAVA_BYTE, to + BYTES - 1, (byte) '=');
    }
}
