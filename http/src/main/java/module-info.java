/// HTTP without I/O, over the caller's memory.
module dev.coffer.http {
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us
    requires transitive dev.coffer.memory;

    exports dev.coffer.http;        // the vocabulary of all versions, and the application's side of a connection
    exports dev.coffer.http.hpack;  // what HTTP/2 says fields in
    exports dev.coffer.http.http1;  // HTTP/1.1 engines
    exports dev.coffer.http.http2;  // HTTP/2 engines
    exports dev.coffer.http.http3;  // HTTP/3 engines
    exports dev.coffer.http.qpack;  // what HTTP/3 says fields in
    exports dev.coffer.http.websocket;  // frames and handshake of WebSocket
}
