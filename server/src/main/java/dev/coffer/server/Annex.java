package dev.coffer.server;

import dev.coffer.http.Limits;
import dev.coffer.server.drive.LoopConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A second site of a server, at an address, in a thread and a region of its own: what only those shall see who reach that address, as
/// the pages that tell of the server ([LedgerPage], [StatusPages]). Whatever comes in at the server's own address, passed on by whatever
/// proxy and under whatever name, is never answered from here.
///
/// Its answers are not in the server's counts ([Server#count]); its region is in the plan and in the ledger. It speaks HTTP/1.1 in the clear.
///
/// @param name     of its region and thread
/// @param address  where to listen; port 0 for one that the system chooses
/// @param site     what is served there
/// @param size     connections at once, active ones and heads; what else it says is the server's or not asked for
public record Annex(String name, InetSocketAddress address, Site site, ServerConfig size) {
    /// Connections at once, of one for pages.
    public static final int CONNECTIONS = 8;
    /// Of them, with a request that is read or answered.
    public static final int ACTIVE = 4;
    /// Connections at once, of one that redirects: strangers come there.
    public static final int REDIRECT_CONNECTIONS = 128;
    /// Of them, with a request that is read or answered.
    public static final int REDIRECT_ACTIVE = 16;

    private static final int LOOPS_MAX = 64;
    private static final int OUTPUT_BLOCK_BYTES = 1 << 14;  // of none

    /// An annex cannot listen where it was to.
    @SuppressWarnings("exports")  // annotations that users need not have
    public static final class AddressException extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient @Nullable Annex annex;

        AddressException(Annex annex, IOException cause) {
            super(cause.getMessage(), cause);
            this.annex = annex;
        }

        /// {@return the annex; of an exception that was written and read again, null}
        public @Nullable Annex annex() {
            return annex;
        }
    }

    /// Checks the address.
    ///
    /// @throws IllegalArgumentException  it is not known (caller's fault)
    public Annex {
        Objects.requireNonNull(name);
        Objects.requireNonNull(site);
        Objects.requireNonNull(size);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address " + address.getHostString() + " is not known");
        }
    }

    /// An annex in the tight profile, of [#CONNECTIONS] and [#ACTIVE].
    public Annex(InetSocketAddress address, Site site) {
        this("annex", address, site, ServerConfig.tight().withSize(1, CONNECTIONS, ACTIVE).withBlocks(0, OUTPUT_BLOCK_BYTES));
    }

    /// {@return a site at the loopback address, in the tight profile}
    ///
    /// @param port  0..65535, 0 for one that the system chooses
    public static Annex local(int port, Site site) {
        return new Annex(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), site);
    }

    /// {@return one that sends whoever comes in the clear to the server, which speaks TLS ([HttpsRedirect]): [#REDIRECT_CONNECTIONS] at once, of them
    /// [#REDIRECT_ACTIVE] active}
    ///
    /// @param limits  of a request, best those of the server: what is asked for there can be asked for here
    /// @throws IllegalArgumentException  they leave no room for a Location of the longest first line within 64 KiB (caller's fault)
    public static Annex redirect(InetSocketAddress address, Limits limits) {
        return new Annex("redirect", address, new HttpsRedirect(), ServerConfig.tight().withLimits(limits)
                .withBlocks(0, OUTPUT_BLOCK_BYTES).withLongerHeads(limits.startLineBytesMax() + HttpsRedirect.HEAD_BYTES)
                .withSize(1, REDIRECT_CONNECTIONS, REDIRECT_ACTIVE));
    }

    /// {@return the configuration of its one loop. It has as many loops as the server has regions, as pages that tell of them all are planned by
    /// that number}
    ///
    /// @param annexes  of the server
    ServerConfig config(ServerConfig server, int annexes) {
        int loops = Math.min(server.loops() + annexes, LOOPS_MAX);
        return size.withAddress(address).withSize(loops, size.connections() * loops, size.active() * loops).withLocked(server.locked())
                .withCommit(server.commit()).withPortable(server.portable());
    }

    LoopConfig loop(ServerConfig server, int annexes) {
        ServerConfig own = config(server, annexes);
        return new LoopConfig(name, 0, true, size.connections(), own.blocks(), own.blockBytes(), own.locked(), own.commit(), own.portable(),
                own.starvedNanosMax(),
                own.stopNanosMax());
    }
}
