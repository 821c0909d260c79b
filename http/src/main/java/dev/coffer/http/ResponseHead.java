package dev.coffer.http;

/// The head of a received response, the same in every version of HTTP. A view, as [Fields] is.
public interface ResponseHead extends Fields {
    /// {@return the status code, 100..999}
    int status();

    /// {@return the version in tens: 10, 11, 20 or 30}
    int version();

    /// {@return bytes of content to come: 0 for none, -1 if it ends when it ends. For a response to HEAD and for 304
    /// this is 0, whatever Content-Length says}
    long contentLength();
}
