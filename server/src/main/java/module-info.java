/// Event loops, sockets, the connection table, static files.
module dev.coffer.server {
    requires transitive dev.coffer.memory;
    requires transitive dev.coffer.http;

    exports dev.coffer.server;  // Server and its configuration
}
