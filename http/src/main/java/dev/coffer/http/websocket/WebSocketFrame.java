package dev.coffer.http.websocket;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A frame's head and its mask (RFC 6455, sections 5.2 and 5.3). Stateless, thread-safe; 0 heap bytes.
///
/// ```
///   0               1               2             2, 4 or 10     6, 8 or 14
///   | FIN RSV opcode | MASK length   | longer length | masking key | payload
/// ```
public final class WebSocketFrame {
    /// Bytes of the longest head.
    public static final int HEAD_BYTES_MAX = 14;
    /// Bytes of payload of a control frame, at most (section 5.5).
    public static final int CONTROL_BYTES_MAX = 125;

    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xa;

    /// In the first octet: the last frame of a message.
    public static final int FIN = 0x80;
    /// In the first octet: the bits of extensions, of which none is agreed on.
    static final int RESERVED = 0x70;
    static final int OPCODE = 0xf;
    /// In the second octet.
    static final int MASKED = 0x80;
    static final int LENGTH = 0x7f;
    static final int LENGTH_16 = 126;
    static final int LENGTH_64 = 127;
    static final int KEY_BYTES = 4;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);

    private WebSocketFrame() {}

    /// {@return whether frames of that kind stand between those of a message}
    static boolean isControl(int opcode) {
        return opcode >= CLOSE;
    }

    /// Writes the head of a frame that is a whole message, or a control frame, unmasked as a server sends it.
    ///
    /// @param output  room for 10 bytes at `at`
    /// @param length  of the payload, 0 or more
    /// @return bytes: 2, 4 or 10
    public static int head(MemorySegment output, long at, int opcode, long length) {
        output.set(ValueLayout.JAVA_BYTE, at, (byte) (FIN | opcode));
        if (length < LENGTH_16) {
            output.set(ValueLayout.JAVA_BYTE, at + 1, (byte) length);
            return 2;
        }
        if (length < 1 << Short.SIZE) {
            output.set(ValueLayout.JAVA_BYTE, at + 1, (byte) LENGTH_16);
            BigEndian.u16(output, at + 2, (int) length);
            return 2 + Short.BYTES;
        }
        output.set(ValueLayout.JAVA_BYTE, at + 1, (byte) LENGTH_64);
        BigEndian.i64(output, at + 2, length);
        return 2 + Long.BYTES;
    }

    /// Masks payload, or takes its mask off: the same (section 5.3).
    ///
    /// @param key    the four octets, the first in the lowest bits
    /// @param phase  octets of the payload that were masked before, modulo 4
    public static void mask(MemorySegment payload, long at, long length, int key, int phase) {
        int turned = Integer.rotateRight(key, phase * Byte.SIZE);
        long word = turned & 0xffff_ffffL | (long) turned << Integer.SIZE;
        long next = at;
        long end = at + length;
        for (; end - next >= Long.BYTES; next += Long.BYTES) {
            payload.set(WORD, next, payload.get(WORD, next) ^ word);
        }
        for (int i = 0; next < end; next++, i++) {
            payload.set(ValueLayout.JAVA_BYTE, next, (byte) (payload.get(ValueLayout.JAVA_BYTE, next) ^ turned >>> (i & 3) * Byte.SIZE));
        }
    }
}
