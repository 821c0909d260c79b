package dev.coffer.server;

/// What an application writes: answers one request after another.
///
/// ```java
/// Server.open(ServerConfig.standard(), Site.of(exchange -> exchange.respond(Status.NO_CONTENT)))
/// ```
///
/// The same handler serves every version of HTTP: an [Exchange] is one of possibly many on a connection.
///
/// Called on the thread of the loop that owns the connection, and must not wait there: everyone else of the loop would wait
/// too. What takes time is done elsewhere and answered by [Exchange#later]. With several loops a handler that is shared by
/// them ([Site#of]) is called by several threads; one that a [Site] opens for each loop is not.
///
/// What it throws, errors included, is counted and logged in one line that holds no message and nothing of the request; the
/// answer is 500 where nothing has been sent, else the exchange is cut. Nobody else notices.
@FunctionalInterface
public interface Handler {
    /// Answers, asks for the content, or says that it will answer later; a return without any of these is 500.
    ///
    /// @param exchange  a request whose head is complete. Not to be kept past its end
    void handle(Exchange exchange);
}
