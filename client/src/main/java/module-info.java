/// An HTTP client over planned memory: pooled connections, requests pulled, responses pushed.
module dev.coffer.client {
    requires transitive dev.coffer.memory;
    requires transitive dev.coffer.http;
    requires transitive dev.coffer.tls;
    requires dev.coffer.quic;    // beneath HTTP/3
    requires dev.coffer.server;  // its sockets and its driver, which know neither side
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us

    exports dev.coffer.client;       // Client, its configuration, Request and ResponseSink
    exports dev.coffer.client.easy;  // Easy: String, byte[], redirects
}
