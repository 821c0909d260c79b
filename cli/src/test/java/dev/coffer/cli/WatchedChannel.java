package dev.coffer.cli;

import dev.coffer.testkit.WriteOnlyChannel;
import java.nio.ByteBuffer;

/// A standard stream that takes all, and looks around before each byte that goes out.
final class WatchedChannel extends WriteOnlyChannel {
    private final Runnable look;

    WatchedChannel(Runnable look) {
        this.look = look;
    }

    @Override
    public int write(ByteBuffer source) {
        look.run();
        int count = source.remaining();
        source.position(source.limit());
        return count;
    }
}
