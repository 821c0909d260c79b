package dev.coffer.client;

import dev.coffer.client.Client.Count;
import dev.coffer.server.drive.Tally;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What a client has done since it started. Written by its thread alone, without fences; read by any thread, exact when the client is
/// quiet.
final class ClientStatistics implements Tally {
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int COUNT = Count.values().length;

    private final long[] counts = new long[COUNT];

    void add(Count what) {
        COUNTS.setOpaque(counts, what.ordinal(), counts[what.ordinal()] + 1);
    }

    long of(Count what) {
        return (long) COUNTS.getOpaque(counts, what.ordinal());
    }

    @Override
    public void accepted() {
        // a client accepts nobody
    }

    @Override
    public void turnedAway() {
        // nor turns away
    }

    @Override
    public void acceptPaused() {
        // nor pauses
    }

    @Override
    public void starved() {
        // a connection is used only where a protocol is at hand
    }

    @Override
    public void refused() {
        // counted as broken
    }

    @Override
    public void broken() {
        add(Count.BROKEN);
    }
}
