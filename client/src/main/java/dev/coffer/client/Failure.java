package dev.coffer.client;

import dev.coffer.http.Refusal;

/// Why a call came to nothing. An answer with a status of 400 or more is an answer and none of these.
public enum Failure {
    /// No address is known for the host.
    UNKNOWN_HOST("no address is known for the host"),
    /// Nobody takes a connection at any of the host's addresses.
    UNREACHABLE("no connection to any of its addresses"),
    /// Finding the host's addresses, or connecting to any of them, took longer than it may.
    CONNECT_TIMED_OUT("no connection in time"),
    /// `https` was asked of a client without TLS ([ClientConfig#tls]).
    NO_TLS("the client was opened without TLS"),
    /// The server's certificate is not trusted, or not for that host, or out of its time.
    UNTRUSTED("the server's certificate is not trusted for that host"),
    /// The TLS handshake failed: nothing that both sides speak, or a fault of one of them.
    HANDSHAKE("the TLS handshake failed"),
    /// HTTP/2 alone was asked for, and the server speaks another version, or wants this request in another; or it wants that of a request that cannot be
    /// sent a second time.
    NO_HTTP2("the server does not speak HTTP/2"),
    /// HTTP/3 alone was asked for, and the server does not speak it, or is one of `http`.
    NO_HTTP3("the server does not speak HTTP/3"),
    /// The process has no file descriptor left.
    NO_DESCRIPTOR("no file descriptor is left"),
    /// Calls to other origins hold all rows of the table of origins.
    ORIGINS_FULL("calls to too many origins at once"),
    /// The whole call took longer than it may.
    TIMED_OUT("took longer than it may"),
    /// No byte of the answer came in time, or the bytes came too slowly.
    TOO_SLOW("the server sends nothing, or too slowly"),
    /// The connection was reset or lost.
    BROKEN("the connection broke"),
    /// The server gave this one call up, of those on its connection.
    RESET("the server gave the exchange up"),
    /// The server did not take the request up, each time that it was sent.
    REFUSED("the server takes no more requests now"),
    /// The server ended the connection before the first byte of an answer.
    NO_ANSWER("the server ended the connection and had said nothing"),
    /// The server ended the connection before its answer was whole.
    TRUNCATED("the answer was cut short"),
    /// The server broke HTTP, or a limit on its head; [Call#refusal] says which rule.
    PROTOCOL("the answer breaks HTTP"),
    /// The content is larger than is taken.
    TOO_LARGE("the content is larger than is taken"),
    /// The request could not be completed by its source, or the server took no more of it and gave no whole answer.
    SOURCE_FAILED("the request could not be completed"),
    /// The request or the sink threw; counted and logged.
    APPLICATION("the caller's own code failed"),
    /// [Client#cancel].
    CANCELLED("cancelled"),
    /// The client stops, or has died.
    STOPPED("the client has stopped");

    private final String words;

    Failure(String words) {
        this.words = words;
    }

    /// {@return it in a few words, nothing of what was sent or received}
    public String words() {
        return words;
    }

    /// {@return whether the connection died, which may be no fault of the request's}
    boolean isDeath() {
        return this == BROKEN || this == TRUNCATED || this == NO_ANSWER;
    }

    static Failure of(Refusal refusal) {
        return switch (refusal) {
            case TOO_SLOW, IDLE, READS_TOO_SLOWLY -> TOO_SLOW;
            case BROKEN, NONE -> BROKEN;
            case TRUNCATED -> TRUNCATED;
            case CONTENT_TOO_LARGE -> TOO_LARGE;
            case LOCAL -> SOURCE_FAILED;
            case RESET -> RESET;
            case NOT_TAKEN -> REFUSED;
            case HTTP_1_1_REQUIRED -> NO_HTTP2;
            default -> PROTOCOL;
        };
    }
}
