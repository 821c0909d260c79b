/// TLS 1.3 (RFC 8446) of `dev.coffer.tls` behind the interfaces of `javax.net.ssl`: names, parameters, exceptions and the states of an
/// `SSLEngine` are translated here; the protocol itself lies below. TLS 1.2 and older, renegotiation, DTLS and 0-RTT are left out on purpose.
/// The largest thing that is held is an engine in its handshake ([CofferJsseConfig]).
@org.jspecify.annotations.NullMarked
package dev.coffer.jsse;
