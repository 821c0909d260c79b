package dev.coffer.server;

/// Hears that an exchange is over: what a handler around another one needs. On the loop's thread.
@FunctionalInterface
public interface Ending {
    /// The exchange is over. Its request must not be read any more; [Exchange#status] and the attachment stand.
    ///
    /// @param complete  whether the whole answer was handed to the connection
    void ended(Exchange exchange, boolean complete);
}
