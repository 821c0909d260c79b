package dev.coffer.client;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Tokens that servers gave for another time (RFC 9000, section 8.1.3), the newest of each host and port: who shows one is spared the Retry, and a server takes something
/// early of it. To the server at another port of the host it is not shown: that may be others'. Each is shown once, so that who sees two connections cannot tell by them that they are one client's. When all rows are in use the one that was filled before the others makes
/// room. On the client's thread; 0 heap bytes.
final class ServerTokens {
    private static final class Row {
        @Nullable
        String host;    // null for a free row
        int port;       // of the server's end of the path
        int bytes;
        long filled;    // ordinal
    }

    private final Row[] rows;
    private final MemorySegment memory;  // a token a row, and one that has just come
    private long filled;

    /// @param memory  [#plan]
    ServerTokens(int hosts, MemorySegment memory) {
        this.rows = new Row[hosts];
        this.memory = memory;
        for (int i = 0; i < hosts; i++) {
            rows[i] = new Row();
        }
    }

    static MemoryPlan plan(String name, int hosts) {
        return MemoryPlan.block(name, QuicConnection.TOKEN_BYTES_MAX, hosts + 1L, "that servers gave, one a server")
                .withHeap(HeapLayout.array(Row.class, hosts) + hosts * HeapLayout.instance(Row.class) + HeapLayout.instance(ServerTokens.class));
    }

    private static long at(int row) {
        return (long) row * QuicConnection.TOKEN_BYTES_MAX;
    }

    /// {@return a server's row, below 0 where it has none}
    private int row(String host, int port) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].port == port && host.equals(rows[i].host)) {
                return i;
            }
        }
        return -1;
    }

    /// Keeps the token that a server has given on a connection, if it has.
    ///
    /// @param port  that the connection was begun to
    void keep(String host, int port, QuicConnection from) {
        int bytes = from.takeToken(memory, at(rows.length));
        if (bytes == 0) {
            return;
        }
        int row = row(host, port);
        if (row < 0) {
            row = 0;
            for (int i = 1; i < rows.length; i++) {
                row = rows[row].host != null && (rows[i].host == null || rows[i].filled < rows[row].filled) ? i : row;
            }
        }
        forget(row);
        MemorySegment.copy(memory, at(rows.length), memory, at(row), bytes);
        Wipe.bytes(memory, at(rows.length), bytes);
        rows[row].host = host;
        rows[row].port = port;
        rows[row].bytes = bytes;
        rows[row].filled = ++filled;
    }

    /// Begins a connection with the server's token, where there is one, which is gone then.
    ///
    /// @return as of [QuicConnection#connect]
    boolean connect(QuicConnection with, String host, MemorySegment path, long pathAt, long now) {
        int row = row(host, NetworkPath.remotePort(path, pathAt));
        boolean begun = with.connect(host, Version.V1, path, pathAt, memory, row < 0 ? 0 : at(row), row < 0 ? 0 : rows[row].bytes, now);
        if (begun && row >= 0) {
            forget(row);
        }
        return begun;
    }

    private void forget(int row) {
        Wipe.bytes(memory, at(row), rows[row].bytes);
        rows[row].host = null;
        rows[row].bytes = 0;
    }

    @Override
    public String toString() {
        int used = 0;
        for (Row row : rows) {
            used += row.host == null ? 0 : 1;
        }
        return "ServerTokens[" + used + " of " + rows.length + "]";
    }
}
