package dev.coffer.cli;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;

/// The lines of an input, one at a time, in constant memory: a line longer than any list of files has is cut, and cannot be
/// read as one.
final class ByteLines {
    /// A name of PATH_MAX bytes, each escaped, with a digest of 64 bytes and what stands around.
    static final int LINE_BYTES_MAX = 1 << 14;

    private final Input in;
    private final Charset charset;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16).limit(0);
    private final byte[] line = new byte[LINE_BYTES_MAX];

    ByteLines(Input in, Charset charset) {
        this.in = in;
        this.charset = charset;
    }

    /// {@return the next line without its end (`\n`, `\r\n`), or null after the last}
    String next() {
        int length = 0;
        while (true) {
            if (!buffer.hasRemaining()) {
                in.fill(buffer.clear());
                buffer.flip();
                if (!buffer.hasRemaining()) {
                    return length == 0 ? null : text(length);
                }
            }
            byte b = buffer.get();
            if (b == '\n') {
                return text(length);
            }
            if (length < line.length) {
                line[length++] = b;
            }
        }
    }

    private String text(int length) {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        return new String(line, 0, end, charset);
    }
}
