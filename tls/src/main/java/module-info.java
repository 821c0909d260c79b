/// TLS 1.3 without I/O, over the caller's memory.
module dev.coffer.tls {
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us
    requires transitive dev.coffer.crypto;

    exports dev.coffer.tls;  // a server's connection, its context, its identity
}
