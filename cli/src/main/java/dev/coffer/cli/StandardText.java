package dev.coffer.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;

/// Standard output or standard error for text, whose failures are not swallowed as a `PrintStream` does: a full disk must
/// not look like success, and nobody computes for a reader that is gone.
final class StandardText extends OutputStream {
    private final Standard.Descriptor descriptor;
    private final boolean strict;
    private boolean muted;

    private StandardText(Standard.Descriptor descriptor, boolean strict) {
        this.descriptor = descriptor;
        this.strict = strict;
    }

    /// {@return a writer that throws [BrokenPipe] or [Failure] from every method that reaches the descriptor}
    static PrintWriter output(Standard standard) {
        return writer(new StandardText(standard.output(), true), "stdout.encoding");
    }

    /// {@return a writer that has nobody to complain to}
    static PrintWriter error(Standard standard) {
        return writer(new StandardText(standard.error(), false), "stderr.encoding");
    }

    private static PrintWriter writer(StandardText stream, String encoding) {
        String name = System.getProperty(encoding);
        Charset charset = name != null && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
        return new PrintWriter(new OutputStreamWriter(stream, charset), !stream.strict);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        if (muted || length == 0) {
            return;
        }
        try {
            if (descriptor.identity() == null) {
                throw new IOException("is closed");
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
            while (buffer.hasRemaining()) {
                if (descriptor.channel().write(buffer) == 0) {
                    Thread.sleep(1);  // a descriptor that does not wait
                }
            }
        } catch (IOException e) {
            muted = true;  // what is left in buffers is not tried again
            if (strict) {
                throw BrokenPipe.is(e) ? new BrokenPipe() : Failure.of(ExitCode.FAILED, "standard output", e);
            }
        } catch (InterruptedException e) {
            muted = true;
            Thread.currentThread().interrupt();
        }
    }
}
