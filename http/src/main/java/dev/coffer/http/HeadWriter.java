package dev.coffer.http;

import java.lang.foreign.MemorySegment;

/// Writes a head or trailers straight into the output, in the version's own encoding. Handed to a [MessageSource] for
/// the length of one call.
///
/// A head starts with [#status] or [#request], then has any number of fields, and says last, in any place after the
/// start, how long its content is; it says nothing for none. The engine adds what frames and ends the message:
/// Content-Length, Transfer-Encoding, Connection, Date where it has a clock and the source has said none. When the output lacks the room the engine
/// drops what was written and calls the source again later: writing the same again must be harmless.
///
/// Every method throws `IllegalStateException` when it is called out of order and `IllegalArgumentException` for bytes
/// that a field cannot hold (CR, LF, NUL, other controls) and for names that are the engine's to write, or that
/// trailers cannot hold (RFC 9110, section 6.5.1); all are the caller's fault. Values are checked so that no received byte can split a response.
public interface HeadWriter {
    /// Starts a response head.
    ///
    /// @param status  200..999; a 1xx head is the engine's own
    HeadWriter status(int status);

    /// Starts the head of an answer with which the exchange becomes a tunnel ([HttpServer#tunnel]): 101 with Upgrade in HTTP/1.1 (RFC 9110, section
    /// 7.8), 200 in HTTP/2 (RFC 8441, section 4). Its content ends when [MessageSource#body] says so.
    ///
    /// @param protocol  what is spoken from here on, a token
    /// @throws IllegalStateException  the exchange was not made one (caller's fault)
    HeadWriter tunnel(Ascii protocol);

    /// Starts a request head.
    ///
    /// @param method     any but CONNECT and OTHER
    /// @param authority  host and port, what Host and `:authority` say
    /// @param target     path and query, starting with `/`, or `*` for OPTIONS
    HeadWriter request(Method method, Ascii authority, Ascii target);

    /// Starts a request head, with the target in memory.
    HeadWriter request(Method method, Ascii authority, MemorySegment target, long at, int length);

    /// Writes a field.
    HeadWriter field(FieldName name, Ascii value);

    /// Writes a field whose name is not listed.
    ///
    /// @param lowerCaseName  a token in lower case
    HeadWriter field(Ascii lowerCaseName, Ascii value);

    /// Writes a field with its value from memory.
    HeadWriter field(FieldName name, MemorySegment value, long at, int length);

    /// Writes a field with a decimal number.
    ///
    /// @param value  0 or more
    HeadWriter field(FieldName name, long value);

    /// Writes a field with a date (RFC 9110, section 5.6.7).
    ///
    /// @param epochSeconds  seconds since 1970, years 1 to 9999
    HeadWriter date(FieldName name, long epochSeconds);

    /// Begins a field whose value is put together from parts; [#end] ends it.
    HeadWriter begin(FieldName name);

    /// Adds text to the value begun.
    HeadWriter text(Ascii part);

    /// Adds bytes to the value begun.
    HeadWriter text(MemorySegment part, long at, int length);

    /// Adds a decimal number, 0 or more, to the value begun.
    HeadWriter decimal(long number);

    /// Adds the number as lower-case hexadecimal without leading zeros, unsigned, to the value begun.
    HeadWriter hex(long number);

    /// Ends the value begun.
    HeadWriter end();

    /// Says how much content [MessageSource#body] will give, 0 or more; on a response to HEAD and on 304 what it would
    /// give. Not for 204; of 205 nothing is sent.
    ///
    /// @throws IllegalArgumentException  below 0, or content of TRACE, which has none (RFC 9110, section 9.3.8) (caller's fault)
    /// @throws IllegalStateException  the head of a tunnel, whose content ends when its source says so (caller's fault)
    HeadWriter content(long bytes);

    /// Says that content ends when [MessageSource#body] says so: chunks, or the end of the connection for HTTP/1.0.
    HeadWriter contentOfUnknownLength();

    /// Client: asks for 100 before the content is sent (RFC 9110, section 10.1.1); the engine waits for it, but not for
    /// ever. Without content nothing is asked.
    ///
    /// @throws IllegalStateException  the head of a response, or trailers (caller's fault)
    HeadWriter expectContinue();

    /// Asks that the connection end with this exchange.
    HeadWriter close();
}
