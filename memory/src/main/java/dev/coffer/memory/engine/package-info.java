/// [dev.coffer.memory.engine.Engine], the outline that TLS, HTTP/1.1, HTTP/2, QUIC and HTTP/3 share, so that one
/// driver can drive them all and one simulator can test them all. Holds nothing.
package dev.coffer.memory.engine;
