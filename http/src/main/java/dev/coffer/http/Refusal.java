package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Why a peer was refused, and the status that a server answers with: 0 where it only closes.
public enum Refusal {
    NONE(0, ""),

    // Syntax of the head (RFC 9112, sections 2 to 5): the peer's fault.
    /// The request line is not `method SP target SP version`, or the status line has no such form.
    START_LINE(400, "the first line is not of the form \"method target version\""),
    /// A line ends in LF without CR, or has a CR inside (sections 2.2 and 11.1).
    BARE_CR_OR_LF(400, "a line does not end in CRLF"),
    /// A NUL or another control inside a line (RFC 9110, section 5.5).
    CONTROL(400, "a control character in the head"),
    /// A field line without a colon, with an empty name or one that is no token.
    FIELD_NAME(400, "a header line without a name and a colon"),
    /// Whitespace before the colon, or before the first field line (RFC 9112, sections 5.1 and 2.2).
    SPACE_BEFORE_COLON(400, "white space before a colon or before the first header line"),
    /// A line folded on to the next (section 5.2).
    FOLDED_LINE(400, "a header line that goes on in the next"),
    /// A target of none of the four forms, or of one that the method does not allow (section 3.2).
    TARGET(400, "the target is not one that this method may have"),
    /// No Host, more than one, or one that is no host and port (section 3.2).
    HOST(400, "the Host field is missing, repeated or not a host and port"),
    /// A major version other than 1.
    VERSION(505, "only versions 1.0 and 1.1 are spoken here"),
    /// A method that is too long to be one of ours, or CONNECT.
    METHOD(501, "the method is not known here"),
    /// An expectation other than 100-continue (RFC 9110, section 10.1.1).
    EXPECTATION(417, "only 100-continue can be expected"),

    // Framing (RFC 9112, sections 6 and 7): the peer's fault, or an attempt to smuggle.
    /// Content-Length beside Transfer-Encoding (section 6.3).
    BOTH_LENGTHS(400, "Content-Length beside Transfer-Encoding"),
    /// Content-Length twice, as a list, or not a decimal number (section 6.3).
    CONTENT_LENGTH(400, "the Content-Length is repeated or not a decimal number"),
    /// Transfer-Encoding that does not end in one `chunked`, or in HTTP/1.0 (section 6.1).
    TRANSFER_ENCODING(400, "the Transfer-Encoding does not end in one \"chunked\""),
    /// A transfer coding before `chunked` that is not implemented (section 6.1).
    TRANSFER_CODING_UNKNOWN(501, "only the transfer coding \"chunked\" is known here"),
    /// A chunk's size, extension or end is malformed (section 7.1).
    CHUNK(400, "a chunk is malformed"),
    /// A trailer field that frames, routes or authenticates (RFC 9110, section 6.5.1).
    TRAILER(400, "a trailer field that may not be one"),

    // Limits.
    START_LINE_TOO_LONG(414, "the request line is longer than is taken here"),
    FIELD_TOO_LONG(431, "a header line is longer than is taken here"),
    HEAD_TOO_LONG(431, "the header is longer than is taken here"),
    TOO_MANY_FIELDS(431, "more header lines than are taken here"),
    CONTENT_TOO_LARGE(413, "the content is larger than is taken here"),
    /// Chunk extensions past their limit (RFC 9112, section 7.1.1).
    CHUNK_EXTENSIONS(400, "chunk extensions are longer than is taken here"),
    /// More interim heads before an answer than [HttpClient#INFORMATIONS_MAX].
    TOO_MANY_INFORMATIONS(0, ""),
    /// The head, or the content, came too slowly.
    TOO_SLOW(408, "the request came too slowly"),
    /// No request came in the idle time, or none at all.
    IDLE(0, ""),
    /// The peer reads too slowly what is written to it.
    READS_TOO_SLOWLY(0, ""),

    // Ends.
    /// The peer ended its stream inside a message.
    TRUNCATED(0, ""),
    /// The connection broke: it was reset, or lost, before the exchange was complete.
    BROKEN(0, ""),
    /// The source failed, ended early, or the application aborted.
    LOCAL(0, ""),
    /// The peer gave up this one exchange of several on its connection.
    RESET(0, ""),
    /// The server has said that it did nothing with the request: it refused the stream, or its last word (GOAWAY) leaves it out. It may be sent
    /// again, whatever its method.
    NOT_TAKEN(0, ""),
    /// The server has asked for this request in HTTP/1.1 in the place of HTTP/2 (RFC 9113, section 7) or HTTP/3 (RFC 9114, section 8.1), and answered nothing.
    HTTP_1_1_REQUIRED(0, ""),
    /// A response that HTTP does not allow here: unasked, or 101 that was not asked for.
    UNEXPECTED(0, "");

    private static final Ascii COLON = Ascii.of(": ");

    private final int status;
    private final Ascii reason;

    Refusal(int status, String reason) {
        this.status = status;
        this.reason = Ascii.of(reason);
    }

    /// {@return what a server answers, or 0 for a close without an answer}
    public int status() {
        return status;
    }

    /// {@return what was wrong, in a few words for the answer's content; nothing of what the peer sent}
    public Ascii reason() {
        return reason;
    }

    /// {@return bytes of the answer's content: `phrase: reason LF`}
    public int wordsLength() {
        return Status.phrase(status).length() + COLON.length() + reason.length() + 1;
    }

    /// Writes a part of the answer's content.
    ///
    /// @param from    first byte of the words to write
    /// @param target  `length` bytes at `at`
    /// @param length  0..`wordsLength - from`
    public void writeWords(int from, MemorySegment target, long at, int length) {
        Ascii phrase = Status.phrase(status);
        int reasonAt = phrase.length() + COLON.length();
        int end = reasonAt + reason.length();
        for (int i = 0; i < length; i++) {
            int index = from + i;
            int octet = index < phrase.length() ? phrase.at(index) : index < reasonAt ? COLON.at(index - phrase.length())
                    : index < end ? reason.at(index - reasonAt) : '\n';
            target.set(ValueLayout.JAVA_BYTE, at + i, (byte) octet);
        }
    }
}
