/// Event loops, sockets, connections, exchanges and their handlers; static files.
@SuppressWarnings("module")  // the qualified exports name a module that stands above this one and is built later
module dev.coffer.server {
    requires transitive dev.coffer.memory;
    requires transitive dev.coffer.http;
    requires transitive dev.coffer.tls;
    requires transitive dev.coffer.quic;
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us

    exports dev.coffer.server;          // Server, its configuration, Handler and Exchange
    exports dev.coffer.server.easy;     // Easy: handlers of String and byte[]
    exports dev.coffer.server.events;   // EventHub: server-sent events
    exports dev.coffer.server.files;    // FileSite: a folder as a handler
    exports dev.coffer.server.log;      // AccessLog: a line for each request
    exports dev.coffer.server.route;    // Router: many handlers, by method and path
    exports dev.coffer.server.upload;   // UploadFolder: files that clients send
    exports dev.coffer.server.tls;      // TLS before what is served
    exports dev.coffer.server.websocket;    // WebSocketHub: messages both ways
    exports dev.coffer.server.time;     // a loop's clock and timers, for handlers

    // The floor that a client shares with a server (decision 0048).
    exports dev.coffer.server.net to dev.coffer.client;
    exports dev.coffer.server.drive to dev.coffer.client;
}
