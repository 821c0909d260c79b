package dev.coffer.http.http3;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// A server's settings as a client knows them (RFC 9114, section 7.2.4): those that it has heard, and those that it remembers of the connection that gave its session, on which
/// requests count that go with the hello (section 7.2.4.2). A server that has taken such requests must not say less then. One a client; one thread at a time; 0 heap bytes.
final class ServerSettings {
    /// QPACK's table and blocked streams, the largest field section (below zero as a long: no limit), whether CONNECT is extended: i64 each.
    static final int BYTES = 4 * Long.BYTES;
    private static final long NO_LIMIT = -1;

    private long tableBytes;
    private long blockedStreams;
    private long sectionBytesMax = NO_LIMIT;
    private long extendedConnect;
    private long tableBytesBefore;
    private long blockedStreamsBefore;
    private long sectionBytesMaxBefore = NO_LIMIT;
    private long extendedConnectBefore;
    private boolean remembered;

    void reset() {
        tableBytes = 0;
        blockedStreams = 0;
        sectionBytesMax = NO_LIMIT;
        extendedConnect = 0;
        forget();
    }

    /// {@return the largest field section of before; more than any where that had no limit}
    long sectionBytesMaxBefore() {
        return sectionBytesMaxBefore == NO_LIMIT ? Long.MAX_VALUE : sectionBytesMaxBefore;
    }

    /// Early requests were not taken: the server is free to say what it will.
    void forget() {
        tableBytesBefore = 0;
        blockedStreamsBefore = 0;
        sectionBytesMaxBefore = NO_LIMIT;
        extendedConnectBefore = 0;
        remembered = false;
    }

    /// One of them has come.
    void heard(long name, long value) {
        if (name == Frame.QPACK_MAX_TABLE_CAPACITY) {
            tableBytes = value;
        } else if (name == Frame.QPACK_BLOCKED_STREAMS) {
            blockedStreams = value;
        } else if (name == Frame.MAX_FIELD_SECTION_SIZE) {
            sectionBytesMax = value;
        } else if (name == Frame.ENABLE_CONNECT_PROTOCOL) {
            extendedConnect = value;
        }
    }

    /// All of them have come.
    ///
    /// @return NO_ERROR, or what a server's fault is that says less than was counted on, or leaves it out: a table has to be the same where there was one (RFC 9204, section 3.2.3)
    ErrorCode settled() {
        if (!remembered) {
            return ErrorCode.H3_NO_ERROR;
        }
        if (tableBytesBefore != 0 && tableBytes != tableBytesBefore) {
            return ErrorCode.QPACK_DECODER_STREAM_ERROR;
        }
        return blockedStreams < blockedStreamsBefore || Long.compareUnsigned(sectionBytesMax, sectionBytesMaxBefore) < 0 || isLimitLeftOut()
                || extendedConnect < extendedConnectBefore ? ErrorCode.H3_SETTINGS_ERROR : ErrorCode.H3_NO_ERROR;
    }

    /// {@return whether there was a limit of the field section, of which nothing was said now: that is more, and a fault all the same (RFC 9114, section 7.2.4.2)}
    private boolean isLimitLeftOut() {
        return sectionBytesMaxBefore != NO_LIMIT && sectionBytesMax == NO_LIMIT;
    }

    int write(MemorySegment target, long at) {
        return write(target, at, tableBytes, blockedStreams, sectionBytesMax, extendedConnect);
    }

    static int write(MemorySegment target, long at, long table, long blocked, long section, long connect) {
        BigEndian.i64(target, at, table);
        BigEndian.i64(target, at + 8, blocked);
        BigEndian.i64(target, at + 16, section);
        BigEndian.i64(target, at + 24, connect);
        return BYTES;
    }

    /// Remembers what was written.
    void read(MemorySegment from, long at) {
        tableBytesBefore = BigEndian.i64(from, at);
        blockedStreamsBefore = BigEndian.i64(from, at + 8);
        sectionBytesMaxBefore = BigEndian.i64(from, at + 16);
        extendedConnectBefore = BigEndian.i64(from, at + 24);
        remembered = true;
    }
}
