package dev.coffer.http;

/// Why a peer was refused, and the status that a server answers with: 0 where it only closes.
public enum Refusal {
    NONE(0),

    // Syntax of the head (RFC 9112, sections 2 to 5): the peer's fault.
    /// The request line is not `method SP target SP version`, or the status line has no such form.
    START_LINE(400),
    /// A line ends in LF without CR, or has a CR inside (sections 2.2 and 11.1).
    BARE_CR_OR_LF(400),
    /// A NUL or another control inside a line (RFC 9110, section 5.5).
    CONTROL(400),
    /// A field line without a colon, with an empty name or one that is no token.
    FIELD_NAME(400),
    /// Whitespace before the colon, or before the first field line (RFC 9112, sections 5.1 and 2.2).
    SPACE_BEFORE_COLON(400),
    /// A line folded on to the next (section 5.2).
    FOLDED_LINE(400),
    /// A target of none of the four forms, or of one that the method does not allow (section 3.2).
    TARGET(400),
    /// No Host, more than one, or one that is no host and port (section 3.2).
    HOST(400),
    /// A major version other than 1.
    VERSION(505),
    /// A method that is too long to be one of ours, or CONNECT.
    METHOD(501),
    /// An expectation other than 100-continue (RFC 9110, section 10.1.1).
    EXPECTATION(417),

    // Framing (RFC 9112, sections 6 and 7): the peer's fault, or an attempt to smuggle.
    /// Content-Length beside Transfer-Encoding (section 6.3).
    BOTH_LENGTHS(400),
    /// Content-Length twice, as a list, or not a decimal number (section 6.3).
    CONTENT_LENGTH(400),
    /// Transfer-Encoding that does not end in one `chunked`, or in HTTP/1.0 (section 6.1).
    TRANSFER_ENCODING(400),
    /// A transfer coding before `chunked` that is not implemented (section 6.1).
    TRANSFER_CODING_UNKNOWN(501),
    /// A chunk's size, extension or end is malformed (section 7.1).
    CHUNK(400),
    /// A trailer field that frames, routes or authenticates (RFC 9110, section 6.5.1).
    TRAILER(400),

    // Limits.
    START_LINE_TOO_LONG(414),
    FIELD_TOO_LONG(431),
    HEAD_TOO_LONG(431),
    TOO_MANY_FIELDS(431),
    CONTENT_TOO_LARGE(413),
    /// Chunk extensions past their limit (RFC 9112, section 7.1.1).
    CHUNK_EXTENSIONS(400),
    /// The head, or the content, came too slowly.
    TOO_SLOW(408),
    /// No request came in the idle time, or none at all.
    IDLE(0),
    /// The peer reads too slowly what is written to it.
    READS_TOO_SLOWLY(0),

    // Ends.
    /// The peer ended its stream inside a message.
    TRUNCATED(0),
    /// The source failed, ended early, or the application aborted.
    LOCAL(0),
    /// A response that HTTP does not allow here: unasked, or 101 that was not asked for.
    UNEXPECTED(0);

    private final int status;

    Refusal(int status) {
        this.status = status;
    }

    /// {@return what a server answers, or 0 for a close without an answer}
    public int status() {
        return status;
    }
}
