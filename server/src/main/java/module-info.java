/// Event loops, sockets, the connection table, static files.
module dev.coffer.server {
    requires transitive dev.coffer.memory;
    requires transitive dev.coffer.http;
}
