package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import java.util.Locale;

/// Whom a client is to.
///
/// @param host  as it was given, for the verifier
/// @param name  that is told to the server; empty for an address or nobody
/// @param peer  the host in lower case, as sessions are kept under
record ServerName(String host, MemorySegment name, MemorySegment peer) {
    static final ServerName NOBODY = new ServerName("", MemorySegment.NULL, MemorySegment.NULL);

    /// {@return a host's}
    ///
    /// @throws IllegalArgumentException  it is no name of 253 characters at most, no address, and not empty (caller's fault)
    static ServerName of(String host) {
        boolean address = HostNames.isAddress(host);
        boolean named = host.length() <= ClientHelloWriter.HOST_BYTES_MAX
                && host.chars().allMatch(c -> c < 0x80 && (Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_'));
        if (!address && !named) {
            throw new IllegalArgumentException("tls: a host that is no name (expected 0.." + ClientHelloWriter.HOST_BYTES_MAX
                    + " letters, digits, hyphens and dots, or an address)");
        }
        MemorySegment name = address || host.isEmpty() ? MemorySegment.NULL : Wire.ascii(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
        return new ServerName(host, name, Wire.ascii(host.toLowerCase(Locale.ROOT)));
    }
}
