package dev.coffer.server;

import dev.coffer.memory.internal.os.ProcessLimits;
import dev.coffer.memory.internal.os.Syscall;
import java.io.IOException;

/// File descriptors are memory too: how many a server needs is known before it starts and compared with what the system
/// allows, as running out of them later would fall on whoever comes then.
final class Descriptors {
    /// What else opens files in this process: the JVM's jars, its log, a library loaded late.
    static final int RESERVE = 32;
    /// Below so many open files a loop is not worth starting.
    static final int FILES_MIN = 8;

    // Of one loop: the folder; epoll and the counter that wakes it (the JDK's selector has one more); a file that is being
    // looked at, and the same file being opened.
    private static final int LOOP = 1 + 3 + 2;
    private static final int LISTENER = 1;

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
    static long needed(ServerConfig config) {
        return LISTENER + Door.SLOTS + Door.SPARES + config.connections()
                + (long) config.loops() * (LOOP + config.files());
    }

    /// Sees that there are enough: raises the limit where that is allowed, else makes the tables of files smaller.
    ///
    /// @return the configuration, or one with fewer files
    /// @throws IOException  too few for the connections and a few files; the message says how many
    static ServerConfig provide(ServerConfig config) throws IOException {
        return Syscall.available() ? provide(config, PROCESS) : config;
    }

    static ServerConfig provide(ServerConfig config, Limit limit) throws IOException {
        long now = limit.now();
        if (now < 0) {
            return config;  // a filter forbids to ask
        }
        long wanted = limit.open() + RESERVE + needed(config);
        long allowed = now;
        if (wanted > now) {
            long to = Math.min(wanted, limit.hard());
            allowed = to > now && limit.raise(to) ? to : now;
        }
        if (wanted <= allowed) {
            return config;
        }
        long files = config.files() - Math.ceilDiv(wanted - allowed, config.loops());
        if (files < Math.min(config.files(), FILES_MIN)) {
            throw new IOException("file descriptors: the limit is " + allowed + ", wanted are " + wanted + " for "
                    + config.connections() + " connections and " + config.files() + " files in each of " + config.loops()
                    + (config.loops() == 1 ? " loop" : " loops") + "; raise it with ulimit -n or ask for fewer");
        }
        return config.sized(config.loops(), config.connections(), (int) files);
    }
}
