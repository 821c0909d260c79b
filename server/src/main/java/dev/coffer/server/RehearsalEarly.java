package dev.coffer.server;

import dev.coffer.http.http3.Http3Client;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.EarlyTerms;
import dev.coffer.quic.QuicConnection;
import java.lang.foreign.MemorySegment;

/// What the client of a [RehearsalHttp3] keeps from one connection for the next, so that it can say something with its hello: the server's terms and the token for its address.
final class RehearsalEarly implements EarlyTerms {
    static final long BYTES = Align.up(TRANSPORT_BYTES + QuicConnection.TOKEN_BYTES_MAX, Align.CACHE_LINE_BYTES);

    private final Http3Client http;
    private final MemorySegment memory;   // the terms, and behind them the token
    private int tokenBytes;

    /// @param memory  of [#BYTES]
    RehearsalEarly(Http3Client http, MemorySegment memory) {
        this.http = http;
        this.memory = memory;
    }

    /// A connection begins: nothing is granted to it.
    void begin() {
        Wipe.bytes(memory, 0, TRANSPORT_BYTES);
    }

    /// Keeps a token that has come.
    void keep(QuicConnection quic) {
        int bytes = quic.takeToken(memory, TRANSPORT_BYTES);
        tokenBytes = bytes > 0 ? bytes : tokenBytes;
    }

    MemorySegment tokens() {
        return memory;
    }

    long tokenAt() {
        return TRANSPORT_BYTES;
    }

    int tokenBytes() {
        return tokenBytes;
    }

    @Override
    public int write(int connection, MemorySegment target, long at) {
        if (BigEndian.i64(memory, 0) == 0) {
            return 0;
        }
        MemorySegment.copy(memory, 0, target, at, TRANSPORT_BYTES);
        return TRANSPORT_BYTES + http.writeTerms(target, at + TRANSPORT_BYTES);
    }

    @Override
    public boolean areKnown(int connection) {
        return http.isSettled();
    }

    @Override
    public void granted(int connection, MemorySegment from, long at) {
        MemorySegment.copy(from, at, memory, 0, TRANSPORT_BYTES);
    }

    @Override
    public void resumed(int connection, MemorySegment from, long at, int length) {
        http.rememberTerms(from, at);
    }

    @Override
    public void refused(int connection) {
        http.forgetTerms();
    }
}
