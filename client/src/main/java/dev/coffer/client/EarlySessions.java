package dev.coffer.client;

import dev.coffer.http.http3.Http3Client;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.EarlyTerms;
import java.lang.foreign.MemorySegment;

/// What servers have granted to the connections of HTTP/3, to be remembered with their sessions: limits of the transport, which lie here until a ticket comes, and HTTP/3's settings, which
/// the engines have. On the client's thread; 0 heap bytes.
final class EarlySessions implements EarlyTerms {
    private final Http3Connection[] all;
    private final MemorySegment memory;

    /// @param memory  [#plan]
    EarlySessions(Http3Connection[] all, MemorySegment memory) {
        this.all = all;
        this.memory = memory;
    }

    static MemoryPlan plan(String name, int connections) {
        return MemoryPlan.block(name, TRANSPORT_BYTES, connections, "what a server grants");
    }

    private static long at(int connection) {
        return (long) connection * TRANSPORT_BYTES;
    }

    private Http3Client http3(int connection) {
        return all[connection].http3();
    }

    /// A connection begins: nothing is granted to it.
    void begin(int connection) {
        Wipe.bytes(memory, at(connection), TRANSPORT_BYTES);
    }

    @Override
    public int write(int connection, MemorySegment target, long at) {
        if (BigEndian.i64(memory, at(connection)) == 0) {
            return 0;
        }
        MemorySegment.copy(memory, at(connection), target, at, TRANSPORT_BYTES);
        return TRANSPORT_BYTES + http3(connection).writeTerms(target, at + TRANSPORT_BYTES);
    }

    @Override
    public boolean areKnown(int connection) {
        return http3(connection).isSettled();
    }

    @Override
    public void granted(int connection, MemorySegment from, long at) {
        MemorySegment.copy(from, at, memory, at(connection), TRANSPORT_BYTES);
    }

    @Override
    public void resumed(int connection, MemorySegment from, long at, int length) {
        http3(connection).rememberTerms(from, at);
    }

    @Override
    public void refused(int connection) {
        http3(connection).forgetTerms();
    }
}
