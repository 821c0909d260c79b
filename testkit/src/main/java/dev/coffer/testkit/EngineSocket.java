package dev.coffer.testkit;

import dev.coffer.memory.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.util.function.BooleanSupplier;

/// An engine over a socket that waits, of either side: for a test that says what one peer of a connection does, step by step. One thread. Closes both.
public final class EngineSocket implements AutoCloseable {
    private static final int IO_BYTES = 1 << 15;  // a record, and more

    private final Engine<?> engine;
    private final Socket socket;
    private final MemorySegment io = Arena.ofAuto().allocate(IO_BYTES);
    private final ByteArrayOutputStream first = new ByteArrayOutputStream();
    private boolean heard;

    /// @param engine  reset
    public EngineSocket(Engine<?> engine, Socket socket) throws IOException {
        this.engine = engine;
        this.socket = socket;
        socket.setSoTimeout(Eventually.MILLIS);
    }

    /// {@return what has gone before anything was heard}
    public byte[] first() {
        return first.toByteArray();
    }

    /// Says all that there is to say.
    public void send() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (long wrote = 1; wrote > 0;) {
            wrote = engine.pollOutput(io, 0, IO_BYTES, System.nanoTime());
            all.writeBytes(io.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE));
        }
        if (!heard) {
            first.writeBytes(all.toByteArray());
        }
        socket.getOutputStream().write(all.toByteArray());
    }

    /// Goes on until something is so.
    ///
    /// @throws AssertionError  the connection has ended before
    public void until(BooleanSupplier state) throws IOException {
        send();
        byte[] bytes = new byte[8192];
        while (!state.getAsBoolean()) {
            int read = socket.getInputStream().read(bytes);
            if (read < 0) {
                throw new AssertionError("the connection has ended: " + engine);
            }
            heard = true;
            MemorySegment.copy(bytes, 0, io, ValueLayout.JAVA_BYTE, 0, read);
            long taken = engine.feed(io, 0, read, System.nanoTime());
            if (taken != read) {
                throw new AssertionError(read + " bytes came, " + taken + " were taken: " + engine);
            }
            send();
        }
    }

    @Override
    public void close() throws IOException {
        engine.close();
        socket.close();
    }
}
