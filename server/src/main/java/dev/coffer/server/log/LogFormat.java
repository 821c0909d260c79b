package dev.coffer.server.log;

/// How a line of an [AccessLog] looks.
public enum LogFormat {
    /// `PEER - - [25/Nov/2026:22:40:07 +0000] "GET /path HTTP/1.1" 200 1234`: the Common Log Format. The bytes are those of the content.
    COMMON,
    /// The same with `"REFERER" "USER-AGENT"` behind it.
    COMBINED,
    /// An object of JSON a line: `time`, `peer`, `method`, `target`, `protocol`, `referer`, `userAgent`, `status`, `bytes`, `complete`,
    /// `micros`. `referer` and `userAgent` are null where they were not sent.
    JSON
}
