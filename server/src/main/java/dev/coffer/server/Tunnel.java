package dev.coffer.server;

/// Both directions of an exchange that has become a tunnel ([Exchange#tunnel]): what the peer sends is offered piece by piece until it ends its side,
/// what goes to it is pulled until [#body] ends it. Called on the loop's thread, from [Exchange#tunnel] until [Answer#ended].
///
/// While nothing is under way either way a tunnel over HTTP/1.1 holds no memory of an active connection; it is lent some again when bytes come, or when
/// [Exchange#resumeAnswer] says that there is something to say. What the tunnel remembers meanwhile is its own.
public interface Tunnel extends ContentSink, Answer {
    /// Writes fields of the answer that makes the tunnel; its length is not said. None by default.
    @Override
    default void head(dev.coffer.http.HeadWriter head) {}

    /// The peer has ended its side; nothing more comes. Ours goes on until [#body] ends it.
    @Override
    void end(Exchange exchange);

    /// The server stops: to be ended soon, in the tunnel's own way; what is open at the end of `stopNanosMax` is cut. At most once.
    void stopping(Exchange exchange);
}
