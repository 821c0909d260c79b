package dev.coffer.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
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
        return output(encoded(new StandardText(standard.output(), true), "stdout.encoding"), standard.output().isTerminal());
    }

    /// The same, with another's end.
    static PrintWriter output(Writer to, boolean terminal) {
        return terminal ? new ForTerminal(new SpelledText(to)) : new PrintWriter(to, false);
    }

    /// {@return a writer that has nobody to complain to}
    static PrintWriter error(Standard standard) {
        return new PrintWriter(new SpelledText(encoded(new StandardText(standard.error(), false), "stderr.encoding")), true);
    }

    /// {@return a stream of the same, for what the JDK writes there}
    static PrintStream errorStream(Standard standard) {
        PrintWriter to = error(standard);
        return new PrintStream(OutputStream.nullOutputStream(), true) {
            @Override
            public void write(byte[] bytes, int from, int length) {
                to.print(new String(bytes, from, length, charset()));  // a handler of logs writes lines at a time
                to.flush();
            }

            @Override
            public void write(int b) {
                write(new byte[] {(byte) b}, 0, 1);
            }
        };
    }

    /// Prints our own help, whose colours are no commands of somebody else's.
    static void passing(PrintWriter out, boolean all) {
        if (out instanceof ForTerminal terminal) {
            terminal.flush();
            terminal.text.pass(all);
        }
    }

    private static final class ForTerminal extends PrintWriter {
        private final SpelledText text;

        ForTerminal(SpelledText text) {
            super(text, false);
            this.text = text;
        }
    }

    private static Writer encoded(StandardText stream, String encoding) {
        String name = System.getProperty(encoding);
        Charset charset = name != null && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
        return new OutputStreamWriter(stream, charset);
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
