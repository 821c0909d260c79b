package dev.coffer.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/// Text for a terminal: whatever could command it is spelled out, whoever's bytes it came from, as names of files, subjects of certificates,
/// fields of answers and words of servers do. Line ends and tabs pass; the colours of our own help do while it is printed.
///
/// Every line of standard error goes through here, a terminal or none, as it may be shown on one later; those of standard output where it is one.
final class SpelledText extends FilterWriter {
    private boolean passing;

    SpelledText(Writer out) {
        super(out);
    }

    /// Lets everything pass, of which none is somebody else's, or no longer.
    void pass(boolean all) {
        synchronized (lock) {
            passing = all;
        }
    }

    @Override
    public void write(int c) throws IOException {
        write(String.valueOf((char) c), 0, 1);
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
        write(new String(text, from, length), 0, length);
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
        synchronized (lock) {
            int plain = from;
            for (int i = from; i < from + length && !passing; i++) {
                char c = text.charAt(i);
                if (c != '\n' && c != '\t' && Failure.isControl(c)) {
                    out.write(text, plain, i - plain);
                    out.write(Failure.printable(String.valueOf(c)));
                    plain = i + 1;
                }
            }
            out.write(text, plain, from + length - plain);
        }
    }
}
