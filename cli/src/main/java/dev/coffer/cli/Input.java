package dev.coffer.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A file or stream that a command reads, opened by [CommandFiles]. Its size is never asked for: pipes, devices and the
/// files of `/proc` say 0, and others may change; it is read to its end.
class Input implements AutoCloseable {
    private static final long PAUSE_MILLIS = 1;

    private final String name;
    private final Path path;  // null for standard input
    private final FileChannel channel;
    private final FileIdentity identity;
    private final long start;

    Input(String name, Path path, FileChannel channel, FileIdentity identity) {
        this.name = name;
        this.path = path;
        this.channel = channel;
        this.identity = identity;
        this.start = identity.isRegular() ? position(channel) : 0;
    }

    private long position(FileChannel of) {
        try {
            return of.position();
        } catch (IOException e) {
            throw Failure.of(ExitCode.MISSING, name, e);
        }
    }

    /// {@return how messages name it}
    String name() {
        return name.equals(Standard.NAME) ? "standard input" : name;
    }

    FileIdentity identity() {
        return identity;
    }

    boolean isStandard() {
        return path == null;
    }

    /// {@return bytes that the file seems to have, -1 where it does not say: for a bar of progress and nothing else}
    long bytesGuessed() {
        try {
            return identity.isRegular() ? Math.max(channel.size() - start, 0) : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    /// Reads until the buffer is full or the stream ends.
    ///
    /// @param buffer  direct, so that no copy is left behind
    /// @return bytes read; fewer than there was room for means that the stream has ended
    int fill(ByteBuffer buffer) {
        int before = buffer.position();
        try {
            while (buffer.hasRemaining()) {
                int read = channel.read(buffer);
                if (read < 0) {
                    break;
                }
                if (read == 0) {  // a descriptor that does not wait
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.MISSING, name() + ": " + Failure.reason(e), e);
        } catch (InterruptedException e) {
            throw new Failure(ExitCode.FAILED, name() + ": interrupted", e);
        }
        return buffer.position() - before;
    }

    /// {@return the rest as a stream; closing it closes this}
    InputStream stream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                try {
                    int read;
                    while ((read = channel.read(ByteBuffer.wrap(bytes, from, length))) == 0 && length > 0) {
                        Thread.sleep(PAUSE_MILLIS);
                    }
                    return read;
                } catch (InterruptedException e) {
                    throw new InterruptedIOException(e.getMessage());
                }
            }

            @Override
            public void close() {
                Input.this.close();
            }
        };
    }

    /// {@return whether it can be read twice}
    boolean isRewindable() {
        return identity.isRegular();
    }

    /// Goes back to where the first reading began.
    void rewind() {
        try {
            channel.position(start);
        } catch (IOException e) {
            throw Failure.of(ExitCode.MISSING, name(), e);
        }
    }

    /// {@return whether its name still leads to the file that was opened}
    boolean isStillNamed() {
        try {
            return path == null || !identity.isRegular() || FileIdentity.of(path).isSame(identity);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        if (path == null) {
            return;  // standard input is not ours to close
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw Failure.of(ExitCode.MISSING, name(), e);
        }
    }
}
