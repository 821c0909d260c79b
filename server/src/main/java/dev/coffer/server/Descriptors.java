package dev.coffer.server;

import dev.coffer.memory.internal.os.ProcessLimits;
import dev.coffer.memory.internal.os.Syscall;
import dev.coffer.server.drive.Loop;
import java.io.IOException;
import java.util.List;

/// File descriptors are memory too: how many a server needs is known before it starts and compared with what the system
/// allows, as running out of them later would fall on whoever comes then.
final class Descriptors {
    /// What else opens files in this process: the JVM's jars, its log, a library loaded late.
    static final int RESERVE = 32;

    /// What the system allows.
    interface Limit {
        /// {@return descriptors that may be open at once}
        long now();

        /// {@return what it can be raised to}
        long hard();

        /// {@return how many are open}
        long open();

        /// {@return whether the limit is that number now}
        boolean raise(long to);
    }

    /// This process's own.
    private static final Limit PROCESS = new Limit() {
        private static final int GUESS = 64;  // where /proc is missing: a JVM has about 20

        @Override
        public long now() {
            return ProcessLimits.descriptors();
        }

        @Override
        public long hard() {
            return ProcessLimits.descriptorsHard();
        }

        @Override
        public long open() {
            int open = ProcessLimits.descriptorsOpen();
            return open < 0 ? GUESS : open;
        }

        @Override
        public boolean raise(long to) {
            return ProcessLimits.raiseDescriptors(to) == 0;
        }
    };

    private Descriptors() {}

    /// {@return how many descriptors a server of that configuration holds at most}
    static long needed(ServerConfig config, Site site) {
        return Loop.DESCRIPTORS_TO_ACCEPT + config.connections() + (config.http3() == null ? 0 : 1)
                + (long) config.loops() * (Loop.DESCRIPTORS + site.descriptors());
    }

    /// {@return how many its annexes hold more}
    private static long needed(List<Annex> annexes) {
        return annexes.stream().mapToLong(annex -> Loop.DESCRIPTORS_TO_ACCEPT + annex.size().connections() + Loop.DESCRIPTORS + annex.site().descriptors())
                .sum();
    }

    /// Sees that there are enough: raises the limit where that is allowed, else has the site do with fewer.
    ///
    /// @param annexes  whose sites are left as they are
    /// @return the site, or one with fewer
    /// @throws IOException  too few for the connections and what the site needs at least; the message says how many
    static Site provide(ServerConfig config, Site site, List<Annex> annexes) throws IOException {
        return Syscall.available() ? provide(config, site, annexes, PROCESS) : site;
    }

    static Site provide(ServerConfig config, Site site, List<Annex> annexes, Limit limit) throws IOException {
        long now = limit.now();
        if (now < 0) {
            return site;  // a filter forbids to ask
        }
        long wanted = limit.open() + RESERVE + needed(config, site) + needed(annexes);
        long allowed = now;
        if (wanted > now) {
            long to = Math.min(wanted, limit.hard());
            allowed = to > now && limit.raise(to) ? to : now;
        }
        if (wanted <= allowed) {
            return site;
        }
        long fewer = site.descriptors() - Math.ceilDiv(wanted - allowed, config.loops());
        if (fewer < site.descriptorsMin()) {
            throw new IOException("file descriptors: the limit is " + allowed + ", wanted are " + wanted + " for "
                    + config.connections() + " connections and " + site.descriptors() + " of each of " + config.loops()
                    + (config.loops() == 1 ? " loop" : " loops") + "; raise it with ulimit -n or ask for fewer");
        }
        return site.withDescriptors((int) fewer);
    }
}
