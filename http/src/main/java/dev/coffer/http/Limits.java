package dev.coffer.http;

/// How much one peer may ask for, in every dimension and in every version. All bounds are inclusive.
///
/// Bytes of memory that follow from them stand with each engine's plan: HTTP/1.1 holds one head and its field table.
///
/// @param startLineBytesMax  request or status line without CRLF; past it 414. 16..65535, default 8192
/// @param fieldBytesMax      one field line without CRLF; past it 431. 16..65535, default 8192
/// @param headBytesMax       start line and fields with all line ends; past it 431. 64..65535, default 16384
/// @param fieldsMax          field lines, head and trailers together; past it 431. 1..4096, default 100
/// @param bodyBytesMax       content of one request; past it 413. 0 or more, default 1 MiB
/// @param headNanosMax       from the first byte of a head to its last, and from the connection's start to the first
///                           head; past it 408 or, where nothing came, a close. 1 ms or more, default 10 s
/// @param idleNanosMax       without a request on a kept connection; past it a close. 1 ms or more, default 60 s
/// @param graceNanos         longest pause of content in either direction, and its head start. 1 ms or more,
///                           default 20 s
/// @param bytesPerSecondMin  slowest content, received or sent: each byte puts the deadline off by its share, never
///                           past grace from now; past it 408 or a close. 1 or more, default 256
public record Limits(int startLineBytesMax, int fieldBytesMax, int headBytesMax, int fieldsMax, long bodyBytesMax,
        long headNanosMax, long idleNanosMax, long graceNanos, long bytesPerSecondMin) {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    /// Checks every range.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Limits {
        range("startLineBytesMax", startLineBytesMax, 16, 65_535);
        range("fieldBytesMax", fieldBytesMax, 16, 65_535);
        range("headBytesMax", headBytesMax, 64, 65_535);
        range("fieldsMax", fieldsMax, 1, 4096);
        range("bodyBytesMax", bodyBytesMax, 0, Long.MAX_VALUE);
        range("headNanosMax", headNanosMax, MILLI, Long.MAX_VALUE / 4);
        range("idleNanosMax", idleNanosMax, MILLI, Long.MAX_VALUE / 4);
        range("graceNanos", graceNanos, MILLI, Long.MAX_VALUE / 4);
        range("bytesPerSecondMin", bytesPerSecondMin, 1, SECOND);
    }

    /// {@return the defaults above}
    public static Limits defaults() {
        return new Limits(8192, 8192, 16_384, 100, 1 << 20, 10 * SECOND, 60 * SECOND, 20 * SECOND, 256);
    }

    /// {@return limits for a connection of about 3 KiB: heads of 2 KiB, lines of 1 KiB, 32 fields}
    public static Limits tight() {
        return new Limits(1024, 1024, 2048, 32, 1 << 20, 10 * SECOND, 60 * SECOND, 20 * SECOND, 256);
    }

    /// {@return these limits with other bounds on a head: one line may take all of it}
    public Limits withHead(int bytes, int fields) {
        return new Limits(bytes, bytes, bytes, fields, bodyBytesMax, headNanosMax, idleNanosMax, graceNanos,
                bytesPerSecondMin);
    }

    /// {@return these limits with another number of field lines}
    public Limits withFieldsMax(int fields) {
        return new Limits(startLineBytesMax, fieldBytesMax, headBytesMax, fields, bodyBytesMax, headNanosMax, idleNanosMax,
                graceNanos, bytesPerSecondMin);
    }

    /// {@return these limits with another bound on content}
    public Limits withBodyBytesMax(long bytes) {
        return new Limits(startLineBytesMax, fieldBytesMax, headBytesMax, fieldsMax, bytes, headNanosMax, idleNanosMax,
                graceNanos, bytesPerSecondMin);
    }

    /// {@return these limits with other times, in nanoseconds}
    public Limits withTimes(long head, long idle, long grace) {
        return new Limits(startLineBytesMax, fieldBytesMax, headBytesMax, fieldsMax, bodyBytesMax, head, idle, grace,
                bytesPerSecondMin);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
