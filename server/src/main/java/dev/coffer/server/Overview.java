package dev.coffer.server;

import dev.coffer.memory.ledger.Ledger;
import java.net.InetSocketAddress;

/// A server as its pages tell of it. Thread-safe.
public interface Overview {
    /// {@return what is held, live}
    Ledger ledger();

    /// {@return how often that has happened, over all loops}
    long count(LoopStatistics.Count what);

    /// {@return connections that are open now, over all loops, those at the door aside}
    long connections();

    /// {@return where the server listens}
    InetSocketAddress address();

    /// {@return the configuration in force}
    ServerConfig config();
}
