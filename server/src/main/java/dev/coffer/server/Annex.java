package dev.coffer.server;

import dev.coffer.server.drive.LoopConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/// A second site of a server, at an address, in a thread and a region of its own: what only those shall see who reach that address, as
/// the pages that tell of the server ([LedgerPage], [StatusPages]). Whatever comes in at the server's own address, passed on by whatever
/// proxy and under whatever name, is never answered from here.
///
/// In the tight profile, [#CONNECTIONS] at once and [#ACTIVE] of them active. Its answers are not in the server's counts ([Server#count]);
/// its region is in the plan and in the ledger.
///
/// @param address  where to listen; port 0 for one that the system chooses
/// @param site     what is served there
public record Annex(InetSocketAddress address, Site site) {
    /// Connections at once.
    public static final int CONNECTIONS = 8;
    /// Of them, with a request that is read or answered.
    public static final int ACTIVE = 4;

    private static final int LOOPS_MAX = 64;
    private static final int OUTPUT_BLOCK_BYTES = 1 << 14;  // of none

    /// The annex cannot listen where it was to.
    public static final class AddressException extends IOException {
        private static final long serialVersionUID = 1L;

        AddressException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /// Checks the address.
    ///
    /// @throws IllegalArgumentException  it is not known (caller's fault)
    public Annex {
        Objects.requireNonNull(site);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address " + address.getHostString() + " is not known");
        }
    }

    /// {@return a site at the loopback address}
    ///
    /// @param port  0..65535, 0 for one that the system chooses
    public static Annex local(int port, Site site) {
        return new Annex(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), site);
    }

    /// {@return the configuration of its one loop. It has as many loops as the server has regions, this one with it, as pages that tell of them all
    /// are planned by that number}
    ServerConfig config(ServerConfig server) {
        int loops = Math.min(server.loops() + 1, LOOPS_MAX);
        return ServerConfig.tight().withAddress(address).withSize(loops, CONNECTIONS * loops, ACTIVE * loops).withBlocks(0, OUTPUT_BLOCK_BYTES)
                .withLocked(server.locked()).withPortable(server.portable());
    }

    LoopConfig loop(ServerConfig server) {
        ServerConfig own = config(server);
        return new LoopConfig("annex", 0, true, CONNECTIONS, own.blocks(), own.blockBytes(), own.locked(), own.portable(), own.starvedNanosMax(),
                own.stopNanosMax());
    }
}
