package dev.coffer.client;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// Finds a host's addresses. Called on a virtual thread of its own, so it may wait; it makes as many objects as it likes.
@FunctionalInterface
public interface Resolver {
    /// The system's: what `/etc/hosts` and its name service say.
    Resolver SYSTEM = InetAddress::getAllByName;

    /// {@return the addresses, the best first; they are tried in this order, the two families by turns}
    ///
    /// @throws UnknownHostException  there are none
    InetAddress[] resolve(String host) throws UnknownHostException;
}
