package dev.coffer.http;

/// The head of a received request, the same in every version of HTTP. A view, as [Fields] is.
///
/// Path and query are the target's, as sent: not percent-decoded, not normalised. The path of `*` (OPTIONS only) is
/// `*`; that of an absolute target without one (`http://host`) is empty. None of them holds a control, a space, `#` or
/// a byte past 0x7e.
public interface RequestHead extends Fields {
    Method method();

    /// {@return offset of the method's token, for [Method#OTHER]}
    long methodAt();

    /// {@return bytes of the method's token}
    int methodLength();

    /// {@return the version in tens: 10, 11, 20 or 30}
    int version();

    /// {@return offset of the path}
    long pathAt();

    /// {@return bytes of the path, without `?` and query}
    int pathLength();

    /// {@return offset of the query, after the `?`}
    long queryAt();

    /// {@return bytes of the query; 0 for an empty one, -1 for none}
    int queryLength();

    /// {@return offset of host and port: the authority of an absolute target or `:authority`, else the Host field}
    long authorityAt();

    /// {@return bytes of host and port; 0 for an empty one, -1 where an HTTP/1.0 request named none}
    int authorityLength();

    /// {@return offset of what an extended CONNECT asks to be spoken: its `:protocol` (RFC 8441, section 4)}
    default long protocolAt() {
        return 0;
    }

    /// {@return bytes of `:protocol`; -1 where the request is no extended CONNECT, which no request of HTTP/1.1 is}
    default int protocolLength() {
        return -1;
    }

    /// {@return bytes of content announced: 0 for none, -1 if it ends when it ends}
    long contentLength();

    /// {@return whether the client waits for 100 before it sends content; [HttpServer#proceed] answers that}
    boolean expectsContinue();
}
