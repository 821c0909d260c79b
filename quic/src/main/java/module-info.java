/// QUIC without I/O, over the caller's memory.
module dev.coffer.quic {
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us
    requires transitive dev.coffer.tls;

    exports dev.coffer.quic;            // connections
    exports dev.coffer.quic.packet;     // headers, numbers, protection
    exports dev.coffer.quic.frame;      // what packets carry
    exports dev.coffer.quic.parameter;  // what a side says of itself
    exports dev.coffer.quic.token;      // what a server knows again: addresses, connections
}
