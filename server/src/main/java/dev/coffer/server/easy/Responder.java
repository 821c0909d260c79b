package dev.coffer.server.easy;

/// Answers a request with a response: what an application writes in the easy form.
@FunctionalInterface
public interface Responder {
    /// {@return the answer; null is 500}
    ///
    /// @throws Exception  any: the answer is 500; it is counted and logged in one line without its message, and nobody else notices
    Response respond(Request request) throws Exception;
}
